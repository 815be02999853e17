package io.springtide.partition;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Work that may be evicted, by pool and group. It is put in order only as far as somebody looks: of
 * a large cluster's borrowed work, a round evicts little.
 */
final class Candidates {
  private final Cluster cluster;
  private final Shares shares;
  private final Map<PoolState, Map<GroupNode, List<Victim>>> byPool = new IdentityHashMap<>();
  private final Map<List<Victim>, Boolean> sorted = new IdentityHashMap<>();
  private int size;

  Candidates(Cluster cluster, Shares shares) {
    this.cluster = cluster;
    this.shares = shares;
  }

  void add(int row) {
    AllocationTable table = cluster.allocations;
    JobState job = table.job[row];
    byPool
        .computeIfAbsent(cluster.hosts.pool[table.host[row]], p -> new IdentityHashMap<>())
        .computeIfAbsent(job.group, g -> new ArrayList<>())
        .add(Victim.of(table, row));
    size++;
  }

  int size() {
    return size;
  }

  List<Victim> all() {
    List<Victim> all = new ArrayList<>();
    order().forEachRemaining(all::add);
    return all;
  }

  /**
   * Pool by pool from the group with the highest share of what is borrowed now, in a group the
   * cheapest first.
   */
  Iterator<Victim> order() {
    List<List<Victim>> lists = new ArrayList<>();
    for (PoolState pool : cluster.pools.values()) {
      Map<GroupNode, List<Victim>> groups = byPool.get(pool);
      if (groups != null) {
        for (GroupNode group : shares.highestFirst(pool)) {
          if (groups.containsKey(group)) {
            lists.add(groups.get(group));
          }
        }
      }
    }
    Iterator<List<Victim>> outer = lists.iterator();
    return new Iterator<>() {
      private Iterator<Victim> inner = List.<Victim>of().iterator();

      @Override
      public boolean hasNext() {
        while (!inner.hasNext() && outer.hasNext()) {
          List<Victim> list = outer.next();
          if (sorted.put(list, true) == null) {
            list.sort(Victim.CHEAPEST_FIRST);
          }
          inner = list.iterator();
        }
        return inner.hasNext();
      }

      @Override
      public Victim next() {
        if (!hasNext()) {
          throw new java.util.NoSuchElementException();
        }
        return inner.next();
      }
    };
  }
}
