package io.springtide.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.CoreConfig;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.StateStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.curator.framework.CuratorFramework;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What earlier versions stored means to this one what it meant to them. */
class GoldenStateTest {
  @TempDir Path dir;
  private EmbeddedZooKeeper zooKeeper;
  private CuratorFramework curator;

  @BeforeEach
  void start() {
    zooKeeper = EmbeddedZooKeeper.start(dir);
    curator = ZooKeeperClient.connect(zooKeeper.connectString() + "/st", Duration.ofSeconds(30));
  }

  @AfterEach
  void stop() {
    curator.close();
    zooKeeper.close();
  }

  @ParameterizedTest
  @CsvSource({"1, log.zip", "1, snapshot.zip"})
  void whatWasStoredIsRead(int format, String tree) throws Exception {
    for (Map.Entry<String, byte[]> znode : GoldenFiles.read(format, tree).entrySet()) {
      curator
          .create()
          .orSetData()
          .creatingParentsIfNeeded()
          .forPath(znode.getKey(), znode.getValue());
    }
    StateStore.Loaded loaded;
    try (ZooKeeperStateStore store = new ZooKeeperStateStore(curator)) {
      loaded = store.load();
    }
    // It was told to executors, and none did it.
    String expected = GoldenFiles.expectation(format).replaceAll(" adopt (true|false)", "");
    assertThat(StateText.of(loaded.changes())).isEqualTo(expected);
    SchedulerCore core =
        SchedulerCore.restore(CoreConfig.of("executor-1"), loaded, GoldenFiles.LATER);
    if (format == 1) {
      assertThat(core.view().groups().values())
          .as("what policies did not name was allowed")
          .isNotEmpty()
          .allMatch(group -> group.group().policy().runtimes().equals(List.of("*")))
          .allMatch(group -> group.group().policy().networks().equals(List.of("*")));
    }
  }
}
