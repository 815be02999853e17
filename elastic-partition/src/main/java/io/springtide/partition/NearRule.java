package io.springtide.partition;

import java.util.function.Function;

/**
 * A compiled {@link Constraint.Near} or {@link Constraint.NearLabel}.
 *
 * @param owner the job whose rule it is
 * @param target what it must be near to or, negated, apart from
 */
record NearRule(Subject owner, Subject target, int attribute, boolean negated, boolean soft) {

  /** Whether the owner may be put on {@code h}. */
  boolean allows(int h, HostTable table) {
    int there = target.near(attribute, h, table);
    if (negated) {
      return there == 0;
    }
    // The first instance of a job that must be near itself has nothing to be near to yet.
    return there > 0 || (target == owner && target.total == 0 && placeable(h, table));
  }

  /** Whether an instance of the target may be put on {@code h}, where the owner must be apart. */
  boolean allowsTarget(int h, HostTable table) {
    return target == owner || owner.near(attribute, h, table) == 0;
  }

  /** Whether, by this rule, the owner on one of two hosts forbids {@code other} on the second. */
  boolean parts(JobState other, int h, int otherHost, HostTable table) {
    if (!negated || soft || !concerns(other)) {
      return false;
    }
    int value = table.attributes.value(attribute, h);
    return value >= 0 && value == table.attributes.value(attribute, otherHost);
  }

  /** The same rule between the subjects that stand for these. */
  NearRule between(Function<Subject, Subject> subjects) {
    return new NearRule(subjects.apply(owner), subjects.apply(target), attribute, negated, soft);
  }

  private boolean concerns(JobState other) {
    for (Subject subject : other.member) {
      if (subject == target && target != owner) {
        return true;
      }
    }
    return false;
  }

  private boolean placeable(int h, HostTable table) {
    return table.attributes.value(attribute, h) >= 0;
  }
}
