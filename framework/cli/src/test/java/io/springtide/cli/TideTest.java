package io.springtide.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.MemoryStateStore;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.Maintenance;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.server.http.Door;
import io.springtide.server.http.HttpApi;
import io.springtide.server.http.LeadingCore;
import io.springtide.server.http.Listeners;
import io.springtide.server.loop.CoreLoop;
import io.springtide.server.loop.Published;
import io.springtide.server.loop.SteadyClock;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command against the real HTTP server and the real core, without a Mesos behind it. */
class TideTest {
  private static final String JOB =
      """
      id: feed.api
      instances: 2
      resources: {cpus: 0.5, memoryMiB: 64}
      container: {image: feed/api:1}
      """;

  @TempDir Path dir;
  private CoreLoop loop;
  private Published published;
  private int offers;
  private HttpApi api;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void serve() throws Exception {
    MemoryStateStore store = new MemoryStateStore();
    SteadyClock clock = SteadyClock.system();
    SchedulerCore core =
        SchedulerCore.restore(CoreConfig.of("springtide"), store.load(), clock.instant());
    published = new Published(core.view());
    loop = new CoreLoop(core, store, published, clock, reason -> {});
    loop.start(effect -> {});
    api =
        new HttpApi(
            Listeners.plain("127.0.0.1", 0), new Door(List.of(), false), name -> Optional.empty());
    api.lead(new LeadingCore(loop, published, pool -> {}));
    assertThat(tide("pool", "put", file("{name: idc, kind: owned, pricePerHour: 0.1}"))).isZero();
    assertThat(tide("group", "put", file("{path: feed, quotas: {idc: {limit: {cpus: 9}}}}")))
        .isZero();
  }

  @AfterEach
  void close() {
    api.close();
    loop.close();
  }

  @Test
  void aJobIsRunListedScaledExplainedAndStopped() throws Exception {
    assertThat(tide("job", "run", file(JOB))).isZero();
    assertThat(said()).endsWith("feed.api created" + System.lineSeparator());
    assertThat(tide("job", "list")).isZero();
    assertThat(said()).contains("ID", "READY", "feed.api", "0/2", "2 PENDING");
    assertThat(tide("job", "scale", "feed.api", "3")).isZero();
    said();
    assertThat(tide("instance", "list", "feed.api")).isZero();
    assertThat(said()).contains("feed.api#0", "feed.api#1", "feed.api#2");
    assertThat(tide("explain", "feed.api")).isZero();
    assertThat(said()).contains("3 of 3 instances of feed.api wait");
    assertThat(tide("job", "stop", "feed.api", "--wait")).isZero();
    assertThat(tide("job", "list", "--group", "feed", "-o", "json")).isZero();
    assertThat(said()).endsWith("[ ]" + System.lineSeparator());
  }

  @Test
  void aJobsHistoryTellsWhatChangedAndItGoesBack() throws Exception {
    tide("job", "run", file(JOB));
    tide("job", "run", file(JOB.replace("feed/api:1", "feed/api:2")));
    assertThat(tide("job", "restart", "feed.api", "--dry-run")).isZero();
    assertThat(tide("job", "restart", "feed.api")).isZero();
    assertThat(said()).endsWith("feed.api is being restarted" + System.lineSeparator());
    assertThat(tide("job", "history", "feed.api")).isZero();
    assertThat(said())
        .contains("container.image: feed/api:1 -> feed/api:2", "runs the same as the one before")
        .containsPattern("revision \\d+ \\(current\\): ");
    assertThat(tide("job", "rollback", "feed.api", "--dry-run")).isZero();
    assertThat(tide("job", "rollback", "feed.api")).as("to what was whole").isZero();
    said();
    assertThat(tide("job", "get", "feed.api")).isZero();
    assertThat(said()).contains("feed/api:1");
    assertThat(tide("job", "rollback", "feed.api")).as("no earlier one").isEqualTo(1);
  }

