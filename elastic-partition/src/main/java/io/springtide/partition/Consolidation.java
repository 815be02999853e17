package io.springtide.partition;

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
final class Consolidation {
  /** Of a pool's hosts, this part at most is emptied at a time; one host always may be. */
  private static final int PART = 10;

  /** Hosts of a pool tried in one call, the cheapest first. */
  private static final int TRIED = 100;

  private final Cluster cluster;
  private final Feasibility feasibility;
  private final Placer placer;

  Consolidation(Cluster cluster) {
    this.cluster = cluster;
    feasibility = new Feasibility(cluster.hosts, cluster.nominations, Feasibility.View.RECORDS);
    placer = new Placer(cluster, feasibility);
  }

  List<Drain> drains(List<Pending> pending, Instant now) {
    Set<PoolState> wanted = new HashSet<>();
    for (Pending waiting : pending) {
      if (waiting.count() > 0) {
        wanted.addAll(cluster.poolsOf(cluster.jobs.get(waiting.job())));
      }
    }
    List<Drain> drains = new ArrayList<>();
    for (PoolState pool : cluster.pools.values()) {
      if (!pool.pool.committed()) {
        boolean quiet = !wanted.contains(pool);
        if (ripe(pool, quiet ? possible(pool, h -> true).size() : 0, now)) {
          // What is paid for is used up: keeping the host so long is free.
          List<Drain> due =
              possible(pool, h -> Shrinking.paidUp(pool.pool, cluster.hosts.spec[h], now));
          drains.addAll(due.subList(0, Math.min(due.size(), pool.sparseFloor)));
        }
      }
    }
    return drains;
  }

  /** Whether so many could have gone at any time within the pool's time of waiting. */
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
        // One after the other: what is on its way out is let out first.
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
      // What stands empty goes back first.
      return List.of();
    }
    candidates.sort(
        Comparator.comparingInt((Integer h) -> cluster.hosts.instances[h])
            .thenComparing(h -> cluster.hosts.spec[h].id()));
    int most = Math.min(Math.max(1, alive / PART), alive - pool.pool.minHosts());
    int hosts = ready;
    return most <= 0 || candidates.isEmpty()
        ? List.of()
        : cluster.trying(() -> tryAll(pool, candidates, most, hosts));
  }

  private boolean mayBeEmptied(int h) {
    if (cluster.hosts.instances[h] == 0 || !cluster.nominations.on(h).isEmpty()) {
      return false;
    }
    AllocationTable table = cluster.allocations;
    for (int row = cluster.hosts.head[h]; row >= 0; row = table.next[row]) {
      if (cluster.leaves(table.id[row])) {
        return false;
      }
    }
    return true;
  }

  private List<Drain> tryAll(PoolState pool, List<Integer> candidates, int most, int ready) {
    List<Drain> drains = new ArrayList<>();
    List<Relocation> done = new ArrayList<>();
    Set<Integer> receiving = new HashSet<>();
    Map<String, Integer> moved = new HashMap<>();
    for (int h : candidates.subList(0, Math.min(TRIED, candidates.size()))) {
      if (drains.size() == most) {
        break;
      }
      if (receiving.contains(h)) {
        continue;
      }
      Relocation relocation = new Relocation(cluster, h);
      boolean moves =
          relocation.within(moved)
              && relocation.toElsewhere(placer)
              && empties(pool, h) >= pool.pool.buffer().of(ready - drains.size() - 1);
      if (!moves) {
        relocation.undo();
        continue;
      }
      done.add(relocation);
      relocation.count(moved);
      for (Placement p : relocation.placements()) {
        receiving.add(cluster.hosts.find(p.host()));
      }
      drains.add(new Drain(cluster.hosts.spec[h].id(), pool.pool.name(), relocation.placements()));
    }
    for (int i = done.size() - 1; i >= 0; i--) {
      done.get(i).undo();
    }
    return drains;
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

  /** All that runs on one host, taken out and placed elsewhere, until it is undone. */
  private static final class Relocation {
    /** An allocation as it was. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Held(String instance, JobState job, Label label, long since, int[] ports) {}

    private final Cluster cluster;
    private final int host;
    private final byte tookWork;
    private final List<Held> held = new ArrayList<>();
    private final List<Placement> placements = new ArrayList<>();
    private boolean lifted;

    Relocation(Cluster cluster, int host) {
      this.cluster = cluster;
      this.host = host;
      tookWork = cluster.hosts.takesWork[host];
      AllocationTable table = cluster.allocations;
      for (int row = cluster.hosts.head[host]; row >= 0; row = table.next[row]) {
        held.add(
            new Held(
                table.id[row],
                table.job[row],
                table.labelOf(row),
                table.since[row],
                table.ports[row]));
      }
      held.sort(Comparator.comparing(Held::instance));
    }

    /** Whether no job would have more instances moved than it allows, {@code moved} included. */
    boolean within(Map<String, Integer> moved) {
      Map<String, Integer> more = new HashMap<>(moved);
      count(more);
      return held.stream()
          .allMatch(h -> more.get(h.job.demand.id()) <= cluster.newest(h.job).demand.evictable());
    }

    void count(Map<String, Integer> moved) {
      held.forEach(h -> moved.merge(h.job.demand.id(), 1, Integer::sum));
    }

    boolean toElsewhere(Placer placer) {
      lifted = true;
      cluster.hosts.takesWork[host] = HostTable.NEVER;
      Map<JobState, List<String>> byJob = new LinkedHashMap<>();
      for (Held h : held) {
        cluster.unbook(cluster.allocations.find(h.instance));
        byJob.computeIfAbsent(cluster.newest(h.job), j -> new ArrayList<>()).add(h.instance);
      }
      for (Map.Entry<JobState, List<String>> e : byJob.entrySet()) {
        List<String> instances = e.getValue();
        if (placer.place(e.getKey(), instances, 0, placements) < instances.size()) {
          return false;
        }
      }
      return true;
    }

    List<Placement> placements() {
      return placements;
    }

    void undo() {
      if (!lifted) {
        return;
      }
      placements.forEach(p -> cluster.unbook(cluster.allocations.find(p.instance())));
      for (Held h : held) {
        cluster.book(h.instance, h.job, host, h.label, h.since, h.ports);
        h.job.group.charge(h.job.each, cluster.hosts.pool[host].index, h.label, 1);
      }
      cluster.hosts.takesWork[host] = tookWork;
    }
  }
}
