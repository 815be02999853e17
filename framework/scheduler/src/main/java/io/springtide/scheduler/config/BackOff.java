package io.springtide.scheduler.config;

import java.time.Duration;

/**
 * A wait that doubles each time.
 *
 * @param first the first wait
 * @param most no wait is longer
 */
public record BackOff(Duration first, Duration most) {
  public BackOff {
    Durations.requireNotNegative("first", first);
    Durations.requireNotNegative("most", most);
  }

  /** How long is waited after so many waits, 0 or more. */
  public Duration after(int waits) {
    return Durations.doubled(first, waits, most);
  }
}
