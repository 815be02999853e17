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
  /** Up to this many are no wave, however small the cluster. */
  private static final int FEW = 3;

  /** More than one in this many is a wave. */
  private static final int SHARE = 10;

  /** During a wave, one in this many is restarted a minute. */
  private static final int PACE = 100;

  /** Up to this many are no wave; also the most that are restarted in any minute. */
  static int few(int checked) {
    return Math.max(FEW, checked / SHARE);
  }

  /** The wave, if more fail at once than single faults explain. */
  static Optional<HealthWave> among(int checked, int failing) {
    return failing > few(checked)
        ? Optional.of(new HealthWave(failing, checked, Math.max(1, checked / PACE)))
        : Optional.empty();
  }
}
