package io.springtide.scheduler.config;

import io.springtide.partition.model.InvalidModelException;
import java.time.Duration;
import java.time.Instant;

/** Checks and sums of times. */
public final class Durations {
  private Durations() {}

  public static void requireNotNegative(String field, Duration duration) {
    if (duration == null || duration.isNegative()) {
      throw new InvalidModelException(
          field, "it is no length of time", "write 0s or more, such as 30s");
    }
  }

  public static void requirePositive(String field, Duration duration) {
    if (duration == null || duration.isNegative() || duration.isZero()) {
      throw new InvalidModelException(field, "it is not above 0s", "write something such as 5s");
    }
  }

  /** {@code first} doubled {@code times} times, never more than {@code most}. */
  public static Duration doubled(Duration first, int times, Duration most) {
    Duration delay = first;
    for (int i = 0; i < times && delay.compareTo(most) < 0; i++) {
      delay = delay.multipliedBy(2);
    }
    return delay.compareTo(most) < 0 ? delay : most;
  }

  /** The earlier of the two. */
  public static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }
}
