package io.springtide.harness.emulator.master;

import com.google.protobuf.ByteString;
import io.springtide.harness.emulator.wire.StatusUpdate;
import io.springtide.harness.emulator.wire.TaskRecords;
import io.springtide.harness.emulator.wire.TaskStates;
import java.util.ArrayList;
import org.apache.mesos.v1.Protos.KillPolicy;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.Task;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;

/** The life of tasks in the master: added, updated, killed, acknowledged, removed. */
final class Tasks {

  private final MasterState state;
  private final Allocator allocator;

  Tasks(MasterState state, Allocator allocator) {
    this.state = state;
    this.allocator = allocator;
  }

  /** A status that the master makes itself; it carries no uuid, so it is not acknowledged. */
  TaskStatus.Builder status(
      String taskId,
      String agentId,
      TaskState taskState,
      TaskStatus.Reason reason,
      String message) {
    TaskStatus.Builder status =
        TaskStatus.newBuilder()
            .setTaskId(Events.task(taskId))
            .setState(taskState)
            .setMessage(message)
            .setSource(TaskStatus.Source.SOURCE_MASTER)
            .setReason(reason)
            .setTimestamp(seconds());
    if (!agentId.isEmpty()) {
      status.setAgentId(Events.agent(agentId));
    }
    return status;
  }

  private double seconds() {
    java.time.Instant now = state.loop.now();
    return now.getEpochSecond() + now.getNano() / 1e9;
  }

  /** Enters a task that is being launched. */
  MasterTask add(Framework framework, Agent agent, TaskInfo info) {
    MasterTask task = new MasterTask(TaskRecords.created(framework.id, info).build());
    framework.tasks.put(task.id(), task);
    agent.addTask(task);
    state.events.taskAdded(task.task.build());
    state.launched.accept(info);
    return task;
  }

  /** Enters a task that an agent reported. */
  void readd(Framework framework, Agent agent, Task reported) {
    MasterTask task = new MasterTask(reported);
    state.events.taskAdded(reported);
    agent.addTask(task);
    if (framework != null) {
      framework.tasks.put(task.id(), task);
    }
    if (!task.terminal()) {
      allocator.allocated(task.frameworkId(), role(task), task.resources);
    }
  }

  /** Tells a framework of a task that the master does not keep. */
  /** Tells a framework what the master knows of a task. */
  void tellKnown(
      Framework framework,
      MasterTask task,
      TaskState state,
      TaskStatus.Reason reason,
      String message) {
    TaskStatus.Builder status = status(task.id(), task.agentId(), state, reason, message);
    if (!task.executorId().isEmpty()) {
      status.setExecutorId(Events.executor(task.executorId()));
    }
    if (task.healthy() != null) {
      status.setHealthy(task.healthy());
    }
    if (task.containerStatus() != null) {
      status.setContainerStatus(task.containerStatus());
    }
    tell(framework, status);
  }

  void tell(Framework framework, TaskStatus.Builder status) {
    framework.send(Events.update(status.build()));
  }

  /** An update that an agent sent. */
  void update(Agent agent, StatusUpdate update) {
    Framework framework = state.frameworks.get(update.frameworkId());
    if (framework == null) {
      return;
    }
    MasterTask task = agent.task(update.frameworkId(), update.status().getTaskId().getValue());
    TaskStatus.Builder told = update.status().toBuilder();
    if (!told.hasTimestamp()) {
      told.setTimestamp(update.timestamp());
    }
    framework.send(Events.update(told.build()));
    if (task != null) {
      task.task.setStatusUpdateState(update.status().getState());
      task.task.setStatusUpdateUuid(update.status().getUuid());
      apply(task, agent, update.status(), update.latestState());
    }
  }

  /** A change that the master decides: the task's books, the operators, then the framework. */
  void change(MasterTask task, Agent agent, TaskStatus.Builder status) {
    apply(task, agent, status.build(), status.getState());
    Framework framework = state.frameworks.get(task.frameworkId());
    if (framework != null) {
      if (!task.executorId().isEmpty()) {
        status.setExecutorId(Events.executor(task.executorId()));
      }
      framework.send(Events.update(status.build()));
    }
  }

  /** The same, told by a status of the master's own. */
  void change(
      MasterTask task, Agent agent, TaskState next, TaskStatus.Reason reason, String message) {
    change(task, agent, status(task.id(), agent.id, next, reason, message));
  }

  private void apply(MasterTask task, Agent agent, TaskStatus status, TaskState latest) {
    boolean wasTerminal = task.terminal() || unreachable(task.task.getState());
    boolean changed = !task.terminal() && task.task.getState() != latest;
    if (changed) {
      task.task.setState(latest);
    }
    task.addStatus(status);
    if (changed) {
      state.events.taskUpdated(task.frameworkId(), status, task.task.getState());
    }
    if (!wasTerminal && (task.terminal() || unreachable(latest))) {
      agent.release(task);
      allocator.freed(task.frameworkId(), role(task), task.resources);
    }
  }

  private static boolean unreachable(TaskState taskState) {
    return taskState == TaskState.TASK_UNREACHABLE || taskState == TaskState.TASK_UNKNOWN;
  }

  static String role(MasterTask task) {
    return task.task.getResourcesList().stream()
        .filter(Resource::hasAllocationInfo)
        .map(resource -> resource.getAllocationInfo().getRole())
        .findFirst()
        .orElse("*");
  }

  /** Forgets a task, but for the list of completed ones. */
  void remove(MasterTask task, Agent agent) {
    if (!task.terminal()) {
      agent.release(task);
      allocator.freed(task.frameworkId(), role(task), task.resources);
    }
    agent.removeTask(task);
    Framework framework = state.frameworks.get(task.frameworkId());
    if (framework != null) {
      framework.tasks.remove(task.id());
      if (unreachable(task.task.getState())) {
        framework.unreachable.put(task.id(), task.task.build());
      } else {
        framework.complete(task.task.build());
      }
    }
  }

  /** The framework acknowledged; true when the agent is to be told. */
  boolean acknowledge(Framework framework, Agent agent, String taskId, ByteString uuid) {
    if (agent == null || !agent.connected) {
      return false;
    }
    MasterTask task = agent.task(framework.id, taskId);
    if (task != null) {
      if (!task.task.hasStatusUpdateState()) {
        return false;
      }
      if (TaskStates.terminal(task.task.getStatusUpdateState())
          && task.task.getStatusUpdateUuid().equals(uuid)) {
        remove(task, agent);
        Drains.check(state, agent);
      }
    }
    agent.peer.acknowledge(framework.id, taskId, uuid);
    return true;
  }

  /** KILL of a task that is known. */
  void kill(MasterTask task, KillPolicy policyOrNull) {
    Agent agent = state.agents.get(task.agentId());
    if (agent == null) {
      return;
    }
    // Kept, so that an agent that is away is told when it is back.
    agent.killing(task.frameworkId(), task.id());
    if (agent.connected) {
      agent.peer.kill(task.frameworkId(), task.id(), policyOrNull);
    }
  }

  /** All tasks of an agent, in a copy. */
  static Iterable<MasterTask> of(Agent agent) {
    ArrayList<MasterTask> all = new ArrayList<>();
    agent.tasks.values().forEach(tasks -> all.addAll(tasks.values()));
    return all;
  }
}
