package io.springtide.scheduler.task;

import static io.springtide.scheduler.told.TaskState.KILLING;
import static io.springtide.scheduler.told.TaskState.RUNNING;
import static io.springtide.scheduler.told.TaskState.STAGING;
import static io.springtide.scheduler.told.TaskState.STARTING;

import io.springtide.scheduler.told.TaskState;
import java.util.Map;
import java.util.Set;

/**
 * Which news of a task is news: by the state it is known to be in and the state that is reported.
 * Terminal is final (promise 4); a state reported late does not turn a task back; a task that was
 * out of sight may come back in any state.
 */
final class TaskTable {
  /** Of a task in the key's state, reports of these are late or come out of turn. */
  private static final Map<TaskState, Set<TaskState>> LATE =
      Map.of(
          STAGING, Set.of(),
          STARTING, Set.of(STAGING),
          RUNNING, Set.of(STAGING, STARTING),
          KILLING, Set.of(STAGING, STARTING, RUNNING));

  private TaskTable() {}

  /** Whether {@code reported} is to be believed of a task that is {@code known}. */
  static boolean believes(TaskState known, TaskState reported) {
    return !known.terminal() && !LATE.getOrDefault(known, Set.of()).contains(reported);
  }
}
