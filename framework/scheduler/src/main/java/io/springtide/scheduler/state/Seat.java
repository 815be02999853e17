package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.scheduler.config.Durations;
import java.time.Instant;
import java.util.Optional;

/**
 * A host's place for its warden, the task that keeps its executor alive.
 *
 * @param warden who has it, or had it last; empty if nobody since the agent came
 * @param failures wardens that ended in a row, for the back-off
 * @param notBefore no warden earlier than this
 */
public record Seat(Optional<Task> warden, int failures, Instant notBefore) {
  public Seat {
    requireNonNull(warden);
    requireNonNull(notBefore);
  }

  /** Nobody has had it yet. */
  public static Seat free(Instant now) {
    return new Seat(Optional.empty(), 0, now);
  }

  public Seat with(Task task) {
    return new Seat(Optional.of(task), failures, notBefore);
  }

  public Seat vacated() {
    return new Seat(Optional.empty(), failures, notBefore);
  }

  /** The seat with no stamp after {@code now}, and a rest that ends by {@code latest}. */
  Seat notAfter(Instant now, Instant latest) {
    return new Seat(
        warden.map(task -> task.notAfter(now)), failures, Durations.earlier(notBefore, latest));
  }

  /** For a host that has come back with that agent: another agent's warden is gone. */
  Seat onAgent(String agentId, Instant now) {
    return new Seat(warden.filter(task -> task.agentId().equals(agentId)), 0, now);
  }
}
