package io.springtide.harness.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.harness.Opened;
import io.springtide.harness.cluster.Api;
import io.springtide.harness.cluster.FrameworkProcess;
import io.springtide.harness.cluster.Hosts;
import io.springtide.harness.cluster.Leftovers;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.curator.test.TestingServer;
import org.apache.mesos.v1.Protos.TaskState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Server processes that sleep, are replaced or lose ZooKeeper, while tasks run on. */
class LeaderLossIT {
  private static final Duration SOON = Patience.limit();

  /** Six times what its session lasts. */
  private static final Duration SLEEP = Duration.ofSeconds(60);

  private static final int GONE = 1;

  @TempDir private Path scratch;
  private TestingServer zooKeeper;
  private MesosEmulator mesos;
  private FrameworkProcess first;
  private FrameworkProcess second;
  private Map<String, String> tasks;
  private final Opened opened = new Opened();

  @BeforeEach
  void startTwoServersAndAJob() throws Exception {
    zooKeeper = opened.add(new TestingServer(true));
    mesos =
        opened.add(
            MesosEmulator.start(
                EmulatorConfig.in(scratch.resolve("mesos"))
                    .withTimings(
                        Timings.ofMesos().withAllocationInterval(Duration.ofMillis(200)))));
    Hosts hosts = opened.add(new Hosts(mesos));
    hosts.start("h1", Resources.of(4000, 4096, 10_000), Map.of("place", "idc"));
    mesos.awaitRegistered("h1", SOON);
    first = server("first");
    first.start();
    second = server("second");
    second.start("standby");
    Api api = new Api(second::uri);
    ok(api.put("/v1/pools/idc", "{kind: owned, selector: {place: idc}}"));
    ok(
        api.put(
            "/v1/groups/feed",
            "{policy: {runtimes: [process]},"
                + " quotas: {idc: {guarantee: {cpus: 2, memoryMiB: 1024}}}}"));
    ok(
        api.put(
            "/v1/jobs/feed.kept",
            "{instances: 3, resources: {cpus: 0.1, memoryMiB: 32}, runtime: process,"
                + " container: {command: [sleep, \"3600\"], network: host},"
                + " stop: {drain: 0s, grace: 1s}}"));
    awaitReady(api, 3);
    tasks = tasks(api);
  }

  @AfterEach
  void end() throws Exception {
    // A process that still sleeps does not end when it is asked to.
    first.signal("CONT");
    opened.close();
    Leftovers.below(scratch).kill();
  }

  /**
   * Meanwhile the others are replaced one by one, as in a rolling upgrade, and the one that was
   * started last leads last.
   */
  @Test
  void aLeaderThatSleptForAMinuteWakesUpAndNothingThatItDoesHasAnyEffect() throws Exception {
    first.signal("STOP");
    long asleep = System.nanoTime();
    Api api = new Api(second::uri);
    awaitStatus(second, "leading");
    assertThat(tasks(api)).isEqualTo(tasks);

    FrameworkProcess third = server("third");
    third.start("standby");
    ok(new Api(third::uri).put("/v1/jobs/feed.kept/instances", "{instances: 4}"));
    awaitReady(new Api(third::uri), 4);
    second.close();
    awaitStatus(third, "leading");
    FrameworkProcess fourth = server("fourth");
    fourth.start("standby");
    third.close();
    awaitStatus(fourth, "leading");
    Api last = new Api(fourth::uri);
    ok(last.put("/v1/jobs/feed.kept/instances", "{instances: 5}"));
    awaitReady(last, 5);

    Api sleeper = new Api(first::uri);
    Eventually.within(
        SLEEP.plus(SOON),
        () -> assertThat(System.nanoTime() - asleep).isGreaterThan(SLEEP.toNanos()));
    // They wait before its door, and are the first that it hears when it wakes up.
    List<CompletableFuture<Integer>> asked =
        List.of(
            asked(() -> sleeper.get("/v1/jobs/feed.kept").status()),
            asked(() -> sleeper.get("/v1/instances").status()),
            asked(() -> sleeper.put("/v1/jobs/feed.kept/instances", "{instances: 9}").status()),
            asked(() -> sleeper.delete("/v1/jobs/feed.kept").status()));
    first.signal("CONT");
    for (CompletableFuture<Integer> answer : asked) {
      assertThat(answer.join()).isNotEqualTo(200).isNotIn(201, 202, 204);
    }
    Eventually.within(SOON, () -> assertThat(first.isAlive()).isFalse());
    assertThat(first.exitValue()).isEqualTo(GONE);

    assertThat(last.get("/v1/jobs/feed.kept").body().path("instances").asInt()).isEqualTo(5);
    assertThat(tasks(last)).hasSize(5).containsAllEntriesOf(tasks);
    assertThat(tasksEver()).as("tasks that Mesos ever had").hasSize(5);
  }