  @Test
  void aDeploymentIsShownPausedAndTakenBack() throws Exception {
    tide("job", "run", file(JOB));
    assertThat(tide("deploy", "status", "feed.api")).as("none yet").isEqualTo(1);
    tide("job", "run", file(JOB.replace("feed/api:1", "feed/api:2")));
    said();
    assertThat(tide("deploy", "list", "--job", "feed.api")).isZero();
    assertThat(said()).containsPattern("feed.api@\\d+ +ROLLING");
    assertThat(tide("deploy", "pause", "feed.api")).isZero();
    assertThat(said()).contains("PAUSED", "2 of 2 are updated", "waits: PAUSED");
    assertThat(tide("deploy", "promote", "feed.api")).as("it is paused").isEqualTo(1);
    assertThat(tide("deploy", "resume", "feed.api", "--dry-run")).isZero();
    assertThat(tide("deploy", "abort", "feed.api")).isZero();
    assertThat(said()).contains("ROLLING_BACK");
    assertThat(tide("job", "get", "feed.api")).isZero();
    assertThat(said()).contains("feed/api:1");
    assertThat(tide("deploy", "list", "--state", "rolling")).isZero();
    assertThat(tide("deploy", "list", "--job", "feed.none")).isEqualTo(1);
  }

  @Test
  void aPlanTellsWhatAChangeWouldBringAbout() throws Exception {
    String cloud =
        """
        name: cloud
        kind: on-demand
        pricePerHour: 0.42
        hosts: {max: 3}
        template: {driver: local, resources: {cpus: 2, memoryMiB: 4096}}
        ---
        path: feed
        quotas: {cloud: {limit: {cpus: 1}}}
        ---
        """;
    said();
    String documents = cloud + JOB.replace("instances: 2", "instances: 3");
    assertThat(tide("plan", file(documents))).isZero();
    assertThat(said())
        .contains(
            "order    1 host in cloud",
            "place    2 instances of feed.api on new-cloud-1 in cloud, burst (a host to come)",
            "wait     1 instance of feed.api",
            "QUOTA_LIMIT",
            "freed by:",
            "Cost per hour: 0 now, 0.42 then.");
    assertThat(tide("job", "list", "-o", "json")).isZero();
    assertThat(said()).as("nothing is done").contains("[ ]");
    tide("job", "run", file(JOB));
    said();
    assertThat(tide("plan", "-f", file("changes: [{scale: {job: feed.api, instances: 2}}]")))
        .isZero();
    assertThat(said())
        .contains("wait     2 instances of feed.api", "Cost per hour: 0 now, 0 then.");
    assertThat(tide("plan", file("{a: 1}"))).isEqualTo(2);
    assertThat(tide("plan")).isEqualTo(2);
    assertThat(tide("plan", file("changes: [{scale: {job: feed.none, instances: 2}}]")))
        .isEqualTo(1);
    assertThat(err.toString()).contains("changes[0]", "feed.none");
  }

  @Test
  void poolsAndGroupsAreListed() throws Exception {
    said();
    tide("pool", "list");
    assertThat(said()).contains("idc", "owned", "0.1");
    tide("group", "list");
    assertThat(said())
        .containsPattern("feed +idc +1 +cpus +0 +0 +0 +0 +0 +9")
        .containsPattern("memoryMiB .* any");
    tide("host", "list");
    assertThat(said()).startsWith("ID");
  }

  @Test
  void whatIsReadAsYamlIsTakenBack() throws Exception {
    tide("job", "run", file(JOB));
    for (String[] kind : new String[][] {{"job", "run"}, {"pool", "put"}, {"group", "put"}}) {
      said();
      assertThat(tide(kind[0], "list", "-o", "yaml")).isZero();
      String documents = said();
      assertThat(documents).startsWith("---");
      assertThat(tide(kind[0], kind[1], file(documents))).as(documents).isZero();
      assertThat(err.toString()).isEmpty();
    }
    said();
    assertThat(tide("job", "get", "feed.api", "-o", "yaml")).isZero();
    assertThat(said()).contains("id: feed.api", "image: feed/api:1");
  }

