package io.springtide.scheduler.job;

import io.springtide.partition.model.InvalidModelException;
import io.springtide.scheduler.config.Durations;
import java.time.Duration;
import java.util.Optional;

/**
 * How a batch job comes to its end.
 *
 * @param parallelism how many of its instances may live at once, 1 to {@link JobSpec#MAX_INSTANCES}
 * @param retries how many attempts of an instance may follow failed ones before it has failed, 0 to
 *     {@link #MOST_RETRIES}
 * @param deadline how long a run may take; what has not finished then is stopped and has failed;
 *     empty: as long as it likes
 * @param ttl after so long the job is removed once it is over; empty: it stays
 */
public record BatchPolicy(
    int parallelism, int retries, Optional<Duration> deadline, Optional<Duration> ttl) {
  public static final int MOST_RETRIES = 1000;

  /** All at once, one attempt each, for as long as they take, and kept. */
  public static final BatchPolicy DEFAULT =
      new BatchPolicy(JobSpec.MAX_INSTANCES, 0, Optional.empty(), Optional.empty());

  public BatchPolicy {
    if (parallelism < 1 || parallelism > JobSpec.MAX_INSTANCES) {
      throw new InvalidModelException(
          "parallelism",
          parallelism + " is no number of instances that live at once",
          "write 1 to " + JobSpec.MAX_INSTANCES + ", or leave it out for all");
    }
    if (retries < 0 || retries > MOST_RETRIES) {
      throw new InvalidModelException(
          "retries", retries + " is no number of attempts", "write 0 to " + MOST_RETRIES);
    }
    deadline.ifPresent(time -> Durations.requirePositive("deadline", time));
    ttl.ifPresent(time -> Durations.requirePositive("ttl", time));
  }
}
