package io.springtide.partition.model;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;

/**
 * Room on a host that is held by an instance: running, in flight, or detached.
 *
 * @param instance the instance's id
 * @param job the job it replicates
 * @param host the host it is on
 * @param label why it may be there
 * @param since when it was admitted
 * @param ports the host ports it holds, fixed ones first
 */
public record Allocation(
    String instance, String job, String host, Label label, Instant since, List<Integer> ports) {
  public Allocation {
    requireNonNull(instance);
    requireNonNull(job);
    requireNonNull(host);
    requireNonNull(label);
    requireNonNull(since);
    ports = List.copyOf(ports);
  }

  /** An allocation without ports. */
  public Allocation(String instance, String job, String host, Label label, Instant since) {
    this(instance, job, host, label, since, List.of());
  }
}
