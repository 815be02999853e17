package io.springtide.registry;

import java.util.Optional;

/**
 * How patiently a fill tries again: attempts without a new byte are bounded and back off
 * exponentially.
 *
 * @param beforeFirstByte attempts after the first while no reader has anything yet: few, so that a
 *     client can go elsewhere
 * @param midway attempts in a row without progress once readers depend on this fill
 * @param firstDelayMillis doubled each time, up to {@code maxDelayMillis}
 */
record RetryPolicy(int beforeFirstByte, int midway, long firstDelayMillis, long maxDelayMillis) {
  static final RetryPolicy DEFAULT = new RetryPolicy(2, 10, 100, 5_000);

  /**
   * The delay before the next attempt, after {@code fruitless} in a row; empty when it is time to
   * give up.
   */
  Optional<Long> delay(int fruitless, boolean begun) {
    if (fruitless >= (begun ? midway : beforeFirstByte)) {
      return Optional.empty();
    }
    return Optional.of(Math.min(maxDelayMillis, firstDelayMillis << Math.min(fruitless, 20)));
  }

  /**
   * The milliseconds of a Retry-After header given in seconds, never more than the longest delay of
   * ours.
   */
  long retryAfter(String header) {
    if (header == null || !header.matches("[0-9]{1,9}")) {
      return 0;
    }
    return Math.min(maxDelayMillis, Long.parseLong(header) * 1000);
  }
}
