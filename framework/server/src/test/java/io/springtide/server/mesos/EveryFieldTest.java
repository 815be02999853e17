package io.springtide.server.mesos;

import static io.springtide.server.DocumentTree.fields;
import static io.springtide.server.DocumentTree.set;
import static io.springtide.server.DocumentTree.yaml;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.NotYet;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.StateStore;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import io.springtide.server.DocumentTree;
import io.springtide.server.document.GroupDocument;
import io.springtide.server.document.JobDocument;
import io.springtide.server.document.PoolDocument;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each field that a job's document may have does something: a job with it leads to other calls to
 * Mesos than one without, in the same little history. What does nothing yet is refused.
 */
class EveryFieldTest {
  private static final ExecutorInfo EXECUTOR =
      ExecutorInfo.newBuilder().setExecutorId(ExecutorID.newBuilder().setValue("executor")).build();
  private static final String JOB =
      """
      id: feed.api
      instances: 4
      resources: {cpus: 1, memoryMiB: 256}
      reclaimable: true
      container:
        image: feed/api:1
        ports: [{name: http, container: 8080}, {name: admin, container: 9090}]
        mounts: [{source: /data, target: /data}]
      tools: [{name: log, image: "log:1"}]
      health: {http: {port: http}}
      discovery: [{consul: {service: api, port: http}}]
      """;

  /** Fields by their path, and a value that is not their default. */
  private static final Map<String, String> CHANGED =
      Map.ofEntries(
          Map.entry("id", "feed.other"),
          Map.entry("kind", "batch"),
          Map.entry("instances", "3"),
          Map.entry("resources", "{cpus: 2, memoryMiB: 256}"),
          Map.entry("resources.cpus", "2"),
          Map.entry("resources.memoryMiB", "300"),
          Map.entry("resources.diskMiB", "10"),
          Map.entry("resources.gpus", "1"),
          Map.entry("resources.scalars", "{crossLinkMbps: 10}"),
          Map.entry("runtime", "process"),
          Map.entry("container", "{image: \"feed/api:2\", ports: [{name: http}, {name: admin}]}"),
          Map.entry("container.image", "\"feed/api:2\""),
          Map.entry("container.command", "[serve]"),
          Map.entry("container.env", "{A: b}"),
          Map.entry("container.network", "host"),
          Map.entry("container.ports", "[{name: http, container: 81}, {name: admin}]"),
          Map.entry("container.ports.0.name", "web"),
          Map.entry("container.ports.0.container", "8081"),
          Map.entry("container.ports.0.host", "31500"),
          Map.entry("container.mounts", "[]"),
          Map.entry("container.mounts.0.source", "/data/feed"),
          Map.entry("container.mounts.0.target", "/feed"),
          Map.entry("container.mounts.0.readOnly", "true"),
          Map.entry("container.privileged", "true"),
          Map.entry("tools", "[]"),
          Map.entry("tools.0.name", "tail"),
          Map.entry("tools.0.image", "\"log:2\""),
          Map.entry("tools.0.command", "[tail]"),
          Map.entry("tools.0.env", "{A: b}"),
          Map.entry("health", "{tcp: {port: http}}"),
          Map.entry("health.http", "{port: admin}"),
          Map.entry("health.http.port", "admin"),
          Map.entry("health.http.path", "/ping"),
          Map.entry("health.tcp", "{port: http}"),
          Map.entry("health.tcp.port", "admin"),
          Map.entry("health.command", "[probe]"),
          Map.entry("health.grace", "31s"),
          Map.entry("health.interval", "6s"),
          Map.entry("health.timeout", "3s"),
          Map.entry("health.failures", "4"),
          Map.entry("discovery", "[]"),
          Map.entry("discovery.0.consul", "{service: other, port: http}"),
          Map.entry("discovery.0.consul.service", "other"),
          Map.entry("discovery.0.consul.port", "admin"),
          Map.entry("discovery.0.consul.tags", "[v1]"),
          Map.entry("pools", "[second]"),
          Map.entry("constraints", "[{match: place, in: [second]}]"),
          Map.entry("priority", "5"),
          Map.entry("reclaimable", "false"),
          Map.entry("update", "{maxUnavailable: 2}"),
          Map.entry("update.maxUnavailable", "2"),
          Map.entry("failure", "{backoff: 7s}"),
          Map.entry("failure.backoff", "7s"),
          Map.entry("failure.maxBackoff", "1s"),
          Map.entry("failure.unreachableAfter", "10s"),
          Map.entry("stop", "{drain: 7s}"),
          Map.entry("stop.drain", "7s"),
          Map.entry("stop.grace", "7s"));

