package io.springtide.executor;

import io.springtide.executor.runtime.Exit;
import java.util.Optional;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.TaskStatus.Reason;

/**
 * Why a task ends, and how that is told. Of a kill and a bad health check, the first counts: what
 * is killed while it is condemned has failed.
 */
final class Ending {
  private String startFailure = "";
  private Exit exit;
  private String kill;
  private Reason killReason;
  private String condemnation;

  /** It never came to run. */
  void notStarted(String why) {
    startFailure = why;
  }

  /** Its main process ended. */
  void exited(Exit how) {
    exit = how;
  }

  /** It is to end. False if it was to end already. */
  boolean killed(String message, Optional<Reason> reason) {
    if (kill != null) {
      return false;
    }
    kill = message;
    killReason = reason.orElse(null);
    return true;
  }

  /** Its health check failed once too often. */
  void condemned(int failures, String last) {
    if (kill == null) {
      condemnation = "health check failed " + failures + " times in a row: " + last;
    }
  }

  /** It is well again, and nobody has ended it meanwhile. */
  void pardoned() {
    if (kill == null) {
      condemnation = null;
    }
  }

  boolean isCondemned() {
    return condemnation != null;
  }

  /** How its health check failed once too often, if it did. */
  Optional<String> condemnation() {
    return Optional.ofNullable(condemnation);
  }

  /** That it is being stopped. */
  TaskStatus.Builder killing(TaskID task) {
    var status =
        Statuses.of(task, TaskState.TASK_KILLING, condemnation == null ? kill : condemnation);
    if (killReason != null) {
      status.setReason(killReason);
    }
    return status;
  }

  /** That it has ended. */
  TaskStatus.Builder lastWord(TaskID task) {
    if (condemnation != null) {
      return Statuses.of(task, TaskState.TASK_FAILED, condemnation)
          .setReason(Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED)
          .setHealthy(false);
    }
    if (kill != null) {
      var status = Statuses.of(task, TaskState.TASK_KILLED, kill);
      if (killReason != null) {
        status.setReason(killReason);
      }
      return status;
    }
    if (exit == null) {
      return Statuses.of(task, TaskState.TASK_FAILED, startFailure)
          .setReason(Reason.REASON_CONTAINER_LAUNCH_FAILED);
    }
    if (exit.good()) {
      return Statuses.of(task, TaskState.TASK_FINISHED, exit.describe());
    }
    var status = Statuses.of(task, TaskState.TASK_FAILED, exit.describe());
    if (exit.outOfMemory()) {
      status.setReason(Reason.REASON_CONTAINER_LIMITATION_MEMORY);
    }
    return status;
  }
}
