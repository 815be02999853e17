package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.Label;
import io.springtide.scheduler.config.Durations;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One attempt to run an instance, or a host's warden. Durable before it is launched.
 *
 * @param id never used twice
 * @param generation the number of the attempt; no two tasks of the framework have the same, later
 *     ones have higher
 * @param revision the revision of the job that it runs; 0 for a warden
 * @param host where
 * @param agentId the agent of that host at the launch
 * @param pool the host's
 * @param label how its room is accounted: said at admission, and again where its group's guarantee
 *     moves
 * @param demoted why it is borrowed though it was guaranteed before; empty if it was not
 * @param ports its ports
 * @param state what was last heard of it; {@code STAGING} from the decision to launch on
 * @param healthy empty where nothing is known
 * @param address its host's
 * @param launched when it was decided
 * @param since when {@code state} began
 */
public record Task(
    String id,
    long generation,
    long revision,
    String host,
    String agentId,
    String pool,
    Label label,
    Optional<String> demoted,
    List<PortAssignment> ports,
    TaskState state,
    Optional<Boolean> healthy,
    String address,
    Instant launched,
    Instant since) {
  public Task {
    requireNonNull(id);
    requireNonNull(host);
    requireNonNull(agentId);
    requireNonNull(pool);
    requireNonNull(label);
    requireNonNull(demoted);
    ports = List.copyOf(ports);
    requireNonNull(state);
    requireNonNull(healthy);
    requireNonNull(address);
    requireNonNull(launched);
    requireNonNull(since);
  }

  /** The ports of its host that it has. */
  public List<Integer> hostPorts() {
    return ports.stream().map(PortAssignment::host).toList();
  }

  public TaskRef ref() {
    return new TaskRef(id, agentId);
  }

  /** Whether nobody can see it. */
  public boolean silent() {
    return state == TaskState.UNREACHABLE || state == TaskState.UNKNOWN;
  }

  /**
   * A new attempt, as it is from the decision to launch it on.
   *
   * @param attempt its number
   * @param reachedAt its host's address
   */
  public static Task attempt(
      String id,
      long attempt,
      long revision,
      String host,
      String agentId,
      String pool,
      Label label,
      List<PortAssignment> ports,
      String reachedAt,
      Instant now) {
    return new Task(
        id,
        attempt,
        revision,
        host,
        agentId,
        pool,
        label,
        Optional.empty(),
        ports,
        TaskState.STAGING,
        Optional.empty(),
        reachedAt,
        now,
        now);
  }

  /**
   * Another attempt of the same revision on the same host, with the same ports and label.
   *
   * @param agentId the host's agent now, and its pool and address
   */
  public Task again(
      String nextId, long attempt, String agentId, String pool, String reachedAt, Instant now) {
    return attempt(nextId, attempt, revision, host, agentId, pool, label, ports, reachedAt, now)
        .labelled(label, demoted);
  }

  /** The same task, its room accounted otherwise. */
  public Task labelled(Label next, Optional<String> why) {
    return with(next, why, state, healthy, launched, since);
  }

  /** The same task with no stamp after {@code now}. */
  Task notAfter(Instant now) {
    return with(
        label,
        demoted,
        state,
        healthy,
        Durations.earlier(launched, now),
        Durations.earlier(since, now));
  }

  /** The same task after {@code update}. */
  public Task after(TaskUpdate update, Instant now) {
    return with(
        label,
        demoted,
        update.state(),
        update.healthy().isPresent() ? update.healthy() : healthy,
        launched,
        update.state() == state ? since : now);
  }

  /** The same attempt in the same place. */
  private Task with(
      Label nextLabel,
      Optional<String> why,
      TaskState nextState,
      Optional<Boolean> nextHealthy,
      Instant nextLaunched,
      Instant nextSince) {
    return new Task(
        id,
        generation,
        revision,
        host,
        agentId,
        pool,
        nextLabel,
        why,
        ports,
        nextState,
        nextHealthy,
        address,
        nextLaunched,
        nextSince);
  }
}
