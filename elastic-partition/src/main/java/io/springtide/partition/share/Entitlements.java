package io.springtide.partition.share;

import io.springtide.partition.answer.Pending;
import io.springtide.partition.books.Account;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.Dimensions;
import io.springtide.partition.books.GroupNode;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.Resources;
import io.springtide.partition.place.QuotaRoom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What each group may hold in a pool now: its guarantee up to its demand first; what is left, less
 * the buffer and what is never lent, by weighted max-min on the dominant share of what is borrowed,
 * level by level of the tree and never above a limit.
 */
public final class Entitlements {
  /** Demand is cut off here, above what any cluster has, so that sums stay in range. */
  private static final long MOST = 1L << 61;

  private final Cluster cluster;
  private final QuotaRoom quotaRoom;

  public Entitlements(Cluster cluster) {
    this.cluster = cluster;
    quotaRoom = new QuotaRoom(cluster);
  }

  public Map<String, Resources> of(PoolState pool, List<Pending> pending) {
    int dims = cluster.dimensions.count();
    Map<GroupNode, long[]> own = ownDemand(pool, pending, dims);
    List<Share> top = new ArrayList<>();
    for (GroupNode node : cluster.groups.values()) {
      if (node.parent == null) {
        top.add(new Share(node, own, pool, dims));
      }
    }
    cluster.refresh(pool);
    long[] capacity = new long[dims];
    for (int d = 0; d < dims; d++) {
      capacity[d] = Dimensions.at(pool.capacity, d);
    }
    long[] lendable = capacity.clone();
    if (pool.pool.committed()) {
      int hosts = alive(pool);
      int kept = pool.pool.buffer().of(hosts);
      for (int d = 0; d < dims; d++) {
        lendable[d] -= pool.shares(d) ? 0 : Cluster.part(capacity[d], kept, Math.max(1, hosts));
      }
    }
    Map<String, Resources> result = new TreeMap<>();
    distribute(top, capacity, lendable, capacity, result);
    return result;
  }

  /** Hosts that the pool's capacity is a sum of. */
  private int alive(PoolState pool) {
    int alive = 0;
    for (int m = 0; m < pool.size; m++) {
      HostCondition condition = cluster.hosts.spec[pool.members[m]].condition();
      alive += condition == HostCondition.LOST || condition == HostCondition.RELEASED ? 0 : 1;
    }
    return alive;
  }

  private void distribute(
      List<Share> level,
      long[] available,
      long[] lendable,
      long[] capacity,
      Map<String, Resources> result) {
    int dims = available.length;
    long[] rest = lendable.clone();
    long[][] wish = new long[level.size()][];
    double[] weight = new double[level.size()];
    for (int i = 0; i < level.size(); i++) {
      Share share = level.get(i);
      for (int d = 0; d < dims; d++) {
        rest[d] -= Math.max(share.secured[d], share.neverLent[d]);
      }
      wish[i] = share.wish();
      weight[i] = share.weight;
    }
    for (int d = 0; d < dims; d++) {
      rest[d] = Math.max(0, rest[d]);
    }
    long[][] given = WaterFilling.fill(wish, weight, rest, capacity);
    for (int i = 0; i < level.size(); i++) {
      Share share = level.get(i);
      long[] entitled = new long[dims];
      for (int d = 0; d < dims; d++) {
        entitled[d] = share.secured[d] + given[i][d];
      }
      if (share.node != null) {
        result.put(share.node.group.path(), cluster.dimensions.resources(entitled));
      }
      if (!share.below.isEmpty()) {
        distribute(share.below, entitled, entitled, capacity, result);
      }
    }
  }

  private static long times(long need, long count) {
    return need * Math.min(count, MOST / need);
  }

  private static long sum(long a, long b) {
    return Math.min(MOST, a + b);
  }

  /** What a group's own jobs hold in the pool and wait for there. */
  private Map<GroupNode, long[]> ownDemand(PoolState pool, List<Pending> pending, int dims) {
    Map<GroupNode, long[]> own = new HashMap<>();
    for (GroupNode node : cluster.groups.values()) {
      Account account = node.account(pool.index);
      long[] held = new long[dims];
      if (account != null) {
        for (int d = 0; d < dims; d++) {
          held[d] = Dimensions.at(account.used, d);
          for (GroupNode child : node.children.values()) {
            Account below = child.account(pool.index);
            held[d] -= below == null ? 0 : Dimensions.at(below.used, d);
          }
        }
      }
      own.put(node, held);
    }
    for (Pending waiting : pending) {
      JobState job = cluster.version(waiting.version());
      long left = waiting.count();
      for (PoolState candidate : cluster.poolsOf(job)) {
        // Demand counts in the first pool of the order; what limits refuse there spills over.
        long here = Math.min(left, quotaRoom.inLimits(job, candidate.index));
        left -= here;
        if (candidate == pool) {
          long[] held = own.get(job.group);
          for (int i = 0; i < job.dims.length; i++) {
            held[job.dims[i]] = sum(held[job.dims[i]], times(job.need[i], here));
          }
        }
      }
    }
    return own;
  }

  /** A group, or (without node) the own jobs of a group that has groups below. */
  private final class Share {
    final GroupNode node;
    final List<Share> below = new ArrayList<>();
    final long[] demand;

    /** The part of the demand that the guarantee covers. */
    final long[] secured;

    final long[] neverLent;
    final long[] ceiling;
    final double weight;

    Share(GroupNode node, Map<GroupNode, long[]> own, PoolState pool, int dims) {
      this(node, node, own.get(node), pool, dims, own);
    }

    private Share(
        GroupNode node,
        GroupNode of,
        long[] ownDemand,
        PoolState pool,
        int dims,
        Map<GroupNode, long[]> own) {
      this.node = node;
      demand = new long[dims];
      secured = new long[dims];
      neverLent = new long[dims];
      ceiling = new long[dims];
      Account account = of.account(pool.index);
      boolean quota = account != null && account.quota != null;
      weight = quota ? account.quota.weight() : 1;
      if (node != null && !of.children.isEmpty()) {
        for (GroupNode child : of.children.values()) {
          below.add(new Share(child, own, pool, dims));
        }
        below.add(new Share(null, of, ownDemand, pool, dims, own));
      }
      for (int d = 0; d < dims; d++) {
        ceiling[d] = quota ? Dimensions.ceilingAt(account.ceiling, d) : 0;
        long wanted = ownDemand[d];
        if (!below.isEmpty()) {
          wanted = 0;
          for (Share child : below) {
            wanted = sum(wanted, child.demand[d]);
          }
        }
        demand[d] = Math.min(wanted, ceiling[d]);
        long guarantee = 0;
        if (quota) {
          guarantee =
              node == null ? of.ownGuarantee(pool.index, d) : Dimensions.at(account.guarantee, d);
          long kept = node == null ? 0 : Dimensions.at(account.neverLent, d);
          neverLent[d] = cluster.scaled(pool, d, kept);
        }
        secured[d] = Math.min(demand[d], cluster.scaled(pool, d, guarantee));
      }
    }

    /** The demand beyond the guarantee. */
    long[] wish() {
      long[] wish = new long[demand.length];
      for (int d = 0; d < demand.length; d++) {
        wish[d] = demand[d] - secured[d];
      }
      return wish;
    }
  }
}
