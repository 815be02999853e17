package io.springtide.registry;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Lets all who ask for the same thing at the same time share one answer. Remembers nothing
 * afterwards.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The answer goes on from the callback.
final class Coalescer<K, V> {
  private final Map<K, CompletableFuture<V>> underWay = new ConcurrentHashMap<>();

  CompletableFuture<V> share(K key, Supplier<CompletableFuture<V>> work) {
    CompletableFuture<V> mine = new CompletableFuture<>();
    CompletableFuture<V> present = underWay.putIfAbsent(key, mine);
    if (present != null) {
      return present;
    }
    CompletableFuture<V> begun;
    try {
      begun = work.get();
    } catch (RuntimeException e) {
      begun = CompletableFuture.failedFuture(e);
    }
    begun.whenComplete(
        (value, error) -> {
          underWay.remove(key, mine);
          if (error != null) {
            mine.completeExceptionally(error);
          } else {
            mine.complete(value);
          }
        });
    return mine;
  }
}
