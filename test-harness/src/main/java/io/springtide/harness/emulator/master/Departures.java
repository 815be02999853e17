package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.resources.Bag;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.Task;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;

/**
 * Agents are out of reach for a while, are lost, and go for good; and so do executors of theirs.
 */
final class Departures {
  private final MasterState state;
  private final Allocator allocator;
  private final Offers offers;
  private final Tasks tasks;
  private final Maintenance maintenance;

  Departures(
      MasterState state, Allocator allocator, Offers offers, Tasks tasks, Maintenance maintenance) {
    this.state = state;
    this.allocator = allocator;
    this.offers = offers;
    this.tasks = tasks;
    this.maintenance = maintenance;
  }

  /** The agent's connection broke: it is offered no more, but not given up either. */
  void disconnected(String agentId) {
    Agent agent = state.agents.get(agentId);
    if (agent == null || !agent.connected) {
      return;
    }
    agent.connected = false;
    agent.active = false;
    offers.rescindAll(agent);
    maintenance.rescindAll(agent);
    for (Framework framework : List.copyOf(state.frameworks.values())) {
      if (!framework.info.getCheckpoint()) {
        withoutCheckpoint(agent, framework);
      }
    }
  }

  private void withoutCheckpoint(Agent agent, Framework framework) {
    for (MasterTask task : List.copyOf(agent.tasks.getOrDefault(framework.id, Map.of()).values())) {
      tasks.change(
          task,
          agent,
          TaskState.TASK_LOST,
          TaskStatus.Reason.REASON_AGENT_DISCONNECTED,
          "Agent " + agent.info.getHostname() + " disconnected");
      tasks.remove(task, agent);
    }
    for (String executorId :
        List.copyOf(agent.executors.getOrDefault(framework.id, Map.of()).keySet())) {
      executorGone(agent, framework.id, executorId);
    }
  }

  /** Too many pings without an answer. */
  void unreachable(Agent agent) {
    var since = Events.time(state.loop.now());
    state.registry.unreachable.put(agent.id, since);
    state.registry.admitted.remove(agent.id);
    endTasks(
        agent,
        task -> {
          Framework framework = state.frameworks.get(task.frameworkId());
          boolean aware = framework != null && framework.partitionAware();
          return tasks
              .status(
                  task.id(),
                  agent.id,
                  aware ? TaskState.TASK_UNREACHABLE : TaskState.TASK_LOST,
                  TaskStatus.Reason.REASON_AGENT_REMOVED,
                  "health check timed out")
              .setUnreachableTime(since);
        });
    leave(agent);
    agent.peer.disconnected();
  }

  /** The agent is out of the books for good; TASK_LOST even for PARTITION_AWARE frameworks. */
  void remove(Agent agent, String why) {
    state.registry.admitted.remove(agent.id);
    endTasks(
        agent,
        task ->
            tasks.status(
                task.id(),
                agent.id,
                TaskState.TASK_LOST,
                TaskStatus.Reason.REASON_AGENT_REMOVED,
                "Agent " + agent.info.getHostname() + " removed: " + why));
    leave(agent);
    state.events.agentRemoved(agent.id);
  }

  /** The operator, or a drain with mark_gone, says that the agent will never be back. */
  void gone(Agent agent) {
    state.registry.gone.put(agent.id, Events.time(state.loop.now()));
    state.registry.admitted.remove(agent.id);
    endTasks(agent, this::goneStatus);
    agent.peer.shutdown("Agent has been marked gone");
    leave(agent);
  }

  /** An unreachable agent will never be back. */
  void goneUnreachable(String agentId) {
    state.registry.unreachable.remove(agentId);
    state.registry.gone.put(agentId, Events.time(state.loop.now()));
    for (Framework framework : List.copyOf(state.frameworks.values())) {
      for (Task task : List.copyOf(framework.unreachable.values())) {
        if (task.getAgentId().getValue().equals(agentId)) {
          framework.unreachable.remove(task.getTaskId().getValue());
          MasterTask known = new MasterTask(task);
          tasks.change(known, ghost(agentId), goneStatus(known));
          framework.complete(known.task.build());
        }
      }
    }
  }

  private static Agent ghost(String agentId) {
    return new Agent(agentId, AgentInfo.newBuilder().setHostname("").build(), "@", null);
  }

  /** With their agent, tasks go; those that lived until now, with a last status. */
  private void endTasks(Agent agent, Function<MasterTask, TaskStatus.Builder> last) {
    for (MasterTask task : Tasks.of(agent)) {
      if (!task.terminal()) {
        tasks.change(task, agent, last.apply(task));
      }
      tasks.remove(task, agent);
    }
  }

  private TaskStatus.Builder goneStatus(MasterTask task) {
    Framework framework = state.frameworks.get(task.frameworkId());
    boolean aware = framework != null && framework.partitionAware();
    return tasks.status(
        task.id(),
        task.agentId(),
        aware ? TaskState.TASK_GONE_BY_OPERATOR : TaskState.TASK_LOST,
        TaskStatus.Reason.REASON_AGENT_REMOVED_BY_OPERATOR,
        "Agent has been marked gone");
  }

  private void leave(Agent agent) {
    offers.rescindAll(agent);
    maintenance.rescindAll(agent);
    agent.executors.forEach(
        (frameworkId, executors) ->
            executors
                .values()
                .forEach(
                    executor ->
                        allocator.freed(
                            frameworkId, role(executor), Bag.of(executor.getResourcesList()))));
    state.agents.remove(agent.id);
    if (agent.ping != null) {
      agent.ping.cancel();
    }
    allocator.filters().clearAgent(agent.id);
    state.agentByPid.remove(agent.pid, agent.id);
    allocator.removed(agent.total);
    state.frameworks.values().forEach(f -> f.send(Events.agentFailure(agent.id)));
  }

  void unregister(String agentId) {
    Agent agent = state.agents.get(agentId);
    if (agent != null) {
      remove(agent, "the agent unregistered");
    }
  }

  /** An executor ended: its resources are free, its framework is told. */
  void executorExited(String agentId, String frameworkId, String executorId, int status) {
    Agent agent = state.agents.get(agentId);
    if (agent != null && executorGone(agent, frameworkId, executorId)) {
      Framework framework = state.frameworks.get(frameworkId);
      if (framework != null) {
        framework.send(Events.executorFailure(agentId, executorId, status));
      }
      Drains.check(state, agent);
    }
  }

  boolean executorGone(Agent agent, String frameworkId, String executorId) {
    ExecutorInfo executor = agent.removeExecutor(frameworkId, executorId);
    if (executor == null) {
      return false;
    }
    allocator.freed(frameworkId, role(executor), Bag.of(executor.getResourcesList()));
    return true;
  }

  static String role(ExecutorInfo executor) {
    return executor.getResourcesCount() == 0
        ? "*"
        : executor.getResources(0).getAllocationInfo().getRole();
  }
}
