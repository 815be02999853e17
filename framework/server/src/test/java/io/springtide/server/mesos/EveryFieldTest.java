package io.springtide.server.mesos;

import static io.springtide.server.DocumentTree.each;
import static io.springtide.server.DocumentTree.fields;
import static io.springtide.server.DocumentTree.set;
import static io.springtide.server.DocumentTree.yaml;
import static io.springtide.server.VirtualCore.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Resources;
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
import io.springtide.scheduler.told.TaskState;
import io.springtide.server.DocumentTree;
import io.springtide.server.VirtualCore;
import io.springtide.server.document.JobDocument;
import java.time.Duration;
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
          Map.entry("batch", "{parallelism: 2}"),
          Map.entry("batch.parallelism", "2"),
          Map.entry("batch.retries", "1"),
          Map.entry("batch.deadline", "5m"),
          Map.entry("batch.ttl", "1m"),
          Map.entry("after", "[feed.before]"),
          Map.entry("stop", "{drain: 7s}"),
          Map.entry("stop.drain", "7s"),
          Map.entry("stop.grace", "7s"));

  /** Values of what does nothing yet. */
  private static final Map<String, String> WITHOUT_EFFECT =
      Map.of("discovery.upsync", "{upstream: u, port: http}");

  /** What shows only while a deployment is under way: {@code DeploymentTest} of the core. */
  private static final Set<String> OF_DEPLOYMENTS =
      Set.of(
          "update.maxSurge",
          "update.canary",
          "update.promote",
          "update.minHealthy",
          "update.healthyWithin",
          "update.autoRollback",
          "update.whileDeploying");

  /** What people find a job by: no call to Mesos depends on it. */
  private static final Map<String, String> FOR_PEOPLE =
      Map.of("labels", "{team: feed}", "owner", "feed-team@example");

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
          "batch",
          "stop");

  @Test
  void eachFieldOfTheDocumentIsInOneOfTheLists() {
    Set<String> fields = fields(OBJECTS, EveryFieldTest::known);
    Set<String> listed = new TreeSet<>(CHANGED.keySet());
    listed.addAll(NotYet.paths());
    listed.addAll(OF_DEPLOYMENTS);
    listed.addAll(FOR_PEOPLE.keySet());
    listed.addAll(PASSED_OVER);
    fields.remove("discovery.0.upsync");
    listed.remove("discovery.upsync");
    assertThat(listed).isEqualTo(fields);
    assertThat(WITHOUT_EFFECT.keySet()).containsExactlyInAnyOrderElementsOf(NotYet.paths());
  }

  @TestFactory
  Stream<DynamicTest> eachFieldHasAnEffect() {
    List<String> service = history(yaml(JOB));
    List<String> batch = history(with("kind", "batch"));
    return each(
        CHANGED,
        (field, value) ->
            assertThat(history(with(field, value)))
                .as("the same calls as without it")
                .isNotEqualTo(field.startsWith("batch") ? batch : service));
  }

  @TestFactory
  Stream<DynamicTest> whatIsForPeopleReachesNoTaskAndItsChangeRestartsNothing() {
    List<String> base = history(yaml(JOB));
    return each(
        FOR_PEOPLE,
        (field, value) -> {
          assertThat(history(with(field, value))).isEqualTo(base);
          Little cluster = new Little();
          done(cluster.core.putJob(yaml(JOB)));
          Job before = cluster.core.view().jobs().get("feed.api").job();
          done(cluster.core.putJob(with(field, value)));
          Job after = cluster.core.view().jobs().get("feed.api").job();
          assertThat(after.spec().notes()).isNotEqualTo(before.spec().notes());
          assertThat(after.version()).as("of the document").isGreaterThan(before.version());
          assertThat(after.revision()).as("of what runs").isEqualTo(before.revision());
        });
  }

  @TestFactory
  Stream<DynamicTest> whatDoesNothingYetIsRefusedAndMayBePutBackWhereItIsStored() {
    return each(
        WITHOUT_EFFECT,
        (field, value) -> {
          JsonNode job =
              field.equals("discovery.upsync")
                  ? with("discovery", "[{upsync: " + value + "}]")
                  : with(field, value);
          Little cluster = new Little();
          Outcome outcome = cluster.core.putJob(job);
          assertThat(outcome).isInstanceOf(Outcome.Refused.class);
          Outcome.Refused refused = (Outcome.Refused) outcome;
          assertThat(refused.field().replace("[0]", "")).isEqualTo(field);
          assertThat(refused.detail()).contains("not supported yet");
          assertThat(refused.fix()).isNotEmpty();

          // Stored since before it was refused: what is read may be put back.
          cluster.restartHaving(JobDocument.read(job));
          JsonNode read =
              JobDocument.write(cluster.core.view().jobs().get("feed.api").job().spec());
          assertThat(cluster.core.putJob(read)).isInstanceOf(Outcome.Done.class);
          ((ObjectNode) read).put("instances", 2);
          assertThat(cluster.core.putJob(read)).isInstanceOf(Outcome.Done.class);
          ((ObjectNode) read).put("id", "feed.copy");
          assertThat(cluster.core.putJob(read)).isInstanceOf(Outcome.Refused.class);
        });
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
    if (path.equals("kind") || path.startsWith("batch")) {
      job.remove("discovery");
    }
    if (path.startsWith("batch")) {
      job.put("kind", "batch");
    }
    set(job, path, yaml(value));
    return job;
  }

  private static List<String> history(JsonNode job) {
    Little cluster = new Little();
    cluster.never();
    done(cluster.core.putJob(job));
    return cluster.live();
  }

  /** Two pools, a group, a job, and a history of half an hour. */
  private static final class Little {
    private static final Resources MACHINE = Resources.of(4100, 4096, 50_000);

    private final TaskWriter writer = new TaskWriter("127.0.0.1:8500");
    private final List<Change> durable = new ArrayList<>();
    private final List<String> calls = new ArrayList<>();
    private final Map<String, Task> tasks = new TreeMap<>();
    private final VirtualCore core = new VirtualCore(CoreConfig.of("executor"), this::note);

    Little() {
      for (String pool : List.of("idc", "second")) {
        done(
            core.putPool(
                yaml(
                    "{name: %s, kind: owned, selector: {place: %s}, shared: {crossLinkMbps: 10}}"
                        .formatted(pool, pool))));
      }
      done(
          core.putGroup(
              yaml(
                  """
                  path: feed
                  quotas: {idc: {limit: {}}, second: {limit: {}}}
                  policy: {privileged: true, mounts: [/data], runtimes: ["*"], networks: ["*"]}
                  """)));
    }

    /** A job that finds no place, and so never finishes. */
    private void never() {
      done(
          core.putJob(
              yaml(
                  """
                  id: feed.before
                  kind: batch
                  resources: {cpus: 1, memoryMiB: 64}
                  container: {image: "before:1"}
                  constraints: [{match: place, in: [nowhere]}]
                  """)));
    }

    /** Another process goes on, and finds a job that it would not take today. */
    void restartHaving(JobSpec spec) {
      durable.add(new Change.JobPut(Job.created(spec, 1, new Job.Made("", core.now()))));
      core.restart(new StateStore.Loaded(core.version() + 1, durable));
    }

    /** A second job waits beside it; tasks run, fail, vanish; the job is changed and stopped. */
    List<String> live() {
      done(
          core.putJob(
              yaml(
                  """
                  id: feed.beside
                  instances: 12
                  resources: {cpus: 1, memoryMiB: 64}
                  reclaimable: true
                  container: {image: "beside:1"}
                  """)));
      for (String host : List.of("h1", "h2", "h3")) {
        offer(host);
        run();
      }
      offerAll();
      run();
      pass(60);
      // From here on there is room for all.
      done(core.ask(new Event.SetInstances("r", "feed.beside", 1, OptionalLong.empty())));
      for (Task task : List.copyOf(tasks.values())) {
        if (task.id().startsWith("feed.beside.") && !task.id().startsWith("feed.beside.0.")) {
          tell(task, TaskState.KILLED);
        }
      }
      first().ifPresent(task -> tell(task, TaskState.FAILED));
      passOffering(20);
      run();
      first().ifPresent(task -> tell(task, TaskState.FAILED));
      passOffering(30);
      run();
      first().ifPresent(task -> tell(task, TaskState.UNREACHABLE));
      pass(20);
      offerAll();
      pass(400);
      offerAll();
      run();
      var jobs = core.view().jobs();
      for (String id : List.copyOf(jobs.keySet())) {
        if (!id.startsWith("feed.be")) {
          JsonNode changed = JobDocument.write(jobs.get(id).job().spec());
          ((ObjectNode) changed.get("container")).set("env", yaml("{CHANGED: later}"));
          core.putJob(changed);
          pass(20);
        }
      }
      for (Task task : List.copyOf(tasks.values())) {
        if (!task.id().startsWith("warden")) {
          tell(task, TaskState.FINISHED);
        }
      }
      pass(90);
      calls.add("in the end there are " + core.view().jobs().keySet());
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
        tell(task, TaskState.RUNNING);
      }
    }

    private void offerAll() {
      List.of("h1", "h2", "h3").forEach(this::offer);
    }

    private void offer(String host) {
      core.pass(Duration.ofMillis(100));
      core.offer(
          host, Map.of("node", host, "place", host.equals("h3") ? "second" : "idc"), MACHINE);
    }

    private void tell(Task task, TaskState state) {
      if (state.terminal() || state == TaskState.UNREACHABLE) {
        tasks.remove(task.id());
      }
      core.pass(Duration.ofMillis(100));
      core.tell(task, state);
    }

    private void pass(int seconds) {
      for (int second = 0; second < seconds; second++) {
        core.pass(Duration.ofSeconds(1));
        core.send(new Event.Tick());
      }
    }

    /** What may not be started yet is declined, and offered again. */
    private void passOffering(int seconds) {
      for (int second = 0; second < seconds; second++) {
        offerAll();
        pass(1);
      }
    }

    private void note(Effect effect) {
      if (effect instanceof Effect.Accept accept) {
        for (TaskLaunch launch : accept.launches()) {
          tasks.put(launch.task().id(), launch.task());
          calls.add(
              core.now()
                  + " launch on "
                  + launch.task().host()
                  + writer.write(launch, List.of(), EXECUTOR)
                  + launch.job().map(job -> "" + job.resources()).orElse(""));
        }
      } else if (effect instanceof Effect.Persist persist) {
        durable.addAll(persist.changes());
      } else if (effect instanceof Effect.Kill kill) {
        calls.add(core.now() + " kill " + kill);
      }
    }
  }
}
