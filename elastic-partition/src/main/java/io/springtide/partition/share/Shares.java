package io.springtide.partition.share;

import io.springtide.partition.books.Account;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.Dimensions;
import io.springtide.partition.books.GroupNode;
import io.springtide.partition.books.PoolState;

/**
 * How much each group has borrowed in a pool, as DRF compares it: the largest share of the pool
 * that it borrowed in any dimension, over its weight (Ghodsi et al., Dominant Resource Fairness,
 * NSDI 2011).
 */
final class Shares {
  private final Cluster cluster;

  Shares(Cluster cluster) {
    this.cluster = cluster;
  }

  /** What the group and those below it have borrowed. */
  double borrowed(GroupNode group, PoolState pool) {
    return share(group, pool, false);
  }

  /** What the group's own jobs have borrowed, at the group's weight. */
  double borrowedByOwn(GroupNode group, PoolState pool) {
    return share(group, pool, true);
  }

  private double share(GroupNode group, PoolState pool, boolean own) {
    Account account = group.account(pool.index);
    if (account == null || account.quota == null) {
      return 0;
    }
    cluster.refresh(pool);
    double share = 0;
    for (int d = 0; d < account.borrowed.length; d++) {
      long capacity = Dimensions.at(pool.capacity, d);
      long amount = account.borrowed[d];
      if (own && amount > 0) {
        for (GroupNode child : group.children.values()) {
          Account below = child.account(pool.index);
          amount -= below == null ? 0 : Dimensions.at(below.borrowed, d);
        }
      }
      if (capacity > 0) {
        share = Math.max(share, (double) amount / capacity);
      }
    }
    return share / account.quota.weight();
  }
}