  /** Values of what does nothing yet. */
  private static final Map<String, String> WITHOUT_EFFECT =
      Map.of(
          "update.maxSurge", "1",
          "update.canary", "1",
          "update.healthyWithin", "7m",
          "update.autoRollback", "true",
          "discovery.upsync", "{upstream: u, port: http}");

  /** What may stand in a document that was read, and is passed over. */
  private static final Set<String> PASSED_OVER = Set.of("version", "status", "effects", "warnings");

  /** Objects in the document: what stands around them must be there to ask for their fields. */
  private static final List<String> OBJECTS =
      List.of(
          "",
          "resources",
          "container",
          "container.ports.0",
          "container.mounts.0",
          "tools.0",
          "health",
          "health.http",
          "health.tcp",
          "discovery.0",
          "discovery.0.consul",
          "update",
          "failure",
          "stop");

  @Test
  void eachFieldOfTheDocumentIsInOneOfTheLists() {
    Set<String> fields = fields(OBJECTS, EveryFieldTest::known);
    Set<String> listed = new TreeSet<>(CHANGED.keySet());
    listed.addAll(NotYet.paths());
    listed.addAll(PASSED_OVER);
    fields.remove("discovery.0.upsync");
    listed.remove("discovery.upsync");
    assertThat(listed).isEqualTo(fields);
    assertThat(WITHOUT_EFFECT.keySet()).containsExactlyInAnyOrderElementsOf(NotYet.paths());
  }

  @TestFactory
  Stream<DynamicTest> eachFieldHasAnEffect() {
    List<String> base = history(yaml(JOB));
    return new TreeMap<>(CHANGED)
        .entrySet().stream()
            .map(
                field ->
                    DynamicTest.dynamicTest(
                        field.getKey(),
                        () ->
                            assertThat(history(with(field.getKey(), field.getValue())).equals(base))
                                .as("the same calls as without it")
                                .isFalse()));
  }

  @TestFactory
  Stream<DynamicTest> whatDoesNothingYetIsRefusedAndMayBePutBackWhereItIsStored() {
    return new TreeMap<>(WITHOUT_EFFECT)
        .entrySet().stream()
            .map(
                field ->
                    DynamicTest.dynamicTest(
                        field.getKey(),
                        () -> {
                          JsonNode job =
                              field.getKey().equals("discovery.upsync")
                                  ? with("discovery", "[{upsync: " + field.getValue() + "}]")
                                  : with(field.getKey(), field.getValue());
                          Little cluster = new Little();
                          Outcome outcome = cluster.put(job);
                          assertThat(outcome).isInstanceOf(Outcome.Refused.class);
                          Outcome.Refused refused = (Outcome.Refused) outcome;
                          assertThat(refused.field().replace("[0]", "")).isEqualTo(field.getKey());
                          assertThat(refused.detail()).contains("not supported yet");
                          assertThat(refused.fix()).isNotEmpty();

                          // Stored since before it was refused: what is read may be put back.
                          JobSpec spec = JobDocument.read(job);
                          cluster.restartHaving(spec);
                          JsonNode read =
                              JobDocument.write(
                                  cluster.core.view().jobs().get("feed.api").job().spec());
                          assertThat(cluster.put(read)).isInstanceOf(Outcome.Done.class);
                          ((ObjectNode) read).put("instances", 2);
                          assertThat(cluster.put(read)).isInstanceOf(Outcome.Done.class);
                          ((ObjectNode) read).put("id", "feed.copy");
                          assertThat(cluster.put(read)).isInstanceOf(Outcome.Refused.class);
                        }));
  }

