package io.springtide.scheduler;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.HostCondition;
import io.springtide.partition.HostTemplate;
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
 * @param entered when it came into our books; a cloud bills what we ordered from then on
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
    Instant since,
    Instant entered) {

  /** An agent that is not there yet will have ports enough. */
  static final PortRanges AWAITED_PORTS = PortRanges.of(1025, 65_535);

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
    requireNonNull(entered);
  }

  /** Whether we asked a cloud for it, and so must give it back. */
  public boolean ordered() {
    return !order.isEmpty();
  }

  /** When its billing began; empty where nobody bills us for it by the hour. */
  Optional<Instant> billedSince() {
    return ordered() ? Optional.of(entered) : Optional.empty();
  }

  /** Whether its warden runs on the agent that it has now. */
  public boolean wardenRuns() {
    return warden
        .filter(task -> task.state() == TaskState.RUNNING && task.agentId().equals(agentId))
        .isPresent();
  }

  /**
   * A host that we ordered, and that has no agent yet: until it has, it is as its template says.
   */
  static Host ordered(String id, String pool, String order, HostTemplate template, Instant now) {
    return new Host(
        id,
        pool,
        HostCondition.PROVISIONING,
        Wish.SERVE,
        "",
        "",
        template.attributes(),
        template.resources(),
        AWAITED_PORTS,
        order,
        Optional.empty(),
        0,
        now,
        now,
        now);
  }

  Host with(HostCondition next, Instant now) {
    return new Host(
        id,
        pool,
        next,
        wish,
        agentId,
        hostname,
        attributes,
        capacity,
        ports,
        order,
        warden,
        wardenFailures,
        notBefore,
        next == condition ? since : now,
        entered);
  }

  Host with(Wish next) {
    return new Host(
        id,
        pool,
        condition,
        next,
        agentId,
        hostname,
        attributes,
        capacity,
        ports,
        order,
        warden,
        wardenFailures,
        notBefore,
        since,
        entered);
  }

  Host withWarden(Optional<Task> next, int failures, Instant earliest) {
    return new Host(
        id,
        pool,
        condition,
        wish,
        agentId,
        hostname,
        attributes,
        capacity,
        ports,
        order,
        next,
        failures,
        earliest,
        since,
        entered);
  }

  /** The host with no stamp after {@code now}, and a rest of its warden's that ends by latest. */
  Host notAfter(Instant now, Instant latest) {
    return new Host(
        id,
        pool,
        condition,
        wish,
        agentId,
        hostname,
        attributes,
        capacity,
        ports,
        order,
        warden.map(task -> task.notAfter(now)),
        wardenFailures,
        Anchor.earlier(notBefore, latest),
        Anchor.earlier(since, now),
        Anchor.earlier(entered, now));
  }

  Host withCapacity(Resources resources, PortRanges allPorts) {
    return new Host(
        id,
        pool,
        condition,
        wish,
        agentId,
        hostname,
        attributes,
        resources,
        allPorts,
        order,
        warden,
        wardenFailures,
        notBefore,
        since,
        entered);
  }

  /** The host with the agent that this offer comes from, and without another agent's warden. */
  Host withAgentOf(Offer offer, Instant now) {
    return new Host(
        id,
        pool,
        condition,
        wish,
        offer.agentId(),
        offer.hostname(),
        offer.attributes(),
        offer.resources(),
        offer.ports(),
        order,
        warden.filter(task -> task.agentId().equals(offer.agentId())),
        0,
        now,
        since,
        entered);
  }
}
