package io.springtide.scheduler.turn;

import io.springtide.scheduler.config.Durations;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who fails a health check after having served, and whom we have taken ourselves and does not serve
 * again yet. Not durable: who ran unhealthy at a restore is taken for one that had served.
 */
public final class Outages {
  /** An instance that fails again and again holds its job's budget no longer than this. */
  private static final Duration HELD_MOST = Duration.ofMinutes(10);

  private final State state;
  private final LastServed served;
  private final Set<String> failing = new HashSet<>();
  private final Map<String, Map<String, Instant>> takenUntil = new HashMap<>();

  public Outages(State state, LastServed served) {
    this.state = state;
    this.served = served;
  }

  /** A core goes on from what is durable. */
  public void restored() {
    for (Job job : state.jobs().values()) {
      state.instancesOf(job.id()).stream()
          .filter(Outages::unwell)
          .forEach(instance -> failing.add(instance.id()));
    }
  }

  /** An instance is about to become another, or to go. */
  void follow(Optional<Instance> before, Optional<Instance> after, Instant now) {
    Instance instance = after.or(() -> before).orElseThrow();
    boolean stays = instance.goal() == Goal.RUN && served.serves(instance);
    if (after.isEmpty() || stays) {
      forget(instance);
      return;
    }
    if (unwell(instance) && served.of(instance, now).isPresent()) {
      failing.add(instance.id());
    }
    boolean ran =
        before.filter(old -> old.goal() == Goal.RUN && old.task().isPresent()).isPresent();
    if (ran && instance.goal() == Goal.REPLACE) {
      Duration held =
          Durations.doubled(LastServed.LATELY, Math.max(0, instance.failures() - 1), HELD_MOST);
      takenUntil
          .computeIfAbsent(instance.job(), job -> new HashMap<>())
          .put(instance.id(), now.plus(held));
    }
  }

  private void forget(Instance instance) {
    failing.remove(instance.id());
    takenUntil.computeIfPresent(
        instance.job(),
        (job, taken) -> {
          taken.remove(instance.id());
          return taken.isEmpty() ? null : taken;
        });
  }

  private static boolean unwell(Instance instance) {
    return instance.state() == InstanceState.RUNNING
        && instance.task().flatMap(Task::healthy).filter(well -> !well).isPresent();
  }

  /** How many instances fail now, or were taken for it, and have not served since. */
  public int failing() {
    return failing.size();
  }

  /**
   * How many other instances of the job were taken a while ago at most, and do not serve again yet.
   * One that was taken for the nth failure in a row counts for 2^(n-1) minutes.
   */
  public int taken(Instance besides, Instant now) {
    return (int)
        takenUntil.getOrDefault(besides.job(), Map.of()).entrySet().stream()
            .filter(entry -> !entry.getKey().equals(besides.id()))
            .filter(entry -> entry.getValue().isAfter(now))
            .count();
  }
}
