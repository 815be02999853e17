package io.springtide.partition.share;

import io.springtide.partition.books.AllocationTable;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.GroupNode;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Work that may be evicted, by pool and group. It is put in order only as far as somebody looks: of
 * a large cluster's borrowed work, a round evicts little.
 */
final class Candidates {
  private final Cluster cluster;
  private final Shares shares;
  private final Map<PoolState, Map<GroupNode, List<Victim>>> byPool = new HashMap<>();
  private final Set<List<Victim>> sorted = Collections.newSetFromMap(new IdentityHashMap<>());
  private int size;

  Candidates(Cluster cluster, Shares shares) {
    this.cluster = cluster;
    this.shares = shares;
  }

  void add(int row) {
    AllocationTable table = cluster.allocations;
    JobState job = table.job[row];
    byPool
        .computeIfAbsent(cluster.hosts.pool[table.host[row]], p -> new HashMap<>())
        .computeIfAbsent(job.group, g -> new ArrayList<>())
        .add(Victim.of(cluster, row));
    size++;
  }

  int size() {
    return size;
  }

  /** All, in no particular order. */
  List<Victim> all() {
    List<Victim> all = new ArrayList<>();
    byPool.values().forEach(groups -> groups.values().forEach(all::addAll));
    return all;
  }

  /** All, in the order in which they would go. */
  Order order() {
    return new Order();
  }

  /**
   * Pool by pool from the group with the highest share of what is borrowed, in a group the cheapest
   * first. Shares are those of the moment: once a group has lost so much that another has borrowed
   * more, it is that one's turn.
   */
  final class Order {
    private final Iterator<PoolState> pools = cluster.pools.values().iterator();
    private final Map<GroupNode, Integer> next = new HashMap<>();
    private Map<GroupNode, List<Victim>> here = Map.of();
    private ByShare groups;

    /** The next victim, or null after the last. */
    Victim next() {
      GroupNode group = groups == null ? null : groups.first();
      while (group == null) {
        if (!pools.hasNext()) {
          return null;
        }
        PoolState pool = pools.next();
        here = byPool.getOrDefault(pool, Map.of());
        next.clear();
        groups = ByShare.mostFirst(shares, pool, here.keySet());
        group = groups.first();
      }
      List<Victim> victims = inOrder(here.get(group));
      int at = next.merge(group, 1, Integer::sum) - 1;
      if (at + 1 == victims.size()) {
        groups.remove(group);
      }
      return victims.get(at);
    }

    /** A candidate was taken out or put back. */
    void changed() {
      if (groups != null) {
        groups.changed();
      }
    }
  }

  private List<Victim> inOrder(List<Victim> list) {
    if (sorted.add(list)) {
      list.sort(Victim.CHEAPEST_FIRST);
    }
    return list;
  }
}
