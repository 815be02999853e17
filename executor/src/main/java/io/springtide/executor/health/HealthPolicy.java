package io.springtide.executor.health;

import java.time.Duration;

/**
 * How to judge by a series of probes; the fields of Mesos' HealthCheck.
 *
 * @param delay before the first probe
 * @param grace from the start; until the first success, failures within it do not count
 * @param interval from the end of one probe to the start of the next
 * @param timeout of one probe
 * @param failures this many in a row condemn; 0: never
 */
public record HealthPolicy(
    Duration delay, Duration grace, Duration interval, Duration timeout, int failures) {
  public HealthPolicy {
    if (delay.isNegative() || grace.isNegative()) {
      throw new IllegalArgumentException("a health check's delay and grace are not negative");
    }
    if (interval.compareTo(Duration.ofMillis(10)) < 0 || timeout.compareTo(Duration.ZERO) <= 0) {
      throw new IllegalArgumentException(
          "a health check's interval is at least 10 ms and its timeout above 0");
    }
    if (failures < 0) {
      throw new IllegalArgumentException("a health check's failures are not negative");
    }
  }
}
