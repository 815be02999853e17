package io.springtide.scheduler.goal;

import io.springtide.partition.answer.Breach;
import io.springtide.partition.answer.Pending;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.Ledger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which instances break their job's newest rules: a hard constraint, or the pools that it may use.
 * They are to be replaced, but only where a trial has found them another place; the others run on,
 * are named, and are tried again as time passes.
 */
public final class Breaches {
  private static final Duration AGAIN = Duration.ofSeconds(1);

  private final State state;
  private final Ledger ledger;
  private final DirtySet dirty;
  private final SortedMap<String, Map<String, Breach>> byJob = new TreeMap<>();
  private final boolean all;
  private Instant nextLook = Instant.MIN;

  /**
   * @param all whether to try all that could move, as in the end they will, or only as many as may
   *     move at once
   */
  public Breaches(State state, Ledger ledger, DirtySet dirty, boolean all) {
    this.all = all;
    this.state = state;
    this.ledger = ledger;
    this.dirty = dirty;
  }

  /** Judges a job's instances anew. */
  void look(Job job) {
    List<Breach> before = of(job.id());
    List<Breach> after = job.spec().kind() == JobKind.SYSTEM ? List.of() : judged(job);
    if (after.isEmpty()) {
      byJob.remove(job.id());
    } else {
      Map<String, Breach> byInstance = new LinkedHashMap<>();
      after.forEach(breach -> byInstance.put(breach.instance(), breach));
      byJob.put(job.id(), byInstance);
    }
    if (!after.equals(before)) {
      dirty.heading(job.id());
    }
  }

  private List<Breach> judged(Job job) {
    List<String> instances = new ArrayList<>();
    Set<String> older = new HashSet<>();
    int waiting = 0;
    for (Instance instance : state.instancesOf(job.id())) {
      Optional<Task> task = instance.task();
      if (task.isPresent()) {
        instances.add(instance.id());
        if (task.get().generation() <= job.ruledFrom()) {
          older.add(instance.id());
        }
      } else if (instance.state() == InstanceState.PENDING) {
        waiting++;
      }
    }
    int most = all ? Integer.MAX_VALUE : job.spec().update().atOnce();
    return ledger.breaches(job.id(), instances, older, waiting, most);
  }

  /** What of the job's instances breaks its rules, as far as it was looked at. */
  public List<Breach> of(String job) {
    return List.copyOf(byJob.getOrDefault(job, Map.of()).values());
  }

  public Optional<Breach> of(Instance instance) {
    return Optional.ofNullable(byJob.getOrDefault(instance.job(), Map.of()).get(instance.id()));
  }

  /**
   * What would move if some host took it: asked for as if it waited, so that a pool that can grow
   * has hosts for it. The names are those of no instance.
   */
  public List<Pending> homeless() {
    List<Pending> homeless = new ArrayList<>();
    byJob.forEach(
        (id, breaches) -> {
          if (breaches.values().stream().noneMatch(Breach::movable)) {
            state.job(id).ifPresent(job -> homeless.add(asIfWaiting(job, breaches.values())));
          }
        });
    return homeless;
  }

  private static Pending asIfWaiting(Job job, Collection<Breach> breaches) {
    List<String> ids =
        breaches.stream()
            .limit(job.spec().update().atOnce())
            .map(breach -> breach.instance() + "+")
            .toList();
    return new Pending(job.newest(), ids);
  }

  void forget(String job) {
    byJob.remove(job);
  }

  /** Time passes: a host may have room for what none took before. */
  void sweep(Instant now) {
    if (!now.isBefore(nextLook)) {
      nextLook = now.plus(AGAIN);
      byJob.keySet().forEach(dirty::job);
    }
  }
}
