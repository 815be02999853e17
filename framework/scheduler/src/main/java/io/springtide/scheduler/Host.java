package io.springtide.scheduler;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.HostCondition;
import io.springtide.partition.PortRanges;
import io.springtide.partition.Resources;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A host as it is kept.
 *
 * @param id the agent's attribute {@code node}, else {@code hostname:port}; of an ordered host the
 *     cloud's id
 * @param pool decided at first sight, and ours to say from then on
 * @param condition where its life is
 * @param wish what its operator wants of it
 * @param agentId its agent's; empty while it has none
 * @param hostname where clients reach it; empty while it has no agent
 * @param attributes its agent's
 * @param capacity all that its agent has for us
 * @param ports all ports that its agent has for us
 * @param order token of the order that brought it; empty: we did not order it
 * @param warden the task that keeps its executor alive
 * @param wardenFailures wardens that ended in a row, for the back-off
 * @param notBefore no warden earlier than this
 * @param since when {@code condition} began
 */
public record Host(
    String id,
    String pool,
    HostCondition condition,
    Wish wish,
    String agentId,
    String hostname,
    Map<String, String> attributes,
    Resources capacity,
    PortRanges ports,
    String order,
    Optional<Task> warden,
    int wardenFailures,
    Instant notBefore,
    Instant since) {

  /** What is wanted of a host. */
  public enum Wish {
    /** Work. */
    SERVE,
    /** No new work. */
    CORDON,
    /** No work at all: emptied, then left alone. */
    DRAIN,
    /** Emptied, then given back to its cloud. */
    RELEASE
  }

  public Host {
    requireNonNull(id);
    requireNonNull(pool);
    requireNonNull(condition);
    requireNonNull(wish);
    requireNonNull(agentId);
    requireNonNull(hostname);
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    requireNonNull(capacity);
    requireNonNull(ports);
    requireNonNull(order);
    requireNonNull(warden);
    requireNonNull(notBefore);
    requireNonNull(since);
  }

  /** Whether we asked a cloud for it, and so must give it back. */
  public boolean ordered() {
    return !order.isEmpty();
  }

  /** Whether its warden runs on the agent that it has now. */
  public boolean wardenRuns() {
    return warden
        .filter(task -> task.state() == TaskState.RUNNING && task.agentId().equals(agentId))
        .isPresent();
  }
}
