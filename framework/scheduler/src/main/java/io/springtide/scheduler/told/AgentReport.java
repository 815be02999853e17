package io.springtide.scheduler.told;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import java.util.Optional;

/**
 * What the master says of an agent when it is asked.
 *
 * @param agentId the agent's
 * @param state what the master's operator has made of it
 * @param total all that it has and that is not reserved to others, whoever uses it now
 * @param ports all ports that it has, likewise
 * @param maintenance when its machine is away by the master's schedule; empty: it stays
 */
public record AgentReport(
    String agentId,
    State state,
    Resources total,
    PortRanges ports,
    Optional<Maintenance> maintenance) {
  /** What becomes of an agent by the hand of the master's operator. */
  public enum State {
    /** It may be offered. */
    ACTIVE,
    /** Nothing of it is offered; what runs there stays. */
    DEACTIVATED,
    /** Nothing of it is offered, and Mesos kills what runs there. */
    DRAINING,
    /** It was drained, and stays empty until it is reactivated. */
    DRAINED,
    /** Its machine goes away soon, or is away. */
    LEAVING
  }

  public AgentReport {
    requireNonNull(agentId);
    requireNonNull(state);
    requireNonNull(total);
    requireNonNull(ports);
    requireNonNull(maintenance);
  }
}
