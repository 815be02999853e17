package io.springtide.scheduler;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Keeps the state for as long as this object lives: for tests, simulations and demonstrations. */
public final class MemoryStateStore implements StateStore {
  private static final int FEW = 10_000;

  private final int few;
  private final Deque<Commit> log = new ArrayDeque<>();
  private List<Change> snapshot = List.of();
  private long version;
  private int logged;

  private record Commit(long version, List<Change> changes) {}

  public MemoryStateStore() {
    this(FEW);
  }

  /**
   * @param few changes that are no reason for a snapshot, however small the state is
   */
  public MemoryStateStore(int few) {
    this.few = few;
  }

  @Override
  public synchronized Loaded load() {
    List<Change> all = new ArrayList<>(snapshot);
    log.forEach(commit -> all.addAll(commit.changes()));
    return new Loaded(version, all);
  }

  @Override
  public synchronized CompletionStage<Void> commit(long next, List<Change> added) {
    if (next != version + 1) {
      return CompletableFuture.failedFuture(
          new IllegalStateException(
              "commit " + next + " does not follow " + version + ": another leader has written"));
    }
    log.add(new Commit(next, List.copyOf(added)));
    logged += added.size();
    version = next;
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized boolean snapshotDue() {
    return logged >= Math.max(few, snapshot.size());
  }

  @Override
  public synchronized CompletionStage<Void> snapshot(long at, List<Change> state) {
    while (!log.isEmpty() && log.peek().version() <= at) {
      logged -= log.remove().changes().size();
    }
    snapshot = List.copyOf(state);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void close() {}
}
