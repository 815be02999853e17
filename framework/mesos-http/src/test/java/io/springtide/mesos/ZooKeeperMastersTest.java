package io.springtide.mesos;

import static io.springtide.mesos.SchedulerFixture.subscribed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.mesos.ScriptedServer.Stream;
import io.springtide.testing.Patience;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.CreateMode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZooKeeperMastersTest {
  private final BlockingQueue<String> changes = new LinkedBlockingQueue<>();
  private TestingServer zooKeeper;
  private CuratorFramework client;
  private MasterDetector detector;

  @BeforeEach
  void start() throws Exception {
    zooKeeper = new TestingServer(true);
    client = CuratorFrameworkFactory.newClient(zooKeeper.getConnectString(), new RetryOneTime(100));
    client.start();
    detector = MasterDetector.of("zk://" + zooKeeper.getConnectString() + "/mesos");
  }

  @AfterEach
  void close() throws Exception {
    detector.close();
    client.close();
    zooKeeper.close();
  }

  @Test
  void theLowestSequenceLeads() throws Exception {
    // As in golden trace 11: three masters and the replicated log's own nodes.
    String first = master(15050);
    master(15060);
    String third = master(15062);
    client.create().creatingParentsIfNeeded().forPath("/mesos/log_replicas/0000000000");
    watch();
    awaitLeader("http://127.0.0.1:15050");
    client.delete().forPath(third);
    client.delete().forPath(first);
    awaitLeader("http://127.0.0.1:15060");
  }

  @Test
  void waitsForTheFirstMaster() throws Exception {
    watch();
    assertThat(detector.candidate(0)).isEmpty();
    master(15050);
    awaitLeader("http://127.0.0.1:15050");
  }

  @Test
  void aMasterThatWasKnownStaysTheAnswerWhileNobodyLeads() throws Exception {
    String only = master(15050);
    watch();
    awaitLeader("http://127.0.0.1:15050");
    client.delete().forPath(only);
    assertThat(detector.candidate(0)).contains(Endpoint.parse("127.0.0.1:15050"));
    master(15060);
    awaitLeader("http://127.0.0.1:15060");
  }

  @Test
  void outlivesARestartOfZooKeeper() throws Exception {
    master(15050);
    watch();
    awaitLeader("http://127.0.0.1:15050");
    zooKeeper.restart();
    for (String node : client.getChildren().forPath("/mesos")) {
      client.delete().forPath("/mesos/" + node);
    }
    master(15060);
    awaitLeader("http://127.0.0.1:15060");
  }

  @Test
  void aSubscriptionFollowsTheLeader() throws Exception {
    try (ScriptedServer first = new ScriptedServer();
        ScriptedServer second = new ScriptedServer()) {
      String node = master(first.endpoint().port());
      master(second.endpoint().port());
      try (SchedulerFixture it = new SchedulerFixture(detector)) {
        it.mesos.start();
        it.scheduler.expect("connected");
        Stream stream = first.take().stream("Mesos-Stream-Id", "s1");
        stream.send(subscribed());
        it.scheduler.expect("SUBSCRIBED");
        // The first master's machine is dead: its connection is half open, and only ZooKeeper says.
        client.delete().forPath(node);
        it.scheduler.expect("lost another master leads: " + second.endpoint());
        it.scheduler.expect("disconnected");
        it.time.advance(Duration.ofSeconds(1));
        it.scheduler.expect("connected");
        second.take().stream("Mesos-Stream-Id", "s2").send(subscribed());
        it.scheduler.expect("SUBSCRIBED");
      }
    }
  }

  @Test
  void onlyTheNodesOfMastersCount() {
    assertThat(
            ZooKeeperMasters.lowest(
                List.of(
                    "log_replicas",
                    "info_0000000000",
                    "json.info_0000000012",
                    "json.info_0000000003",
                    "json.info_3")))
        .contains("json.info_0000000003");
    assertThat(ZooKeeperMasters.lowest(List.of("log_replicas"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nonsense", "{}", "{\"id\":\"x\",\"ip\":1,\"port\":0}"})
  void aNodeThatMakesNoSenseIsNoMaster(String content) {
    assertThat(ZooKeeperMasters.endpoint(content)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "zk://",
        "zk://host:2181",
        "zk://host:2181/",
        "zk://host:2181/mesos/",
        "zk:///mesos",
        "zk://user:pw@/mesos"
      })
  void anUrlThatMakesNoSenseIsRefusedWithoutRepeatingAPassword(String url) {
    assertThatThrownBy(() -> MasterDetector.of(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected zk://")
        .hasMessageNotContaining("pw");
  }

  @Test
  void aListOfAddressesNeedsNoZooKeeper() {
    assertThat(MasterDetector.of("http://a:1, b:2"))
        .isEqualTo(new FixedMasters(List.of(Endpoint.parse("a:1"), Endpoint.parse("b:2"))));
    assertThatThrownBy(() -> MasterDetector.of("a:1,b"))
        .hasMessageStartingWith("master: \"b\" is not an endpoint");
  }

  private void watch() {
    detector.start(() -> changes.add(detector.candidate(0).orElseThrow().toString()));
  }

  private void awaitLeader(String expected) throws InterruptedException {
    assertThat(changes.poll(Patience.seconds(), TimeUnit.SECONDS)).isEqualTo(expected);
    assertThat(detector.candidate(7)).contains(Endpoint.parse(expected));
  }

  /** A znode as a master of the golden trace writes it. */
  private String master(int port) throws Exception {
    String info =
        """
        {"address":{"hostname":"localhost","ip":"127.0.0.1","port":%1$d},\
        "capabilities":[{"type":"AGENT_UPDATE"},{"type":"AGENT_DRAINING"},{"type":"QUOTA_V2"},\
        {"type":"NEWER_THAN_THE_BINDINGS"}],"hostname":"localhost",\
        "id":"eec8c451-089a-46bd-8564-5e02e8c88ec7","ip":16777343,\
        "pid":"master@127.0.0.1:%1$d","port":%1$d,"version":"1.12.0"}\
        """
            .formatted(port);
    return client
        .create()
        .creatingParentsIfNeeded()
        .withMode(CreateMode.EPHEMERAL_SEQUENTIAL)
        .forPath("/mesos/json.info_", info.getBytes(StandardCharsets.UTF_8));
  }
}