  @Test
  void aClusterIsToldOfAndTakenApart() throws Exception {
    tide("job", "run", file(JOB));
    said();
    assertThat(tide("status")).isZero();
    assertThat(said())
        .contains("The server is leading", "idc", "2 PENDING", "1 job is not whole", "feed.api")
        .contains("0/2", "No order is open.");
    assertThat(tide("group", "delete", "feed")).isEqualTo(1);
    assertThat(err.toString()).contains("job feed.api belongs to it", "remove that first");
    tide("job", "stop", "feed.api", "--wait");
    said();
    assertThat(tide("pool", "delete", "idc")).isEqualTo(1);
    assertThat(tide("group", "delete", "feed")).isZero();
    assertThat(tide("pool", "delete", "idc")).isZero();
    assertThat(said()).contains("group feed deleted", "pool idc deleted");
    assertThat(tide("pool", "delete", "idc")).as("it is gone").isEqualTo(1);
    assertThat(tide("status")).isZero();
    assertThat(said()).contains("All jobs are whole.", "Instances: none");
  }

  @Test
  void aHostsStatusSaysWhatRunsThereAndWhatIsUsed() throws Exception {
    launched(JOB.replace("instances: 2", "reclaimable: true"));
    said();
    assertThat(tide("host", "status", "h1")).isZero();
    assertThat(said())
        .contains("host h1 in idc is ready", "used: 0 cpus", "0.5 cpus", "feed.api#0", "borrowed");
    assertThat(tide("group", "get", "feed")).isZero();
    assertThat(said())
        .contains("group feed")
        .containsPattern("feed +idc +1 +cpus +0 +0.5 +0.5 +0 +0 +9");
    assertThat(tide("host", "status", "h9")).isEqualTo(1);
  }

  @Test
  void aDryRunSaysWhatAPlanSaysAndDoesNothing() throws Exception {
    said();
    assertThat(tide("job", "run", file(JOB), "--dry-run", "--wait")).isZero();
    assertThat(said()).contains("wait     2 instances of feed.api", "Cost per hour");
    assertThat(tide("job", "run", file(JOB.replace("cpus: 0.5", "cpus: no")), "--dry-run"))
        .isEqualTo(1);
    assertThat(tide("job", "scale", "feed.api", "3", "--dry-run")).as("no such").isEqualTo(1);
    assertThat(tide("job", "list", "-o", "json")).isZero();
    assertThat(said()).isEqualToIgnoringNewLines("[ ]");
    tide("job", "run", file(JOB));
    said();
    assertThat(tide("job", "scale", "feed.api", "3", "--dry-run")).isZero();
    assertThat(said()).contains("wait     3 instances of feed.api");
    assertThat(tide("job", "stop", "feed.api", "--dry-run")).isZero();
    assertThat(tide("group", "delete", "feed", "--dry-run")).as("it has a job").isEqualTo(1);
    assertThat(tide("pool", "put", file("{name: b, kind: owned}"), "--dry-run")).isZero();
    assertThat(tide("group", "put", file("{path: b, quotas: {none: {limit: {}}}}"), "--dry-run"))
        .isEqualTo(1);
    assertThat(tide("host", "drain", "h9", "--dry-run")).isEqualTo(1);
    said();
    assertThat(tide("pool", "list", "-o", "name")).isZero();
    assertThat(tide("job", "list")).isZero();
    assertThat(said()).startsWith("idc" + System.lineSeparator()).contains("2 PENDING");
  }

  @Test
  void aRefusalSaysFieldAndFix() throws Exception {
    assertThat(tide("job", "run", file(JOB.replace("instances", "instnaces")))).isEqualTo(1);
    assertThat(err.toString())
        .contains("field: instnaces", "fix:   did you mean 'instances'?")
        .doesNotContain("\tat ");
  }

