package io.springtide.harness.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.harness.Opened;
import io.springtide.harness.cluster.Api;
import io.springtide.harness.cluster.FrameworkProcess;
import io.springtide.harness.cluster.Hosts;
import io.springtide.harness.cluster.Leftovers;
import io.springtide.harness.consul.ConsulStandIn;
import io.springtide.harness.emulator.AgentView.ExecutorView;
import io.springtide.harness.emulator.EmulatorConfig;
import io.springtide.harness.emulator.MesosEmulator;
import io.springtide.harness.emulator.TaskView;
import io.springtide.harness.emulator.Timings;
import io.springtide.partition.model.Resources;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Server processes with the very configuration of {@code examples/mesos.yaml}, only its addresses
 * and directory substituted: the master is found in ZooKeeper, where it is elected. They ask for
 * tokens.
 */
class HighAvailabilityIT {
  private static final Duration SOON = Patience.limit();

  @TempDir private Path scratch;
  private TestingServer zooKeeper;
  private ConsulStandIn consul;
  private MesosEmulator mesos;
  private Hosts hosts;
  private FrameworkProcess first;
  private FrameworkProcess second;
  private final Opened opened = new Opened();

  @BeforeEach
  void startMesos() throws Exception {
    zooKeeper = opened.add(new TestingServer(true));
    consul = opened.add(ConsulStandIn.start());
    mesos =
        opened.add(
            MesosEmulator.start(
                EmulatorConfig.in(scratch.resolve("mesos"))
                    .withTimings(
                        Timings.ofMesos()
                            .withAllocationInterval(Duration.ofMillis(200))
                            .withAgentPing(Duration.ofSeconds(2), 5))
                    .withZooKeeper(1, master(), Duration.ofSeconds(5))));
    hosts = opened.add(new Hosts(mesos));
    for (String host : List.of("h1", "h2")) {
      hosts.start(host, Resources.of(4000, 4096, 10_000), Map.of("place", "idc"));
      mesos.awaitRegistered(host, SOON);
    }
    first = opened.add(framework("first"));
    second = opened.add(framework("second"));
  }

  @AfterEach
  void end() throws Exception {
    opened.close();
    Leftovers.below(scratch).kill();
  }

  @Test
  void theOtherTakesOverWhenTheLeaderIsKilledAndNoTaskIsLostOrStartedTwice() throws Exception {
    first.start();
    second.start("standby");
    String token = Files.readString(scratch.resolve("first/admin-token")).strip();
    Api leader = new Api(first::uri).withToken(token);
    Api follower = new Api(second::uri).withToken(token);
    for (FrameworkProcess process : List.of(first, second)) {
      assertThat(new Api(process::uri).get("/v1/jobs").status()).isEqualTo(401);
    }
    // All of it asked of the follower, which passes it on.
    ok(follower.put("/v1/pools/idc", "{name: idc, kind: owned, selector: {place: idc}}"));
    ok(
        follower.put(
            "/v1/groups/feed",
            "{path: feed, policy: {runtimes: [process]},"
                + " quotas: {idc: {guarantee: {cpus: 4, memoryMiB: 2048}}}}"));
    ok(follower.post("/v1/jobs", Workload.processes().job("kept", 4)));
    awaitReady(follower, 4);
    assertThat(leader.get("/v1/jobs/feed.kept").body())
        .isEqualTo(follower.get("/v1/jobs/feed.kept").body());
    assertThat(follower.post("/v1/jobs", Workload.processes().job("kept", 4)).status())
        .isEqualTo(409);

    String framework = mesos.frameworks().get(0).id();
    Map<String, String> tasks = tasks(follower);
    List<ExecutorView> executors = executors();
    first.kill();
    Eventually.within(
        SOON,
        () ->
            assertThat(follower.get("/healthz").body().path("status").asText())
                .isEqualTo("leading"));
    Eventually.within(
        SOON,
        () ->
            assertThat(follower.get("/healthz").body().path("mesos").asText())
                .isEqualTo("subscribed"));
    assertThat(mesos.frameworks()).extracting(f -> f.id()).containsExactly(framework);
    assertThat(tasks(follower)).isEqualTo(tasks);
    assertThat(new Api(second::uri).get("/v1/jobs").status()).isEqualTo(401);
    assertThat(follower.get("/v1/tokens").body().at("/items/0/name").asText()).isEqualTo("admin");
    assertThat(scratch.resolve("second/admin-token")).as("there was a token").doesNotExist();

    // Mesos refuses a launch whose ExecutorInfo differs from that of the executor that runs.
    ok(follower.put("/v1/jobs/feed.kept/instances", "{instances: 6}"));
    awaitReady(follower, 6);
    assertThat(tasks(follower)).containsAllEntriesOf(tasks);
    assertThat(executors()).isEqualTo(executors);
    assertThat(
            mesos.tasks().stream()
                .map(TaskView::taskId)
                .filter(id -> id.startsWith("feed.kept."))
                .toList())
        .as("tasks that Mesos ever had")
        .hasSize(6);
  }

  private FrameworkProcess framework(String name) throws IOException {
    Path data = scratch.resolve(name);
    String example = Files.readString(Path.of("..", "examples", "mesos.yaml"));
    String config =
        substituted(
            example,
            "127.0.0.1:5050",
            master(),
            "# zookeeper: {connect: \"zk1:2181,zk2:2181/springtide\"}",
            "zookeeper: {connect: \"" + zooKeeper.getConnectString() + "/springtide\"}",
            "/var/lib/springtide",
            data.toString(),
            "0.0.0.0:8080",
            "127.0.0.1:0",
            "127.0.0.1:8500",
            consul.uri().getAuthority());
    return new FrameworkProcess(
        Files.writeString(scratch.resolve(name + ".yaml"), config + "\naccess: tokens\n"),
        data,
        scratch.resolve(name + ".log"),
        Path.of(System.getProperty("springtide.executor.jar")).toAbsolutePath(),
        Duration.ofSeconds(60));
  }

  private static String substituted(String text, String... pairs) {
    String result = text;
    for (int i = 0; i < pairs.length; i += 2) {
      assertThat(result).as("the example").contains(pairs[i]);
      result = result.replace(pairs[i], pairs[i + 1]);
    }
    return result;
  }

  private String master() {
    return "zk://" + zooKeeper.getConnectString() + "/mesos";
  }

  private static void awaitReady(Api api, int instances) throws Exception {
    Eventually.within(
        SOON,
        () -> {
          JsonNode job = api.get("/v1/jobs/feed.kept").body();
          assertThat(job.at("/status/ready").asInt()).as("%s", job).isEqualTo(instances);
        });
  }

  private static Map<String, String> tasks(Api api) throws Exception {
    Map<String, String> tasks = new TreeMap<>();
    for (JsonNode instance : api.get("/v1/jobs/feed.kept/instances").body().path("items")) {
      tasks.put(instance.path("id").asText(), instance.path("taskId").asText());
    }
    return tasks;
  }

  private List<ExecutorView> executors() {
    return mesos.agents().stream()
        .flatMap(agent -> agent.executors().stream())
        .sorted(java.util.Comparator.comparing(ExecutorView::containerId))
        .toList();
  }

  private static void ok(Api.Answer answer) {
    assertThat(answer.ok()).as("%s", answer.body()).isTrue();
  }
}
