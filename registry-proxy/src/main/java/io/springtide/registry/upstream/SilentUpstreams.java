package io.springtide.registry.upstream;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Upstreams that did not answer lately. While one is listed here, stale content is served without
 * asking it: else each of an image's dozen requests would wait for a time-out. Requests without
 * stale content ask it all the same.
 */
public final class SilentUpstreams {
  private static final Duration LIFE = Duration.ofSeconds(10);

  private final Clock clock;
  private final Map<String, Instant> until = new ConcurrentHashMap<>();

  public SilentUpstreams(Clock clock) {
    this.clock = clock;
  }

  public boolean recent(String upstream) {
    Instant end = until.get(upstream);
    return end != null && end.isAfter(clock.instant());
  }

  public void silent(String upstream) {
    until.put(upstream, clock.instant().plus(LIFE));
  }

  /** It answered, whatever it said. */
  public void answered(String upstream) {
    until.remove(upstream);
  }
}
