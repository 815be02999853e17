package io.springtide.scheduler.told;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A status update, from an executor, an agent or the master.
 *
 * @param taskId whose
 * @param agentId where; empty if the master does not say
 * @param state what it is in
 * @param reason name of Mesos' reason, such as {@code REASON_EXECUTOR_TERMINATED}; empty: none
 * @param message for people, the engine's error for instance; empty: none
 * @param healthy empty where nothing is known
 * @param uuid base64 of what an acknowledgement must carry; empty: none is wanted
 * @param condemned whether its executor says that its health check has failed too often, and leaves
 *     its end to us
 */
public record TaskUpdate(
    String taskId,
    String agentId,
    TaskState state,
    String reason,
    String message,
    Optional<Boolean> healthy,
    String uuid,
    boolean condemned) {
  public static final String EXECUTOR_TERMINATED = "REASON_EXECUTOR_TERMINATED";
  public static final String EXECUTOR_STAYED_AWAY = "REASON_EXECUTOR_REREGISTRATION_TIMEOUT";
  public static final String EXECUTOR_NEVER_CAME = "REASON_EXECUTOR_REGISTRATION_TIMEOUT";
  public static final String EXECUTOR_NOT_STARTED = "REASON_CONTAINER_LAUNCH_FAILED";
  public static final String AGENT_DRAINING = "REASON_AGENT_DRAINING";
  public static final String RECONCILIATION = "REASON_RECONCILIATION";
  public static final String INVALID_OFFERS = "REASON_INVALID_OFFERS";

  /** An update that condemns nothing. */
  public TaskUpdate(
      String taskId,
      String agentId,
      TaskState state,
      String reason,
      String message,
      Optional<Boolean> healthy,
      String uuid) {
    this(taskId, agentId, state, reason, message, healthy, uuid, false);
  }

  public TaskUpdate {
    requireNonNull(taskId);
    requireNonNull(agentId);
    requireNonNull(state);
    requireNonNull(reason);
    requireNonNull(message);
    requireNonNull(healthy);
    requireNonNull(uuid);
  }

  /** Whether the sender repeats it until it is acknowledged. */
  public boolean wantsAcknowledgement() {
    return !uuid.isEmpty();
  }

  /** Whether it ended because Mesos empties its agent. */
  public boolean drained() {
    return state == TaskState.KILLED && reason.equals(AGENT_DRAINING);
  }
}
