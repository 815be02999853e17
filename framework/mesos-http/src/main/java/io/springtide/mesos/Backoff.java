package io.springtide.mesos;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Pauses between tries: doubling from {@code min} to {@code max}, each drawn between a half and the
 * whole, so that the clients of a failed master do not come back all at once.
 */
public final class Backoff {
  private final Duration min;
  private final Duration max;
  private final RandomGenerator random;
  private int failures;

  /**
   * @param min the first bound, positive
   * @param max the last, at least {@code min}
   */
  public Backoff(Duration min, Duration max, RandomGenerator random) {
    this.min = min;
    this.max = max;
    this.random = random;
  }

  /** Counts a failure and says how long to pause after it. */
  public Duration next() {
    long bound = min.toNanos() << Math.min(failures, 20);
    if (bound <= 0 || bound > max.toNanos()) {
      bound = max.toNanos();
    }
    failures++;
    return Duration.ofNanos(bound / 2 + random.nextLong(bound / 2 + 1));
  }

  /** Failures in a row. */
  int failures() {
    return failures;
  }

  /** It went well: the next failure is a first one. */
  public void reset() {
    failures = 0;
  }
}
