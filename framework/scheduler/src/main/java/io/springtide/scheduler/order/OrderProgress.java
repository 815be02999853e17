package io.springtide.scheduler.order;

import static java.util.Objects.requireNonNull;

import io.springtide.scheduler.told.CloudTrouble;
import java.time.Instant;
import java.util.Optional;

/**
 * How far an order is whose answer is still to come. Not durable: whoever leads next sends it
 * again, and begins to count anew.
 *
 * @param attempts how often this process sent it; 0: not yet
 * @param last when it was last sent
 * @param next when it is sent again by itself unless it is answered before
 * @param failure what came of it when its cloud last did not take it
 */
public record OrderProgress(
    int attempts, Optional<Instant> last, Optional<Instant> next, Optional<CloudTrouble> failure) {
  public OrderProgress {
    requireNonNull(last);
    requireNonNull(next);
    requireNonNull(failure);
  }

  /** How it stands. */
  public enum Phase {
    /** This process has not sent it yet. */
    WAITING,
    /** It was sent, and its cloud has not said anything since. */
    ASKED,
    /** Its cloud did not take it when it was last sent; it is sent again. */
    FAILED
  }

  public Phase phase() {
    if (last.isEmpty()) {
      return Phase.WAITING;
    }
    return failure.filter(trouble -> !trouble.at().isBefore(last.get())).isPresent()
        ? Phase.FAILED
        : Phase.ASKED;
  }

  /** When its cloud is asked again, as far as that is known: not before the pause it wants. */
  public Optional<Instant> again() {
    return phase() == Phase.FAILED ? failure.flatMap(CloudTrouble::until) : next;
  }
}
