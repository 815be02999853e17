package io.springtide.scheduler.turn;

import io.springtide.partition.model.HostCondition;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Host.Wish;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.AgentReport;
import java.time.Instant;
import java.util.Optional;

/** The condition of a host: by where its agent and warden are, and what is wanted of it. */
public final class ConditionTable {
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

  private static final String MESOS = "mesos";
  private static final String OPERATOR = "operator";
  private static final String SPRINGTIDE = "springtide";

  private ConditionTable() {}

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
   * What is shown, and told to whoever places work. What the master says of an agent that it has
   * goes before what is wanted here, unless the host is given back anyway.
   *
   * @param master what the master has made of its agent
   * @param empty whether no instance takes room on it
   */
  static HostCondition condition(Phase phase, AgentReport.State master, Wish wish, boolean empty) {
    return switch (phase) {
      case AWAITED -> wish == Wish.RELEASE ? HostCondition.DRAINING : HostCondition.PROVISIONING;
      case SILENT ->
          master == AgentReport.State.LEAVING && wish != Wish.RELEASE
              ? HostCondition.MAINTENANCE
              : HostCondition.LOST;
      case STARTING, UP -> {
        if (mastersWord(master, wish)) {
          yield switch (master) {
            case DEACTIVATED -> HostCondition.DEACTIVATED;
            case DRAINING -> HostCondition.DRAINING;
            case LEAVING -> empty ? HostCondition.MAINTENANCE : HostCondition.DRAINING;
            case DRAINED, ACTIVE -> HostCondition.DRAINED;
          };
        }
        yield switch (wish) {
          case SERVE -> phase == Phase.UP ? HostCondition.READY : HostCondition.INITIALISING;
          case CORDON -> HostCondition.CORDONED;
          case DRAIN -> empty ? HostCondition.MAINTENANCE : HostCondition.DRAINING;
          case RELEASE -> HostCondition.DRAINING;
        };
      }
    };
  }

  private static boolean mastersWord(AgentReport.State master, Wish wish) {
    return master != AgentReport.State.ACTIVE && wish != Wish.RELEASE;
  }

  /**
   * By whose word the host takes no work: {@code mesos}, {@code operator} or, where it is given
   * back, {@code springtide}; else empty.
   */
  public static String by(Host host, AgentReport.State master) {
    return switch (host.condition()) {
      case DEACTIVATED, DRAINED -> MESOS;
      case DRAINING, MAINTENANCE, CORDONED ->
          mastersWord(master, host.wish())
              ? MESOS
              : host.wish() == Wish.RELEASE ? SPRINGTIDE : OPERATOR;
      case PROVISIONING, INITIALISING, READY, LOST, RELEASED -> "";
    };
  }

  /** The host with the condition that follows from the rest of it. */
  static Host settled(Host host, AgentReport.State master, boolean empty, Instant now) {
    HostCondition next =
        condition(phase(host.agentId(), host.warden()), master, host.wish(), empty);
    return next == host.condition() ? host : host.with(next, now);
  }
}