  @Test
  void waitingInVainSaysWhyAndExits4() throws Exception {
    assertThat(tide("job", "run", file(JOB), "--wait", "--timeout", "1")).isEqualTo(4);
    assertThat(said()).contains("0 of 2 ready, 2 PENDING", "Not there after 1 s.", "wait");
  }

  @Test
  void whatFailsIsToldWhileWaitingAndAfterwards() throws Exception {
    String job = JOB.replace("instances: 2", "kind: batch\nreclaimable: true");
    Task task = launched(job);
    tell(task, TaskState.FAILED, "exited with status 3");
    await(() -> instance().filter(it -> it.state() == InstanceState.FAILED));
    said();
    assertThat(tide("job", "run", file(job), "--wait")).isEqualTo(1);
    assertThat(said())
        .contains(
            "1 FAILED", "one attempt FAILED: exited with status 3; last feed.api#0 on host h1");
    assertThat(tide("explain", "feed.api")).isZero();
    assertThat(said()).contains("exited with status 3");
  }

  @Test
  void whyAHostIsNotEmptyThoughNothingRunsThereIsTold() throws Exception {
    Task task = launched(JOB.replace("instances: 2", "reclaimable: true"));
    tell(task, TaskState.RUNNING, "");
    tell(task, TaskState.FAILED, TaskUpdate.EXECUTOR_TERMINATED, "executor terminated");
    await(() -> instance().filter(it -> it.state() == InstanceState.DETACHED));
    said();
    assertThat(tide("explain", "feed.api")).isZero();
    assertThat(said()).contains("RETURNS", "its container may still run there");
    assertThat(tide("job", "stop", "feed.api", "--wait")).isZero();
    said();
    assertThat(tide("host", "get", "h1")).isZero();
    assertThat(said())
        .contains(
            "with 0 instances", "not empty: " + task.id() + " of feed.api#0 lost its executor");
    assertThat(tide("host", "get", "h1", "-o", "json")).isZero();
    assertThat(said()).contains("\"remains\"", "\"taskId\" : \"" + task.id() + "\"");
  }

  @Test
  void aHostSaysWhenItsMachineIsAwayAndALostOneCanBeForgotten() throws Exception {
    loop.submit(new Event.Subscribed("F1"));
    offer();
    Task warden = host().warden().orElseThrow();
    tell(warden, TaskState.RUNNING, "");
    Instant start = Instant.parse("2100-01-01T00:00:00Z");
    Maintenance window = new Maintenance(start, Optional.of(start.plusSeconds(3600)));
    loop.submit(new Event.InverseOffered("i1", "agent-1", window));
    await(
        () ->
            Optional.of(view().hosts().get("h1"))
                .filter(host -> host.maintenance().isPresent())
                .filter(host -> host.host().wardenRuns()));
    said();
    String away = "from 2100-01-01T00:00:00Z to 2100-01-01T01:00:00Z";
    assertThat(tide("host", "list")).isZero();
    assertThat(said()).contains("AWAY", away, "ready").doesNotContain(" by ");
    assertThat(tide("host", "get", "h1")).isZero();
    assertThat(said()).contains("its machine is away " + away);

    assertThat(tide("host", "remove", "h1")).as("it is there").isNotZero();
    assertThat(tide("host", "remove", "h2")).as("there is none").isNotZero();
    tell(warden, TaskState.UNREACHABLE, "");
    await(() -> Optional.of(host()).filter(host -> host.condition() == HostCondition.LOST));
    said();
    assertThat(tide("host", "remove", "h1")).isZero();
    assertThat(said()).contains("host h1 removed");
    assertThat(view().hosts()).isEmpty();
  }

  /** The first task of a job that is run on a host that is ready. */
  private Task launched(String job) throws Exception {
    loop.submit(new Event.Subscribed("F1"));
    offer();
    tell(host().warden().orElseThrow(), TaskState.RUNNING, "");
    offer();
    assertThat(tide("job", "run", file(job))).isZero();
    // What was offered before there was a job is declined, and comes again.
    return await(
        () -> {
          submitOffer();
          return instance().flatMap(Instance::task);
        });
  }

