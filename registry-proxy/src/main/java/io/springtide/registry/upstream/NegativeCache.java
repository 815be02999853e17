package io.springtide.registry.upstream;

import io.springtide.registry.store.Catalog.Place;
import io.springtide.registry.store.Digest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Remembers for a short while what an upstream said is not there, so that a fleet asking for a
 * missing image does not become a flood upstream. Short, because a push must show soon. Bounded;
 * the oldest entries go first.
 */
public final class NegativeCache {
  private static final int MAX_ENTRIES = 10_000;

  private record Entry(ContentFailure failure, Instant until) {}

  private final Clock clock;
  private final Duration life;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  public NegativeCache(Clock clock, Duration life) {
    this.clock = clock;
    this.life = life;
  }

  /** The key of content that a repository shows. */
  public static String key(Place place, Digest digest) {
    return prefix(place) + digest;
  }

  /** Of the keys of all content of a repository. */
  public static String prefix(Place place) {
    return place + "@";
  }

  public synchronized Optional<ContentFailure> find(String key) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return Optional.empty();
    }
    if (!entry.until.isAfter(clock.instant())) {
      entries.remove(key);
      return Optional.empty();
    }
    return Optional.of(entry.failure);
  }

  /** Remembers {@code failure} if it is a verdict; a passing one is not remembered. */
  public synchronized void put(String key, ContentFailure failure) {
    if (!failure.isVerdict() || life.isZero()) {
      return;
    }
    entries.remove(key);
    entries.put(key, new Entry(failure, clock.instant().plus(life)));
    if (entries.size() > MAX_ENTRIES) {
      entries.remove(entries.keySet().iterator().next());
    }
  }

  /**
   * Forgets all that was remembered of keys that start with {@code prefix}: something was pushed
   * there.
   */
  public synchronized void forget(String prefix) {
    entries.keySet().removeIf(key -> key.startsWith(prefix));
  }
}
