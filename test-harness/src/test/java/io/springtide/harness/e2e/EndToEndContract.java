package io.springtide.harness.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.executor.contract.Labels;
import io.springtide.harness.cluster.Api;
import io.springtide.harness.cluster.Leftovers;
import io.springtide.harness.cluster.LocalCluster;
import io.springtide.harness.emulator.AgentView;
import io.springtide.harness.emulator.AgentView.ExecutorView;
import io.springtide.harness.emulator.TaskView;
import io.springtide.partition.model.Resources;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job goes in over HTTP and registered endpoints come out, whatever is killed meanwhile. One
 * cluster of two hosts serves all tests of a class; each test has jobs of its own.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class EndToEndContract {
  private static final Duration START = Patience.limit();
  private static final Duration SOON = Patience.limit();

  private Path scratch;
  private Workload workload;
  private LocalCluster cluster;
  private Api api;
  private Api consul;

  abstract Workload workload() throws IOException;

  abstract LocalCluster.ConsulChoice consulChoice();

  @BeforeAll
  void startCluster(@TempDir Path directory) throws Exception {
    scratch = directory;
    workload = workload();
    cluster =
        new LocalCluster(
            LocalCluster.Settings.in(
                    scratch.resolve("cluster"),
                    Path.of(System.getProperty("springtide.executor.jar")))
                .with(consulChoice()));
    cluster.start();
    api = cluster.api();
    consul = cluster.consulApi();
    cluster.addHost("idc-1", Resources.of(4000, 4096, 10_000), Map.of("place", "idc"));
    cluster.addHost("idc-2", Resources.of(4000, 4096, 10_000), Map.of("place", "idc"));
    ok(
        api.put(
            "/v1/pools/idc",
            "{name: idc, kind: owned, selector: {place: idc}, hosts: {min: 0, max: 4}}"));
    Eventually.within(SOON, () -> assertThat(items(api.get("/v1/hosts"))).as("hosts").hasSize(2));
    ok(
        api.put(
            "/v1/groups/feed",
            """
            path: feed
            quotas:
              idc: {guarantee: {cpus: 5, memoryMiB: 4096}, limit: {cpus: 5, memoryMiB: 4096}}
            policy: {runtimes: [docker, process], networks: [bridge]}
            """));
  }

  @AfterEach
  void removeJobs() throws Exception {
    for (JsonNode job : items(api.get("/v1/jobs"))) {
      api.delete("/v1/jobs/" + job.get("id").asText());
    }
    Eventually.within(
        SOON, () -> assertThat(items(api.get("/v1/jobs"))).as("jobs being removed").isEmpty());
  }

  /** Nothing is left behind: no process, no container, no entry in Consul. */
  @AfterAll
  void stopCluster() throws Exception {
    if (cluster == null) {
      return;
    }
    try {
      ok(api.post("/v1/jobs", workload.job("last", 2)));
      awaitServing("last", 2);
      String framework = cluster.mesos().frameworks().get(0).id();
      List<ProcessHandle> processes = Leftovers.below(scratch).processes();
      assertThat(processes).as("a cluster that runs").isNotEmpty();

      cluster.close();

      assertThat(processes).as("processes").noneMatch(ProcessHandle::isAlive);
      assertThat(Leftovers.below(scratch).processes()).as("processes").isEmpty();
      workload
          .engine()
          .ifPresent(
              docker ->
                  assertThat(docker.containers(Labels.FRAMEWORK, framework))
                      .as("containers")
                      .isEmpty());
    } finally {
      cluster.close();
      workload.close();
    }
  }

  /** The agent and the master keep what an executor says, and add nothing of their own to it. */
  @Test
  void mesosShowsSinceWhenTasksRunAndWhoseTheyAre() throws Exception {
    ok(api.post("/v1/jobs", workload.job("dated", 1)));
    awaitServing("dated", 1);
    Api master = new Api(cluster.mesos()::masterUri);
    for (JsonNode task : master.get("/tasks").body().get("tasks")) {
      for (JsonNode status : task.get("statuses")) {
        assertThat(Instant.ofEpochSecond(status.get("timestamp").asLong()))
            .as("when %s was %s", task.get("id").asText(), status.get("state").asText())
            .isAfter(Instant.now().minus(Duration.ofHours(1)));
      }
    }
    JsonNode framework = master.get("/frameworks").body().get("frameworks").get(0);
    assertThat(framework.get("hostname").asText()).isNotEmpty();
  }

  @Test
  void aJobRunsScalesUpAndDownAndStopsWhileConsulNeverLies() throws Exception {
    try (ConsulWatch watch = ConsulWatch.start(consul, "web")) {
      ok(api.post("/v1/jobs", workload.job("web", 3)));
      awaitServing("web", 3);

      ok(api.put("/v1/jobs/feed.web/instances", "{instances: 5}"));
      awaitServing("web", 5);

      ok(api.put("/v1/jobs/feed.web/instances", "{instances: 1}"));
      awaitServing("web", 1);

      ok(api.delete("/v1/jobs/feed.web"));
      Eventually.within(
          SOON,
          () -> {
            assertThat(ConsulWatch.passing(consul, "web")).isEmpty();
            assertThat(api.get("/v1/jobs/feed.web").status()).isEqualTo(404);
            assertThat(consul.get("/v1/catalog/service/web").body()).isEmpty();
          });
      assertThat(watch.looks()).as("looks at Consul").isGreaterThan(20);
      assertThat(watch.lies()).isEmpty();
    }
  }

  @Test
  void theExampleOfTheReadmeRunsScalesAndStopsByTheCommandLine(@TempDir Path directory)
      throws Exception {
    Path example = Path.of(System.getProperty("springtide.home"), "examples", "web.yaml");
    Path file =
        Files.writeString(
            directory.resolve("web.yaml"),
            Files.readString(example)
                .replace("search.web", "feed.web")
                .replace("search-web", "web"));

    Tide.run(cluster.framework(), "job", "run", file.toString(), "--wait");
    assertServing("web", 3);
    Tide.run(cluster.framework(), "job", "scale", "feed.web", "5", "--wait");
    assertServing("web", 5);
    Tide.run(cluster.framework(), "job", "scale", "feed.web", "1", "--wait");
    assertServing("web", 1);
    Tide.run(cluster.framework(), "job", "stop", "feed.web", "--wait");
    assertThat(consul.get("/v1/catalog/service/web").body()).isEmpty();
  }

  @Test
  void theFrameworkIsKilledAndComesBackToWhatItHad() throws Exception {
    ok(api.post("/v1/jobs", workload.job("kept", 3)));
    awaitServing("kept", 3);
    Map<String, String> tasks = tasks("kept");
    Set<ExecutorView> executors = executors();
    String framework = cluster.mesos().frameworks().get(0).id();
    URI oldApi = cluster.framework().uri();

    cluster.framework().kill();
    assertThat(ConsulWatch.passing(consul, "kept")).as("while it is away").hasSize(3);
    cluster.framework().start();

    assertThat(cluster.framework().uri()).isNotEqualTo(oldApi);
    Eventually.within(
        SOON, () -> assertThat(cluster.mesos().frameworks().get(0).connected()).isTrue());
    assertThat(cluster.mesos().frameworks()).hasSize(1);
    assertThat(cluster.mesos().frameworks().get(0).id()).isEqualTo(framework);
    awaitServing("kept", 3);
    assertThat(tasks("kept")).as("instance to task").isEqualTo(tasks);

    // Mesos refuses a launch whose ExecutorInfo differs from that of the executor that runs.
    ok(api.put("/v1/jobs/feed.kept/instances", "{instances: 5}"));
    awaitServing("kept", 5);
    assertThat(tasks("kept")).containsAllEntriesOf(tasks);
    assertThat(executors()).isEqualTo(executors);
    assertThat(liveTasks("kept")).as("tasks that Mesos knows").hasSize(5);
  }

  @Test
  void anExecutorIsKilledAndItsInstancesRunAgainOnTheSameHost() throws Exception {
    ok(api.post("/v1/jobs", workload.job("mended", 4)));
    awaitServing("mended", 4);
    Map<String, String> hosts = hosts("mended");
    Map<String, String> before = tasks("mended");
    String host = hosts.values().iterator().next();
    ExecutorView executor = agent(host).executors().get(0);
    List<ProcessHandle> old = Leftovers.below(executor.sandbox()).processes();

    assertThat(cluster.mesos().killExecutor(host, executor.executorId())).isTrue();

    Eventually.within(
        SOON,
        () -> {
          Map<String, String> now = tasks("mended");
          hosts.forEach(
              (instance, where) -> {
                if (where.equals(host)) {
                  assertThat(now.get(instance)).isNotEqualTo(before.get(instance));
                }
              });
          assertServing("mended", 4);
        });
    assertThat(hosts("mended")).as("instance to host").isEqualTo(hosts);
    assertThat(old).as("what the old executor ran").noneMatch(ProcessHandle::isAlive);
    assertThat(consul.get("/v1/catalog/service/mended").body()).hasSize(4);
    workload
        .engine()
        .ifPresent(
            docker ->
                assertThat(docker.containers(Labels.JOB, "feed.mended"))
                    .as("containers of the job")
                    .hasSize(4));
  }

  @Test
  void anAgentIsKilledAndComesBackWithEverythingItRan() throws Exception {
    ok(api.post("/v1/jobs", workload.job("steady", 4)));
    awaitServing("steady", 4);
    Map<String, String> tasks = tasks("steady");
    Set<ExecutorView> executors = executors();
    String agent = cluster.mesos().agents().get(0).name();

    try (ConsulWatch watch = ConsulWatch.start(consul, "steady")) {
      cluster.mesos().killAgent(agent);
      Eventually.within(SOON, () -> assertThat(watch.looks()).isGreaterThan(5));
      cluster.mesos().restartAgent(agent);
      cluster.mesos().awaitRegistered(agent, SOON);

      ok(api.put("/v1/jobs/feed.steady/instances", "{instances: 6}"));
      awaitServing("steady", 6);
      assertThat(watch.lies()).isEmpty();
    }
    assertThat(tasks("steady")).containsAllEntriesOf(tasks);
    assertThat(executors()).isEqualTo(executors);
  }

  @Test
  void whatCannotStartSaysWhyAndIsTriedAgain() throws Exception {
    ok(api.post("/v1/jobs", workload.brokenJob("broken")));

    JsonNode instance =
        Eventually.get(
            SOON,
            () -> {
              JsonNode one = instances("broken").get(0);
              assertThat(one.path("history").size()).as("attempts").isGreaterThan(1);
              return one;
            });

    JsonNode attempt = instance.get("history").get(0);
    assertThat(attempt.get("state").asText()).isEqualTo("FAILED");
    assertThat(attempt.get("message").asText().toLowerCase(Locale.ROOT))
        .containsPattern("no such|not found|refused|cannot");
    assertThat(instance.get("state").asText()).isNotEqualTo("RUNNING");
  }

  @Test
  void aJobLargerThanItsGroupsLimitIsAcceptedAndSaysWhyItWaits() throws Exception {
    ok(api.post("/v1/jobs", workload.job("big", 2).replace("cpus: 0.2", "cpus: 3")));

    Eventually.within(
        SOON,
        () -> {
          List<JsonNode> instances = instances("big");
          assertThat(instances).extracting(i -> i.get("state").asText()).contains("PENDING");
          JsonNode waits =
              instances.stream()
                  .filter(i -> i.get("state").asText().equals("PENDING"))
                  .findFirst()
                  .orElseThrow();
          assertThat(waits.at("/waiting/0/reason").asText()).isEqualTo("QUOTA_LIMIT");
        });
  }

  // ---- how the tests speak

  private void awaitServing(String job, int count) throws Exception {
    Eventually.within(START, () -> assertServing(job, count));
  }

  /** Every instance runs, is registered once, and answers. */
  private void assertServing(String job, int count) throws IOException, InterruptedException {
    List<JsonNode> instances = instances(job);
    assertThat(instances)
        .as("instances of %s: %s", job, instances)
        .hasSize(count)
        .allMatch(i -> i.get("state").asText().equals("RUNNING"));
    Set<URI> endpoints = ConsulWatch.passing(consul, job);
    assertThat(endpoints).as("endpoints of %s in Consul", job).hasSize(count);
    for (URI endpoint : endpoints) {
      assertThat(Api.answers(endpoint)).as("%s answers", endpoint).isTrue();
    }
    assertThat(consul.get("/v1/catalog/service/" + job).body()).as("registered").hasSize(count);
  }

  private List<JsonNode> instances(String job) throws IOException, InterruptedException {
    return items(api.get("/v1/jobs/feed." + job + "/instances"));
  }

  private Map<String, String> tasks(String job) throws IOException, InterruptedException {
    return field(job, "taskId");
  }

  private Map<String, String> hosts(String job) throws IOException, InterruptedException {
    return field(job, "host");
  }

  /** Instance id to the text of a field. */
  private Map<String, String> field(String job, String name)
      throws IOException, InterruptedException {
    Map<String, String> values = new TreeMap<>();
    for (JsonNode instance : instances(job)) {
      values.put(instance.get("id").asText(), instance.path(name).asText());
    }
    return values;
  }

  private Set<String> liveTasks(String job) {
    return cluster.mesos().tasks().stream()
        .filter(t -> t.taskId().startsWith("feed." + job + "."))
        .map(TaskView::taskId)
        .collect(Collectors.toSet());
  }

  private Set<ExecutorView> executors() {
    return cluster.mesos().agents().stream()
        .flatMap(a -> a.executors().stream())
        .collect(Collectors.toSet());
  }

  private AgentView agent(String name) {
    Optional<AgentView> found =
        cluster.mesos().agents().stream().filter(a -> a.name().equals(name)).findFirst();
    return found.orElseThrow(() -> new AssertionError("no agent " + name));
  }

  private static List<JsonNode> items(Api.Answer answer) {
    ok(answer);
    JsonNode array = answer.body().isArray() ? answer.body() : answer.body().path("items");
    List<JsonNode> items = new ArrayList<>();
    array.forEach(items::add);
    return items;
  }

  private static void ok(Api.Answer answer) {
    assertThat(answer.ok()).as("%d %s", answer.status(), answer.body()).isTrue();
  }
}
