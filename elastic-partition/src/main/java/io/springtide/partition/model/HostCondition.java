package io.springtide.partition.model;

/** The life of a host, from order to release. */
public enum HostCondition {
  /** Ordered from its cloud; no agent yet. */
  PROVISIONING,
  /** Its agent is there; its warden does not yet run. */
  INITIALISING,
  /** Its warden runs: work may come. */
  READY,
  /** No new work; what runs stays. */
  CORDONED,
  /** No new work; what runs is moved away. */
  DRAINING,
  /** Empty on purpose, by its operator's wish. */
  MAINTENANCE,
  /** The master offers nothing of its agent, by its operator's word; what runs stays. */
  DEACTIVATED,
  /**
   * Its agent was emptied by the master, by its operator's word, and stays so until reactivated.
   */
  DRAINED,
  /** Its agent is unreachable. */
  LOST,
  /** Given back or gone; final. */
  RELEASED;

  /** Whether new work may be put on a host in this condition. */
  public boolean takesWork() {
    return this == READY;
  }
}
