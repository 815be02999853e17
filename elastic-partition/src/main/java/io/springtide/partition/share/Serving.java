package io.springtide.partition.share;

import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.answer.Refusal;
import io.springtide.partition.answer.Served;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.Dimensions;
import io.springtide.partition.books.GroupNode;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.model.Version;
import io.springtide.partition.place.Explainer;
import io.springtide.partition.place.Placer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The order in which waiting instances of many jobs are served: what fits inside guarantees first,
 * then turn by turn to the group that has borrowed least, level by level of the tree; inside a
 * group the highest priority first, those of equal priority side by side.
 */
public final class Serving {
  /** A group's turn borrows at most this part of a pool, so that shares stay near even. */
  private static final int SHARE_TURNS = 128;

  private final Cluster cluster;
  private final Placer placer;
  private final Explainer explainer;
  private final Shares shares;
  private final Rotation rotation;

  public Serving(Cluster cluster, Placer placer, Explainer explainer) {
    this.cluster = cluster;
    this.placer = placer;
    this.explainer = explainer;
    this.shares = new Shares(cluster);
    this.rotation = new Rotation(cluster, placer);
  }

  public Served serve(List<Pending> pending, long now) {
    List<WaitingJob> turns = new ArrayList<>();
    for (Pending p : pending) {
      JobState job = cluster.version(p.version());
      turns.add(new WaitingJob(job, cluster.priority(job), p.instances()));
    }
    turns.sort(
        Comparator.comparingInt((WaitingJob t) -> -t.priority())
            .thenComparing(t -> t.job.demand.version()));
    List<Placement> placements = new ArrayList<>();
    int before;
    do {
      before = placements.size();
      placer.guaranteedOnly = true;
      rotate(turns, now, placements);
      placer.guaranteedOnly = false;
      shareOut(turns, now, placements);
      // An instance that must be near another may have been tried before that one had a place.
    } while (placements.size() > before
        && turns.stream().anyMatch(t -> t.job.needsCompany && !t.left().isEmpty()));
    Map<Version, List<Refusal>> refusals = new TreeMap<>();
    for (WaitingJob turn : turns) {
      if (!turn.left().isEmpty()) {
        refusals.put(turn.job.demand.version(), explainer.refusals(turn.job));
      }
    }
    return new Served(placements, refusals);
  }

  /** Serves those of the highest priority side by side, then those of the next. */
  private void rotate(List<WaitingJob> turns, long now, List<Placement> placements) {
    List<WaitingJob> level = new ArrayList<>();
    for (int i = 0; i < turns.size(); i++) {
      if (!turns.get(i).left().isEmpty()) {
        level.add(turns.get(i));
      }
      boolean last =
          i + 1 == turns.size() || turns.get(i + 1).priority() != turns.get(i).priority();
      if (last && !level.isEmpty()) {
        rotation.serve(level, now, placements);
        level = new ArrayList<>();
      }
    }
  }

  /** Places a share; returns whether the job should go on. */
  private boolean take(WaitingJob turn, int most, long now, List<Placement> placements) {
    List<String> some = turn.left().subList(0, Math.min(turn.left().size(), most));
    int placed = placer.place(turn.job, some, now, placements);
    turn.from += placed;
    return placed == some.size() && !turn.left().isEmpty();
  }

  /** To the group that has borrowed least, a little at a time. */
  private void shareOut(List<WaitingJob> turns, long now, List<Placement> placements) {
    Map<GroupNode, List<WaitingJob>> byGroup = new HashMap<>();
    for (WaitingJob turn : turns) {
      if (!turn.left().isEmpty()) {
        byGroup.computeIfAbsent(turn.job.group, g -> new ArrayList<>()).add(turn);
      }
    }
    if (byGroup.size() == 1) {
      // A single group needs no turns.
      rotate(byGroup.values().iterator().next(), now, placements);
      return;
    }
    ByShare groups = ByShare.leastFirst(shares, cluster.pools.values(), byGroup.keySet());
    for (GroupNode group = groups.first(); group != null; group = groups.first()) {
      List<WaitingJob> own = byGroup.get(group);
      WaitingJob turn = own.remove(0);
      if (take(turn, sharePortion(turn.job), now, placements)) {
        int at = 0;
        while (at < own.size() && own.get(at).priority() == turn.priority()) {
          at++;
        }
        own.add(at, turn);
      }
      groups.changed(group);
      if (own.isEmpty()) {
        groups.remove(group);
      }
    }
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
}
