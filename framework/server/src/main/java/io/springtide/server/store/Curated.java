package io.springtide.server.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Curator's calls are declared to throw anything; here it becomes one kind of failure, and an
 * interrupt stays an interrupt.
 */
final class Curated {
  private Curated() {}

  /** Something that asks ZooKeeper. */
  interface Call<T> {
    T call() throws Exception;
  }

  /**
   * What {@code call} gives.
   *
   * @throws StoreException for every other end of it
   */
  static <T> T get(String what, Call<T> call) {
    try {
      return call.call();
    } catch (StoreException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException("Interrupted while trying to " + what, e);
    } catch (Exception e) {
      throw new StoreException("Cannot " + what + ": " + e, e);
    }
  }

  /** What becomes of something that the store does. */
  static void get(CompletableFuture<Void> done) throws Exception {
    try {
      done.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof StoreException cause ? cause : e;
    }
  }
}
