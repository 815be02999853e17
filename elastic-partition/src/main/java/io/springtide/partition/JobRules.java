package io.springtide.partition;

import java.util.List;

/** What a job's constraints may not say together. */
final class JobRules {
  private static final int MOST = 100;

  private JobRules() {}

  /** Refuses constraints that no host could ever satisfy together. */
  static void check(JobDemand demand) {
    List<Constraint> all = demand.constraints();
    if (all.size() > MOST) {
      throw new InvalidModelException(
          "constraints", all.size() + " are too many", "write " + MOST + " at most");
    }
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).soft()) {
        continue;
      }
      if (all.get(i) instanceof Constraint.Near near) {
        for (Constraint other : all) {
          if (other instanceof Constraint.Near apart
              && !apart.soft()
              && near.job().equals(apart.job())
              && near.attribute().equals(apart.attribute())
              && near.negated() != apart.negated()) {
            throw impossible(i, "it must be both near to and apart from " + near.job());
          }
        }
        boolean alone = all.stream().anyMatch(c -> c instanceof Constraint.Exclusive && !c.soft());
        if (alone
            && !near.negated()
            && near.attribute().equals(Constraint.HOST)
            && !near.job().equals(demand.id())) {
          throw impossible(i, "it must be alone on its host, and there with " + near.job());
        }
      }
      if (all.get(i) instanceof Constraint.Match match) {
        for (Constraint other : all) {
          if (other instanceof Constraint.Match second
              && !second.soft()
              && match.attribute().equals(second.attribute())
              && !match.negated()
              && contradicts(match, second)) {
            throw impossible(i, "no value of " + match.attribute() + " satisfies both matches");
          }
        }
      }
    }
  }

  private static boolean contradicts(Constraint.Match a, Constraint.Match b) {
    return b.negated()
        ? b.values().containsAll(a.values())
        : a.values().stream().noneMatch(b.values()::contains);
  }

  private static InvalidModelException impossible(int at, String why) {
    return new InvalidModelException("constraints." + at, why, "take one of the two out");
  }
}
