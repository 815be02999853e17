package io.springtide.scheduler.state;

/** The life of an instance. */
public enum InstanceState {
  /** Wanted, and without a task. */
  PENDING,
  /** Its launch is decided; its executor has not yet answered. */
  STAGING,
  /** Its executor has it: pulls, creates, starts. */
  STARTING,
  /** Its task runs. */
  RUNNING,
  /** Nobody knows: its agent is silent. */
  UNREACHABLE,
  /**
   * Its executor died, and its container may run on: the host's next executor removes it, and the
   * instance starts anew there once that is confirmed.
   */
  DETACHED,
  /** Its task is being killed. */
  STOPPING,
  /** Batch: done. Final. */
  FINISHED,
  /** Batch: failed. Final. */
  FAILED;

  /** Whether nothing will ever happen to it again. */
  public boolean done() {
    return this == FINISHED || this == FAILED;
  }

  /** Whether it has a task whose end is still to come. */
  public boolean hasTask() {
    return switch (this) {
      case STAGING, STARTING, RUNNING, UNREACHABLE, STOPPING -> true;
      case PENDING, DETACHED, FINISHED, FAILED -> false;
    };
  }
}
