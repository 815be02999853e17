package io.springtide.scheduler.state;

/** Where a deployment is. */
public enum DeploymentState {
  /** Instances are replaced, as the job's budget allows. */
  ROLLING,
  /** So many as the job's {@code update.canary} are replaced; the others wait for promotion. */
  CANARY,
  /** Nobody is given the new revision until it is resumed. */
  PAUSED,
  /** Instances go back to the revision that it came from. */
  ROLLING_BACK,
  /** All instances run the new revision and are healthy. */
  DONE,
  /** It was taken back by somebody. */
  ABORTED,
  /** A replacement failed: it stopped where it was or, with autoRollback, was taken back. */
  FAILED,
  /** Another change took its place. */
  SUPERSEDED;

  /** Whether something is still to follow. */
  public boolean underWay() {
    return this == ROLLING || this == CANARY || this == PAUSED || this == ROLLING_BACK;
  }
}
