package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.wire.Reply;
import org.apache.mesos.v1.Protos.DrainConfig;
import org.apache.mesos.v1.Protos.DrainInfo;
import org.apache.mesos.v1.Protos.DrainState;

/** DRAIN_AGENT, DEACTIVATE_AGENT and REACTIVATE_AGENT. */
final class Drains {

  private Drains() {}

  static Reply drain(Master master, String agentId, DrainConfig config) {
    MasterState state = master.state();
    if (!known(state, agentId)) {
      return Reply.error(400, "Unknown agent");
    }
    state.registry.draining.put(agentId, config);
    state.registry.deactivated.put(agentId, true);
    Agent agent = state.agents.get(agentId);
    if (agent != null) {
      agent.deactivated = true;
      agent.active = false;
      agent.drainStart = state.loop.now();
      agent.drain = DrainInfo.newBuilder().setState(DrainState.DRAINING).setConfig(config).build();
      master.offers().rescindAll(agent);
      if (agent.connected) {
        agent.peer.drain(config);
      }
      check(state, agent);
    }
    return Reply.OK;
  }

  static Reply deactivate(Master master, String agentId) {
    MasterState state = master.state();
    if (!known(state, agentId)) {
      return Reply.error(400, "Unknown agent");
    }
    state.registry.deactivated.put(agentId, true);
    Agent agent = state.agents.get(agentId);
    if (agent != null) {
      agent.deactivated = true;
      agent.active = false;
      master.offers().rescindAll(agent);
    }
    return Reply.OK;
  }

  static Reply reactivate(Master master, String agentId) {
    MasterState state = master.state();
    if (!state.registry.deactivated.containsKey(agentId)) {
      return Reply.error(400, "Agent is not deactivated");
    }
    Agent agent = state.agents.get(agentId);
    boolean drained =
        agent != null && agent.drain != null && agent.drain.getState() == DrainState.DRAINED;
    if (state.registry.draining.containsKey(agentId) && !drained) {
      return Reply.error(400, "Agent is still in the DRAINING state");
    }
    state.registry.deactivated.remove(agentId);
    state.registry.draining.remove(agentId);
    if (agent != null) {
      agent.deactivated = false;
      agent.active = agent.connected;
      agent.drain = null;
      agent.drainStart = null;
    }
    return Reply.OK;
  }

  private static boolean known(MasterState state, String agentId) {
    return state.agents.containsKey(agentId)
        || state.recoveredAgents.containsKey(agentId)
        || state.registry.unreachable.containsKey(agentId);
  }

  /** An agent that was to be drained while it was away is told when it is back. */
  static void resume(MasterState state, Agent agent) {
    if (agent.drain != null && agent.drain.getState() == DrainState.DRAINING) {
      agent.peer.drain(agent.drain.getConfig());
      check(state, agent);
    }
  }

  /** Drained is an agent whose last task is acknowledged as terminal. */
  static void check(MasterState state, Agent agent) {
    if (agent.drain == null
        || agent.drain.getState() != DrainState.DRAINING
        || !agent.tasks.isEmpty()) {
      return;
    }
    agent.drain = agent.drain.toBuilder().setState(DrainState.DRAINED).build();
    if (agent.drain.getConfig().getMarkGone()) {
      state.loop.execute(() -> state.markGone.accept(agent));
    }
  }
}
