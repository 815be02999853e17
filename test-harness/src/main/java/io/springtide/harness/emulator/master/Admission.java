package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.resources.Bag;
import io.springtide.harness.emulator.resources.ReservationFormat;
import io.springtide.harness.emulator.wire.AgentPeer;
import io.springtide.harness.emulator.wire.Registration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.DrainInfo;
import org.apache.mesos.v1.Protos.DrainState;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Task;
import org.apache.mesos.v1.Protos.TaskStatus;

/** Agents come for the first time, come back, and come to a new master with all that they run. */
final class Admission {
  private final MasterState state;
  private final Allocator allocator;
  private final Tasks tasks;
  private final Maintenance maintenance;
  private final Departures departures;
  private final Pings pings;

  Admission(
      MasterState state,
      Allocator allocator,
      Tasks tasks,
      Maintenance maintenance,
      Departures departures,
      Pings pings) {
    this.state = state;
    this.allocator = allocator;
    this.tasks = tasks;
    this.maintenance = maintenance;
    this.departures = departures;
    this.pings = pings;
  }

  /** A new master waits so long for the agents that the registry knows. */
  void expectRecovered() {
    if (state.registry.admitted.isEmpty()) {
      return;
    }
    state.recoveredAgents.putAll(state.registry.admitted);
    state.loop.after(
        state.config.timings().agentReregisterTimeout(),
        () -> {
          if (!state.stopped) {
            List.copyOf(state.recoveredAgents.keySet()).forEach(this::lostInFailover);
          }
        });
  }

  private void lostInFailover(String agentId) {
    state.recoveredAgents.remove(agentId);
    state.registry.unreachable.put(agentId, Events.time(state.loop.now()));
    state.registry.admitted.remove(agentId);
    state.frameworks.values().forEach(f -> f.send(Events.agentFailure(agentId)));
  }

  void register(Registration registration, AgentPeer peer) {
    if (maintenance.down(registration.info())) {
      peer.shutdown("Machine is `DOWN`");
      return;
    }
    Agent other = state.agents.get(state.agentByPid.getOrDefault(registration.pid(), ""));
    if (other != null && other.connected) {
      // The acknowledgement got lost, or the agent is quicker than its old connection's end.
      peer.registered(other.id);
      return;
    }
    if (other != null) {
      departures.remove(other, "a new agent registered at the same address");
    }
    String id = state.nextAgentId();
    AgentInfo info = registration.info().toBuilder().setId(Events.agent(id)).build();
    Agent agent = enter(id, info, registration.pid(), peer);
    agent.registered = state.loop.now();
    state.registry.admitted.put(id, info);
    peer.registered(id);
    pings.observe(agent);
    state.events.agentAdded(agent);
    allocator.allocateSoon(List.of(id));
  }

  private Agent enter(String id, AgentInfo info, String pid, AgentPeer peer) {
    Agent agent = new Agent(id, info, pid, peer);
    agent.total(Bag.of(info.getResourcesList()).map(ReservationFormat::refined));
    state.agents.put(id, agent);
    state.agentByPid.put(pid, id);
    allocator.added(agent.total);
    maintenance.added(agent);
    return agent;
  }

  void reregister(Registration registration, AgentPeer peer) {
    String id = registration.info().getId().getValue();
    if (state.registry.gone.containsKey(id)) {
      peer.shutdown("Agent has been marked gone");
      return;
    }
    if (maintenance.down(registration.info())) {
      peer.shutdown("Machine is `DOWN`");
      return;
    }
    Agent known = state.agents.get(id);
    if (known != null) {
      again(known, registration, peer);
      return;
    }
    boolean unreachable = state.registry.unreachable.remove(id) != null;
    state.recoveredAgents.remove(id);
    state.registry.admitted.put(id, registration.info());
    Agent agent = enter(id, registration.info(), registration.pid(), peer);
    agent.registered = state.loop.now();
    agent.reregistered = state.loop.now();
    restoreDrain(agent);
    adopt(agent, registration);
    peer.reregistered(id);
    pings.observe(agent);
    state.events.agentAdded(agent);
    agent.active = !agent.deactivated;
    for (Task task : registration.tasks()) {
      Framework framework = state.frameworks.get(task.getFrameworkId().getValue());
      if (unreachable && framework != null) {
        framework.unreachable.remove(task.getTaskId().getValue());
        MasterTask back = agent.task(framework.id, task.getTaskId().getValue());
        tasks.tellKnown(
            framework,
            back,
            back.task.getState(),
            TaskStatus.Reason.REASON_AGENT_REREGISTERED,
            "Unreachable agent re-reregistered");
      }
    }
    tellFrameworks(agent, registration);
    maintenance.drainAgain(agent);
    Drains.resume(state, agent);
    allocator.allocateSoon(List.of(id));
  }

