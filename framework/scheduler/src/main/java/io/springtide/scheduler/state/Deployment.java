package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.scheduler.config.Durations;
import java.time.Instant;

/**
 * Carries a job's instances from one revision to another.
 *
 * @param job the job's id
 * @param number the version of the job's document that began it
 * @param from the last revision that was whole: where it goes back to
 * @param to the revision that instances are to run in the end
 * @param state where it is
 * @param promoted whether the others follow the canaries, if there are any
 * @param by who began it; empty if nobody knows
 * @param why what went wrong, or who took it back, in words; empty: nothing
 * @param failed whether a replacement failed
 * @param began when
 * @param since when {@code state} began
 */
public record Deployment(
    String job,
    long number,
    long from,
    long to,
    DeploymentState state,
    boolean promoted,
    String by,
    String why,
    boolean failed,
    Instant began,
    Instant since) {
  /** So many that have ended are kept of each job. */
  public static final int MOST_ENDED = 10;

  public Deployment {
    requireNonNull(job);
    requireNonNull(state);
    requireNonNull(by);
    requireNonNull(why);
    requireNonNull(began);
    requireNonNull(since);
  }

  /** {@code <job>@<number>}. */
  public String id() {
    return job + "@" + number;
  }

  /** Whether it goes back to what was whole: nothing is left to fall back on. */
  public boolean isRollback() {
    return from == to;
  }

  /**
   * The deployment in another state.
   *
   * @param faulty whether a replacement has failed
   */
  public Deployment with(DeploymentState next, String reason, boolean faulty, Instant now) {
    return new Deployment(
        job,
        number,
        from,
        to,
        next,
        promoted || next == DeploymentState.ROLLING,
        by,
        reason,
        failed || faulty,
        began,
        next == state ? since : now);
  }

  /** The deployment with no stamp after {@code now}. */
  Deployment notAfter(Instant now) {
    return new Deployment(
        job,
        number,
        from,
        to,
        state,
        promoted,
        by,
        why,
        failed,
        Durations.earlier(began, now),
        Durations.earlier(since, now));
  }
}
