package io.springtide.server.loop;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The time of one process: the wall's when it began, and from then on what has really passed. It
 * never jumps and never goes back, whatever becomes of the wall clock; so every duration is true,
 * and stamps of one process agree with each other (decision 0087).
 */
public final class SteadyClock implements InstantSource {
  private final InstantSource wall;
  private final LongSupplier nanos;
  private final Instant start;
  private final long startNanos;

  /**
   * @param wall read once, now, and for {@link #offset}
   * @param nanos nanoseconds since whenever, that only ever grow
   */
  public SteadyClock(InstantSource wall, LongSupplier nanos) {
    this.wall = requireNonNull(wall);
    this.nanos = requireNonNull(nanos);
    this.start = wall.instant();
    this.startNanos = nanos.getAsLong();
  }

  /** This machine's. */
  public static SteadyClock system() {
    return new SteadyClock(InstantSource.system(), System::nanoTime);
  }

  @Override
  public Instant instant() {
    return start.plusNanos(nanos.getAsLong() - startNanos);
  }

  /** How far the wall clock has been set ahead of this one since; negative: behind. */
  public Duration offset() {
    return Duration.between(instant(), wall.instant());
  }
}
