package io.springtide.scheduler.task;

import io.springtide.scheduler.told.TaskUpdate;

/** What can happen to an instance. */
public enum InstanceInput {
  /** A place is found. */
  LAUNCH,
  /** Its task is on the way to its executor. */
  STAGED,
  /** Its executor has its task. */
  STARTED,
  /** Its task runs. */
  RAN,
  /** Its task is being killed, whoever asked for it. */
  ENDING,
  /** Its task ended well. */
  FINISHED,
  /** Its task ended by its own fault, or could not start. */
  FAILED,
  /** Its task was killed, whoever asked for it. */
  KILLED,
  /** Its task was never started: refused by the master, or without an executor to run it. */
  DROPPED,
  /** Its task is no more, and nobody says why. */
  VANISHED,
  /** Its executor died under it. */
  ORPHANED,
  /** Nobody can see its task. */
  SILENT,
  /** It was out of sight, or waited for its host, for as long as we wait. */
  OVERDUE,
  /** Its task is to end: its goal is no longer to run. */
  STOP;

  /** What a status update is to its instance. */
  static InstanceInput of(TaskUpdate update) {
    return switch (update.state()) {
      case STAGING -> STAGED;
      case STARTING -> STARTED;
      case RUNNING -> RAN;
      case KILLING -> ENDING;
      case FINISHED -> FINISHED;
      case FAILED ->
          switch (update.reason()) {
            case TaskUpdate.EXECUTOR_TERMINATED, TaskUpdate.EXECUTOR_STAYED_AWAY -> ORPHANED;
            case TaskUpdate.EXECUTOR_NEVER_CAME, TaskUpdate.EXECUTOR_NOT_STARTED -> DROPPED;
            default -> FAILED;
          };
      case ERROR -> DROPPED;
      // Mesos empties its agent: nothing of the task's own doing.
      case KILLED -> update.drained() ? VANISHED : KILLED;
      case DROPPED -> DROPPED;
      case LOST -> update.reason().equals(TaskUpdate.INVALID_OFFERS) ? DROPPED : VANISHED;
      case GONE, GONE_BY_OPERATOR -> VANISHED;
      case UNREACHABLE, UNKNOWN -> SILENT;
    };
  }
}
