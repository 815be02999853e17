package io.springtide.registry.upstream;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Lets all who ask for the same thing at the same time share one answer. Remembers nothing
 * afterwards.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The answer goes on from the callback.
public final class Coalescer<K, V> {
  private final Map<K, CompletableFuture<V>> underWay = new ConcurrentHashMap<>();

  /**
   * The answer to {@code key}, for which {@code work} is begun unless it is under way.
   *
   * @param work is told how to find out, until it completes, whether it still counts: see {@link
   *     #forget}
   */
  public CompletableFuture<V> share(K key, Function<BooleanSupplier, CompletableFuture<V>> work) {
    CompletableFuture<V> mine = new CompletableFuture<>();
    CompletableFuture<V> present = underWay.putIfAbsent(key, mine);
    if (present != null) {
      return present;
    }
    CompletableFuture<V> begun;
    try {
      begun = work.apply(() -> underWay.get(key) == mine);
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

  /**
   * Whoever asks from now on asks anew: what is under way answers those who wait for it, and counts
   * no more.
   */
  public void forget(Predicate<K> keys) {
    underWay.keySet().removeIf(keys);
  }
}
