package io.springtide.partition;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;

/** The order in which waiting instances of many jobs are served. */
final class Serving {
  /** One turn of a group borrows at most this part of a pool, so that shares stay near even. */
  private static final int TURNS = 128;

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
    for (Pending waiting : pending) {
      turns.add(new Turn(cluster.jobs.get(waiting.job()), waiting.instances()));
    }
    turns.sort(
        Comparator.comparingInt((Turn t) -> -t.job.demand.priority())
            .thenComparing(t -> t.job.demand.id()));
    List<Placement> placements = new ArrayList<>();
    placer.guaranteedOnly = true;
    for (Turn turn : turns) {
      turn.from += placer.place(turn.job, turn.left(), now, placements);
    }
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

  /** To the group that has borrowed least, a little at a time. */
  private void shareOut(List<Turn> turns, long now, List<Placement> placements) {
    Map<GroupNode, List<Turn>> byGroup = new HashMap<>();
    for (Turn turn : turns) {
      if (!turn.left().isEmpty()) {
        byGroup.computeIfAbsent(turn.job.group, g -> new ArrayList<>()).add(turn);
      }
    }
    record Rated(GroupNode group, double share) {}
    PriorityQueue<Rated> queue =
        new PriorityQueue<>(
            Comparator.comparingDouble(Rated::share).thenComparing(r -> r.group.group.path()));
    byGroup.keySet().forEach(group -> queue.add(new Rated(group, share(group))));
    while (!queue.isEmpty()) {
      GroupNode group = queue.poll().group;
      List<Turn> own = byGroup.get(group);
      Turn turn = own.get(0);
      List<String> some = turn.left();
      // Alone, a group need not take turns.
      if (!queue.isEmpty()) {
        some = some.subList(0, Math.min(some.size(), portion(turn.job)));
      }
      int placed = placer.place(turn.job, some, now, placements);
      turn.from += placed;
      if (placed < some.size() || turn.left().isEmpty()) {
        own.remove(0);
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

  private int portion(JobState job) {
    long portion = Long.MAX_VALUE;
    for (PoolState pool : cluster.poolsOf(job)) {
      cluster.refresh(pool);
      for (int i = 0; i < job.dims.length; i++) {
        long capacity = Dimensions.at(pool.capacity, job.dims[i]);
        portion = Math.min(portion, capacity / TURNS / job.need[i]);
      }
    }
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, portion));
  }

  /** What is left waiting of one job. */
  private static final class Turn {
    final JobState job;
    final List<String> instances;
    int from;

    Turn(JobState job, List<String> instances) {
      this.job = job;
      this.instances = instances;
    }

    List<String> left() {
      return instances.subList(from, instances.size());
    }
  }
}
