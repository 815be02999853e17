package io.springtide.partition.share;

import io.springtide.partition.books.AllocationTable;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.HostTable;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.grow.Growth;
import io.springtide.partition.model.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Refills a buffer by evicting borrowed work, as the last resort: when nothing has ended for a
 * while and no host can be bought. Whole hosts are emptied, those with the fewest instances first,
 * and only such as hold nothing but borrowed work that may be evicted. Until it is empty, a host
 * that is being emptied takes no borrowed work, so what leaves does not come back.
 */
final class BufferRefill {
  private final Cluster cluster;
  private final Growth growth;

  BufferRefill(Cluster cluster, Growth growth) {
    this.cluster = cluster;
    this.growth = growth;
  }

  /**
   * Work to evict for the buffers.
   *
   * @param budget how many may be evicted at most
   */
  List<Victim> victims(
      Supplier<Candidates> candidates, Duration patience, int budget, Instant now) {
    Map<Integer, List<Victim>> byHost = null;
    List<Victim> victims = new ArrayList<>();
    for (PoolState pool : cluster.pools.values()) {
      int missing = missing(pool);
      if (missing == 0 || growth.refusal(pool, now) == null) {
        pool.bufferShortSince = null;
        continue;
      }
      if (pool.bufferShortSince == null) {
        pool.bufferShortSince = now;
      }
      if (Duration.between(pool.bufferShortSince, now).compareTo(patience) < 0) {
        continue;
      }
      if (byHost == null) {
        byHost = byHost(candidates.get());
      }
      for (int h : cheapest(pool, byHost)) {
        List<Victim> here = byHost.get(h);
        if (missing > 0 && victims.size() + here.size() <= budget) {
          victims.addAll(here);
          cluster.hosts.keptForBuffer[h] = true;
          missing--;
        }
      }
    }
    return victims;
  }

  /** Hosts that the pool's buffer lacks, those on their way or being emptied taken off. */
  private int missing(PoolState pool) {
    if (!pool.pool.committed() || pool.pool.buffer().equals(Buffer.NONE)) {
      return 0;
    }
    int ready = 0;
    int empty = 0;
    int coming = 0;
    for (int m = 0; m < pool.size; m++) {
      int h = pool.members[m];
      cluster.hosts.keptForBuffer[h] &= leaving(h);
      if (cluster.hosts.takesWork[h] == HostTable.NOW) {
        ready++;
        empty += cluster.hosts.instances[h] == 0 ? 1 : 0;
        coming += cluster.hosts.keptForBuffer[h] ? 1 : 0;
      } else if (cluster.hosts.takesWork[h] == HostTable.SOON) {
        coming++;
      }
    }
    int missing = pool.pool.buffer().of(ready) - empty;
    if (missing <= 0) {
      for (int m = 0; m < pool.size; m++) {
        cluster.hosts.keptForBuffer[pool.members[m]] = false;
      }
    }
    return Math.max(0, missing - coming);
  }

  /** Whether something is there, and all of it is on its way out. */
  private boolean leaving(int h) {
    AllocationTable table = cluster.allocations;
    for (int row = cluster.hosts.head[h]; row >= 0; row = table.next[row]) {
      if (!cluster.leaves(row)) {
        return false;
      }
    }
    return cluster.hosts.instances[h] > 0;
  }

  private static Map<Integer, List<Victim>> byHost(Candidates candidates) {
    Map<Integer, List<Victim>> byHost = new HashMap<>();
    for (Victim victim : candidates.all()) {
      byHost.computeIfAbsent(victim.host(), h -> new ArrayList<>()).add(victim);
    }
    // Sorted, since equal calls may list the candidates in different orders.
    byHost.values().forEach(here -> here.sort(Victim.CHEAPEST_FIRST));
    return byHost;
  }

  /** Hosts that would be empty without what may be evicted there, the fewest instances first. */
  private List<Integer> cheapest(PoolState pool, Map<Integer, List<Victim>> byHost) {
    List<Integer> order = new ArrayList<>();
    for (int m = 0; m < pool.size; m++) {
      int h = pool.members[m];
      if (byHost.containsKey(h)
          && byHost.get(h).size() == cluster.hosts.instances[h]
          && cluster.hosts.takesWork[h] == HostTable.NOW
          && cluster.nominations.on(h).isEmpty()) {
        order.add(h);
      }
    }
    order.sort(
        Comparator.comparingInt((Integer h) -> cluster.hosts.instances[h])
            .thenComparingInt(
                h -> byHost.get(h).stream().mapToInt(v -> v.priority()).max().orElse(0))
            .thenComparing(h -> cluster.hosts.spec[h].id()));
    return order;
  }
}
