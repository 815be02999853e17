package io.springtide.partition.share;

import io.springtide.partition.answer.Demotion;
import io.springtide.partition.books.Account;
import io.springtide.partition.books.AllocationTable;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.GroupNode;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Quota;
import io.springtide.partition.rules.GuaranteeRules;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Takes its label from guaranteed work that its group's guarantee has become too small for: because
 * the guarantee was lowered, handed on to a group below, taken away with the quota, or cannot be
 * honoured by a pool that has lost hosts. What stays is the opposite of who is evicted first:
 * highest priority, then the oldest, as long as all that stays fits wholly inside the guarantee. So
 * what is demoted fits there no more, and is not promoted again while nothing else changes.
 *
 * <p>What is not reclaimable is never borrowed, so it keeps its label and its part of the
 * guarantee; documents that would take it away are refused ({@link GuaranteeRules}).
 */
public final class Demotions {
  /** Who keeps what is guaranteed; the order in which promotion gives it, too. */
  public static Comparator<Integer> keepFirst(Cluster cluster) {
    AllocationTable table = cluster.allocations;
    return Comparator.comparingInt((Integer row) -> -cluster.priority(table.job[row]))
        .thenComparingLong(row -> table.since[row])
        .thenComparing(row -> table.id[row]);
  }

  private final Cluster cluster;

  public Demotions(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Demotes what must be; asking again finds nothing. */
  public List<Demotion> all() {
    List<Demotion> demotions = new ArrayList<>();
    for (GroupNode group : cluster.groups.values()) {
      for (PoolState pool : cluster.pools.values()) {
        if (pool.pool.committed() && isOver(group, pool)) {
          demote(group, pool, demotions);
        }
      }
    }
    return demotions;
  }

  private boolean isOver(GroupNode group, PoolState pool) {
    Account account = group.account(pool.index);
    if (account == null) {
      return false;
    }
    for (int d = 0; d < account.ownGuaranteed.length; d++) {
      if (account.ownGuaranteed[d] > 0 && account.ownGuaranteed[d] > guaranteed(group, pool, d)) {
        return true;
      }
    }
    return false;
  }

  /** What the group's own jobs may hold guaranteed of dimension {@code d} at the moment. */
  private long guaranteed(GroupNode group, PoolState pool, int d) {
    return cluster.scaled(pool, d, group.ownGuarantee(pool.index, d));
  }

  private void demote(GroupNode group, PoolState pool, List<Demotion> demotions) {
    AllocationTable table = cluster.allocations;
    long[] left = new long[cluster.dimensions.count()];
    for (int d = 0; d < left.length; d++) {
      left[d] = guaranteed(group, pool, d);
    }
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < table.rows(); row++) {
      JobState job = table.job[row];
      if (job == null
          || job.group != group
          || table.labelOf(row) != Label.GUARANTEED
          || cluster.hosts.pool[table.host[row]] != pool
          || cluster.leaves(table.id[row])) {
        // What is on its way out gives its part back by itself.
        continue;
      }
      if (cluster.mayBorrow(job)) {
        rows.add(row);
      } else {
        take(job, left);
      }
    }
    rows.sort(keepFirst(cluster));
    String why = null;
    for (int row : rows) {
      JobState job = table.job[row];
      if (fits(job, left)) {
        take(job, left);
        continue;
      }
      why = why == null ? why(group, pool) : why;
      table.setLabel(row, Label.BORROWED);
      group.relabel(job.each, pool.index, Label.GUARANTEED, Label.BORROWED);
      demotions.add(
          new Demotion(table.id[row], job.demand.id(), group.group.path(), pool.pool.name(), why));
    }
  }

  private static boolean fits(JobState job, long[] left) {
    for (int i = 0; i < job.dims.length; i++) {
      if (left[job.dims[i]] < job.need[i]) {
        return false;
      }
    }
    return true;
  }

  private static void take(JobState job, long[] left) {
    for (int i = 0; i < job.dims.length; i++) {
      left[job.dims[i]] -= job.need[i];
    }
  }

  private String why(GroupNode group, PoolState pool) {
    String path = group.group.path();
    String name = pool.pool.name();
    Quota quota = group.group.quotas().get(name);
    if (quota == null) {
      return "group " + path + " has no quota in " + name + " any more";
    }
    long[] now = new long[cluster.dimensions.count()];
    boolean scaled = false;
    for (int d = 0; d < now.length; d++) {
      now[d] = guaranteed(group, pool, d);
      scaled |= now[d] < group.ownGuarantee(pool.index, d);
    }
    boolean handedOn =
        group.children.values().stream()
            .map(child -> child.group.quotas().get(name))
            .anyMatch(below -> below != null && !below.guarantee().isZero());
    return "group "
        + path
        + " is guaranteed no more than "
        + cluster.dimensions.resources(now)
        + " in "
        + name
        + " by now"
        + (handedOn ? ", what it hands on to the groups below taken off" : "")
        + (scaled ? ", since the pool has less than it promises" : "");
  }
}