  @Test
  void withoutZooKeeperNobodyDecidesAndTasksRunOnUntilItIsBack() throws Exception {
    zooKeeper.stop();
    Eventually.within(SOON, () -> assertThat(first.isAlive()).isFalse());
    assertThat(first.exitValue()).isEqualTo(GONE);
    Api other = new Api(second::uri);
    Eventually.within(
        SOON,
        () -> {
          JsonNode health = other.get("/healthz").body();
          assertThat(health.path("status").asText()).isEqualTo("standby");
          assertThat(health.path("trouble").asText()).as("%s", health).isNotEmpty();
          assertThat(health.path("staleness").asDouble()).isGreaterThan(10);
        });
    assertThat(other.get("/v1/jobs").status()).as("too old, and nobody leads").isEqualTo(503);
    assertThat(running()).hasSize(3);

    zooKeeper.restart();
    awaitStatus(second, "leading");
    first.start("standby");
    Api api = new Api(first::uri);
    ok(api.put("/v1/jobs/feed.kept/instances", "{instances: 4}"));
    awaitReady(api, 4);
    assertThat(tasks(api)).containsAllEntriesOf(tasks);
    assertThat(tasksEver()).as("tasks that Mesos ever had").hasSize(4);
  }

  private interface Asked {
    int status() throws IOException, InterruptedException;
  }

  /** The status of the answer; 0: there was none. */
  private static CompletableFuture<Integer> asked(Asked request) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return request.status();
          } catch (IOException e) {
            return 0;
          } catch (InterruptedException e) {
            throw new CompletionException(e);
          }
        },
        task -> new Thread(task, "asks the sleeper").start());
  }

  private FrameworkProcess server(String name) throws IOException {
    Path data = scratch.resolve(name);
    String config =
        """
        mesos: {master: "%s"}
        zookeeper: {connect: "%s/springtide"}
        dataDir: %s
        http: {address: "127.0.0.1:0"}
        access: open
        """
            .formatted(mesos.masterUri().getAuthority(), zooKeeper.getConnectString(), data);
    return opened.add(
        new FrameworkProcess(
            Files.writeString(scratch.resolve(name + ".yaml"), config),
            data,
            scratch.resolve(name + ".log"),
            Path.of(System.getProperty("springtide.executor.jar")).toAbsolutePath(),
            Duration.ofMinutes(2)));
  }

  private static void awaitStatus(FrameworkProcess server, String status) throws Exception {
    Api api = new Api(server::uri);
    Eventually.within(
        SOON,
        () -> {
          JsonNode health = api.get("/healthz").body();
          assertThat(health.path("status").asText()).as("%s", health).isEqualTo(status);
          assertThat(health.path("mesos").asText()).isEqualTo("subscribed");
        });
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

  private List<String> running() {
    return mesos.tasks().stream()
        .filter(task -> task.state() == TaskState.TASK_RUNNING)
        .map(TaskView::taskId)
        .filter(id -> id.startsWith("feed.kept."))
        .toList();
  }

  private List<String> tasksEver() {
    return mesos.tasks().stream()
        .map(TaskView::taskId)
        .filter(id -> id.startsWith("feed.kept."))
        .toList();
  }

  private static void ok(Api.Answer answer) {
    assertThat(answer.ok()).as("%s", answer.body()).isTrue();
  }
}
