package io.springtide.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.KeeperException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A ZooKeeper that others use too: what is ours is shut to them, and what is theirs is not. */
class SharedZooKeeperTest {
  private static final Duration SESSION = Duration.ofSeconds(30);
  private static final ZooKeeperClient.Login US = new ZooKeeperClient.Login("springtide", "s3cret");

  private TestingServer zooKeeper;
  private CuratorFramework stranger;
  private String path;

  @BeforeEach
  void start() throws Exception {
    zooKeeper = new TestingServer(true);
    path = zooKeeper.getConnectString() + "/our/state";
    stranger = ZooKeeperClient.connect(zooKeeper.getConnectString(), SESSION);
  }

  @AfterEach
  void stop() throws Exception {
    stranger.close();
    zooKeeper.close();
  }

  @Test
  void whatWasOpenIsShutToAllOthersAndTheirsStaysOpen() throws Exception {
    stranger.create().creatingParentsIfNeeded().forPath("/mesos/log", bytes("theirs"));
    try (CuratorFramework earlier = ZooKeeperClient.connectOpen(path, SESSION)) {
      earlier.create().creatingParentsIfNeeded().forPath("/tokens/admin", bytes("a hash"));
    }
    assertThat(stranger.getData().forPath("/our/state/tokens/admin")).isEqualTo(bytes("a hash"));
    try (CuratorFramework own = ZooKeeperClient.connect(path, US, SESSION);
        CuratorFramework another =
            ZooKeeperClient.connect(
                zooKeeper.getConnectString() + "/elsewhere",
                new ZooKeeperClient.Login("springtide", "guessed"),
                SESSION)) {
      own.create().forPath("/peers", bytes("a secret"));
      assertThat(own.getData().forPath("/tokens/admin")).isEqualTo(bytes("a hash"));
      for (String node : List.of("/our/state/tokens/admin", "/our/state/peers")) {
        shut(() -> stranger.getData().forPath(node));
        shut(() -> stranger.setData().forPath(node, bytes("x")));
        shut(() -> stranger.delete().forPath(node));
        shut(() -> stranger.setACL().withACL(open()).forPath(node));
        shut(() -> another.usingNamespace(null).getData().forPath(node));
      }
      shut(() -> stranger.getChildren().forPath("/our/state"));
      shut(() -> stranger.create().forPath("/our/state/mine"));
      assertThat(stranger.getData().forPath("/mesos/log")).isEqualTo(bytes("theirs"));
    }
  }

  private static List<org.apache.zookeeper.data.ACL> open() {
    return org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;
  }

  @Test
  void whoHasAnotherPasswordOrNoneIsToldWhichKeyItIs() {
    ZooKeeperClient.connect(path, US, SESSION).close();
    ZooKeeperClient.Login wrong = new ZooKeeperClient.Login("springtide", "guessed");
    assertThatThrownBy(() -> ZooKeeperClient.connect(path, wrong, SESSION))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("does not let 'springtide' in at " + path)
        .hasMessageContaining("zookeeper.user or its password")
        .hasMessageNotContaining("guessed");
    assertThatThrownBy(() -> ZooKeeperClient.connectOpen(path, SESSION))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("write zookeeper.user and zookeeper.passwordFile");
    ZooKeeperClient.connect(path, US, SESSION).close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void shut(org.assertj.core.api.ThrowableAssert.ThrowingCallable what) {
    assertThatThrownBy(what).isInstanceOf(KeeperException.NoAuthException.class);
  }
}
