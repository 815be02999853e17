package io.springtide.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every user of the machine can reach the embedded ZooKeeper's port, and none may use it. */
class EmbeddedZooKeeperTest {
  private static final Duration SESSION = Duration.ofSeconds(30);

  @TempDir Path dir;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aStrangerNeitherReadsNorWritesNorRemoves() throws Exception {
    try (EmbeddedZooKeeper zooKeeper = EmbeddedZooKeeper.start(dir);
        CuratorFramework own = ZooKeeperClient.connect(zooKeeper, SESSION);
        CuratorFramework stranger = ZooKeeperClient.connect(zooKeeper.connectString(), SESSION)) {
      own.create().creatingParentsIfNeeded().forPath("/state/log", bytes("ours"));
      shutTo(stranger, "/state/log");
      assertThat(own.getData().forPath("/state/log")).isEqualTo(bytes("ours"));
    }
  }

  @Test
  void whatWasOpenIsShutAtTheNextStart() throws Exception {
    try (EmbeddedZooKeeper zooKeeper = EmbeddedZooKeeper.start(dir);
        CuratorFramework earlier = ZooKeeperClient.connect(zooKeeper.connectString(), SESSION)) {
      earlier.create().creatingParentsIfNeeded().forPath("/state/log", bytes("ours"));
    }
    for (int start = 0; start < 2; start++) {
      try (EmbeddedZooKeeper zooKeeper = EmbeddedZooKeeper.start(dir);
          CuratorFramework own = ZooKeeperClient.connect(zooKeeper, SESSION);
          CuratorFramework stranger = ZooKeeperClient.connect(zooKeeper.connectString(), SESSION)) {
        assertThat(own.getData().forPath("/state/log")).isEqualTo(bytes("ours"));
        shutTo(stranger, "/state/log");
      }
    }
  }

  private static void shutTo(CuratorFramework stranger, String path) {
    assertThatThrownBy(() -> stranger.getData().forPath(path)).isInstanceOf(noAuth());
    assertThatThrownBy(() -> stranger.getChildren().forPath("/")).isInstanceOf(noAuth());
    assertThatThrownBy(() -> stranger.setData().forPath(path, bytes("x"))).isInstanceOf(noAuth());
    assertThatThrownBy(() -> stranger.delete().forPath(path)).isInstanceOf(noAuth());
    assertThatThrownBy(() -> stranger.create().forPath("/mine")).isInstanceOf(noAuth());
  }

  private static Class<? extends Exception> noAuth() {
    return KeeperException.NoAuthException.class;
  }

  @Test
  void onlyItsOwnerReadsItsFiles() throws Exception {
    Path data = dir.resolve("zookeeper");
    EmbeddedZooKeeper.start(data).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
        .isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("secret"))))
        .isEqualTo("rw-------");
    assertThat(Files.readString(data.resolve("secret"))).hasSize(48);
  }
}
