package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.resources.Bag;
import io.springtide.harness.emulator.wire.TaskStates;
import org.apache.mesos.v1.Protos.ContainerStatus;
import org.apache.mesos.v1.Protos.Task;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;

/** A task as the master knows it. */
final class MasterTask {

  final Task.Builder task;
  final Bag resources;

  MasterTask(Task task) {
    this.task = task.toBuilder();
    this.resources = Bag.of(task.getResourcesList());
  }

  String id() {
    return task.getTaskId().getValue();
  }

  String frameworkId() {
    return task.getFrameworkId().getValue();
  }

  String agentId() {
    return task.getAgentId().getValue();
  }

  String executorId() {
    return task.hasExecutorId() ? task.getExecutorId().getValue() : "";
  }

  boolean terminal() {
    return TaskStates.terminal(task.getState());
  }

  /** The state that was last forwarded to the framework. */
  TaskState forwarded() {
    return task.hasStatusUpdateState() ? task.getStatusUpdateState() : task.getState();
  }

  /** Remembers a status, without its data; one of an equal state replaces the last. */
  void addStatus(TaskStatus status) {
    int last = task.getStatusesCount() - 1;
    if (last >= 0 && task.getStatuses(last).getState() == status.getState()) {
      task.removeStatuses(last);
    }
    task.addStatuses(status.toBuilder().clearData());
  }

  Boolean healthy() {
    int last = task.getStatusesCount() - 1;
    return (last >= 0 && task.getStatuses(last).hasHealthy())
        ? (Boolean) task.getStatuses(last).getHealthy()
        : null;
  }

  ContainerStatus containerStatus() {
    for (int i = task.getStatusesCount() - 1; i >= 0; i--) {
      if (task.getStatuses(i).hasContainerStatus()) {
        return task.getStatuses(i).getContainerStatus();
      }
    }
    return null;
  }
}
