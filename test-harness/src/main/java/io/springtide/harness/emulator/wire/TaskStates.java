package io.springtide.harness.emulator.wire;

import org.apache.mesos.v1.Protos.TaskState;

/** Which states are final. */
public final class TaskStates {
  private TaskStates() {}

  /** Whether a task in {@code state} never runs again, TASK_UNREACHABLE and UNKNOWN excepted. */
  public static boolean terminal(TaskState state) {
    return switch (state) {
      case TASK_FINISHED,
          TASK_FAILED,
          TASK_KILLED,
          TASK_ERROR,
          TASK_LOST,
          TASK_DROPPED,
          TASK_GONE,
          TASK_GONE_BY_OPERATOR ->
          true;
      default -> false;
    };
  }
}
