package io.springtide.partition.model;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;

/**
 * One revision of a job.
 *
 * @param job the job
 * @param revision the number of the revision; 0 where nobody counts them
 */
public record Version(String job, long revision) implements Comparable<Version> {
  private static final Comparator<Version> ORDER =
      Comparator.comparing(Version::job).thenComparingLong(Version::revision);

  public Version {
    requireNonNull(job);
  }

  /** Job by job, the revisions of each from the lowest on. */
  @Override
  public int compareTo(Version other) {
    return ORDER.compare(this, other);
  }
}
