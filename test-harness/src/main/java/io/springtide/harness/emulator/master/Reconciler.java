package io.springtide.harness.emulator.master;

import java.util.ArrayList;
import java.util.List;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.scheduler.Protos.Call;

/** Answers RECONCILE, and KILL of what is not known. */
final class Reconciler {

  private final MasterState state;
  private final Tasks tasks;

  Reconciler(MasterState state, Tasks tasks) {
    this.state = state;
    this.tasks = tasks;
  }

  void reconcile(Framework framework, List<Call.Reconcile.Task> asked) {
    if (asked.isEmpty()) {
      new ArrayList<>(framework.tasks.values()).forEach(task -> latest(framework, task));
    }
    for (Call.Reconcile.Task task : asked) {
      one(
          framework,
          task.getTaskId().getValue(),
          task.hasAgentId() ? task.getAgentId().getValue() : "");
    }
  }

  private void latest(Framework framework, MasterTask task) {
    tasks.tellKnown(
        framework,
        task,
        task.forwarded(),
        TaskStatus.Reason.REASON_RECONCILIATION,
        "Reconciliation: Latest task state");
  }

  /** One task; {@code agentId} may be empty. */
  void one(Framework framework, String taskId, String agentId) {
    MasterTask known = framework.tasks.get(taskId);
    if (known != null) {
      latest(framework, known);
      return;
    }
    boolean aware = framework.partitionAware();
    if (state.agents.containsKey(agentId)) {
      unknown(
          framework,
          taskId,
          agentId,
          aware ? TaskState.TASK_GONE : TaskState.TASK_LOST,
          "Reconciliation: Task is unknown to the agent");
    } else if (agentId.isEmpty()
        ? !state.recoveredAgents.isEmpty()
        : state.recoveredAgents.containsKey(agentId)) {
      // An agent that is still to come back may have the task: silence, as Mesos does.
      return;
    } else if (state.registry.unreachable.containsKey(agentId)) {
      TaskStatus.Builder status =
          tasks.status(
              taskId,
              agentId,
              aware ? TaskState.TASK_UNREACHABLE : TaskState.TASK_LOST,
              TaskStatus.Reason.REASON_RECONCILIATION,
              "Reconciliation: Task is unreachable");
      tasks.tell(framework, status.setUnreachableTime(state.registry.unreachable.get(agentId)));
    } else if (state.registry.gone.containsKey(agentId)) {
      unknown(
          framework,
          taskId,
          agentId,
          aware ? TaskState.TASK_GONE_BY_OPERATOR : TaskState.TASK_LOST,
          "Reconciliation: Task is gone");
    } else {
      unknown(
          framework,
          taskId,
          agentId,
          aware ? TaskState.TASK_UNKNOWN : TaskState.TASK_LOST,
          "Reconciliation: Task is unknown");
    }
  }

  private void unknown(
      Framework framework, String taskId, String agentId, TaskState answer, String message) {
    tasks.tell(
        framework,
        tasks.status(taskId, agentId, answer, TaskStatus.Reason.REASON_RECONCILIATION, message));
  }
}
