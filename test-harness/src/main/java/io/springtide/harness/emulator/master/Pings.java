package io.springtide.harness.emulator.master;

import java.time.Duration;

/** Whether agents answer: one that does not for long enough is unreachable. */
final class Pings {
  private final MasterState state;
  private final Departures departures;

  Pings(MasterState state, Departures departures) {
    this.state = state;
    this.departures = departures;
  }

  void observe(Agent agent) {
    agent.peer.ping(agent.connected);
    agent.ponged = false;
    Duration timeout = state.config.timings().agentPingTimeout();
    agent.ping =
        state.loop.after(
            timeout,
            () -> {
              if (state.stopped || state.agents.get(agent.id) != agent) {
                return;
              }
              agent.missedPings = agent.ponged ? 0 : agent.missedPings + 1;
              if (agent.missedPings >= state.config.timings().maxAgentPingTimeouts()) {
                departures.unreachable(agent);
              } else {
                observe(agent);
              }
            });
  }

  void pong(String agentId) {
    Agent agent = state.agents.get(agentId);
    if (agent != null) {
      agent.ponged = true;
    }
  }
}
