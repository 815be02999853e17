package io.springtide.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.scheduler.StateStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.curator.framework.CuratorFramework;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZooKeeperStateStoreTest extends StateStoreContract {
  @TempDir Path dir;
  private EmbeddedZooKeeper zooKeeper;
  private CuratorFramework curator;
  private final List<StateStore> opened = new ArrayList<>();

  @BeforeEach
  void start() {
    zooKeeper = EmbeddedZooKeeper.start(dir);
    curator = ZooKeeperClient.connect(zooKeeper.connectString(), Duration.ofSeconds(10));
  }

  @AfterEach
  void stop() {
    opened.forEach(StateStore::close);
    curator.close();
    zooKeeper.close();
  }

  @Override
  StateStore open() {
    StateStore store = new ZooKeeperStateStore(curator);
    opened.add(store);
    return store;
  }

  @Test
  void onceASuccessorHasLoadedTheEarlierOneCommitsNothing() {
    StateStore old = open();
    old.load();
    commit(old, 1, List.of(counter(1)));
    StateStore successor = open();
    successor.load();
    assertThatThrownBy(() -> commit(old, 2, List.of(counter(2))))
        .hasMessageContaining("Another process leads now");
    assertThatThrownBy(() -> commit(old, 2, List.of(counter(2))))
        .as("and it stays so")
        .hasMessageContaining("Another process leads now");
    commit(successor, 2, List.of(counter(22)));
  }

  /** Two ways to be too much for a packet: all of them in one multi, and all their names. */
  @Test
  void tinyCommitsMayBeMoreThanAPacketTakesOrAListHolds() throws Exception {
    int many = 80_000;
    String namespace = "a/path/as/long/as/operators/like/" + "x".repeat(200);
    String connect = zooKeeper.connectString() + "/" + namespace;
    try (CuratorFramework deep = ZooKeeperClient.connect(connect, Duration.ofSeconds(30))) {
      StateStore store = new ZooKeeperStateStore(deep);
      opened.add(store);
      store.load();
      List<CompletionStage<Void>> done = new ArrayList<>();
      for (long version = 1; version <= many; version++) {
        done.add(store.commit(version, List.of(counter(version))));
      }
      done.get(many - 1).toCompletableFuture().join();
      assertThat(store.snapshotDue()).as("so long a log is to be cut").isTrue();
      store.close();
      StateStore next = new ZooKeeperStateStore(deep);
      opened.add(next);
      assertThat(next.load().version()).isEqualTo(many);
      assertThat(next.snapshotDue()).isTrue();
      for (long version = many + 1; version <= many + 3; version++) {
        commit(next, version, List.of(counter(version)));
        next.snapshot(version, List.of(counter(version))).toCompletableFuture().join();
        assertThat(next.snapshotDue()).as("it is short again").isFalse();
      }
      assertThat(deep.getChildren().forPath("/log")).as("cut").containsExactly("0000080003");
      next.close();
      StateStore last = new ZooKeeperStateStore(deep);
      opened.add(last);
      assertThat(last.load())
          .isEqualTo(new StateStore.Loaded(many + 3, List.of(counter(many + 3))));
      last.close();
    }
  }

  @Test
  void aClosedStoreRefusesInsteadOfKeepingWhoeverWaits() {
    StateStore store = open();
    store.load();
    commit(store, 1, List.of(counter(1)));
    store.close();
    assertThatThrownBy(() -> commit(store, 2, List.of(counter(2)))).hasMessageContaining("closed");
    assertThat(store.snapshot(1, List.of(counter(1))).toCompletableFuture())
        .as("given up")
        .isCompleted();
  }
}
