package io.springtide.scheduler.task;

import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.job.StopPolicy;
import io.springtide.scheduler.state.TaskRef;
import io.springtide.scheduler.turn.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Kills under way. Mesos delivers a kill at most once and forgets one for an agent that is away; so
 * each is repeated, ever more slowly, until the task's end is known.
 */
public final class Kills {
  private record Try(
      TaskRef task, Duration patience, Optional<Duration> grace, int tries, Instant next) {}

  private final CoreConfig.Times times;
  private final Map<String, Try> byTask = new TreeMap<>();
  private boolean connected;

  public Kills(CoreConfig.Times times) {
    this.times = times;
  }

  /** Kills a task whose end is wanted durably: by its instance's goal, or as a stray. */
  public void now(TaskRef task, Duration patience, Turn turn) {
    send(new Try(task, patience, Optional.empty(), 0, turn.now()), turn);
  }

  /** The same, with another grace than it was launched with. */
  public void now(TaskRef task, StopPolicy stop, Turn turn) {
    Duration patience = stop.drain().plus(stop.grace());
    send(new Try(task, patience, Optional.of(stop.grace()), 0, turn.now()), turn);
  }

  /** To be killed at the next occasion; for a core that goes on from what is durable. */
  public void resume(TaskRef task, Duration patience) {
    byTask.putIfAbsent(task.taskId(), new Try(task, patience, Optional.empty(), 0, Instant.MIN));
  }

  /** The same, with another grace than it was launched with. */
  public void resume(TaskRef task, StopPolicy stop) {
    Duration patience = stop.drain().plus(stop.grace());
    byTask.putIfAbsent(
        task.taskId(), new Try(task, patience, Optional.of(stop.grace()), 0, Instant.MIN));
  }

  public void forget(String taskId) {
    byTask.remove(taskId);
  }

  public void connected(boolean nowConnected) {
    connected = nowConnected;
    if (connected) {
      // Kills sent to the last master may have been lost with it.
      byTask.replaceAll(
          (id, old) -> new Try(old.task(), old.patience(), old.grace(), 0, Instant.MIN));
    }
  }

  public void sweep(Turn turn) {
    if (!connected) {
      return;
    }
    for (Try due : List.copyOf(byTask.values())) {
      if (!due.next().isAfter(turn.now())) {
        send(due, turn);
      }
    }
  }

  private void send(Try due, Turn turn) {
    if (connected) {
      turn.then(new Effect.Kill(due.task().taskId(), due.task().agentId(), due.grace()));
    }
    Duration wait = due.patience().plus(times.tasks().kill().after(due.tries()));
    byTask.put(
        due.task().taskId(),
        new Try(due.task(), due.patience(), due.grace(), due.tries() + 1, turn.now().plus(wait)));
  }
}
