package io.springtide.partition.rules;

import io.springtide.partition.books.HostTable;
import io.springtide.partition.model.BoundedRegex;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.JobDemand;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a job's constraints may not say together. */
final class JobRules {
  private static final int MOST = 100;

  private JobRules() {}

  /** Refuses what no host has, and constraints that no host could ever satisfy together. */
  static void check(JobDemand demand, HostTable hosts) {
    HostSpec.requireInRange("resources", demand.each());
    List<Constraint> all = demand.constraints();
    if (all.size() > MOST) {
      throw new InvalidModelException(
          "constraints", all.size() + " are too many", "write " + MOST + " at most");
    }
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i) instanceof Constraint.Like like) {
        checkRegex(like, hosts, i);
      }
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
      if (all.get(i) instanceof Constraint.NearLabel near) {
        checkLabel(near, all, i);
      }
      if (all.get(i) instanceof Constraint.Match match && !match.negated()) {
        checkValues(match, all, i);
      }
    }
  }

  private static void checkLabel(Constraint.NearLabel near, List<Constraint> all, int at) {
    for (Constraint other : all) {
      if (other instanceof Constraint.NearLabel apart
          && !apart.soft()
          && near.label().equals(apart.label())
          && near.attribute().equals(apart.attribute())
          && near.negated() != apart.negated()) {
        throw impossible(at, "it must be both near to and apart from label " + near.label());
      }
    }
  }

  /** No value of an attribute may be left over by all hard matches of it together. */
  private static void checkValues(Constraint.Match match, List<Constraint> all, int at) {
    Set<String> left = new TreeSet<>(match.values());
    for (Constraint other : all) {
      if (other instanceof Constraint.Match also
          && !also.soft()
          && also.attribute().equals(match.attribute())) {
        left.removeIf(value -> also.values().contains(value) == also.negated());
      }
    }
    if (left.isEmpty()) {
      throw impossible(at, "no value of " + match.attribute() + " satisfies all matches");
    }
  }

  /** A regular expression that takes for ever is found out on what is there. */
  private static void checkRegex(Constraint.Like like, HostTable hosts, int at) {
    BoundedRegex regex = new BoundedRegex(like.regex());
    for (int h = 0; h < hosts.size(); h++) {
      String text = hosts.spec[h] == null ? null : hosts.text(h, like.attribute());
      if (text != null && regex.givesUpOn(text)) {
        throw new InvalidModelException(
            "constraints[" + at + "]",
            "'" + like.regex() + "' takes too long on '" + text + "'",
            "use fewer .* and no \\1, or match values");
      }
    }
  }

  private static InvalidModelException impossible(int at, String why) {
    return new InvalidModelException("constraints[" + at + "]", why, "take one of the two out");
  }
}
