package io.springtide.partition.model;

import java.time.Duration;

/**
 * How reclaim is damped. Nothing here delays a guarantee beyond {@code reclaimWithin}: a claim that
 * has waited that long overrides the rest.
 *
 * @param minimumRun borrowed work is left alone for this long after it was admitted
 * @param coolDown an evicted instance is not evicted again for this long, and a job loses no more
 *     than its {@link JobDemand#evictable} within it
 * @param evictionsPerRound at most this many evictions in one round, 1 or more
 * @param reclaimWithin when a claim overrides all of the above
 * @param nominationTtl how long room that was reclaimed is kept for its claimant once it is free
 */
public record SharingPolicy(
    Duration minimumRun,
    Duration coolDown,
    int evictionsPerRound,
    Duration reclaimWithin,
    Duration nominationTtl) {
  public static final SharingPolicy DEFAULT =
      new SharingPolicy(
          Duration.ofSeconds(30),
          Duration.ofMinutes(1),
          1_000,
          Duration.ofMinutes(2),
          Duration.ofMinutes(2));

  public SharingPolicy {
    requireTime("minimumRun", minimumRun);
    requireTime("coolDown", coolDown);
    requireTime("reclaimWithin", reclaimWithin);
    requireTime("nominationTtl", nominationTtl);
    if (evictionsPerRound < 1) {
      throw new InvalidModelException(
          "evictionsPerRound", evictionsPerRound + " would never reclaim", "write 1 or more");
    }
  }

  private static void requireTime(String field, Duration time) {
    if (time.isNegative()) {
      throw new InvalidModelException(field, "a time is not negative", "such as 30s");
    }
  }
}
