package io.springtide.partition.place;

import io.springtide.partition.books.Account;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.Dimensions;
import io.springtide.partition.books.GroupNode;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.Nominations;
import io.springtide.partition.books.PoolState;

/** How many more instances of a job the quotas of its group, and of those above, leave room for. */
public final class QuotaRoom {
  private static final long[] NOTHING = {};

  private final Cluster cluster;

  public QuotaRoom(Cluster cluster) {
    this.cluster = cluster;
  }

  /** How many of {@code wanted} may be added in a pool, by label: guaranteed, borrowed, burst. */
  long[] byLabel(
      JobState job, PoolState pool, long wanted, boolean guaranteedOnly, Feasibility feasibility) {
    long room = Math.min(wanted, inLimits(job, pool.index));
    room = Math.min(room, inShared(job, pool));
    if (room <= 0) {
      return new long[3];
    }
    if (!pool.pool.committed()) {
      return new long[] {0, 0, guaranteedOnly ? 0 : room};
    }
    long guaranteed = Math.min(room, inGuarantee(job, pool));
    long borrowed = 0;
    if (!guaranteedOnly && cluster.mayBorrow(job) && room > guaranteed) {
      // What is placed as guaranteed first takes its part of what is free.
      long lent = toBorrow(job, pool, feasibility) - guaranteed;
      borrowed = Math.max(0, Math.min(room - guaranteed, lent));
    }
    return new long[] {guaranteed, borrowed, 0};
  }

  /** How many more instances fit below every limit of the group and the groups above. */
  public long inLimits(JobState job, int pool) {
    long room = Long.MAX_VALUE;
    for (GroupNode node = job.group; node != null && room > 0; node = node.parent) {
      Account account = node.account(pool);
      if (account == null || account.quota == null) {
        return 0;
      }
      if (cluster.nominations.isEmpty()) {
        room = Math.min(room, below(job, account.ceiling, account.used));
        room = Math.min(room, below(job, node.totalCeiling, node.totalUsed));
      } else {
        // Room below a limit that was reclaimed for a claimant is not given to others.
        long[] here =
            cluster.nominations.heldBelow(node, pool, job.self, account.used, cluster.hosts);
        long[] inAll =
            cluster.nominations.heldBelow(
                node, Nominations.ALL_POOLS, job.self, node.totalUsed, cluster.hosts);
        room = Math.min(room, below(job, account.ceiling, here));
        room = Math.min(room, below(job, node.totalCeiling, inAll));
      }
    }
    return room;
  }

  /** How many more instances fit wholly inside the group's own guarantee. */
  public long inGuarantee(JobState job, PoolState pool) {
    if (!pool.pool.committed()) {
      return 0;
    }
    Account account = job.group.account(pool.index);
    if (account == null) {
      return 0;
    }
    // Room nominated for other jobs of the group will count towards its guarantee.
    long[] kept =
        cluster.nominations.isEmpty()
            ? NOTHING
            : cluster.nominations.keptForOthersOf(job.group, pool, job.self, cluster.hosts);
    long room = Long.MAX_VALUE;
    for (int i = 0; i < job.dims.length; i++) {
      int d = job.dims[i];
      long guarantee = cluster.scaled(pool, d, job.group.ownGuarantee(pool.index, d));
      long free = guarantee - Dimensions.at(account.ownGuaranteed, d) - Dimensions.at(kept, d);
      room = Math.min(room, Math.max(0, free) / job.need[i]);
    }
    return room;
  }

  /** How many more instances what the pool's hosts share allows, nominated room taken off. */
  public long inShared(JobState job, PoolState pool) {
    long room = Long.MAX_VALUE;
    for (int i = job.dims.length - 1; i >= 0 && pool.sharesAnything(); i--) {
      int d = job.dims[i];
      if (pool.shares(d)) {
        long free =
            pool.shared(d)
                - Dimensions.at(pool.used, d)
                - cluster.nominations.keptForOthersIn(pool, job.self, d, cluster.hosts);
        room = Math.min(room, Math.max(0, free) / job.need[i]);
      }
    }
    return room;
  }

  /** How many more instances may be borrowed without touching what is never lent. */
  long toBorrow(JobState job, PoolState pool, Feasibility feasibility) {
    if (cluster.lendsAll(pool)) {
      return Long.MAX_VALUE;
    }
    long room = Long.MAX_VALUE;
    for (int i = 0; i < job.dims.length; i++) {
      int d = job.dims[i];
      long free = pool.shares(d) ? pool.shared(d) - Dimensions.at(pool.used, d) : 0;
      for (int m = 0; m < pool.size && !pool.shares(d); m++) {
        int h = pool.members[m];
        if (feasibility.usable(h)) {
          free += Math.max(0, cluster.hosts.left[d][h]);
        }
      }
      for (GroupNode node : cluster.groups.values()) {
        if (node.parent == null) {
          free -= Math.max(0, cluster.reserve(node, pool, d));
        }
      }
      room = Math.min(room, Math.max(0, free) / job.need[i]);
    }
    return room;
  }

  /** How many more instances fit between what is used and a ceiling. */
  public static long below(JobState job, long[] ceiling, long[] used) {
    long room = Long.MAX_VALUE;
    for (int i = 0; i < job.dims.length; i++) {
      long top = Dimensions.ceilingAt(ceiling, job.dims[i]);
      if (top != Long.MAX_VALUE) {
        long free = top - Dimensions.at(used, job.dims[i]);
        room = Math.min(room, Math.max(0, free) / job.need[i]);
      }
    }
    return room;
  }
}
