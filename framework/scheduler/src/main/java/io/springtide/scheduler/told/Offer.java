package io.springtide.scheduler.told;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Room on an agent, ours to use once until it is rescinded.
 *
 * @param id used once at most
 * @param agentId may change when the host reboots
 * @param hostname the agent's
 * @param address {@code host:port} of the agent
 * @param attributes the agent's facts; {@code node} names the host, {@code order} the order that
 *     asked for it
 * @param resources what is free and ours to use; what is reserved to others left out
 * @param unreserved what of that others could have if we gave it back: all that is not reserved to
 *     our own role
 * @param ports free ports
 * @param executorIds executors of ours that run there now
 * @param unavailability when its machine is away; empty: nothing is planned
 */
public record Offer(
    String id,
    String agentId,
    String hostname,
    String address,
    Map<String, String> attributes,
    Resources resources,
    Resources unreserved,
    PortRanges ports,
    Set<String> executorIds,
    Optional<Maintenance> unavailability) {
  public static final String NODE = "node";
  public static final String ORDER = "order";

  /** Less than this of both is offered to nobody: Mesos' {@code min_allocatable_resources}. */
  private static final Resources LEAST = Resources.of(10, 32);

  public Offer {
    requireNonNull(id);
    requireNonNull(agentId);
    requireNonNull(hostname);
    requireNonNull(address);
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    requireNonNull(resources);
    requireNonNull(unreserved);
    requireNonNull(ports);
    executorIds = Collections.unmodifiableSet(new TreeSet<>(executorIds));
    requireNonNull(unavailability);
  }

  /** Whether somebody else could use it, so that holding it takes something from others. */
  public boolean ofUseToOthers() {
    return unreserved.cpuMillis() >= LEAST.cpuMillis()
        || unreserved.memoryMiB() >= LEAST.memoryMiB();
  }

  /** The host that clients reach, as its agent says it. */
  public String reachedAt() {
    int colon = address.lastIndexOf(':');
    return colon < 0 ? hostname : address.substring(0, colon);
  }

  /** The host that it is room on: the attribute {@code node}, else {@code hostname:port}. */
  public String hostId() {
    String node = attributes.getOrDefault(NODE, "");
    if (!node.isEmpty()) {
      return node;
    }
    int colon = address.lastIndexOf(':');
    return colon < 0 ? hostname : hostname + address.substring(colon);
  }
}