  @Test
  void noBudgetAtAllIsRefusedSinceNothingCouldEverBeReplaced() {
    assertThatThrownBy(() -> JobDocument.read(with("update.maxUnavailable", "0")))
        .isInstanceOf(InvalidModelException.class)
        .hasFieldOrPropertyWithValue("field", "update.maxUnavailable")
        .hasMessageContaining("no instance could ever be replaced");
  }

  /** The fields that an object of the document may have, as its parser says them. */
  private static List<String> known(String object) {
    ObjectNode job = (ObjectNode) with(object.equals("health.tcp") ? "health" : "stop", "{}");
    if (object.equals("health.tcp")) {
      job.set("health", yaml("{tcp: {port: http}}"));
    }
    return DocumentTree.known(job, object, JobDocument::read);
  }

  private static JsonNode with(String path, String value) {
    ObjectNode job = (ObjectNode) yaml(JOB);
    if (path.startsWith("health.tcp") || path.equals("health.command")) {
      job.set("health", yaml("{}"));
    }
    if (path.equals("health.http.port") || path.equals("health.http.path")) {
      job.set("health", yaml("{http: {port: http}}"));
    }
    if (path.equals("container.ports.0.name")) {
      // Whoever names a port names it everywhere.
      job.set("health", yaml("{http: {port: web}}"));
      job.set("discovery", yaml("[{consul: {service: api, port: web}}]"));
    }
    if (path.equals("runtime")) {
      job.remove("tools");
      job.set("container", yaml("{command: [a], ports: [{name: http}, {name: admin}]}"));
    }
    if (path.equals("kind")) {
      job.remove("discovery");
    }
    set(job, path, yaml(value));
    return job;
  }

  private static List<String> history(JsonNode job) {
    Little cluster = new Little();
    Outcome outcome = cluster.put(job);
    assertThat(outcome).as("%s", outcome).isInstanceOf(Outcome.Done.class);
    return cluster.live();
  }

  /** Two pools, a group, a job, and a history of half an hour. */
  private static final class Little {
    private final TaskWriter writer = new TaskWriter("127.0.0.1:8500");
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private SchedulerCore core =
        SchedulerCore.restore(CoreConfig.of("executor"), StateStore.Loaded.EMPTY, now);
    private final List<Change> durable = new ArrayList<>();
    private final List<String> calls = new ArrayList<>();
    private final Map<String, Task> tasks = new TreeMap<>();
    private int serial;

    Little() {
      send(new Event.Subscribed("F1"));
      for (String pool : List.of("idc", "second")) {
        done(
            new Event.PutPool(
                "r",
                PoolDocument.read(
                    yaml(
                        "{name: "
                            + pool
                            + ", kind: owned, selector: {place: "
                            + pool
                            + "}, shared: {crossLinkMbps: 10}}")),
                OptionalLong.empty()));
      }
      done(
          new Event.PutGroup(
              "r",
              GroupDocument.read(
                  yaml(
                      """
                      path: feed
                      quotas: {idc: {limit: {}}, second: {limit: {}}}
                      policy: {privileged: true, mounts: [/data], runtimes: ["*"], networks: ["*"]}
                      """)),
              OptionalLong.empty()));
    }

    Outcome put(JsonNode job) {
      return send(new Event.PutJob("r", JobDocument.read(job), OptionalLong.empty())).stream()
          .filter(Effect.Reply.class::isInstance)
          .map(effect -> ((Effect.Reply) effect).outcome())
          .findFirst()
          .orElseThrow();
    }

    /** Another process goes on, and finds a job that it would not take today. */
    void restartHaving(JobSpec spec) {
      durable.add(new Change.JobPut(new Job(spec, 1, 1, 0, List.of(), false, now)));
      core =
          SchedulerCore.restore(
              CoreConfig.of("executor"), new StateStore.Loaded(core.version() + 1, durable), now);
    }

    private void done(Event.Command command) {
      Outcome outcome =
          send(command).stream()
              .filter(Effect.Reply.class::isInstance)
              .map(effect -> ((Effect.Reply) effect).outcome())
              .findFirst()
              .orElseThrow();
      assertThat(outcome).isInstanceOf(Outcome.Done.class);
    }

