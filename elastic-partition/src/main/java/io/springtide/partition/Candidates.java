package io.springtide.partition;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

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
    return new Iterator<>() {
      private final Iterator<PoolState> pools = cluster.pools.values().iterator();
      private Iterator<List<Victim>> lists = Collections.emptyIterator();
      private Iterator<Victim> inner = Collections.emptyIterator();

      @Override
      public boolean hasNext() {
        while (!inner.hasNext()) {
          if (lists.hasNext()) {
            inner = inOrder(lists.next()).iterator();
          } else if (pools.hasNext()) {
            lists = in(pools.next()).iterator();
          } else {
            return false;
          }
        }
        return true;
      }

      @Override
      public Victim next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return inner.next();
      }
    };
  }

  private List<List<Victim>> in(PoolState pool) {
    Map<GroupNode, List<Victim>> groups = byPool.getOrDefault(pool, Map.of());
    List<List<Victim>> lists = new ArrayList<>();
    if (!groups.isEmpty()) {
      for (GroupNode group : shares.highestFirst(pool)) {
        if (groups.containsKey(group)) {
          lists.add(groups.get(group));
        }
      }
    }
    return lists;
  }

  private List<Victim> inOrder(List<Victim> list) {
    if (sorted.put(list, true) == null) {
      list.sort(Victim.CHEAPEST_FIRST);
    }
    return list;
  }
}
