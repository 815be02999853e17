package io.springtide.registry.store;

/**
 * How much disk the store may use.
 *
 * @param quota bytes of content, fills under way included
 * @param highWater share of the quota, 0..1, above which eviction starts
 * @param lowWater share of the quota, 0..highWater, at which eviction stops
 * @param minFree bytes of the file system that are left to others
 */
public record StoreLimits(long quota, double highWater, double lowWater, long minFree) {
  public StoreLimits {
    if (quota <= 0 || minFree < 0) {
      throw new IllegalArgumentException("quota must be positive and minFree not negative");
    }
    if (!(lowWater > 0 && lowWater <= highWater && highWater <= 1)) {
      throw new IllegalArgumentException("water marks must satisfy 0 < low <= high <= 1");
    }
  }
}
