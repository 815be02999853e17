package io.springtide.partition.judge;

import io.springtide.partition.books.Account;
import io.springtide.partition.books.AllocationTable;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.Dimensions;
import io.springtide.partition.books.GroupNode;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.Resources;
import io.springtide.partition.place.QuotaRoom;
import io.springtide.partition.share.Demotions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Limits that were lowered under what is held: they are named, and enforced where that is asked.
 */
public final class Excess {
  private final Cluster cluster;

  public Excess(Cluster cluster) {
    this.cluster = cluster;
  }

  /** What each group holds above its limits, in words, by path. */
  public Map<String, List<String>> all() {
    Map<String, List<String>> all = new TreeMap<>();
    for (GroupNode group : cluster.groups.values()) {
      List<String> over = new ArrayList<>();
      for (PoolState pool : cluster.pools.values()) {
        Account account = group.account(pool.index);
        if (account != null && account.ceiling != null) {
          name("limit in " + pool.pool.name(), account.ceiling, account.used, over);
        }
      }
      name("total limit", group.totalCeiling, group.totalUsed, over);
      if (!over.isEmpty()) {
        all.put(group.group.path(), over);
      }
    }
    return all;
  }

  private void name(String limit, long[] ceiling, long[] used, List<String> over) {
    for (int d = 0; d < used.length; d++) {
      long top = Dimensions.ceilingAt(ceiling, d);
      if (used[d] > top) {
        String dimension = cluster.dimensions.name(d);
        over.add(
            limit
                + ": "
                + Resources.written(dimension, used[d])
                + " "
                + dimension
                + " used of "
                + Resources.written(dimension, top));
      }
    }
  }

  /**
   * Who must end so that the groups with {@link GroupPolicy#enforce} hold no more than their
   * limits: the lowest priority first, then the youngest; what turns out to fit stays.
   */
  public List<String> toEnd() {
    List<String> ends = new ArrayList<>();
    for (GroupNode group : cluster.groups.values()) {
      if (!group.group.policy().enforce()) {
        continue;
      }
      for (PoolState pool : cluster.pools.values()) {
        Account account = group.account(pool.index);
        if (account != null && account.ceiling != null && isOver(account.ceiling, account.used)) {
          trim(group, pool, account.ceiling, ends);
        }
      }
      if (isOver(group.totalCeiling, group.totalUsed)) {
        trim(group, null, group.totalCeiling, ends);
      }
    }
    return ends;
  }

  private static boolean isOver(long[] ceiling, long[] used) {
    for (int d = 0; d < used.length; d++) {
      if (used[d] > Dimensions.ceilingAt(ceiling, d)) {
        return true;
      }
    }
    return false;
  }

  private void trim(GroupNode group, PoolState pool, long[] ceiling, List<String> ends) {
    AllocationTable table = cluster.allocations;
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < table.rows(); row++) {
      if (table.job[row] != null
          && !table.job[row].remains
          && table.job[row].group.isWithin(group)
          && (pool == null || cluster.hosts.pool[table.host[row]] == pool)
          && !cluster.leaves(table.id[row])
          && !ends.contains(table.id[row])) {
        rows.add(row);
      }
    }
    rows.sort(Demotions.keepFirst(cluster));
    long[] kept = new long[cluster.dimensions.count()];
    for (int row : rows) {
      JobState job = table.job[row];
      if (QuotaRoom.below(job, ceiling, kept) > 0) {
        for (int i = 0; i < job.dims.length; i++) {
          kept[job.dims[i]] += job.need[i];
        }
      } else {
        ends.add(table.id[row]);
      }
    }
  }
}
