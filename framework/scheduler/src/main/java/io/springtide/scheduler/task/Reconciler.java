package io.springtide.scheduler.task;

import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.state.TaskRef;
import io.springtide.scheduler.turn.Turn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Asks the master what became of our tasks. After each subscription it asks for all that we know,
 * and again for those not yet answered, ever more slowly: a master may stay silent for ten minutes
 * after its own failover, and silence says nothing about a task (promise 4). Then it asks for all
 * that the master knows, which finds tasks that we do not. Source: Mesos documentation,
 * "Reconciliation".
 */
public final class Reconciler {
  /** Tasks in one call: an answer comes for each, and we want to hear other things between. */
  private static final int BATCH = 1000;

  private final State state;
  private final CoreConfig.Times times;
  private final SortedMap<String, TaskRef> unanswered = new TreeMap<>();
  private boolean connected;
  private boolean implicitWanted;
  private int tries;
  private Instant again = Instant.MAX;
  private Instant whole = Instant.MAX;

  public Reconciler(State state, CoreConfig.Times times) {
    this.state = state;
    this.times = times;
  }

  public void subscribed(Turn turn) {
    connected = true;
    begin(turn);
  }

  public void disconnected() {
    connected = false;
  }

  /** The master, or the task's agent, has spoken about it. */
  public void heard(String taskId) {
    unanswered.remove(taskId);
  }

  /** Whether the master has been asked about it and has not yet answered. */
  boolean unresolved(String taskId) {
    return !connected || unanswered.containsKey(taskId);
  }

  /** Asks for one task: something hints that its state has changed. */
  public void doubt(TaskRef task, Turn turn) {
    doubt(List.of(task), turn);
  }

  /** Asks for all live tasks of an agent. */
  public void doubtAgent(String agentId, Turn turn) {
    List<TaskRef> live = new ArrayList<>();
    addWardens(live);
    state.hostsOf(agentId).forEach(host -> addInstances(state.instancesOn(host), live));
    addStrays(live);
    live.removeIf(task -> !task.agentId().equals(agentId));
    doubt(live, turn);
  }

  private void doubt(List<TaskRef> tasks, Turn turn) {
    if (!connected) {
      return;
    }
    List<TaskRef> asked = new ArrayList<>();
    for (TaskRef task : tasks) {
      if (unanswered.putIfAbsent(task.taskId(), task) == null) {
        asked.add(task);
      }
    }
    if (asked.isEmpty()) {
      return;
    }
    send(asked, turn);
    if (again.equals(Instant.MAX)) {
      tries = 0;
      again = turn.now().plus(times.tasks().reconcile().first());
    }
  }

  public void sweep(Turn turn) {
    if (!connected) {
      return;
    }
    if (!turn.now().isBefore(whole)) {
      begin(turn);
      return;
    }
    if (unanswered.isEmpty()) {
      again = Instant.MAX;
      if (implicitWanted) {
        implicit(turn);
      }
    } else if (!turn.now().isBefore(again)) {
      if (implicitWanted) {
        implicit(turn);
      }
      ask(turn);
    }
  }

  private void begin(Turn turn) {
    unanswered.clear();
    liveTasks().forEach(task -> unanswered.put(task.taskId(), task));
    implicitWanted = true;
    tries = 0;
    whole = turn.now().plus(times.tasks().reconcileEvery());
    ask(turn);
  }

  private void ask(Turn turn) {
    send(List.copyOf(unanswered.values()), turn);
    again = turn.now().plus(times.tasks().reconcile().after(tries));
    tries++;
  }

  private static void send(List<TaskRef> tasks, Turn turn) {
    for (int from = 0; from < tasks.size(); from += BATCH) {
      turn.then(new Effect.Reconcile(tasks.subList(from, Math.min(tasks.size(), from + BATCH))));
    }
  }

  private void implicit(Turn turn) {
    implicitWanted = false;
    turn.then(new Effect.Reconcile(List.of()));
  }

  private List<TaskRef> liveTasks() {
    List<TaskRef> live = new ArrayList<>();
    addWardens(live);
    state.jobs().keySet().forEach(job -> addInstances(state.instancesOf(job), live));
    addStrays(live);
    return live;
  }

  private void addWardens(List<TaskRef> live) {
    for (Host host : state.hosts().values()) {
      host.warden().filter(task -> !task.state().terminal()).map(Task::ref).ifPresent(live::add);
    }
  }

  private static void addInstances(Collection<Instance> instances, List<TaskRef> live) {
    for (Instance instance : instances) {
      if (instance.state().hasTask()) {
        live.add(instance.task().orElseThrow().ref());
      }
    }
  }

  private void addStrays(List<TaskRef> live) {
    state.strays().values().forEach(s -> live.add(new TaskRef(s.taskId(), s.agentId())));
  }
}
