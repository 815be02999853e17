package io.springtide.scheduler.goal;

/** What can happen to a deployment. */
public enum DeploymentInput {
  /** Somebody wants it to stop where it is. */
  PAUSE,
  /** Somebody wants it to go on; its canaries are promoted, or it has none. */
  RESUME,
  /** The same; its canaries are not promoted yet. */
  RESUME_CANARY,
  /** Somebody, or the job's policy, says that the others follow the canaries. */
  PROMOTE,
  /** Somebody wants it taken back. */
  ABORT,
  /** A replacement failed. */
  FAULT,
  /** The same, and the job's policy takes it back. */
  FAULT_BACK,
  /** All instances run the new revision, and are healthy. */
  WHOLE,
  /** All run the old one again, after somebody took it back. */
  BACK,
  /** The same after a fault. */
  BACK_FROM_FAULT,
  /** Another change takes its place. */
  SUPERSEDE
}