    /** A second job waits beside it; tasks run, fail, vanish; the job is changed and stopped. */
    List<String> live() {
      done(
          new Event.PutJob(
              "r",
              JobDocument.read(
                  yaml(
                      """
                      id: feed.beside
                      instances: 12
                      resources: {cpus: 1, memoryMiB: 64}
                      reclaimable: true
                      container: {image: "beside:1"}
                      """)),
              OptionalLong.empty()));
      for (String host : List.of("h1", "h2", "h3")) {
        offer(host);
        run();
      }
      offerAll();
      run();
      pass(60);
      // From here on there is room for all.
      done(new Event.SetInstances("r", "feed.beside", 1, OptionalLong.empty()));
      for (Task task : List.copyOf(tasks.values())) {
        if (task.id().startsWith("feed.beside.") && !task.id().startsWith("feed.beside.0.")) {
          tell(task, TaskState.KILLED, Optional.empty());
        }
      }
      first().ifPresent(task -> tell(task, TaskState.FAILED, Optional.empty()));
      passOffering(20);
      run();
      first().ifPresent(task -> tell(task, TaskState.FAILED, Optional.empty()));
      passOffering(30);
      run();
      first().ifPresent(task -> tell(task, TaskState.UNREACHABLE, Optional.empty()));
      pass(20);
      offerAll();
      pass(400);
      offerAll();
      run();
      var jobs = core.view().jobs();
      for (String id : List.copyOf(jobs.keySet())) {
        if (!id.equals("feed.beside")) {
          JsonNode changed = JobDocument.write(jobs.get(id).job().spec());
          ((ObjectNode) changed.get("container")).set("env", yaml("{CHANGED: later}"));
          put(changed);
          pass(20);
        }
      }
      return calls;
    }

    private Optional<Task> first() {
      return tasks.values().stream()
          .filter(task -> !task.id().startsWith("warden") && !task.id().startsWith("feed.beside"))
          .findFirst();
    }

    /** All that was launched runs, and is healthy. */
    private void run() {
      List<Task> all = List.copyOf(tasks.values());
      for (Task task : all) {
        tell(task, TaskState.RUNNING, Optional.of(true));
      }
    }

    private void offerAll() {
      List.of("h1", "h2", "h3").forEach(this::offer);
    }

    private void offer(String host) {
      send(
          new Event.OffersReceived(
              List.of(
                  new Offer(
                      "o" + ++serial,
                      "agent-" + host,
                      host,
                      "10.0.0.1:5051",
                      Map.of("node", host, "place", host.equals("h3") ? "second" : "idc"),
                      Resources.of(4100, 4096, 50_000),
                      Resources.of(4100, 4096, 50_000),
                      PortRanges.of(31000, 31999),
                      Set.of(),
                      Optional.empty()))));
    }

    private void tell(Task task, TaskState state, Optional<Boolean> healthy) {
      if (state.terminal() || state == TaskState.UNREACHABLE) {
        tasks.remove(task.id());
      }
      send(
          new Event.TaskUpdated(
              new TaskUpdate(
                  task.id(),
                  task.agentId(),
                  state,
                  "",
                  "",
                  "",
                  healthy,
                  "u",
                  now,
                  Optional.empty())));
    }

    private void pass(int seconds) {
      for (int second = 0; second < seconds; second++) {
        send(new Event.Tick());
        now = now.plus(Duration.ofMillis(900));
      }
    }

    /** What may not be started yet is declined, and offered again. */
    private void passOffering(int seconds) {
      for (int second = 0; second < seconds; second++) {
        offerAll();
        pass(1);
      }
    }

    private List<Effect> send(Event event) {
      now = now.plusMillis(100);
      List<Effect> effects = core.handle(event, now);
      effects.forEach(this::note);
      return effects;
    }

    private void note(Effect effect) {
      if (effect instanceof Effect.Accept accept) {
        for (TaskLaunch launch : accept.launches()) {
          tasks.put(launch.task().id(), launch.task());
          calls.add(
              now
                  + " launch on "
                  + launch.task().host()
                  + writer.write(launch, List.of(), EXECUTOR)
                  + launch.job().map(job -> "" + job.resources()).orElse(""));
        }
      } else if (effect instanceof Effect.Persist persist) {
        durable.addAll(persist.changes());
      } else if (effect instanceof Effect.Kill kill) {
        calls.add(now + " kill " + kill);
      }
    }
  }
}
