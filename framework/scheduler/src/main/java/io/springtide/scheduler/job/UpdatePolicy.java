package io.springtide.scheduler.job;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.InvalidModelException;
import io.springtide.scheduler.config.Durations;
import java.time.Duration;

/**
 * How instances are replaced when their job changes.
 *
 * @param maxSurge instances started above the wanted number while replacing, 0 or more
 * @param maxUnavailable instances that may be down at once while replacing, 0 or more; not 0
 *     together with {@code maxSurge}
 * @param canary instances replaced first and watched, 0 or more
 * @param promote who says that the others follow the canaries
 * @param minHealthy how long a replacement must have served before it counts, 0 or more
 * @param healthyWithin time a replacement has to come to that, above {@code minHealthy}
 * @param autoRollback whether a failed replacement goes back by itself
 * @param whileDeploying what a change meets while another is under way
 */
public record UpdatePolicy(
    int maxSurge,
    int maxUnavailable,
    int canary,
    Promotion promote,
    Duration minHealthy,
    Duration healthyWithin,
    boolean autoRollback,
    WhileDeploying whileDeploying) {
  /** Who says that the others follow the canaries. */
  public enum Promotion {
    /** An operator. */
    MANUAL,
    /** Nobody: they follow once the canaries are healthy. */
    AUTO
  }

  /** What a change of what instances run meets while another is under way. */
  public enum WhileDeploying {
    /** It takes the place of the other. */
    SUPERSEDE,
    /** It is refused. */
    REFUSE
  }

  public static final UpdatePolicy DEFAULT =
      new UpdatePolicy(
          0,
          1,
          0,
          Promotion.MANUAL,
          Duration.ofSeconds(10),
          Duration.ofMinutes(5),
          false,
          WhileDeploying.SUPERSEDE);

  public UpdatePolicy {
    requireCount("maxSurge", maxSurge);
    requireCount("maxUnavailable", maxUnavailable);
    if (maxUnavailable == 0 && maxSurge == 0) {
      throw new InvalidModelException(
          "maxUnavailable",
          "with 0, and a maxSurge of 0, no instance could ever be replaced",
          "write 1 or more in one of the two");
    }
    requireCount("canary", canary);
    requireNonNull(promote);
    Durations.requireNotNegative("minHealthy", minHealthy);
    Durations.requirePositive("healthyWithin", healthyWithin);
    if (healthyWithin.compareTo(minHealthy) <= 0) {
      throw new InvalidModelException(
          "healthyWithin",
          "no replacement could be healthy for minHealthy within it",
          "write more than minHealthy");
    }
    requireNonNull(whileDeploying);
  }

  /** How many of a job's instances may be on their way at once, 1 or more. */
  public int atOnce() {
    return maxUnavailable + maxSurge;
  }

  /** The same with other numbers of instances. */
  public UpdatePolicy with(int surge, int unavailable, int canaries) {
    return new UpdatePolicy(
        surge,
        unavailable,
        canaries,
        promote,
        minHealthy,
        healthyWithin,
        autoRollback,
        whileDeploying);
  }

  /** The same with other times. */
  public UpdatePolicy with(Duration least, Duration within) {
    return new UpdatePolicy(
        maxSurge, maxUnavailable, canary, promote, least, within, autoRollback, whileDeploying);
  }

  /** The same, with what happens by itself. */
  public UpdatePolicy with(Promotion promotion, boolean rollsBack, WhileDeploying then) {
    return new UpdatePolicy(
        maxSurge, maxUnavailable, canary, promotion, minHealthy, healthyWithin, rollsBack, then);
  }

  private static void requireCount(String field, int count) {
    if (count < 0) {
      throw new InvalidModelException(field, count + " is negative", "write 0 or more");
    }
  }
}
