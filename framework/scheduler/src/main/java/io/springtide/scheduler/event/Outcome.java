package io.springtide.scheduler.event;

import static java.util.Objects.requireNonNull;

import java.util.function.Supplier;

/** What became of a command. */
public sealed interface Outcome {
  /**
   * It is done, and durable.
   *
   * @param version of the document now
   */
  record Done(long version) implements Outcome {}

  /**
   * The caller works the answer out on its own thread, so that the core's is not held up.
   *
   * @param forecast works it out, on the caller's thread; once
   */
  record Deferred(Supplier<Outcome> forecast) implements Outcome {
    public Deferred {
      requireNonNull(forecast);
    }
  }

  /** Nothing was changed: this is what would be. */
  record Planned(Plan plan) implements Outcome {
    public Planned {
      requireNonNull(plan);
    }
  }

  /** Nothing was changed. */
  record Refused(Kind kind, String field, String detail, String fix) implements Outcome {
    public Refused {
      requireNonNull(kind);
      requireNonNull(field);
      requireNonNull(detail);
      requireNonNull(fix);
    }
  }

  /** Why a command is refused. */
  enum Kind {
    NOT_FOUND,
    /** The state of something else forbids it. */
    CONFLICT,
    /** The document cannot be. */
    INVALID,
    /** The document has changed since the caller read it. */
    STALE
  }
}
