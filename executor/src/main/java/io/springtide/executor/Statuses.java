package io.springtide.executor;

import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;

/** Status updates of tasks, as an executor writes them. */
final class Statuses {
  /** Mesos keeps messages in memory for every task of its history. */
  private static final int MAX_MESSAGE = 2048;

  private Statuses() {}

  static TaskStatus.Builder of(TaskID task, TaskState state, String message) {
    var status = TaskStatus.newBuilder().setTaskId(task).setState(state);
    if (!message.isEmpty()) {
      status.setMessage(message.length() <= MAX_MESSAGE ? message : cut(message) + "…");
    }
    return status;
  }

  private static String cut(String message) {
    // Half a character would be no UTF-8, and no status.
    boolean inside = Character.isHighSurrogate(message.charAt(MAX_MESSAGE - 1));
    return message.substring(0, inside ? MAX_MESSAGE - 1 : MAX_MESSAGE);
  }
}
