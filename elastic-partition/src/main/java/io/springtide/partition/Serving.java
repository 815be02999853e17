package io.springtide.partition;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * The order in which waiting instances of many jobs are served: what fits inside guarantees first,
 * then turn by turn to the group that has borrowed least; inside a group the highest priority
 * first. Jobs of equal priority take turns too, in an order that keeps the sum of what they need
 * near the shape of the hosts: so a host fills up in all dimensions together, and less of it is
 * stranded.
 */
final class Serving {
  /** A group's turn borrows at most this part of a pool, so that shares stay near even. */
  private static final int SHARE_TURNS = 128;

  /** A job's turn takes at most about this part of a host, so that hosts get a mixture. */
  private static final int HOST_TURNS = 32;

  /** Hosts looked at in one round at most, in all turns together: turns get longer instead. */
  private static final long LOOKS = 20_000_000;

  private final Cluster cluster;
  private final Placer placer;
  private final Explainer explainer;
  private final Shares shares;

  Serving(Cluster cluster, Placer placer, Explainer explainer) {
    this.cluster = cluster;
    this.placer = placer;
    this.explainer = explainer;
    this.shares = new Shares(cluster);
  }

  Served serve(List<Pending> pending, long now) {
    List<Turn> turns = new ArrayList<>();
    long waiting = 0;
    for (Pending p : pending) {
      turns.add(new Turn(cluster.jobs.get(p.job()), p.instances()));
      waiting += p.count();
    }
    turns.sort(Comparator.comparing((Turn t) -> t.job.demand.id()));
    long leastPortion = waiting * cluster.hosts.size() / LOOKS + 1;
    turns.forEach(turn -> turn.portion = portion(turn.job, leastPortion));
    turns = TurnOrder.balanced(turns);
    turns.sort(Comparator.comparingInt(t -> -t.job.demand.priority()));
    List<Placement> placements = new ArrayList<>();
    placer.guaranteedOnly = true;
    List<Turn> queue = new ArrayList<>(turns);
    rotate(queue, now, placements);
    placer.guaranteedOnly = false;
    shareOut(turns, now, placements);
    Map<String, List<Refusal>> refusals = new TreeMap<>();
    for (Turn turn : turns) {
      if (!turn.left().isEmpty()) {
        refusals.put(turn.job.demand.id(), explainer.refusals(turn.job));
      }
    }
    return new Served(placements, refusals);
  }

  /**
   * Serves one turn after the other, those of the highest priority until none of them can go on.
   */
  private void rotate(List<Turn> turns, long now, List<Placement> placements) {
    List<Turn> level = new ArrayList<>();
    for (int i = 0; i < turns.size(); i++) {
      level.add(turns.get(i));
      boolean last =
          i + 1 == turns.size() || turns.get(i + 1).priority() != turns.get(i).priority();
      while (last && !level.isEmpty()) {
        List<Turn> next = new ArrayList<>();
        for (Turn turn : level) {
          if (take(turn, Integer.MAX_VALUE, level.size() == 1, now, placements)) {
            next.add(turn);
          }
        }
        level = next;
      }
    }
  }

  /** Places one portion, or all if nobody else waits; returns whether the job should go on. */
  private boolean take(Turn turn, int most, boolean alone, long now, List<Placement> placements) {
    List<String> some = turn.left();
    int count = alone ? some.size() : Math.min(some.size(), turn.portion);
    some = some.subList(0, Math.min(count, most));
    int placed = placer.place(turn.job, some, now, placements);
    turn.from += placed;
    return placed == some.size() && !turn.left().isEmpty();
  }

  /** To the group that has borrowed least, a little at a time. */
  private void shareOut(List<Turn> turns, long now, List<Placement> placements) {
    Map<GroupNode, List<Turn>> byGroup = new HashMap<>();
    for (Turn turn : turns) {
      if (!turn.left().isEmpty()) {
        byGroup.computeIfAbsent(turn.job.group, g -> new ArrayList<>()).add(turn);
      }
    }
    if (byGroup.size() == 1) {
      // Alone, a group need not take turns.
      rotate(byGroup.values().iterator().next(), now, placements);
      return;
    }
    record Rated(GroupNode group, double share) {}
    PriorityQueue<Rated> queue =
        new PriorityQueue<>(
            Comparator.comparingDouble(Rated::share).thenComparing(r -> r.group.group.path()));
    byGroup.keySet().forEach(group -> queue.add(new Rated(group, share(group))));
    while (!queue.isEmpty()) {
      GroupNode group = queue.poll().group;
      List<Turn> own = byGroup.get(group);
      Turn turn = own.remove(0);
      if (take(turn, sharePortion(turn.job), false, now, placements)) {
        int at = 0;
        while (at < own.size() && own.get(at).priority() == turn.priority()) {
          at++;
        }
        own.add(at, turn);
      }
      if (!own.isEmpty()) {
        queue.add(new Rated(group, share(group)));
      }
    }
  }

  private double share(GroupNode group) {
    double share = 0;
    for (PoolState pool : cluster.pools.values()) {
      share = Math.max(share, shares.borrowed(group, pool));
    }
    return share;
  }

  private int sharePortion(JobState job) {
    long portion = Long.MAX_VALUE;
    for (PoolState pool : cluster.poolsOf(job)) {
      cluster.refresh(pool);
      for (int i = 0; i < job.dims.length; i++) {
        long capacity = Dimensions.at(pool.capacity, job.dims[i]);
        portion = Math.min(portion, capacity / SHARE_TURNS / job.need[i]);
      }
    }
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, portion));
  }

  private int portion(JobState job, long least) {
    long portion = Long.MAX_VALUE;
    for (PoolState pool : cluster.poolsOf(job)) {
      cluster.refresh(pool);
      for (int i = 0; i < job.dims.length; i++) {
        long host = Dimensions.at(pool.capacity, job.dims[i]) / Math.max(1, pool.size);
        portion = Math.min(portion, host / HOST_TURNS / job.need[i]);
      }
    }
    return (int) Math.max(least, Math.min(Integer.MAX_VALUE, portion));
  }

  /** What is left waiting of one job. */
  static final class Turn {
    final JobState job;
    final List<String> instances;
    int portion = 1;
    int from;

    Turn(JobState job, List<String> instances) {
      this.job = job;
      this.instances = instances;
    }

    int priority() {
      return job.demand.priority();
    }

    List<String> left() {
      return instances.subList(from, instances.size());
    }
  }
}
