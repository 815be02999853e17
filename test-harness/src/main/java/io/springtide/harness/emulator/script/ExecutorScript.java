package io.springtide.harness.emulator.script;

import com.google.protobuf.ByteString;
import java.time.Duration;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;

/** What scripted executors do; called on the loop. One object may serve any number of them. */
public interface ExecutorScript {

  /** The executor got a task. */
  void launched(ScriptedExecutor executor, TaskInfo task);

  /** The executor is to kill a task. */
  void kill(ScriptedExecutor executor, String taskId);

  /** The scheduler sent a message. */
  default void message(ScriptedExecutor executor, ByteString data) {}

  /** The executor is to end. */
  default void shutdown(ScriptedExecutor executor) {
    executor.exit(0);
  }

  /** Tasks that run after {@code start} and are killed within {@code stop}. */
  static ExecutorScript obedient(Duration start, Duration stop) {
    return new ExecutorScript() {
      @Override
      public void launched(ScriptedExecutor executor, TaskInfo task) {
        String taskId = task.getTaskId().getValue();
        executor.after(start, () -> executor.update(taskId, TaskState.TASK_RUNNING, ""));
      }

      @Override
      public void kill(ScriptedExecutor executor, String taskId) {
        executor.after(
            stop, () -> executor.update(taskId, TaskState.TASK_KILLED, "killed by request"));
      }
    };
  }
}
