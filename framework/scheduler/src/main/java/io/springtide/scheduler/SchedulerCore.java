package io.springtide.scheduler;

import java.time.Instant;
import java.util.List;

/**
 * The deterministic core: one event in, effects out. It has no clock, no randomness and no thread
 * of its own; equal events at equal times give equal effects. Not thread-safe: one thread drives
 * it.
 */
public final class SchedulerCore {
  /** A core that goes on from what is durable. */
  public static SchedulerCore restore(CoreConfig config, StateStore.Loaded state) {
    throw new UnsupportedOperationException();
  }

  /**
   * Decides what follows from an event.
   *
   * @param now not before the {@code now} of the event before
   */
  public List<Effect> handle(Event event, Instant now) {
    throw new UnsupportedOperationException();
  }

  /** All that can be read now. Cheap where little has changed since the last view. */
  public ClusterView view() {
    throw new UnsupportedOperationException();
  }

  /** The version of the state: that of the last {@link Effect.Persist}. */
  public long version() {
    throw new UnsupportedOperationException();
  }

  /** The whole durable state at {@link #version}, for a snapshot. */
  public List<Change> snapshot() {
    throw new UnsupportedOperationException();
  }
}
