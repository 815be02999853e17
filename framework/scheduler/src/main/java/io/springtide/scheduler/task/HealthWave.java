package io.springtide.scheduler.task;

import java.util.Optional;

/**
 * That many instances fail their health checks at once: hardly each by its own fault, and restarts
 * would make it worse. They are restarted slowly then.
 *
 * @param failing instances that had served, and fail or were restarted for it
 * @param checked instances of jobs that have a health check
 * @param perMinute how many of all of them are restarted within a minute at most
 */
public record HealthWave(int failing, int checked, int perMinute) {
  /** So few are no wave, however small the cluster. */
  private static final int FEW = 3;

  /** More than one of so many is a wave. */
  private static final int SHARE = 10;

  /** Within a minute one of so many is restarted. */
  private static final int PACE = 100;

  /** So many may fail each by its own fault; and within a minute no more are restarted ever. */
  static int few(int checked) {
    return Math.max(FEW, checked / SHARE);
  }

  /** The wave, if so many at once are more than each one's own fault. */
  static Optional<HealthWave> among(int checked, int failing) {
    return failing > few(checked)
        ? Optional.of(new HealthWave(failing, checked, Math.max(1, checked / PACE)))
        : Optional.empty();
  }
}
