package io.springtide.partition;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

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

  double borrowed(GroupNode group, PoolState pool) {
    Account account = group.account(pool.index);
    if (account == null || account.quota == null) {
      return 0;
    }
    cluster.refresh(pool);
    double share = 0;
    for (int d = 0; d < account.borrowed.length; d++) {
      long capacity = Dimensions.at(pool.capacity, d);
      if (capacity > 0) {
        share = Math.max(share, (double) account.borrowed[d] / capacity);
      }
    }
    return share / account.quota.weight();
  }

  /** Groups, those that borrow most first: compared level by level of the tree. */
  List<GroupNode> highestFirst(PoolState pool) {
    List<GroupNode> order = new ArrayList<>();
    List<GroupNode> top = new ArrayList<>();
    for (GroupNode node : cluster.groups.values()) {
      if (node.parent == null) {
        top.add(node);
      }
    }
    descend(top, pool, order);
    return order;
  }

  private void descend(List<GroupNode> level, PoolState pool, List<GroupNode> order) {
    record Rated(GroupNode node, double share) {}
    List<Rated> rated = new ArrayList<>();
    for (GroupNode node : level) {
      rated.add(new Rated(node, borrowed(node, pool)));
    }
    rated.sort(
        Comparator.comparingDouble((Rated r) -> -r.share).thenComparing(r -> r.node.group.path()));
    for (Rated r : rated) {
      descend(new ArrayList<>(r.node.children.values()), pool, order);
      order.add(r.node);
    }
  }
}
