package io.springtide.partition.share;

import io.springtide.partition.books.Account;
import io.springtide.partition.books.AllocationTable;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.Dimensions;
import io.springtide.partition.books.GroupNode;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.model.Label;
import io.springtide.partition.place.QuotaRoom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.stream.LongStream;

/** Turns borrowed work into guaranteed work where its group's guarantee has become free. */
public final class Promotion {
  /** So many are looked for first: seldom is there room for more at once. */
  private static final int FEW = 64;

  private final Cluster cluster;
  private final AllocationTable table;
  private final QuotaRoom quotas;
  private final Comparator<Integer> order;

  private Promotion(Cluster cluster) {
    this.cluster = cluster;
    table = cluster.allocations;
    quotas = new QuotaRoom(cluster);
    order = Demotions.keepFirst(cluster);
  }

  /** Promotes what can be: highest priority first, then the oldest. Returns the instances. */
  public static List<String> all(Cluster cluster) {
    return new Promotion(cluster).all();
  }

  /**
   * Room only becomes less here, so whoever is passed over stays so: the first few can be dealt
   * with before the next are looked for.
   */
  private List<String> all() {
    List<String> promoted = new ArrayList<>();
    boolean more = true;
    for (int most = FEW; more && anyGuaranteeHasRoom(); most *= 4) {
      List<Integer> rows = first(most);
      for (int row : rows) {
        if (room(table.job[row], pool(row)) > 0) {
          promote(row);
          promoted.add(table.id[row]);
        }
      }
      more = rows.size() == most;
    }
    return promoted;
  }

  /** Whether a group that borrows has a part of its guarantee left: mostly none does. */
  private boolean anyGuaranteeHasRoom() {
    for (GroupNode group : cluster.groups.values()) {
      for (PoolState pool : cluster.pools.values()) {
        Account account = group.account(pool.index);
        if (account != null
            && pool.pool.committed()
            && LongStream.of(account.borrowed).anyMatch(amount -> amount > 0)
            && hasRoom(group, pool, account)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean hasRoom(GroupNode group, PoolState pool, Account account) {
    for (int d = 0; d < cluster.dimensions.count(); d++) {
      long guarantee = cluster.scaled(pool, d, group.ownGuarantee(pool.index, d));
      if (guarantee > Dimensions.at(account.ownGuaranteed, d)) {
        return true;
      }
    }
    return false;
  }

  private void promote(int row) {
    table.setLabel(row, Label.GUARANTEED);
    JobState job = table.job[row];
    job.group.relabel(job.each, pool(row).index, Label.BORROWED, Label.GUARANTEED);
  }

  /** The first of those that there is room for now, in order; fewer than {@code most}: all. */
  private List<Integer> first(int most) {
    Map<PoolState, Map<JobState, Boolean>> open = new HashMap<>();
    PriorityQueue<Integer> lastFirst = new PriorityQueue<>(order.reversed());
    JobState job = null;
    PoolState pool = null;
    boolean fits = false;
    int priority = 0;
    int lastPriority = 0;
    long lastSince = 0;
    for (int row = 0; row < table.rows(); row++) {
      if (table.job[row] == null || table.labelOf(row) != Label.BORROWED) {
        continue;
      }
      if (table.job[row] != job || pool(row) != pool) {
        job = table.job[row];
        pool = pool(row);
        priority = priority(row);
        PoolState in = pool;
        fits =
            open.computeIfAbsent(pool, p -> new HashMap<>())
                .computeIfAbsent(job, j -> room(j, in) > 0);
      }
      boolean full = lastFirst.size() == most;
      // Mostly it is younger and no dearer than the last of those that are kept.
      if (!fits || (full && priority <= lastPriority && table.since[row] > lastSince)) {
        continue;
      }
      if ((full && order.compare(row, lastFirst.peek()) > 0) || cluster.leaves(table.id[row])) {
        continue;
      }
      if (full) {
        lastFirst.poll();
      }
      lastFirst.add(row);
      lastPriority = priority(lastFirst.peek());
      lastSince = table.since[lastFirst.peek()];
    }
    List<Integer> rows = new ArrayList<>(lastFirst);
    rows.sort(order);
    return rows;
  }

  private int priority(int row) {
    return cluster.priority(table.job[row]);
  }

  private long room(JobState job, PoolState pool) {
    return quotas.inGuarantee(job, pool);
  }

  private PoolState pool(int row) {
    return cluster.hosts.pool[table.host[row]];
  }
}
