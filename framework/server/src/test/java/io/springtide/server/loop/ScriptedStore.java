package io.springtide.server.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Commit;
import io.springtide.scheduler.state.StateStore;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A store whose commits become durable when a test says so, in any order, or fail. */
final class ScriptedStore implements StateStore {
  private final TreeMap<Long, CompletableFuture<Void>> underWay = new TreeMap<>();
  private final TreeMap<Long, List<Change>> done = new TreeMap<>();
  private final TreeMap<Long, List<String>> audit = new TreeMap<>();
  private long given;

  @Override
  public Loaded load() {
    return Loaded.EMPTY;
  }

  @Override
  public CompletionStage<Void> commit(Commit commit) {
    long version = commit.version();
    assertThat(version).as("commits come in order").isEqualTo(++given);
    assertThat(commit.changes()).isNotEmpty();
    audit.put(version, commit.audit());
    CompletableFuture<Void> durable = new CompletableFuture<>();
    underWay.put(version, durable);
    return durable;
  }

  @Override
  public CompletionStage<Loaded> current() {
    return CompletableFuture.completedFuture(load());
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

  /** The lines that commits carry, by version; those that carry none are left out. */
  TreeMap<Long, List<String>> audit() {
    TreeMap<Long, List<String>> some = new TreeMap<>(audit);
    some.values().removeIf(List::isEmpty);
    return some;
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
  }

  void fail(long version) {
    underWay.remove(version).completeExceptionally(new IllegalStateException("no quorum"));
  }
}
