package io.springtide.partition.answer;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * Instances of one job that wait for a place.
 *
 * @param job the job
 * @param instances ids of the waiting instances, each distinct
 */
public record Pending(String job, List<String> instances) {
  public Pending {
    requireNonNull(job);
    instances = List.copyOf(instances);
  }

  public int count() {
    return instances.size();
  }
}