  private void offer() throws Exception {
    submitOffer();
    await(() -> Optional.ofNullable(view().hosts().get("h1")).flatMap(h -> h.host().warden()));
  }

  private void submitOffer() {
    loop.submit(
        new Event.OffersReceived(
            List.of(
                new Offer(
                    "o" + ++offers,
                    "agent-1",
                    "h1.example",
                    "10.0.0.1:5051",
                    Map.of("node", "h1"),
                    Resources.of(4000, 4096, 10_000),
                    Resources.of(4000, 4096, 10_000),
                    PortRanges.of(31000, 31999),
                    offers == 1 ? Set.of() : Set.of("springtide"),
                    Optional.empty()))));
  }

  private void tell(Task task, TaskState state, String message) {
    tell(task, state, "", message);
  }

  private void tell(Task task, TaskState state, String reason, String message) {
    loop.submit(
        new Event.TaskUpdated(
            new TaskUpdate(
                task.id(), task.agentId(), state, reason, message, Optional.empty(), "")));
  }

  private Host host() {
    return view().hosts().get("h1").host();
  }

  private Optional<Instance> instance() {
    return Optional.ofNullable(view().jobs().get("feed.api"))
        .flatMap(job -> job.instance(0))
        .map(ClusterView.InstanceView::instance);
  }

  private ClusterView view() {
    return published.view();
  }

