package io.springtide.scheduler.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.Story;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every cell of the task table. */
class TaskTableTest {
  /** The order in which a task passes through the states in which it lives. */
  private static final List<TaskState> WAY =
      List.of(TaskState.STAGING, TaskState.STARTING, TaskState.RUNNING, TaskState.KILLING);

  @Test
  void everyCellIsAsPromised() {
    for (TaskState known : TaskState.values()) {
      for (TaskState reported : TaskState.values()) {
        boolean believed = TaskTable.believes(known, reported);
        String cell = "known " + known + ", reported " + reported;
        if (known.terminal()) {
          assertThat(believed).as(cell + ": terminal is final").isFalse();
        } else if (WAY.contains(known) && WAY.contains(reported)) {
          assertThat(believed)
              .as(cell + ": nothing goes back")
              .isEqualTo(WAY.indexOf(reported) >= WAY.indexOf(known));
        } else {
          assertThat(believed).as(cell).isTrue();
        }
      }
    }
  }

  @Test
  void everyStateOfMesosIsAnInput() {
    for (TaskState state : TaskState.values()) {
      for (String reason :
          List.of(
              "",
              TaskUpdate.EXECUTOR_TERMINATED,
              TaskUpdate.EXECUTOR_STAYED_AWAY,
              TaskUpdate.EXECUTOR_NEVER_CAME,
              TaskUpdate.EXECUTOR_NOT_STARTED,
              TaskUpdate.INVALID_OFFERS)) {
        TaskUpdate update = new Story().news("t", "a", state, reason, "");
        InstanceInput expected =
            switch (state) {
              case STAGING -> InstanceInput.STAGED;
              case STARTING -> InstanceInput.STARTED;
              case RUNNING -> InstanceInput.RAN;
              case KILLING -> InstanceInput.ENDING;
              case FINISHED -> InstanceInput.FINISHED;
              case KILLED -> InstanceInput.KILLED;
              case DROPPED, ERROR -> InstanceInput.DROPPED;
              case UNREACHABLE, UNKNOWN -> InstanceInput.SILENT;
              case GONE, GONE_BY_OPERATOR -> InstanceInput.VANISHED;
              case FAILED ->
                  switch (reason) {
                    case "REASON_EXECUTOR_TERMINATED", "REASON_EXECUTOR_REREGISTRATION_TIMEOUT" ->
                        InstanceInput.ORPHANED;
                    case "REASON_EXECUTOR_REGISTRATION_TIMEOUT", "REASON_CONTAINER_LAUNCH_FAILED" ->
                        InstanceInput.DROPPED;
                    default -> InstanceInput.FAILED;
                  };
              case LOST ->
                  reason.equals(TaskUpdate.INVALID_OFFERS)
                      ? InstanceInput.DROPPED
                      : InstanceInput.VANISHED;
            };
        assertThat(InstanceInput.of(update)).as(state + " " + reason).isEqualTo(expected);
      }
    }
  }
}
