package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.scheduler.config.Durations;
import java.time.Instant;

/**
 * Says that a command was done, so that its repeat is answered as it was and does nothing.
 *
 * @param asker who asked: a key is theirs alone
 * @param key that they gave the command
 * @param digest of all that was asked: with the same key, something else is no repeat
 * @param version of the document after it
 * @param at when
 */
public record Receipt(String asker, String key, String digest, long version, Instant at) {
  public Receipt {
    requireNonNull(asker);
    requireNonNull(key);
    requireNonNull(digest);
    requireNonNull(at);
  }

  /** Names it among all. */
  public String id() {
    return id(asker, key);
  }

  /** The name of the one that this asker has for that key. */
  public static String id(String asker, String key) {
    return asker + "\n" + key;
  }

  /** The same with no stamp after {@code now}. */
  Receipt notAfter(Instant now) {
    return new Receipt(asker, key, digest, version, Durations.earlier(at, now));
  }
}
