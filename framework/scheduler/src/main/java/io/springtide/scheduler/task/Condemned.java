package io.springtide.scheduler.task;

import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.TaskUpdate;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.LastServed;
import io.springtide.scheduler.turn.Outages;
import io.springtide.scheduler.turn.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Restarts whose health check has failed too often. Executors say who that is; when it is ended is
 * decided here, where all can be seen:
 *
 * <ul>
 *   <li>a job loses no more than its disruption budget at once: whoever was taken, for its health
 *       or for anything else, and does not serve again yet, counts;
 *   <li>over all jobs, one in ten is restarted a minute at most; and while more than that fail at
 *       once ({@link HealthWave}), what they have in common is at fault, a starved host or a
 *       dependency, and restarts only add to its load: then one in a hundred. So does Kubernetes
 *       when more than 55 % of a zone are unwell (node-lifecycle-controller, {@code
 *       --secondary-node-eviction-rate}), and so does Envoy keep 90 % of a cluster whatever its
 *       outlier detection says ({@code max_ejection_percent}).
 * </ul>
 *
 * <p>Not durable. Executors say it again every minute; so a new leader hears of all within one, and
 * does nothing before.
 */
public final class Condemned {
  private static final Duration MINUTE = LastServed.LATELY;

  /** Why one that is condemned runs on. */
  private enum Held {
    /** This process has led for less than a minute. */
    NEW_LEADER,
    /** Its job's disruption budget is used up. */
    BUDGET,
    /** Enough of all jobs were restarted within the last minute. */
    PACE
  }

  /** What its executor says, since when. */
  private record Verdict(String instance, String message, Instant since) {}

  private final State state;
  private final Outages outages;
  private final Updates updates;
  private final DirtySet dirty;
  private final Map<String, Verdict> byTask = new TreeMap<>();
  private final Map<String, Held> held = new HashMap<>();
  private final Deque<Instant> ended = new ArrayDeque<>();
  private int checked;
  private Optional<HealthWave> wave = Optional.empty();
  private Instant quietUntil = Instant.MIN;

  public Condemned(State state, Outages outages, Updates updates, DirtySet dirty) {
    this.state = state;
    this.outages = outages;
    this.updates = updates;
    this.dirty = dirty;
  }

  /**
   * What an earlier process restarted is unknown; within a minute those instances serve again or
   * not.
   */
  public void restored(Instant now) {
    outages.restored();
    quietUntil = now.plus(MINUTE);
  }

  /** An instance's task was heard of. */
  public void heard(Instance instance, TaskUpdate update, Instant now) {
    boolean over = !update.state().alive() || update.healthy().orElse(false);
    if (update.condemned()) {
      byTask.putIfAbsent(update.taskId(), new Verdict(instance.id(), update.message(), now));
    } else if (over && byTask.remove(update.taskId()) != null) {
      held.remove(update.taskId());
      dirty.shown(instance);
    }
  }

  public void sweep(Turn turn) {
    Instant now = turn.now();
    while (!ended.isEmpty() && !ended.peek().plus(MINUTE).isAfter(now)) {
      ended.poll();
    }
    look();
    byTask.keySet().removeIf(task -> current(task).isEmpty());
    held.keySet().retainAll(byTask.keySet());
    for (Instance instance : inTurn()) {
      Task task = instance.task().orElseThrow();
      Optional<Held> why = holds(instance, now);
      if (why.isPresent()) {
        if (held.put(task.id(), why.get()) != why.get()) {
          dirty.shown(instance);
        }
      } else {
        ended.add(now);
        updates.condemn(instance, byTask.get(task.id()).message(), turn);
      }
    }
  }

  /** Whether many fail at once, and how many. */
  private void look() {
    Optional<HealthWave> before = wave;
    int failing = outages.failing();
    checked = failing == 0 && byTask.isEmpty() ? 0 : checked();
    wave = HealthWave.among(checked, failing);
    if (!wave.equals(before)) {
      held.forEach(
          (task, why) -> {
            if (why == Held.PACE) {
              current(task).ifPresent(instance -> dirty.shown(instance));
            }
          });
    }
  }

  private int checked() {
    return state.jobs().values().stream()
        .filter(job -> job.spec().health().isPresent())
        .mapToInt(job -> state.instancesOf(job.id()).size())
        .sum();
  }

  /** The instance, if the task is still its present one, runs, and is to. */
  private Optional<Instance> current(String task) {
    return state
        .instanceOfTask(task)
        .filter(instance -> instance.goal() == Goal.RUN)
        .filter(instance -> instance.state() == InstanceState.RUNNING);
  }

  /** Who has failed least often in a row goes first, then who has waited longest. */
  private List<Instance> inTurn() {
    List<Instance> all = new ArrayList<>();
    byTask.keySet().forEach(task -> current(task).ifPresent(all::add));
    all.sort(
        Comparator.comparingInt(Instance::failures)
            .thenComparing(instance -> byTask.get(instance.task().orElseThrow().id()).since())
            .thenComparing(Instance::id));
    return all;
  }

  private Optional<Held> holds(Instance instance, Instant now) {
    if (now.isBefore(quietUntil)) {
      return Optional.of(Held.NEW_LEADER);
    }
    if (outages.taken(instance, now) >= budget(instance)) {
      return Optional.of(Held.BUDGET);
    }
    int most = wave.map(HealthWave::perMinute).orElse(HealthWave.few(checked));
    return ended.size() < most ? Optional.empty() : Optional.of(Held.PACE);
  }

  private int budget(Instance instance) {
    return state
        .job(instance.job())
        .map(job -> Math.max(1, job.spec().update().maxUnavailable()))
        .orElse(1);
  }

  /** Whether many fail at once. */
  public Optional<HealthWave> wave() {
    return wave;
  }

  /** Why one that is condemned runs on; empty if it is not, or goes at once. */
  public Optional<Waiting> waiting(Instance instance) {
    String task = instance.task().map(Task::id).orElse("");
    return Optional.ofNullable(held.get(task))
        .map(
            why ->
                new Waiting(
                    Waiting.CONDEMNED,
                    0,
                    byTask.get(task).message() + "; it is to be restarted, but " + because(why),
                    "a probe that passes; else its turn"));
  }

  private String because(Held why) {
    return switch (why) {
      case NEW_LEADER -> "this leader waits a minute to hear of all others";
      case BUDGET -> "as many of its job as update.maxUnavailable allows do not serve again yet";
      case PACE ->
          wave.map(
                  many ->
                      "%d of %d checked instances fail at once, hardly by their own fault: %d a minute"
                              .formatted(many.failing(), many.checked(), many.perMinute())
                          + " are restarted, over all jobs")
              .orElse("enough of all jobs were restarted within the last minute");
    };
  }
}
