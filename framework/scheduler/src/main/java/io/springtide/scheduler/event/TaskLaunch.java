package io.springtide.scheduler.event;

import static java.util.Objects.requireNonNull;

import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.state.Task;
import java.util.List;
import java.util.Optional;

/**
 * A task to launch.
 *
 * @param task the attempt: id, generation, host, ports, label
 * @param instance the instance that it runs, {@code weibo.feed.api#3}; empty for a warden
 * @param job what the instance runs; empty for a warden
 * @param mountRoots directories of the host below which its mounts must really lie, as its group's
 *     policy says now; empty where it mounts nothing
 */
public record TaskLaunch(
    Task task, String instance, Optional<JobSpec> job, List<String> mountRoots) {
  public TaskLaunch {
    requireNonNull(task);
    requireNonNull(instance);
    requireNonNull(job);
    mountRoots = List.copyOf(mountRoots);
  }

  /** Whether it is a host's warden. */
  public boolean warden() {
    return job.isEmpty();
  }
}
