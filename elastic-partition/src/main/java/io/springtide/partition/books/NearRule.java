package io.springtide.partition.books;

import io.springtide.partition.model.Constraint;
import java.util.function.Function;

/**
 * A compiled {@link Constraint.Near} or {@link Constraint.NearLabel}.
 *
 * @param owner the job whose rule it is
 * @param target what it must be near to or, negated, apart from
 */
public record NearRule(
    Subject owner, Subject target, int attribute, boolean negated, boolean soft) {

  /** Whether the owner may be put on {@code h}. */
  public boolean allows(int h, Attributes table) {
    int there = target.near(attribute, h, table);
    if (negated) {
      return there == 0;
    }
    // The first instance of a job that must be near itself has nothing to be near to yet.
    return there > 0 || (target == owner && target.total == 0 && placeable(h, table));
  }

  /** Whether it is a hard rule to be apart, which then holds for the target too. */
  public boolean repels() {
    return negated && !soft;
  }

  /** What the target is told of a rule that {@link #repels}. */
  public Subject.Repulsion repulsion() {
    return new Subject.Repulsion(owner, attribute);
  }

  /**
   * Whether, by this rule, the owner on one of two hosts forbids one of {@code others} on the
   * second.
   */
  public boolean parts(Subject[] others, int h, int otherHost, Attributes table) {
    if (!repels() || !concerns(others)) {
      return false;
    }
    int value = table.value(attribute, h);
    return value >= 0 && value == table.value(attribute, otherHost);
  }

  /** The same rule between the subjects that stand for these. */
  NearRule between(Function<Subject, Subject> subjects) {
    return new NearRule(subjects.apply(owner), subjects.apply(target), attribute, negated, soft);
  }

  private boolean concerns(Subject[] others) {
    for (Subject subject : others) {
      if (subject == target && target != owner) {
        return true;
      }
    }
    return false;
  }

  private boolean placeable(int h, Attributes table) {
    return table.value(attribute, h) >= 0;
  }
}
