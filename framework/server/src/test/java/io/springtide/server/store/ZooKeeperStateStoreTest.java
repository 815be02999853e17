package io.springtide.server.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.scheduler.StateStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
}
