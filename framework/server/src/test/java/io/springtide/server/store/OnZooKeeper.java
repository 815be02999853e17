package io.springtide.server.store;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.curator.framework.CuratorFramework;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Each test has a ZooKeeper of its own, and a client below a path. */
abstract class OnZooKeeper {
  @TempDir Path dir;
  EmbeddedZooKeeper zooKeeper;
  CuratorFramework curator;

  @BeforeEach
  void start() {
    zooKeeper = EmbeddedZooKeeper.start(dir);
    curator = ZooKeeperClient.connect(zooKeeper.connectString() + "/a/b", Duration.ofSeconds(30));
  }

  @AfterEach
  void stop() {
    curator.close();
    zooKeeper.close();
  }
}
