package io.springtide.scheduler.goal;

import io.springtide.scheduler.job.UpdatePolicy;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.turn.LastServed;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Whether instances have served for as long as their job's policy asks of replacements, and whether
 * they come to that in time. Kept for jobs of which a deployment is under way, and not durable: a
 * new leader takes who serves for one that has done so since its task began to run.
 */
final class Proving {
  private static final int CRASH_LOOP = 3;

  private final LastServed served;
  private final Map<String, Watched> jobs = new HashMap<>();

  /** What is known of a job's instances, by their ids. */
  private static final class Watched {
    private final Map<String, Instant> serving = new HashMap<>();
    private final Map<String, Instant> trying = new HashMap<>();
  }

  Proving(LastServed served) {
    this.served = served;
  }

  /** From now on the job's instances are watched. */
  void begin(Job job, Iterable<Instance> instances) {
    if (jobs.containsKey(job.id())) {
      return;
    }
    Watched watched = new Watched();
    jobs.put(job.id(), watched);
    for (Instance instance : instances) {
      if (served.serves(instance)) {
        watched.serving.put(instance.id(), instance.task().orElseThrow().since());
      } else {
        instance.task().ifPresent(task -> watched.trying.put(instance.id(), task.launched()));
      }
    }
  }

  void end(String job) {
    jobs.remove(job);
  }

  /** Whether it serves and, while its job is watched, has done so for long enough. */
  boolean serves(Job job, Instance instance, Instant now) {
    Watched watched = jobs.get(job.id());
    if (watched == null) {
      return served.serves(instance);
    }
    return from(job, instance, now).filter(at -> !at.isAfter(now)).isPresent();
  }

  /** From when on it counts as serving; empty: it does not serve. */
  Optional<Instant> from(Job job, Instance instance, Instant now) {
    Watched watched = jobs.get(job.id());
    String id = instance.id();
    if (!served.serves(instance)) {
      watched.serving.remove(id);
      return Optional.empty();
    }
    Instant since = watched.serving.computeIfAbsent(id, i -> now);
    return Optional.of(since.plus(job.spec().update().minHealthy()));
  }

  /** By when it must serve for long enough; empty: it does, or it has not begun to try. */
  Optional<Instant> deadline(Job job, Instance instance, Instant now) {
    Watched watched = jobs.get(job.id());
    boolean lost = instance.task().isEmpty() && instance.failures() == 0;
    if (lost || serves(job, instance, now)) {
      watched.trying.remove(instance.id());
      return Optional.empty();
    }
    if (instance.task().isPresent()) {
      watched.trying.putIfAbsent(instance.id(), now);
    }
    return Optional.ofNullable(watched.trying.get(instance.id()))
        .map(since -> since.plus(job.spec().update().healthyWithin()));
  }

  /** It is given another revision: whatever it did before says nothing about that. */
  void anew(Instance instance) {
    Watched watched = jobs.get(instance.job());
    if (watched != null) {
      watched.serving.remove(instance.id());
      watched.trying.remove(instance.id());
    }
  }

  /** Why what it runs is a failure; empty: it is none, or not yet. */
  Optional<String> fault(Job job, Instance instance, Instant now) {
    if (instance.failures() >= CRASH_LOOP) {
      String last =
          instance.history().isEmpty()
              ? ""
              : ": " + instance.history().get(instance.history().size() - 1).message();
      return Optional.of(
          instance.id() + " failed " + instance.failures() + " times in a row" + last);
    }
    UpdatePolicy policy = job.spec().update();
    return deadline(job, instance, now)
        .filter(at -> !at.isAfter(now))
        .map(
            at ->
                "%s was not healthy within %d s%s"
                    .formatted(
                        instance.id(),
                        policy.healthyWithin().toSeconds(),
                        instance
                            .task()
                            .map(Task::host)
                            .map(host -> " on host " + host)
                            .orElse("")));
  }
}
