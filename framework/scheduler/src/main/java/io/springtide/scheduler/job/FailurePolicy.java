package io.springtide.scheduler.job;

import io.springtide.partition.model.InvalidModelException;
import io.springtide.scheduler.config.Durations;
import java.time.Duration;

/**
 * What follows when an attempt fails.
 *
 * @param backoff wait before the next attempt; doubles with each failure in a row, above 0
 * @param maxBackoff the longest wait, at least {@code backoff}
 * @param unreachableAfter how long an instance may be unreachable before it is replaced, 0 or more;
 *     for that long nobody knows whether it runs, and afterwards two may, until the old one is back
 *     and killed
 */
public record FailurePolicy(Duration backoff, Duration maxBackoff, Duration unreachableAfter) {
  public static final FailurePolicy DEFAULT =
      new FailurePolicy(Duration.ofSeconds(1), Duration.ofMinutes(5), Duration.ofMinutes(5));

  public FailurePolicy {
    Durations.requirePositive("backoff", backoff);
    Durations.requirePositive("maxBackoff", maxBackoff);
    if (maxBackoff.compareTo(backoff) < 0) {
      throw new InvalidModelException(
          "maxBackoff", "it is shorter than backoff", "write at least backoff");
    }
    Durations.requireNotNegative("unreachableAfter", unreachableAfter);
  }

  /** The same, with another patience for what is out of sight. */
  public FailurePolicy withUnreachableAfter(Duration patience) {
    return new FailurePolicy(backoff, maxBackoff, patience);
  }

  /** How long to wait after the {@code failures}th failure in a row, 1 or more. */
  public Duration delayAfter(int failures) {
    return Durations.doubled(backoff, failures - 1, maxBackoff);
  }
}
