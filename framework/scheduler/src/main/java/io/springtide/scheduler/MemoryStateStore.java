package io.springtide.scheduler;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Keeps the state for as long as this object lives: for tests, simulations and demonstrations. */
public final class MemoryStateStore implements StateStore {
  private final List<Change> changes = new ArrayList<>();
  private long version;

  @Override
  public synchronized Loaded load() {
    return new Loaded(version, changes);
  }

  @Override
  public synchronized CompletionStage<Void> commit(long next, List<Change> added) {
    if (next != version + 1) {
      return CompletableFuture.failedFuture(
          new IllegalStateException(
              "commit " + next + " does not follow " + version + ": another leader has written"));
    }
    changes.addAll(added);
    version = next;
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized CompletionStage<Void> snapshot(long at, List<Change> state) {
    if (at != version) {
      // A snapshot of the past would drop what was committed since.
      return CompletableFuture.completedFuture(null);
    }
    changes.clear();
    changes.addAll(state);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void close() {}
}
