package io.springtide.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.scheduler.Change;
import io.springtide.scheduler.StateStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What every state store keeps to. */
abstract class StateStoreContract {
  /** A store on the same data as the ones before it. */
  abstract StateStore open();

  @Test
  void aStoreBeginsEmpty() {
    assertThat(open().load()).isEqualTo(StateStore.Loaded.EMPTY);
  }

  @Test
  void whatIsCommittedIsLoadedInOrder() {
    StateStore store = open();
    store.load();
    commit(store, 1, SampleState.everyChange());
    commit(store, 2, List.of(counter(2)));
    store.close();
    StateStore.Loaded loaded = open().load();
    List<Change> all = new ArrayList<>(SampleState.everyChange());
    all.add(counter(2));
    assertThat(loaded).isEqualTo(new StateStore.Loaded(2, all));
  }

  @Test
  void commitsUnderWayTogetherBecomeDurableInOrder() {
    StateStore store = open();
    store.load();
    List<CompletableFuture<Void>> done = new ArrayList<>();
    for (long version = 1; version <= 300; version++) {
      done.add(store.commit(version, List.of(counter(version))).toCompletableFuture());
    }
    done.get(299).join();
    assertThat(done).allMatch(CompletableFuture::isDone);
    store.close();
    StateStore.Loaded loaded = open().load();
    assertThat(loaded.version()).isEqualTo(300);
    assertThat(loaded.changes()).startsWith(counter(1), counter(2)).endsWith(counter(300));
  }

  @Test
  void aSnapshotStandsForTheLogBeforeIt() {
    StateStore store = open();
    store.load();
    commit(store, 1, List.of(counter(1)));
    commit(store, 2, List.of(counter(2)));
    store.snapshot(2, List.of(counter(20))).toCompletableFuture().join();
    commit(store, 3, List.of(counter(3)));
    store.close();
    assertThat(open().load()).isEqualTo(new StateStore.Loaded(3, List.of(counter(20), counter(3))));
  }

  @Test
  void aGapIsRefused() {
    StateStore store = open();
    store.load();
    assertThatThrownBy(() -> commit(store, 2, List.of(counter(2))))
        .isInstanceOf(CompletionException.class);
  }

  static void commit(StateStore store, long version, List<Change> changes) {
    store.commit(version, changes).toCompletableFuture().join();
  }

  static Change counter(long value) {
    return new Change.CounterSet("c", value);
  }
}
