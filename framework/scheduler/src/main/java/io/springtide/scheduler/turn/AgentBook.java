package io.springtide.scheduler.turn;

import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.state.Agent;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.told.AgentReport;
import io.springtide.scheduler.told.Maintenance;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the master says of agents: what its operator has made of them, and when their machines go
 * away. Not durable: a successor asks for itself.
 */
public final class AgentBook {
  /** A list or an offer from before a machine was announced may come after it. */
  private static final Duration CROSSING = Duration.ofSeconds(15);

  private final Duration lead;
  private final Map<String, AgentReport> reports = new HashMap<>();
  private final Map<String, Announced> windows = new TreeMap<>();
  private Map<String, Maintenance> awayMachines = Map.of();
  private Instant now = Instant.MIN;

  private record Announced(Maintenance window, Instant at) {}

  /**
   * @param lead so long before its machine goes away a host is emptied
   */
  public AgentBook(Duration lead) {
    this.lead = lead;
  }

  public AgentBook copy() {
    AgentBook copy = new AgentBook(lead);
    copy.reports.putAll(reports);
    copy.windows.putAll(windows);
    copy.awayMachines = awayMachines;
    copy.now = now;
    return copy;
  }

  /** Time passes. */
  public void at(Instant instant) {
    now = instant;
    windows.values().removeIf(known -> known.window().over(now));
  }

  /** Takes over what the master says of all agents that are registered with it. */
  public void reported(Event.AgentsReported all) {
    reports.keySet().retainAll(all.recovering());
    all.agents().forEach(report -> reports.put(report.agentId(), report));
    if (all.schedule().isEmpty()) {
      return;
    }
    awayMachines = all.schedule().get();
    for (AgentReport report : all.agents()) {
      told(report.agentId(), report.maintenance());
    }
  }

  /**
   * The master says when the agent's machine goes away, or that nothing is planned. Returns whether
   * that is news.
   */
  public boolean told(String agentId, Optional<Maintenance> window) {
    if (window.isPresent()) {
      return announced(agentId, window.get());
    }
    Announced known = windows.get(agentId);
    return known != null
        && !now.isBefore(known.at().plus(CROSSING))
        && windows.remove(agentId) != null;
  }

  /** The agent's machine goes away. Returns whether that is news. */
  public boolean announced(String agentId, Maintenance window) {
    Announced known = windows.get(agentId);
    boolean news = known == null || !known.window().equals(window);
    if (news) {
      windows.put(agentId, new Announced(window, now));
    }
    return news;
  }

  /** It does not. */
  public void recalled(String agentId) {
    windows.remove(agentId);
  }

  /** Empty if the master knows no such agent, or was not asked. */
  public Optional<AgentReport> of(String agentId) {
    return Optional.ofNullable(reports.get(agentId));
  }

  /** When the host's machine goes away. */
  public Optional<Maintenance> maintenance(Host host) {
    Announced announced = windows.get(host.agentId());
    if (announced != null) {
      return Optional.of(announced.window());
    }
    // While it is away its agent is not registered; the schedule still names its machine.
    boolean gone =
        ConditionTable.phase(host.agentId(), host.warden()) == ConditionTable.Phase.SILENT
            && !reports.containsKey(host.agentId());
    return gone
        ? Optional.ofNullable(awayMachines.get(host.agent().map(Agent::hostname).orElse("")))
            .filter(w -> !w.over(now))
        : Optional.empty();
  }

  /** What the host's agent is in the master's eyes; one of which nothing is said may be offered. */
  public AgentReport.State state(Host host) {
    AgentReport.State said =
        of(host.agentId()).map(AgentReport::state).orElse(AgentReport.State.ACTIVE);
    return said == AgentReport.State.ACTIVE
            && maintenance(host).filter(window -> window.concerns(now, lead)).isPresent()
        ? AgentReport.State.LEAVING
        : said;
  }
}
