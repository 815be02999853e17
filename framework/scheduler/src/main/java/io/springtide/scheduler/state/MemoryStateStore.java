package io.springtide.scheduler.state;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Keeps the state for as long as this object lives: for tests, simulations and demonstrations. */
public final class MemoryStateStore implements StateStore {
  private final Shadow shadow = new Shadow();
  private long version;

  @Override
  public synchronized Loaded load() {
    return new Loaded(version, shadow.changes());
  }

  @Override
  public synchronized CompletionStage<Void> commit(Commit commit) {
    long next = commit.version();
    if (next != version + 1) {
      return CompletableFuture.failedFuture(
          new IllegalStateException(
              "commit " + next + " does not follow " + version + ": another leader has written"));
    }
    shadow.follow(commit.changes());
    version = next;
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<Loaded> current() {
    return CompletableFuture.completedFuture(load());
  }

  @Override
  public void close() {}
}
