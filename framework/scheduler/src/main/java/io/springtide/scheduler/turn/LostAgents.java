package io.springtide.scheduler.turn;

import java.util.HashSet;
import java.util.Set;

/**
 * Agents that Mesos says it has lost, until they make offers again. A host whose warden has ended
 * says nothing by itself of whether its agent is still there. Only a hint, so not durable.
 */
public final class LostAgents {
  private final Set<String> ids = new HashSet<>();

  public void lost(String agentId) {
    ids.add(agentId);
  }

  public void heard(String agentId) {
    ids.remove(agentId);
  }

  public boolean contains(String agentId) {
    return ids.contains(agentId);
  }

  /** What is no host's agent any more need not be known. */
  public void keepOnly(Set<String> agents) {
    ids.retainAll(agents);
  }
}
