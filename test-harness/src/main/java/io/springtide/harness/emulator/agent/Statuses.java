package io.springtide.harness.emulator.agent;

import java.time.Instant;
import java.util.Optional;
import org.apache.mesos.v1.Protos.ContainerID;
import org.apache.mesos.v1.Protos.ContainerStatus;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.NetworkInfo;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Event;

/** Status updates on an agent: completed, entered into the books, queued for the framework. */
final class Statuses {

  private final Agent agent;
  private final Executors executors;

  Statuses(Agent agent, Executors executors) {
    this.agent = agent;
    this.executors = executors;
  }

  boolean aware(String frameworkId) {
    FrameworkInfo framework = agent.disk.frameworks.get(frameworkId);
    return framework != null
        && framework.getCapabilitiesList().stream()
            .anyMatch(c -> c.getType() == FrameworkInfo.Capability.Type.PARTITION_AWARE);
  }

  /** An update that the agent makes itself. */
  void generate(
      String frameworkId,
      String taskId,
      String executorId,
      TaskState taskState,
      TaskStatus.Reason reason,
      String message) {
    TaskState known =
        taskState == TaskState.TASK_DROPPED && !aware(frameworkId)
            ? TaskState.TASK_LOST
            : taskState;
    TaskStatus.Builder status =
        TaskStatus.newBuilder()
            .setTaskId(TaskID.newBuilder().setValue(taskId))
            .setState(known)
            .setMessage(message)
            .setSource(TaskStatus.Source.SOURCE_AGENT)
            .setReason(reason)
            .setAgentId(executors.agentId())
            .setTimestamp(seconds())
            .setUuid(agent.ids.bytes());
    if (!executorId.isEmpty()) {
      status.setExecutorId(ExecutorID.newBuilder().setValue(executorId));
    }
    ExecutorRun run = executors.ofTask(frameworkId, taskId);
    if (run != null) {
      run.update(status.build());
    }
    queue(frameworkId, status.build());
  }

  /**
   * An update from an executor. One that is dropped is never acknowledged, however often it comes
   * ({@code Slave::statusUpdate} and {@code ___statusUpdate} in Mesos' {@code
   * src/slave/slave.cpp}).
   *
   * @return the executor to tell that the update is safe: the one that has the task; empty when the
   *     update was dropped, or is of a task that the agent does not know
   */
  Optional<ExecutorRun> fromExecutor(ExecutorRun sender, TaskStatus status) {
    if (status.hasAgentId() && !status.getAgentId().getValue().equals(agent.disk.agentId)) {
      return Optional.empty();
    }
    String frameworkId = sender.frameworkId;
    if (executors.terminating(frameworkId)) {
      return Optional.empty(); // nobody waits for it any more
    }
    TaskStatus.Builder full = status.toBuilder().setAgentId(executors.agentId());
    ExecutorRun run = executors.ofTask(frameworkId, status.getTaskId().getValue());
    if (run == null) {
      // A task that the agent does not know: passed on, but never acknowledged to the executor.
      queue(frameworkId, full.build());
      return Optional.empty();
    }
    full.setContainerStatus(containerStatus(run, status));
    draining(frameworkId, full);
    if (run.update(full.build())) {
      queue(frameworkId, full.build());
    }
    return Optional.of(run);
  }

  private void queue(String frameworkId, TaskStatus status) {
    agent.disk.updates.update(frameworkId, status, seconds(), executors.checkpoints(frameworkId));
  }

  /** Tells an executor that its update is safe. */
  void acknowledge(ExecutorRun run, TaskStatus status) {
    Event.Builder event = Event.newBuilder().setType(Event.Type.ACKNOWLEDGED);
    event.getAcknowledgedBuilder().setTaskId(status.getTaskId()).setUuid(status.getUuid());
    run.send(event.build());
  }

  private void draining(String frameworkId, TaskStatus.Builder status) {
    boolean ending =
        status.getState() == TaskState.TASK_KILLING || status.getState() == TaskState.TASK_KILLED;
    if (agent.draining != null && ending) {
      status.setReason(TaskStatus.Reason.REASON_AGENT_DRAINING);
      if (agent.draining.getMarkGone() && aware(frameworkId)) {
        status.setState(TaskState.TASK_GONE_BY_OPERATOR);
      }
    }
  }

  private ContainerStatus containerStatus(ExecutorRun run, TaskStatus status) {
    ContainerStatus.Builder out = status.getContainerStatus().toBuilder();
    out.setContainerId(ContainerID.newBuilder().setValue(run.containerId));
    out.setExecutorPid((int) run.pid);
    if (out.getNetworkInfosCount() == 0) {
      out.addNetworkInfosBuilder()
          .addIpAddressesBuilder()
          .setProtocol(NetworkInfo.Protocol.IPv4)
          .setIpAddress("127.0.0.1");
    }
    return out.build();
  }

  private double seconds() {
    Instant now = agent.loop.now();
    return now.getEpochSecond() + now.getNano() / 1e9;
  }
}
