package io.springtide.scheduler.task;

import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Stray;
import io.springtide.scheduler.state.TaskRef;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.Turn;
import java.time.Duration;

/** Whose a task is that there is news of: an instance's, a host's warden, or nobody's. */
public final class TaskNews {
  private final State state;
  private final Reconciler reconciler;
  private final Updates updates;
  private final Condemned condemned;
  private final Wardens wardens;
  private final Kills kills;
  private final Ignored ignored;
  private final DirtySet dirty;

  public TaskNews(
      State state,
      Reconciler reconciler,
      Updates updates,
      Condemned condemned,
      Wardens wardens,
      Kills kills,
      Ignored ignored,
      DirtySet dirty) {
    this.state = state;
    this.reconciler = reconciler;
    this.updates = updates;
    this.condemned = condemned;
    this.wardens = wardens;
    this.kills = kills;
    this.ignored = ignored;
    this.dirty = dirty;
  }

  public void on(TaskUpdate update, Turn turn) {
    String id = update.taskId();
    reconciler.heard(id);
    var instance = state.instanceOfTask(id).filter(known -> known.state().hasTask());
    var host =
        state.hostOfWarden(id).filter(known -> !known.warden().orElseThrow().state().terminal());
    if (instance.isPresent()) {
      updates.on(instance.get(), update, turn);
      condemned.heard(instance.get(), update, turn.now());
    } else if (host.isPresent()) {
      wardens.on(host.get(), update, turn);
      // The host counts again as soon as its warden has spoken.
      dirty.room(host.get().id());
    } else if (update.state().alive()) {
      stray(update, turn);
    } else if (update.state() != TaskState.UNREACHABLE && state.strays().containsKey(id)) {
      turn.removeStray(id);
      kills.forget(id);
    } else {
      ignored.earlierAttempt(update.state());
    }
    if (update.wantsAcknowledgement()) {
      turn.then(new Effect.Acknowledge(id, update.agentId(), update.uuid()));
    }
  }

  /** Nobody wants it: an attempt that was replaced while it was out of sight (promise 1). */
  private void stray(TaskUpdate update, Turn turn) {
    if (!state.strays().containsKey(update.taskId())) {
      turn.put(new Stray(update.taskId(), update.agentId(), turn.now()));
      kills.now(new TaskRef(update.taskId(), update.agentId()), Duration.ZERO, turn);
    }
  }
}
