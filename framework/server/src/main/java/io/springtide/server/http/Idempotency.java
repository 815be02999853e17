package io.springtide.server.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;

/**
 * Answers a repeated POST as it answered the first. Keys are kept by this process, newest first,
 * for as long as there is room: a repeat after a failover finds that its job exists.
 */
final class Idempotency {
  private static final int ROOM = 10_000;
  private static final int LONGEST_KEY = 200;

  private record Use(String body, CompletableFuture<Long> answer) {}

  private final Map<String, Use> uses =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Use> eldest) {
          return size() > ROOM;
        }
      };

  /**
   * Runs {@code request}, or repeats the answer that it got with the same key.
   *
   * @param key may be null: no repeat is recognised
   * @param body two requests of one key must be equal
   */
  long once(String key, String body, LongSupplier request) {
    if (key == null) {
      return request.getAsLong();
    }
    if (key.isBlank() || key.length() > LONGEST_KEY) {
      throw new Problem(
          400,
          "A header is not valid",
          "Idempotency-Key has " + key.length() + " characters",
          "Idempotency-Key",
          "write 1 to " + LONGEST_KEY + " characters, such as a UUID");
    }
    Use mine = new Use(body, new CompletableFuture<>());
    Use first;
    synchronized (uses) {
      first = uses.putIfAbsent(key, mine);
    }
    if (first == null) {
      return run(key, mine, request);
    }
    if (!first.body().equals(body)) {
      throw new Problem(
          409,
          "Conflict",
          "this Idempotency-Key was used with another document",
          "Idempotency-Key",
          "use a new key for a new request");
    }
    try {
      return first.answer().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof Problem problem) {
        throw problem;
      }
      throw e;
    }
  }

  private long run(String key, Use mine, LongSupplier request) {
    try {
      long version = request.getAsLong();
      mine.answer().complete(version);
      return version;
    } catch (RuntimeException e) {
      // A refusal has changed nothing: the mended repeat may use the key again.
      synchronized (uses) {
        uses.remove(key);
      }
      mine.answer().completeExceptionally(e);
      throw e;
    }
  }
}
