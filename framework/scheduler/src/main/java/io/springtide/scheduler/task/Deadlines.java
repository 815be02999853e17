package io.springtide.scheduler.task;

import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.job.FailurePolicy;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.QueueingHints;
import io.springtide.scheduler.turn.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What follows from time alone, for instances that neither run nor are done. */
public final class Deadlines {
  private final State state;
  private final Updates updates;
  private final Reconciler reconciler;
  private final DirtySet dirty;
  private final QueueingHints hints;
  private final CoreConfig.Times times;
  private Instant last = Instant.MIN;
  private Instant connectedSince = Instant.MAX;
  private Instant restored = Instant.MIN;

  public Deadlines(
      State state,
      Updates updates,
      Reconciler reconciler,
      DirtySet dirty,
      QueueingHints hints,
      CoreConfig.Times times) {
    this.state = state;
    this.updates = updates;
    this.reconciler = reconciler;
    this.dirty = dirty;
    this.hints = hints;
    this.times = times;
  }

  /** A core was restored: older stamps are from another clock, so silences count from now. */
  public void restored(Instant now) {
    restored = now;
  }

  public void subscribed(Instant now) {
    connectedSince = now;
  }

  public void disconnected() {
    connectedSince = Instant.MAX;
  }

  public void sweep(Turn turn) {
    for (Instance instance : state.wake(turn.now())) {
      dirty.match();
      dirty.shown(instance);
      hints.job(instance.job());
    }
    for (String job : state.unsettledJobs()) {
      for (Instance instance : state.unsettledOf(job)) {
        check(instance, turn);
      }
    }
    wardens(turn);
    last = turn.now();
  }

  private void check(Instance instance, Turn turn) {
    Instant now = turn.now();
    if (instance.returns()) {
      // Time without a master does not count: the host could get no executor then.
      if (passed(later(instance.since(), connectedSince), times.tasks().returnWithin(), now)) {
        updates.on(instance, InstanceInput.OVERDUE, "its host had no executor in time", turn);
      }
      return;
    }
    Optional<Task> task = instance.task();
    if (task.isEmpty()) {
      return;
    }
    if (task.get().silent() && !reconciler.unresolved(task.get().id())) {
      if (!now.isBefore(givenUpAt(instance, task.get()))) {
        String why = "unreachable for " + unreachableAfter(instance);
        updates.on(instance, InstanceInput.OVERDUE, why, turn);
      }
    } else if (task.get().state() == TaskState.STAGING
        && passed(task.get().since(), times.tasks().launchDoubt(), now)) {
      // The acceptance may be lost; the master then says that there is no such task.
      reconciler.doubt(task.get().ref(), turn);
    }
  }

  /**
   * When an instance gets another task for one that is out of sight, if nobody has seen it then.
   */
  public Instant givenUpAt(Instance instance, Task task) {
    return later(task.since(), restored).plus(unreachableAfter(instance));
  }

  private Duration unreachableAfter(Instance instance) {
    return state
        .job(instance.job())
        .map(found -> found.spec().failure().unreachableAfter())
        .orElse(FailurePolicy.DEFAULT.unreachableAfter());
  }

  private void wardens(Turn turn) {
    for (Host host : state.hosts().values()) {
      if (host.seat().notBefore().isAfter(last) && !host.seat().notBefore().isAfter(turn.now())) {
        dirty.match();
      }
      host.warden()
          .filter(task -> task.state() == TaskState.STAGING)
          .filter(task -> passed(task.since(), times.tasks().launchDoubt(), turn.now()))
          .ifPresent(task -> reconciler.doubt(task.ref(), turn));
    }
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private static boolean passed(Instant since, Duration patience, Instant now) {
    return !since.equals(Instant.MAX) && !now.isBefore(since.plus(patience));
  }
}
