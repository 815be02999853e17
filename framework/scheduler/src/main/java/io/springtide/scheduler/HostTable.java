package io.springtide.scheduler;

import io.springtide.partition.HostCondition;
import io.springtide.scheduler.Host.Wish;
import java.time.Instant;
import java.util.Optional;

/** The condition of a host: by where its agent and warden are, and what is wanted of it. */
final class HostTable {
  /** Where agent and warden are. */
  enum Phase {
    /** It has no agent yet. */
    AWAITED,
    /** It has an agent, and no warden that runs. */
    STARTING,
    /** Its warden runs. */
    UP,
    /** Its warden is out of sight, or went with its agent. */
    SILENT
  }

  private HostTable() {}

  static Phase phase(String agentId, Optional<Task> warden) {
    if (agentId.isEmpty()) {
      return Phase.AWAITED;
    }
    if (warden.isEmpty()) {
      return Phase.STARTING;
    }
    return switch (warden.get().state()) {
      case RUNNING, KILLING -> Phase.UP;
      case UNREACHABLE, UNKNOWN, LOST, GONE_BY_OPERATOR -> Phase.SILENT;
      case STAGING, STARTING, FINISHED, FAILED, KILLED, ERROR, DROPPED, GONE -> Phase.STARTING;
    };
  }

  /**
   * What is shown, and told to whoever places work.
   *
   * @param empty whether no instance takes room on it
   */
  static HostCondition condition(Phase phase, Wish wish, boolean empty) {
    return switch (phase) {
      case AWAITED -> wish == Wish.RELEASE ? HostCondition.DRAINING : HostCondition.PROVISIONING;
      case SILENT -> HostCondition.LOST;
      case STARTING, UP ->
          switch (wish) {
            case SERVE -> phase == Phase.UP ? HostCondition.READY : HostCondition.INITIALISING;
            case CORDON -> HostCondition.CORDONED;
            case DRAIN -> empty ? HostCondition.MAINTENANCE : HostCondition.DRAINING;
            case RELEASE -> HostCondition.DRAINING;
          };
    };
  }

  /** The host with the condition that follows from the rest of it. */
  static Host settled(Host host, boolean empty, Instant now) {
    HostCondition next = condition(phase(host.agentId(), host.warden()), host.wish(), empty);
    return next == host.condition() ? host : host.with(next, now);
  }
}
