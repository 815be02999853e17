package io.springtide.partition.grow;

import io.springtide.partition.answer.Drain;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.books.AllocationTable;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.Held;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.books.Trial;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.place.Feasibility;
import io.springtide.partition.place.Placer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Which hosts in use to empty, so that they can be given back: those that are cheapest to empty, as
 * long as a trial finds places elsewhere for all that runs there without touching the buffer. Only
 * in pools that have stood so for their {@code idleAfter}, where nothing waits, and near the end of
 * what is paid for.
 */
public final class Consolidation {
  /** Of a pool's hosts, this part at most is emptied at a time; one host always may be. */
  private static final int PART = 10;

  /** Hosts of a pool tried in one call, the cheapest first. */
  private static final int TRIED = 100;

  private final Cluster cluster;
  private final Feasibility feasibility;
  private final Placer placer;

  public Consolidation(Cluster cluster) {
    this.cluster = cluster;
    feasibility = new Feasibility(cluster.hosts, cluster.nominations, Feasibility.View.RECORDS);
    placer = new Placer(cluster, feasibility);
  }

  public List<Drain> drains(List<Pending> pending, Instant now) {
    Set<PoolState> wanted = new HashSet<>();
    for (Pending waiting : pending) {
      if (waiting.count() > 0) {
        wanted.addAll(cluster.poolsOf(cluster.version(waiting.version())));
      }
    }
    List<Drain> drains = new ArrayList<>();
    for (PoolState pool : cluster.pools.values()) {
      if (!pool.pool.committed()) {
        boolean quiet = !wanted.contains(pool);
        if (ripe(pool, quiet ? possible(pool, h -> true).size() : 0, now)) {
          // Only hosts whose paid time is nearly over: keeping one until then costs nothing.
          List<Drain> due =
              possible(pool, h -> Shrinking.paidUp(pool.pool, cluster.hosts.spec[h], now));
          drains.addAll(due.subList(0, Math.min(due.size(), pool.sparseFloor)));
        }
      }
    }
    return drains;
  }

  /** Whether so many hosts could have gone at every moment of the last {@code idleAfter}. */
  private static boolean ripe(PoolState pool, int possible, Instant now) {
    if (possible == 0) {
      pool.sparseSince = null;
      return false;
    }
    if (pool.sparseSince == null) {
      pool.sparseSince = now;
      pool.sparseFloor = possible;
    }
    pool.sparseFloor = Math.min(pool.sparseFloor, possible);
    return Duration.between(pool.sparseSince, now).compareTo(pool.pool.idleAfter()) >= 0;
  }

  private List<Drain> possible(PoolState pool, IntPredicate due) {
    int alive = 0;
    int ready = 0;
    int empty = 0;
    List<Integer> candidates = new ArrayList<>();
    for (int m = 0; m < pool.size; m++) {
      int h = pool.members[m];
      HostCondition condition = cluster.hosts.spec[h].condition();
      if (condition == HostCondition.DRAINING) {
        // No new drain before those under way have ended.
        return List.of();
      }
      alive += condition == HostCondition.RELEASED || condition == HostCondition.LOST ? 0 : 1;
      if (feasibility.usable(h)) {
        ready++;
        empty += cluster.hosts.instances[h] == 0 ? 1 : 0;
        if (due.test(h) && mayBeEmptied(h)) {
          candidates.add(h);
        }
      }
    }
    if (empty > pool.pool.buffer().of(ready)) {
      // Empty hosts are given back first.
      return List.of();
    }
    candidates.sort(
        Comparator.comparingInt((Integer h) -> cluster.hosts.instances[h])
            .thenComparing(h -> cluster.hosts.spec[h].id()));
    int most = Math.min(Math.max(1, alive / PART), alive - pool.pool.minHosts());
    return most <= 0 || candidates.isEmpty() ? List.of() : tryAll(pool, candidates, most, ready);
  }

  private boolean mayBeEmptied(int h) {
    if (cluster.hosts.instances[h] == 0 || !cluster.nominations.on(h).isEmpty()) {
      return false;
    }
    AllocationTable table = cluster.allocations;
    for (int row = cluster.hosts.head[h]; row >= 0; row = table.next[row]) {
      if (cluster.leaves(row)) {
        return false;
      }
    }
    return true;
  }

  @SuppressWarnings("try") // Opened to be closed.
  private List<Drain> tryAll(PoolState pool, List<Integer> candidates, int most, int ready) {
    List<Drain> drains = new ArrayList<>();
    Set<Integer> receiving = new HashSet<>();
    Map<String, Integer> moved = new HashMap<>();
    try (Trial trial = new Trial(cluster)) {
      for (int h : candidates.subList(0, Math.min(TRIED, candidates.size()))) {
        if (drains.size() == most) {
          break;
        }
        List<Held> held = heldOn(h);
        if (receiving.contains(h) || !within(held, moved)) {
          continue;
        }
        int left = pool.pool.buffer().of(ready - drains.size() - 1);
        List<Placement> moves = elsewhere(h, held, pool, left);
        if (moves.isEmpty()) {
          continue;
        }
        held.forEach(one -> moved.merge(one.job().demand.id(), 1, Integer::sum));
        moves.forEach(p -> receiving.add(cluster.hosts.find(p.host())));
        drains.add(new Drain(cluster.hosts.spec[h].id(), pool.pool.name(), moves));
      }
    }
    return drains;
  }

  private List<Held> heldOn(int h) {
    List<Held> held = new ArrayList<>();
    AllocationTable table = cluster.allocations;
    for (int row = cluster.hosts.head[h]; row >= 0; row = table.next[row]) {
      held.add(table.held(row));
    }
    held.sort(Comparator.comparing(Held::instance));
    return held;
  }

  /** Whether no job would have more instances moved than it allows, {@code moved} included. */
  private boolean within(List<Held> held, Map<String, Integer> moved) {
    Map<String, Integer> more = new HashMap<>(moved);
    held.forEach(one -> more.merge(one.job().demand.id(), 1, Integer::sum));
    return held.stream()
        .allMatch(
            one -> more.get(one.job().demand.id()) <= cluster.newest(one.job()).demand.evictable());
  }

  /**
   * Moves all that a host holds to others, if all of it fits there and {@code buffer} hosts stay
   * empty. Returns where to; nothing if it does not.
   */
  private List<Placement> elsewhere(int h, List<Held> held, PoolState pool, int buffer) {
    List<Placement> moves = new ArrayList<>();
    try (Trial trial = new Trial(cluster)) {
      trial.shut(h);
      Map<JobState, List<String>> byJob = new LinkedHashMap<>();
      for (Held one : held) {
        trial.takeOut(one.instance());
        byJob
            .computeIfAbsent(cluster.newest(one.job()), j -> new ArrayList<>())
            .add(one.instance());
      }
      for (Map.Entry<JobState, List<String>> e : byJob.entrySet()) {
        if (placer.place(e.getKey(), e.getValue(), 0, moves) < e.getValue().size()) {
          return List.of();
        }
      }
      if (empties(pool, h) < buffer) {
        return List.of();
      }
      trial.keep();
      return moves;
    }
  }

  /** Empty hosts of the pool that would take work, those being emptied left out. */
  private int empties(PoolState pool, int emptied) {
    int count = 0;
    for (int m = 0; m < pool.size; m++) {
      int h = pool.members[m];
      count += h != emptied && feasibility.usable(h) && cluster.hosts.instances[h] == 0 ? 1 : 0;
    }
    return count;
  }
}
