package io.springtide.scheduler.told;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * What a cloud did not do for a pool when it was last asked; forgotten as soon as it does.
 *
 * @param doing what it was asked for
 * @param kind what came of it
 * @param message in the cloud's words
 * @param at when it said so
 * @param until when it is asked again, where that is known
 */
public record CloudTrouble(
    Doing doing, Kind kind, String message, Instant at, Optional<Instant> until) {
  /** Longer texts are cut: they come from outside. */
  public static final int MOST_TEXT = 1_000;

  /** What a cloud is asked for. */
  public enum Doing {
    ORDER,
    RELEASE,
    LIST
  }

  /** What came of it. */
  public enum Kind {
    /** Nothing was done: there is none. */
    OUT_OF_STOCK,
    /** It brought fewer hosts than it was asked for, and will not bring the rest. */
    PARTIAL,
    /** Nothing was done, and asking the same again will not help: a person must look. */
    REFUSED,
    /** This process has no such driver. */
    NO_DRIVER,
    /** It wants to be left alone for a while; asked again then. */
    THROTTLED,
    /** Nobody knows what was done; asked again with the same token. */
    UNANSWERED
  }

  /** In a few words: what came of it, and what the cloud said. */
  public String words() {
    String what =
        switch (kind) {
          case OUT_OF_STOCK -> "its cloud is out of stock";
          case PARTIAL -> "its cloud brought only a part";
          case REFUSED -> "its cloud refuses the order";
          case NO_DRIVER -> "its driver is missing";
          case THROTTLED -> "its cloud wants to be asked less often";
          case UNANSWERED -> "its cloud does not answer";
        };
    return what + " (" + message + ")";
  }

  public CloudTrouble {
    requireNonNull(doing);
    requireNonNull(kind);
    message = message.length() > MOST_TEXT ? message.substring(0, MOST_TEXT) + "…" : message;
    requireNonNull(at);
    requireNonNull(until);
  }
}