  /** Waits until there is one. */
  private static <T> T await(Supplier<Optional<T>> wanted) throws InterruptedException {
    for (int tries = 0; tries < 3000; tries++) {
      Optional<T> found = wanted.get();
      if (found.isPresent()) {
        return found.get();
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
    throw new AssertionError("it never came");
  }

  @Test
  void whatIsNotThereIsTold() throws Exception {
    assertThat(tide("job", "stop", "feed.none")).isEqualTo(1);
    assertThat(err.toString()).contains("feed.none");
    assertThat(tide("job", "run", dir.resolve("none.yaml").toString())).isEqualTo(2);
    assertThat(err.toString()).contains("there is no file");
    assertThat(tide("job", "run", file("instances: 3"))).isEqualTo(2);
    assertThat(err.toString()).contains("has no name");
    assertThat(tide("job", "run", file("a: [1"))).isEqualTo(2);
    assertThat(err.toString()).contains("is not YAML at line 1");
    assertThat(tide("job", "run", file("id: &x feed.api\nkind: *x"))).isEqualTo(2);
    assertThat(err.toString()).contains("a reference at line 2").doesNotContain("Source:");
  }

  @Test
  void aServerThatIsNotThereIsTold() {
    assertThat(run("--api", "http://127.0.0.1:1", "job", "list")).isEqualTo(3);
    assertThat(err.toString()).contains("no answer from http://127.0.0.1:1", "TIDE_API");
    assertThat(run("--api", "not a url", "job", "list")).isEqualTo(2);
    assertThat(run("--api", "http://127.0.0.1:65536", "job", "list")).isEqualTo(2);
  }

  @Test
  void helpTeaches() {
    assertThat(run("--help")).isZero();
    assertThat(said()).contains("tide job run job.yaml --wait", "Exit codes");
    assertThat(run("job", "run", "--help")).isZero();
    assertThat(said()).contains("resources: {cpus: 0.5, memoryMiB: 256}");
    assertThat(run("job")).isEqualTo(2);
    assertThat(run("jbo")).isEqualTo(2);
    assertThat(err.toString()).contains("tide job");
  }

  @Test
  void aSlipIsCorrectedButNeverToWhatTakesSomethingDown() {
    for (String[] slip :
        new String[][] {
          {"job", "lst", "tide job list"},
          {"jbo", "", "tide job"},
          {"job", "sclae", "tide job scale"},
          {"job", "stpo", "tide job stop"}
        }) {
      err.getBuffer().setLength(0);
      assertThat(slip[1].isEmpty() ? run(slip[0]) : run(slip[0], slip[1])).isEqualTo(2);
      assertThat(err.toString()).contains("did you mean '" + slip[2] + "'");
    }
    for (String[] harmless :
        new String[][] {
          {"restart"},
          {"job", "restart"},
          {"job", "start"},
          {"job", "top"},
          {"job", "stats"},
          {"host", "train"},
          {"host", "corn"},
          {"job", "show"},
          {"job", "s"}
        }) {
      err.getBuffer().setLength(0);
      assertThat(run(harmless)).isEqualTo(2);
      assertThat(err.toString())
          .as(String.join(" ", harmless))
          .startsWith("tide: ")
          .doesNotContainPattern("did you mean '[^']*(stop|drain|remove|cordon)'")
          .contains("fix:");
    }
    err.getBuffer().setLength(0);
    assertThat(run("job", "logs")).isEqualTo(2);
    assertThat(err.toString()).contains("output is in the task's sandbox");
  }

  @Test
  void thereIsAVersionAndOneHelp() throws Exception {
    said();
    assertThat(run("--version")).isZero();
    assertThat(said()).startsWith("tide ");
    assertThat(run("--help")).isZero();
    String script = Files.readString(Path.of("src/main/resources/io/springtide/cli/help.txt"));
    assertThat(said().strip()).isEqualTo(script.strip());
    for (String command : List.of("job", "instance", "pool", "group", "host", "image", "plan")) {
      assertThat(script).contains("tide " + command);
      assertThat(run(command, "--help")).isZero();
    }
  }

  @Test
  void aFilterOnWhatIsNotThereIsAnError() throws Exception {
    for (String[] asked :
        new String[][] {
          {"instance", "list", "feed.none"},
          {"instance", "list", "--group", "none"},
          {"instance", "list", "--host", "none"},
          {"instance", "list", "--pool", "none"},
          {"job", "list", "--group", "none"},
          {"host", "list", "--pool", "none"},
          {"job", "status", "feed.none"},
          {"explain", "feed.none"}
        }) {
      err.getBuffer().setLength(0);
      assertThat(tide(asked)).as(String.join(" ", asked)).isEqualTo(1);
      assertThat(err.toString()).contains("none", "fix:").doesNotContain("/v1/", "GET", "PUT");
    }
    said();
    assertThat(tide("instance", "list", "--pool", "idc")).as("it is there and empty").isZero();
    assertThat(said()).startsWith("ID");
  }

  @Test
  void aJobsStatusSaysWhatRunsAndWhyTheRestDoesNot() throws Exception {
    tide("job", "run", file(JOB));
    said();
    assertThat(tide("job", "status", "feed.api")).isZero();
    assertThat(said()).contains("feed.api: 0 of 2 ready", "feed.api#1", "PENDING", "wait:");
  }

  @Test
  void whatMayNotDoWhatWasHopedIsWarnedOf() throws Exception {
    String job =
        "{id: feed.named, resources: {cpus: 1, memoryMiB: 64}, container: {image: a, ports: [{name:"
            + " http, container: 80}]}, discovery: [{consul: {service: a_b, port: http}}]}";
    assertThat(tide("job", "run", file(job))).isZero();
    assertThat(err.toString()).contains("warning: feed.named", "DNS", "discovery[0]");
  }

  private int tide(String... arguments) {
    String[] all = new String[arguments.length + 2];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = "--api";
    all[arguments.length + 1] = "http://127.0.0.1:" + api.port();
    return run(all);
  }

  private int run(String... arguments) {
    return TideMain.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
  }

  /** What was printed since it was last asked. */
  private String said() {
    String text = out.toString();
    out.getBuffer().setLength(0);
    return text;
  }

  private String file(String text) throws IOException {
    return Files.writeString(Files.createTempFile(dir, "doc", ".yaml"), text).toString();
  }
}
