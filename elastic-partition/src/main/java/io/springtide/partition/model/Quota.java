package io.springtide.partition.model;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * What a group holds in one pool.
 *
 * @param guarantee what it can always have back within one round of reclaim
 * @param lendable the part of the guarantee that others may use meanwhile, at most the guarantee
 * @param limit what it never exceeds, at least the guarantee
 * @param weight its share of what is left over, 1 to 1,000,000
 */
public record Quota(Resources guarantee, Resources lendable, Limit limit, int weight) {
  public static final int MAX_WEIGHT = 1_000_000;

  public Quota {
    requireNonNull(guarantee);
    requireNonNull(lendable);
    requireNonNull(limit);
    if (!guarantee.covers(lendable)) {
      throw new InvalidModelException(
          "lendable",
          "more is lendable than is guaranteed",
          "lower lendable to the guarantee, or leave it out to lend all of it");
    }
    for (Map.Entry<String, Long> e : limit.dimensions().entrySet()) {
      long guaranteed = guarantee.amount(e.getKey());
      if (guaranteed > e.getValue()) {
        throw new InvalidModelException(
            "limit." + Limit.field(e.getKey()),
            "the limit "
                + Resources.written(e.getKey(), e.getValue())
                + " is below the guarantee "
                + Resources.written(e.getKey(), guaranteed),
            "raise the limit or lower the guarantee");
      }
    }
    if (weight < 1 || weight > MAX_WEIGHT) {
      throw new InvalidModelException(
          "weight", weight + " is no weight", "write 1 to " + MAX_WEIGHT);
    }
  }

  /** Only a ceiling: nothing guaranteed, nothing lent, weight 1. */
  public static Quota limitedTo(Limit limit) {
    return new Quota(Resources.ZERO, Resources.ZERO, limit, 1);
  }
}
