package io.springtide.server.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.Change;
import io.springtide.scheduler.StateStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A store whose commits become durable when a test says so, in any order, or fail. */
final class ScriptedStore implements StateStore {
  private final TreeMap<Long, CompletableFuture<Void>> underWay = new TreeMap<>();
  private final TreeMap<Long, List<Change>> done = new TreeMap<>();
  private final TreeMap<Long, List<Change>> snapshots = new TreeMap<>();
  private final List<CompletableFuture<Void>> snapshotsUnderWay = new ArrayList<>();
  private final int snapshotEvery;
  private long given;

  /**
   * @param snapshotEvery commits after which a snapshot is due
   */
  ScriptedStore(int snapshotEvery) {
    this.snapshotEvery = snapshotEvery;
  }

  @Override
  public Loaded load() {
    return Loaded.EMPTY;
  }

  @Override
  public CompletionStage<Void> commit(long version, List<Change> changes) {
    assertThat(version).as("commits come in order").isEqualTo(++given);
    assertThat(changes).isNotEmpty();
    CompletableFuture<Void> durable = new CompletableFuture<>();
    underWay.put(version, durable);
    return durable;
  }

  @Override
  public boolean snapshotDue() {
    return given - (snapshots.isEmpty() ? 0 : snapshots.lastKey()) >= snapshotEvery;
  }

  @Override
  public CompletionStage<Void> snapshot(long version, List<Change> state) {
    assertThat(version)
        .as("a snapshot holds nothing that is not durable")
        .isLessThanOrEqualTo(durable());
    snapshots.put(version, state);
    CompletableFuture<Void> written = new CompletableFuture<>();
    snapshotsUnderWay.add(written);
    return written;
  }

  @Override
  public void close() {}

  /** The last version of which it, and every one before it, is durable. */
  long durable() {
    long version = 0;
    while (done.containsKey(version + 1)) {
      version++;
    }
    return version;
  }

  /** Versions given and neither durable nor failed, in order. */
  List<Long> underWay() {
    return List.copyOf(underWay.keySet());
  }

  /** How many commits were given. */
  long given() {
    return given;
  }

  void complete(long version) {
    done.put(version, List.of());
    underWay.remove(version).complete(null);
  }

  void completeAll() {
    underWay().forEach(this::complete);
    snapshotsUnderWay.forEach(written -> written.complete(null));
    snapshotsUnderWay.clear();
  }

  void fail(long version) {
    underWay.remove(version).completeExceptionally(new IllegalStateException("no quorum"));
  }

  /** The states that were written, by version. */
  Map<Long, List<Change>> snapshots() {
    return snapshots;
  }

  void failSnapshot() {
    snapshotsUnderWay.remove(0).completeExceptionally(new IllegalStateException("disk full"));
  }
}
