package io.springtide.scheduler.task;

import io.springtide.scheduler.job.RuntimeKind;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Remains;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.HostReport;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.Turn;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What wardens say of what lost executors left on their hosts. A warden removes it before it says
 * that it runs, and again until nothing is left; only then does it call a runtime clean. That word
 * counts for what is older than the warden, and was known to be left when the word came.
 */
public final class Reaps {
  private final State state;
  private final DirtySet dirty;

  /**
   * By host, detached tasks of which nothing is left. Not durable: the next report says it anew.
   */
  private final Map<String, Set<String>> confirmed = new HashMap<>();

  public Reaps(State state, DirtySet dirty) {
    this.state = state;
    this.dirty = dirty;
  }

  /** The host's warden has reported. */
  public void reported(Host host, HostReport report, Turn turn) {
    for (Remains remains : state.remainsOn(host.id())) {
      if (gone(host, report, remains.generation(), remains.runtime())) {
        turn.remove(remains);
      }
    }
    Set<String> tasks = new HashSet<>();
    for (Instance instance : state.instancesOn(host.id())) {
      Task task = instance.task().orElseThrow();
      if (instance.state() == InstanceState.DETACHED
          && gone(host, report, task.generation(), runtime(instance, task))) {
        tasks.add(task.id());
      }
    }
    Set<String> before =
        tasks.isEmpty() ? confirmed.remove(host.id()) : confirmed.put(host.id(), tasks);
    if (!tasks.isEmpty() && !tasks.equals(before)) {
      dirty.room(host.id());
    }
  }

  /** Whether nothing runs any more of what its executor left of a detached task. */
  public boolean confirmed(Task task) {
    return confirmed.getOrDefault(task.host(), Set.of()).contains(task.id());
  }

  private RuntimeKind runtime(Instance instance, Task task) {
    Job job = state.job(instance.job()).orElseThrow();
    return job.specOf(task.revision()).orElse(job.spec()).runtime();
  }

  private static boolean gone(Host host, HostReport report, long generation, RuntimeKind runtime) {
    String name = runtime.name().toLowerCase(Locale.ROOT);
    return host.warden()
            .filter(task -> !task.state().terminal() && task.id().equals(report.warden()))
            .filter(task -> task.generation() > generation)
            .isPresent()
        && report.engines().stream()
            .anyMatch(engine -> engine.name().equals(name) && engine.ready() && engine.clean());
  }
}