  /** An agent that the master still has comes back after a restart or a broken connection. */
  private void again(Agent agent, Registration registration, AgentPeer peer) {
    agent.peer = peer;
    agent.pid = registration.pid();
    agent.connected = true;
    agent.active = !agent.deactivated;
    agent.ponged = true;
    agent.missedPings = 0;
    agent.reregistered = state.loop.now();
    peer.reregistered(agent.id);
    Set<String> named = new HashSet<>();
    for (Task task : registration.tasks()) {
      named.add(task.getFrameworkId().getValue() + " " + task.getTaskId().getValue());
    }
    for (MasterTask task : Tasks.of(agent)) {
      if (!named.contains(task.frameworkId() + " " + task.id())) {
        peer.reconcile(task.frameworkId(), task.id());
      }
    }
    dropExecutors(agent, registration);
    agent.killed.forEach(
        (frameworkId, ids) ->
            ids.stream()
                .filter(id -> named.contains(frameworkId + " " + id))
                .forEach(id -> peer.kill(frameworkId, id, null)));
    tellFrameworks(agent, registration);
    Drains.resume(state, agent);
  }

  /** Executors that ended while the agent was away are off the books. */
  private void dropExecutors(Agent agent, Registration registration) {
    Set<String> named = new HashSet<>();
    for (ExecutorInfo executor : registration.executors()) {
      named.add(executor.getFrameworkId().getValue() + " " + executor.getExecutorId().getValue());
    }
    List<String[]> ended = new ArrayList<>();
    agent.executors.forEach(
        (frameworkId, executors) ->
            executors.keySet().stream()
                .filter(id -> !named.contains(frameworkId + " " + id))
                .forEach(id -> ended.add(new String[] {frameworkId, id})));
    ended.forEach(pair -> departures.executorGone(agent, pair[0], pair[1]));
  }

  private void adopt(Agent agent, Registration registration) {
    for (FrameworkInfo info : registration.frameworks()) {
      String id = info.getId().getValue();
      if (!state.frameworks.containsKey(id) && !state.completedFrameworks.containsKey(id)) {
        Framework framework = new Framework(id, info);
        framework.recovered = true;
        framework.registered = state.loop.now();
        framework.reregistered = framework.registered;
        state.frameworks.put(id, framework);
      }
    }
    for (ExecutorInfo executor : registration.executors()) {
      String frameworkId = executor.getFrameworkId().getValue();
      agent.addExecutor(frameworkId, executor);
      String role = Departures.role(executor);
      allocator.allocated(frameworkId, role, Bag.of(executor.getResourcesList()));
    }
    for (Task task : registration.tasks()) {
      tasks.readd(state.frameworks.get(task.getFrameworkId().getValue()), agent, task);
    }
    for (FrameworkInfo info : registration.frameworks()) {
      if (state.completedFrameworks.containsKey(info.getId().getValue())) {
        agent.peer.shutdownFramework(info.getId().getValue());
      }
    }
  }

  private void tellFrameworks(Agent agent, Registration registration) {
    for (FrameworkInfo info : registration.frameworks()) {
      Framework framework = state.frameworks.get(info.getId().getValue());
      if (framework != null && !framework.recovered) {
        agent.peer.updateFramework(framework.info);
      }
    }
  }

  private void restoreDrain(Agent agent) {
    if (state.registry.draining.containsKey(agent.id)) {
      agent.drain =
          DrainInfo.newBuilder()
              .setState(DrainState.DRAINING)
              .setConfig(state.registry.draining.get(agent.id))
              .build();
    }
    agent.deactivated = state.registry.deactivated.containsKey(agent.id);
  }
}
