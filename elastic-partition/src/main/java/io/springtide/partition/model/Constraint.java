package io.springtide.partition.model;

import static java.util.Objects.requireNonNull;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Where the instances of a job may be, or would rather be. Attributes are those of the host; {@code
 * host} stands for the host itself, {@code pool} and {@code zone} for its pool's.
 */
public sealed interface Constraint {
  /** The attribute that stands for the host itself. */
  String HOST = "host";

  /** Sets a label apart from a job of the same name. */
  String LABEL = "label:";

  /** Whether it only orders the hosts that fit, and never refuses one. */
  boolean soft();

  /** Whether it wants to be where others are: where one of those comes, it may be too. */
  default boolean follows() {
    return (this instanceof Near near && !near.negated())
        || (this instanceof NearLabel label && !label.negated());
  }

  /** Shows itself to the visitor, and hands back what that says. */
  <T> T accept(Visitor<T> visitor);

  /** Whoever must know every kind of constraint. */
  interface Visitor<T> {
    T on(MaxPer constraint);

    T on(Spread constraint);

    T on(Match constraint);

    T on(Like constraint);

    T on(Exclusive constraint);

    T on(Near constraint);

    T on(NearLabel constraint);
  }

  /** At most {@code count} instances of the job on hosts of one value of {@code attribute}. */
  record MaxPer(String attribute, int count, boolean soft) implements Constraint {
    public MaxPer {
      requireNonNull(attribute);
      if (count < 1) {
        throw new InvalidModelException("count", count + " allows no instance", "write 1 or more");
      }
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /**
   * Even over the values of {@code attribute}: counts of any two values differ by at most {@code
   * maxSkew}.
   */
  record Spread(String attribute, int maxSkew, boolean soft) implements Constraint {
    public Spread {
      requireNonNull(attribute);
      if (maxSkew < 1) {
        throw new InvalidModelException("maxSkew", maxSkew + " is too even", "write 1 or more");
      }
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /** The host's {@code attribute} is (or, negated, is not) one of {@code values}. */
  record Match(String attribute, Set<String> values, boolean negated, boolean soft)
      implements Constraint {
    public Match {
      requireNonNull(attribute);
      values = java.util.Collections.unmodifiableSet(new TreeSet<>(values));
      if (values.isEmpty()) {
        throw new InvalidModelException("in", "no value is given", "write at least one value");
      }
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /** The whole of the host's {@code attribute} matches (or does not) a regular expression. */
  record Like(String attribute, String regex, boolean negated, boolean soft) implements Constraint {
    public Like {
      requireNonNull(attribute);
      try {
        Pattern.compile(regex);
      } catch (PatternSyntaxException e) {
        throw new InvalidModelException(
            "regex", "'" + regex + "' is no regular expression: " + e.getDescription(), "mend it");
      }
    }

    /** Whether all of the value matches; one that it takes too long on does not. */
    public boolean matches(String value) {
      return new BoundedRegex(regex).test(value);
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /** No instance of another job on the same host. */
  record Exclusive(boolean soft) implements Constraint {
    @Override
    public <T> T accept(Visitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /** On a host (or other attribute value) where {@code job} runs (or, negated, does not). */
  record Near(String job, String attribute, boolean negated, boolean soft) implements Constraint {
    public Near {
      requireNonNull(attribute);
      Names.requirePath("job", job);
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /** On a host (or other attribute value) where a job with {@code label} runs (or does not). */
  record NearLabel(String label, String attribute, boolean negated, boolean soft)
      implements Constraint {
    public NearLabel {
      requireNonNull(attribute);
      requireNonNull(label);
      if (label.isEmpty()) {
        throw new InvalidModelException("label", "no label is given", "name a label of some job");
      }
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
      return visitor.on(this);
    }
  }
}
