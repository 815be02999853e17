package io.springtide.scheduler.host;

import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.told.AgentReport;
import io.springtide.scheduler.told.Maintenance;
import io.springtide.scheduler.turn.AgentBook;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.Turn;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Inverse offers: the master asks whether a machine may go away. A host is emptied before its
 * window; the offer is accepted once nothing of ours is left there, and declined, to come again,
 * before.
 */
public final class InverseOffers {
  private static final Duration ASK_AGAIN = Duration.ofSeconds(30);
  private static final Duration AGREED = Duration.ofHours(1);

  private final State state;
  private final DirtySet dirty;
  private final AgentBook agents;
  private final Map<String, String> agentById = new LinkedHashMap<>();

  public InverseOffers(State state, DirtySet dirty, AgentBook agents) {
    this.state = state;
    this.dirty = dirty;
    this.agents = agents;
  }

  public void asked(String id, String agentId, Maintenance window) {
    if (agents.announced(agentId, window)) {
      hosts(agentId).forEach(host -> dirty.shownHost(host.id()));
    }
    agentById.put(id, agentId);
  }

  /** Rescinded: the schedule has changed, or the machine is gone already. */
  public void rescinded(String id, Turn turn) {
    String agentId = agentById.remove(id);
    if (agentId != null) {
      agents.recalled(agentId);
      hosts(agentId).forEach(turn::put);
    }
  }

  /** Inverse offers belong to one subscription. */
  public void clear() {
    agentById.clear();
  }

  /** Answers the pending inverse offers, after this turn's changes. */
  public void sweep(Turn turn) {
    agentById.forEach(
        (id, agentId) -> {
          boolean empty = hosts(agentId).stream().allMatch(host -> state.isEmpty(host.id()));
          boolean leaving =
              hosts(agentId).stream()
                  .allMatch(host -> agents.state(host) != AgentReport.State.ACTIVE);
          boolean agreed = empty && leaving;
          turn.then(new Effect.AnswerInverseOffer(id, agreed, agreed ? AGREED : ASK_AGAIN));
        });
    agentById.clear();
  }

  private List<Host> hosts(String agentId) {
    return state.hosts().values().stream().filter(h -> h.agentId().equals(agentId)).toList();
  }
}
