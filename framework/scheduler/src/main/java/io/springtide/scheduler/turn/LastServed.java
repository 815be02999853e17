package io.springtide.scheduler.turn;

import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Until when instances served, so that one failed round of probes does not make an instance count
 * as down. Not durable: an instance that ran before this process began, and fails when we first
 * look, counts as having served until then.
 */
public final class LastServed {
  /** Who has served within this time may serve again in a moment. */
  public static final Duration LATELY = Duration.ofMinutes(1);

  private final State state;
  private final Map<String, Instant> until = new HashMap<>();
  private Instant began;

  public LastServed(State state) {
    this.state = state;
  }

  /** An instance is about to become another, or to go. */
  void follow(Optional<Instance> before, Optional<Instance> after, Instant now) {
    Optional<String> was = before.flatMap(Instance::task).map(Task::id);
    Optional<String> is = after.flatMap(Instance::task).map(Task::id);
    if (was.isPresent() && !was.equals(is)) {
      until.remove(was.get());
    }
    if (after.filter(this::serves).isPresent()) {
      until.remove(is.orElseThrow());
    } else if (was.isPresent() && was.equals(is) && before.filter(this::serves).isPresent()) {
      until.put(was.get(), now);
    }
  }

  /** Until when it served in its present attempt: now, if it does; empty if it never did. */
  public Optional<Instant> of(Instance instance, Instant now) {
    if (began == null) {
      began = now;
    }
    if (instance.task().isEmpty()) {
      return Optional.empty();
    }
    if (serves(instance)) {
      return Optional.of(now);
    }
    Task task = instance.task().get();
    Instant known = until.get(task.id());
    return known == null && mayHave(instance, task)
        ? Optional.of(began)
        : Optional.ofNullable(known);
  }

  /** Whether it may have served before we looked. */
  private boolean mayHave(Instance instance, Task task) {
    boolean ran =
        instance.state() == InstanceState.RUNNING || instance.state() == InstanceState.UNREACHABLE;
    return ran
        && !task.launched().isAfter(began)
        && (task.healthy().isPresent() || !checked(instance.job(), task.revision()));
  }

  /** Whether it runs and, where what it runs has a health check, passes it. */
  public boolean serves(Instance instance) {
    if (instance.state() != InstanceState.RUNNING) {
      return false;
    }
    Task task = instance.task().orElseThrow();
    return task.healthy().orElseGet(() -> !checked(instance.job(), task.revision()));
  }

  private boolean checked(String job, long revision) {
    return state
        .job(job)
        .flatMap(known -> known.specOf(revision))
        .flatMap(JobSpec::health)
        .isPresent();
  }
}
