package io.springtide.partition.model;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;

/**
 * Room on a host that is held by an instance: running, in flight, or detached.
 *
 * @param instance the instance's id
 * @param job the job it replicates
 * @param revision the revision of the job that it runs, whose size it has
 * @param host the host it is on
 * @param label why it may be there
 * @param since when it was admitted
 * @param ports the host ports it holds, fixed ones first
 */
public record Allocation(
    String instance,
    String job,
    long revision,
    String host,
    Label label,
    Instant since,
    List<Integer> ports) {
  public Allocation {
    requireNonNull(instance);
    requireNonNull(job);
    requireNonNull(host);
    requireNonNull(label);
    requireNonNull(since);
    ports = List.copyOf(ports);
  }

  /** An allocation of a job whose revisions nobody counts. */
  public Allocation(
      String instance, String job, String host, Label label, Instant since, List<Integer> ports) {
    this(instance, job, 0, host, label, since, ports);
  }

  /** The same, without ports. */
  public Allocation(String instance, String job, String host, Label label, Instant since) {
    this(instance, job, host, label, since, List.of());
  }
}
