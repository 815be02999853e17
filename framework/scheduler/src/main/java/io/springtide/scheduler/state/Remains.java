package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.Resources;
import io.springtide.scheduler.config.Durations;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.RuntimeKind;
import java.time.Instant;
import java.util.List;

/**
 * What a lost executor may have left running on a host, of an instance that does not wait for its
 * return there any more. Its room and its ports are not given to others, no instance of its job is
 * placed beside it, and its host is not empty, until the host's warden says that nothing is left
 * there, or the host goes.
 *
 * @param taskId the task that lost its executor
 * @param instance whose it was; instance and job may be gone
 * @param host where
 * @param generation of the task; whoever says that it is gone must have come after it
 * @param runtime what it runs in
 * @param size the room that it takes
 * @param ports the host ports that it holds
 * @param since when it came to be this
 */
public record Remains(
    String taskId,
    String instance,
    String host,
    long generation,
    RuntimeKind runtime,
    Resources size,
    List<Integer> ports,
    Instant since) {
  public Remains {
    requireNonNull(taskId);
    requireNonNull(instance);
    requireNonNull(host);
    requireNonNull(runtime);
    requireNonNull(size);
    ports = List.copyOf(ports);
    requireNonNull(since);
  }

  public static Remains of(Instance instance, JobSpec spec, Instant now) {
    Task task = instance.task().orElseThrow();
    return new Remains(
        task.id(),
        instance.id(),
        task.host(),
        task.generation(),
        spec.runtime(),
        spec.resources(),
        task.hostPorts(),
        now);
  }

  /** The job that it is of, which may be gone. */
  public String job() {
    return instance.substring(0, instance.lastIndexOf('#'));
  }

  /** The same with no stamp after {@code now}. */
  Remains notAfter(Instant now) {
    return new Remains(
        taskId, instance, host, generation, runtime, size, ports, Durations.earlier(since, now));
  }
}
