package io.springtide.server.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Commit;
import io.springtide.scheduler.state.StateStore;
import io.springtide.testing.Patience;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
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
  ZooKeeperStateStore open() {
    ZooKeeperStateStore store = new ZooKeeperStateStore(curator);
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
        done.add(store.commit(Commit.of(version, List.of(counter(version)))));
      }
      done.get(many - 1).toCompletableFuture().join();
      store.close();
      ZooKeeperStateStore next = new ZooKeeperStateStore(deep);
      opened.add(next);
      assertThat(next.load().version()).isEqualTo(many);
      for (long version = many + 1; version <= many + 3; version++) {
        commit(next, version, List.of(counter(version)));
        next.snapshot().join();
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
  void aLogOfManyCommitsIsCut() throws Exception {
    StateStore store = open();
    store.load();
    List<CompletionStage<Void>> done = new ArrayList<>();
    for (long version = 1; version < 10_000; version++) {
      done.add(store.commit(Commit.of(version, List.of(counter(version)))));
    }
    done.get(9_998).toCompletableFuture().join();
    assertThat(curator.getChildren().forPath("/snapshots")).as("not yet").isEmpty();
    commit(store, 10_000, List.of(counter(10_000)));
    until(() -> written().equals("10000 1-10000"));
  }

  @Test
  void aLogThatIsLongBesideTheStateIsCut() throws Exception {
    StateStore store = open();
    store.load();
    Random random = new Random(7);
    for (long version = 1; version <= 16; version++) {
      // Two digits take a byte, packed, and a little more: fourteen are below 4 MiB.
      byte[] bytes = new byte[250_000];
      random.nextBytes(bytes);
      String text = HexFormat.of().formatHex(bytes);
      commit(store, version, List.of(new Change.FrameworkIdSet(text)));
      if (version == 14) {
        assertThat(curator.getChildren().forPath("/snapshots")).as("not yet").isEmpty();
      }
    }
    until(() -> !written().isEmpty());
  }

  @Test
  void aDamagedSnapshotIsReplacedAtOnce() throws Exception {
    ZooKeeperStateStore store = open();
    store.load();
    for (long version = 1; version <= 2; version++) {
      commit(store, version, List.of(counter(version)));
      store.snapshot().join();
    }
    store.close();
    curator.setData().forPath("/snapshots/1-2/000000", new byte[] {'2', 'z', 1, 2, 3});
    assertThat(open().load()).isEqualTo(new StateStore.Loaded(2, List.of(counter(1), counter(2))));
    until(() -> written().equals("2 2-2 1 1-1"));
  }

  private String written() throws Exception {
    return new String(curator.getData().forPath("/snapshot"), US_ASCII).replace('\n', ' ');
  }

  private static void until(Callable<Boolean> there) throws Exception {
    long began = System.nanoTime();
    while (!there.call()) {
      assertThat(System.nanoTime() - began).as("waiting").isLessThan(Patience.limit().toNanos());
    }
  }

  @Test
  void aClosedStoreRefusesInsteadOfKeepingWhoeverWaits() {
    ZooKeeperStateStore store = open();
    store.load();
    commit(store, 1, List.of(counter(1)));
    store.close();
    assertThatThrownBy(() -> commit(store, 2, List.of(counter(2)))).hasMessageContaining("closed");
    assertThatThrownBy(() -> store.snapshot().join()).hasMessageContaining("closed");
  }
}
