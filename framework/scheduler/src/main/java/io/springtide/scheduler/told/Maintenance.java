package io.springtide.scheduler.told;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A time for which a machine is announced to be away.
 *
 * @param start when it goes
 * @param end when it is back; empty: nobody has said
 */
public record Maintenance(Instant start, Optional<Instant> end) {
  public Maintenance {
    requireNonNull(start);
    requireNonNull(end);
  }

  /** Whether its work is to move away by now, or it is away. */
  public boolean concerns(Instant now, Duration lead) {
    return !now.isBefore(start.minus(lead)) && !over(now);
  }

  public boolean over(Instant now) {
    return end.filter(at -> !at.isAfter(now)).isPresent();
  }
}
