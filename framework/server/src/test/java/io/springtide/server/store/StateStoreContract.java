package io.springtide.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Commit;
import io.springtide.scheduler.state.Shadow;
import io.springtide.scheduler.state.StateStore;
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
  void whatIsCommittedIsLoaded() {
    StateStore store = open();
    store.load();
    commit(store, 1, SampleState.everyChange());
    commit(store, 2, List.of(counter(2)));
    store.close();
    StateStore.Loaded loaded = open().load();
    List<Change> all = new ArrayList<>(SampleState.everyChange());
    all.add(counter(2));
    assertThat(loaded.version()).isEqualTo(2);
    assertThat(state(loaded.changes())).isEqualTo(state(all)).isNotEmpty();
  }

  @Test
  void commitsUnderWayTogetherBecomeDurableInOrder() {
    StateStore store = open();
    store.load();
    List<CompletableFuture<Void>> done = new ArrayList<>();
    List<Change> all = new ArrayList<>();
    for (long version = 1; version <= 300; version++) {
      Change change = new Change.FrameworkIdSet("fw-" + version);
      all.add(change);
      done.add(store.commit(Commit.of(version, List.of(change))).toCompletableFuture());
    }
    done.get(299).join();
    assertThat(done).allMatch(CompletableFuture::isDone);
    store.close();
    StateStore.Loaded loaded = open().load();
    assertThat(loaded.version()).isEqualTo(300);
    assertThat(state(loaded.changes())).containsExactly(all.get(299));
  }

  @Test
  void aGapIsRefused() {
    StateStore store = open();
    store.load();
    assertThatThrownBy(() -> commit(store, 2, List.of(counter(2))))
        .isInstanceOf(CompletionException.class);
  }

  static void commit(StateStore store, long version, List<Change> changes) {
    store.commit(Commit.of(version, changes)).toCompletableFuture().join();
  }

  /** What changes come to. */
  static List<Change> state(List<Change> changes) {
    Shadow shadow = new Shadow();
    shadow.follow(changes);
    return shadow.changes();
  }

  static Change counter(long value) {
    return new Change.CounterSet("c", value);
  }
}
