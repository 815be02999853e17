package io.springtide.scheduler;

import java.util.HashSet;
import java.util.Set;

/**
 * Agents that Mesos says it has lost, until they make offers again. A host whose warden has ended
 * says nothing by itself of whether its agent is still there. Only a hint, so not durable.
 */
final class LostAgents {
  private final Set<String> ids = new HashSet<>();

  void lost(String agentId) {
    ids.add(agentId);
  }

  void heard(String agentId) {
    ids.remove(agentId);
  }

  boolean contains(String agentId) {
    return ids.contains(agentId);
  }

  /** What is no host's agent any more need not be known. */
  void keepOnly(Set<String> agents) {
    ids.retainAll(agents);
  }
}
