package io.springtide.harness.bench.failover;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.harness.cluster.Api;
import io.springtide.harness.cluster.FrameworkProcess;
import io.springtide.harness.emulator.AgentSpec;
import io.springtide.harness.emulator.EmulatorConfig;
import io.springtide.harness.emulator.MesosEmulator;
import io.springtide.harness.emulator.TaskView;
import io.springtide.harness.emulator.Timings;
import io.springtide.harness.emulator.script.ExecutorScript;
import io.springtide.server.store.EmbeddedZooKeeper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.mesos.v1.Protos.TaskState;

/** Two servers and the tasks that the first of them has started. */
final class TwoServers implements AutoCloseable {
  /** Of a server's connection to ZooKeeper. */
  static final Duration SESSION = Duration.ofSeconds(10);

  private static final int EACH_HOST = 100;
  private static final int EACH_JOB = 1000;
  private static final String PROBE = "bench.probe";
  private static final Duration PATIENCE = Duration.ofMinutes(30);
  private static final List<String> FLAGS = List.of("-Xmx3g", "-XX:+UseSerialGC", "-Xshare:auto");

  private final Path directory;
  private final Path executorJar;
  private final int tasks;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private MesosEmulator mesos;
  private FrameworkProcess first;
  private FrameworkProcess second;

  /** What was measured, in seconds from the kill. */
  record Figures(double command, double launch, int lost, int twice) {
    double beyondSession() {
      return command - SESSION.toSeconds();
    }
  }

  TwoServers(Path directory, Path executorJar, int tasks) {
    this.directory = directory;
    this.executorJar = executorJar;
    this.tasks = tasks;
  }

  /** Returns when all tasks run and the second server has followed that. */
  void start() throws IOException, InterruptedException {
    EmbeddedZooKeeper zooKeeper = opened(EmbeddedZooKeeper.start(directory.resolve("zookeeper")));
    mesos =
        opened(
            MesosEmulator.start(
                EmulatorConfig.in(directory.resolve("mesos")).withTimings(Timings.ofMesos()),
                ExecutorScript.obedient(Duration.ZERO, Duration.ZERO)));
    int hosts = (tasks + EACH_HOST - 1) / EACH_HOST;
    progress("%d agents, two servers", hosts);
    String room = "cpus:" + (EACH_HOST / 10 + 2) + ";mem:8192;disk:10000;ports:[31000-31099]";
    for (int i = 0; i < hosts; i++) {
      mesos.addAgent(AgentSpec.of("h" + i, room, Map.of("node", "h" + i, "place", "here")));
    }
    String connect = zooKeeper.connectString() + "/springtide";
    first = opened(server("first", connect));
    first.start();
    second = opened(server("second", connect));
    second.start("standby");
    Api api = new Api(first::uri);
    put(api, "/v1/pools/here", "{kind: owned, selector: {place: here}}");
    put(
        api,
        "/v1/groups/bench",
        "{policy: {runtimes: [process]}, quotas: {here: {limit: {}, guarantee: {cpus: 0}}}}");
    for (int left = tasks, i = 0; left > 0; left -= EACH_JOB, i++) {
      put(api, "/v1/jobs/bench.job" + i, job(Math.min(left, EACH_JOB)));
    }
    await("all tasks to run", () -> running(), tasks);
    await("the second server to have followed", () -> ready(new Api(second::uri)), tasks);
  }

  private static String job(int instances) {
    return "{instances: %d, reclaimable: true, resources: {cpus: 0.1, memoryMiB: 32}, runtime: process, container: {command: [none], network: host}}"
        .formatted(instances);
  }

  private FrameworkProcess server(String name, String zooKeeper) throws IOException {
    Path data = directory.resolve(name);
    String config =
        """
        mesos: {master: "%s"}
        zookeeper: {connect: "%s"}
        dataDir: %s
        http: {address: "127.0.0.1:0"}
        access: open
        """
            .formatted(mesos.masterUri().getAuthority(), zooKeeper, data);
    return new FrameworkProcess(
            Files.writeString(directory.resolve(name + ".yaml"), config),
            data,
            directory.resolve(name + ".log"),
            executorJar,
            PATIENCE)
        .withFlags(FLAGS);
  }

  /** Kills the leader, and looks what becomes of it. */
  Figures failOver() throws IOException, InterruptedException {
    Set<String> before = live().stream().map(TaskView::taskId).collect(Collectors.toSet());
    progress("%d tasks run; the leader is killed", before.size());
    long killed = System.nanoTime();
    first.kill();
    Api api = new Api(second::uri);
    while (!api.put("/v1/jobs/" + PROBE, job(1)).ok()) {
      if (since(killed) > PATIENCE.toSeconds()) {
        throw new IOException("the second server does not come to lead");
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    double command = since(killed);
    progress("the other has decided after %.2f s", command);
    await("the task of the first decision", this::running, before.size() + 1);
    double launch = since(killed);
    await("the master's word on all tasks", () -> ready(api), before.size() + 1);
    Map<String, Integer> perInstance = new HashMap<>();
    int kept = 0;
    for (TaskView task : live()) {
      kept += before.contains(task.taskId()) ? 1 : 0;
      perInstance.merge(instance(task.taskId()), 1, Integer::sum);
    }
    int twice = (int) perInstance.values().stream().filter(count -> count > 1).count();
    return new Figures(command, launch, before.size() - kept, twice);
  }

  private static double since(long nanos) {
    return (System.nanoTime() - nanos) / 1e9;
  }

  /** A task's id is its instance's and the number of the attempt. */
  private static String instance(String task) {
    return task.substring(0, task.lastIndexOf('.'));
  }

  /** Those of instances, without the wardens of the hosts. */
  private List<TaskView> live() {
    return mesos.tasks().stream()
        .filter(task -> task.state() == TaskState.TASK_RUNNING)
        .filter(task -> task.taskId().startsWith("bench."))
        .toList();
  }

  private int running() {
    return live().size();
  }

  private static int ready(Api api) throws IOException, InterruptedException {
    int ready = 0;
    Api.Answer answer = api.get("/v1/jobs?fields=status.ready&limit=10000");
    for (JsonNode job : answer.body().path("items")) {
      ready += job.at("/status/ready").asInt();
    }
    return ready;
  }

  private interface Count {
    int now() throws IOException, InterruptedException;
  }

  private static void await(String what, Count count, int wanted)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    double told = 0;
    for (int now = count.now(); now < wanted; now = count.now()) {
      double waited = since(began);
      if (waited > PATIENCE.toSeconds()) {
        throw new IOException("waited in vain for " + what + ": " + now + " of " + wanted);
      }
      if (waited > told + 5) {
        told = waited;
        progress("%d of %d: waiting for %s", now, wanted, what);
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private static void put(Api api, String path, String yaml)
      throws IOException, InterruptedException {
    Api.Answer answer = api.put(path, yaml);
    if (!answer.ok()) {
      throw new IOException("PUT %s: %d %s".formatted(path, answer.status(), answer.body()));
    }
  }

  private synchronized <T extends AutoCloseable> T opened(T part) {
    opened.push(part);
    return part;
  }

  @Override
  public synchronized void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        progress("something did not close: %s", e);
      }
    }
  }

  private static void progress(String format, Object... values) {
    System.err.printf("bench failover: " + format + "%n", values);
  }
}
