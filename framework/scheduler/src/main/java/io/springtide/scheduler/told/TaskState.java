package io.springtide.scheduler.told;

/** The task states of Mesos, by their own names without {@code TASK_}. */
public enum TaskState {
  STAGING,
  STARTING,
  RUNNING,
  KILLING,
  FINISHED,
  FAILED,
  KILLED,
  ERROR,
  /** Gone without saying how; sent even to frameworks that know of partitions, at times. */
  LOST,
  /** Never ran. */
  DROPPED,
  /** Its agent is silent; it may run. */
  UNREACHABLE,
  /** Its agent is there and has no such task. */
  GONE,
  /** An operator says its agent is gone for good. */
  GONE_BY_OPERATOR,
  /** The master knows neither the task nor its agent. */
  UNKNOWN;

  /** Whether it says that the task has ended for good. */
  public boolean terminal() {
    return switch (this) {
      case STAGING, STARTING, RUNNING, KILLING, UNREACHABLE, UNKNOWN -> false;
      case FINISHED, FAILED, KILLED, ERROR, LOST, DROPPED, GONE, GONE_BY_OPERATOR -> true;
    };
  }

  /** Whether it says that the task is on its agent now. */
  public boolean alive() {
    return switch (this) {
      case STAGING, STARTING, RUNNING, KILLING -> true;
      default -> false;
    };
  }
}
