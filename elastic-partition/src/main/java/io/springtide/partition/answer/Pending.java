package io.springtide.partition.answer;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.Version;
import java.util.List;

/**
 * Instances of one job that wait for a place, all to run the same revision of it.
 *
 * @param version the job and its revision
 * @param instances ids of the waiting instances, each distinct
 */
public record Pending(Version version, List<String> instances) {
  public Pending {
    requireNonNull(version);
    instances = List.copyOf(instances);
  }

  /** Of a job whose revisions nobody counts. */
  public Pending(String job, List<String> instances) {
    this(new Version(job, 0), instances);
  }

  public String job() {
    return version.job();
  }

  public int count() {
    return instances.size();
  }
}
