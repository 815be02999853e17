package io.springtide.scheduler.job;

import io.springtide.partition.model.InvalidModelException;
import io.springtide.scheduler.config.Durations;
import java.time.Duration;

/**
 * How instances are replaced when their job changes.
 *
 * @param maxSurge instances started above the wanted number while replacing, 0 or more
 * @param maxUnavailable instances that may be down at once while replacing, 1 or more
 * @param canary instances replaced first and watched, 0 or more
 * @param healthyWithin time a replacement has to become healthy, above 0
 * @param autoRollback whether a failed replacement goes back by itself
 */
public record UpdatePolicy(
    int maxSurge, int maxUnavailable, int canary, Duration healthyWithin, boolean autoRollback) {
  public static final UpdatePolicy DEFAULT =
      new UpdatePolicy(0, 1, 0, Duration.ofMinutes(5), false);

  public UpdatePolicy {
    requireCount("maxSurge", maxSurge);
    requireCount("maxUnavailable", maxUnavailable);
    if (maxUnavailable == 0) {
      throw new InvalidModelException(
          "maxUnavailable",
          "with 0, and without maxSurge, which is not supported yet, no instance could ever be"
              + " replaced",
          "write 1 or more");
    }
    requireCount("canary", canary);
    Durations.requirePositive("healthyWithin", healthyWithin);
  }

  private static void requireCount(String field, int count) {
    if (count < 0) {
      throw new InvalidModelException(field, count + " is negative", "write 0 or more");
    }
  }
}
