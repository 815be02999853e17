package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.config.Durations;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.TaskState;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A host as it is kept.
 *
 * @param id the agent's attribute {@code node}, else {@code hostname:port}; of an ordered host the
 *     cloud's id
 * @param pool decided at first sight, and ours to say from then on
 * @param origin where it came from; empty: we did not order it
 * @param agent its Mesos agent; empty while an ordered host has none yet
 * @param seat its warden's
 * @param condition where its life is
 * @param wish what its operator wants of it
 * @param since when {@code condition} began
 * @param entered when it came into our books; a cloud bills what we ordered from then on
 */
public record Host(
    String id,
    String pool,
    Optional<Origin> origin,
    Optional<Agent> agent,
    Seat seat,
    HostCondition condition,
    Wish wish,
    Instant since,
    Instant entered) {

  /** An agent that is not there yet will have ports enough. */
  public static final PortRanges AWAITED_PORTS = PortRanges.of(1025, 65_535);

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
    requireNonNull(origin);
    requireNonNull(agent);
    requireNonNull(seat);
    requireNonNull(condition);
    requireNonNull(wish);
    requireNonNull(since);
    requireNonNull(entered);
    if (origin.isEmpty() && agent.isEmpty()) {
      throw new IllegalArgumentException(
          "host " + id + " was neither ordered nor seen; give it an origin or an agent");
    }
  }

  /** A host that we ordered, and that has no agent yet. */
  public static Host ordered(String id, Origin origin, Instant now) {
    return new Host(
        id,
        origin.pool(),
        Optional.of(origin),
        Optional.empty(),
        Seat.free(now),
        HostCondition.PROVISIONING,
        Wish.SERVE,
        now,
        now);
  }

  /** A host whose agent we see for the first time. */
  public static Host seen(Offer offer, String pool, Optional<Origin> origin, Instant now) {
    return new Host(
        offer.hostId(),
        pool,
        origin,
        Optional.of(Agent.of(offer)),
        Seat.free(now),
        HostCondition.INITIALISING,
        Wish.SERVE,
        now,
        now);
  }

  /** Whether we asked a cloud for it, and so must give it back. */
  public boolean ordered() {
    return origin.isPresent();
  }

  /** Token of the order that brought it; empty if we did not order it. */
  public String order() {
    return origin.map(Origin::order).orElse("");
  }

  /** Its agent's id; empty while it has none. */
  public String agentId() {
    return agent.map(Agent::id).orElse("");
  }

  /** Its agent's; until it has one, it is as its template says. */
  public Map<String, String> attributes() {
    return agent
        .map(Agent::attributes)
        .orElseGet(() -> origin.orElseThrow().template().attributes());
  }

  /** All that its agent has for us; until it has one, what its template says. */
  public Resources capacity() {
    return agent.map(Agent::capacity).orElseGet(() -> origin.orElseThrow().template().resources());
  }

  /** All ports that its agent has for us. */
  public PortRanges ports() {
    return agent.map(Agent::ports).orElse(AWAITED_PORTS);
  }

  /** The task that keeps its executor alive, or did last. */
  public Optional<Task> warden() {
    return seat.warden();
  }

  /** When its billing began; empty where nobody bills us for it by the hour. */
  public Optional<Instant> billedSince() {
    return ordered() ? Optional.of(entered) : Optional.empty();
  }

  /** Whether its warden runs on the agent that it has now. */
  public boolean wardenRuns() {
    return warden()
        .filter(task -> task.state() == TaskState.RUNNING && task.agentId().equals(agentId()))
        .isPresent();
  }

  public Host with(HostCondition next, Instant now) {
    Instant began = next == condition ? since : now;
    return new Host(id, pool, origin, agent, seat, next, wish, began, entered);
  }

  public Host with(Wish next) {
    return new Host(id, pool, origin, agent, seat, condition, next, since, entered);
  }

  public Host with(Seat next) {
    return new Host(id, pool, origin, agent, next, condition, wish, since, entered);
  }

  /** The host with no stamp after {@code now}, and a rest of its warden's that ends by latest. */
  Host notAfter(Instant now, Instant latest) {
    return new Host(
        id,
        pool,
        origin,
        agent,
        seat.notAfter(now, latest),
        condition,
        wish,
        Durations.earlier(since, now),
        Durations.earlier(entered, now));
  }

  public Host with(Origin next) {
    return new Host(id, pool, Optional.of(next), agent, seat, condition, wish, since, entered);
  }

  public Host with(Agent next) {
    return new Host(id, pool, origin, Optional.of(next), seat, condition, wish, since, entered);
  }

  /** The host with the agent that this offer comes from, and without another agent's warden. */
  public Host withAgentOf(Offer offer, Instant now) {
    return with(Agent.of(offer)).with(seat.onAgent(offer.agentId(), now));
  }
}
