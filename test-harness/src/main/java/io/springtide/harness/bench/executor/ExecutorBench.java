package io.springtide.harness.bench.executor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.harness.bench.Directories;
import io.springtide.harness.cluster.Api;
import io.springtide.harness.cluster.Leftovers;
import io.springtide.harness.cluster.LocalCluster;
import io.springtide.harness.web.WebServerMain;
import io.springtide.partition.model.Resources;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tide bench executor}: what an executor costs while nothing happens. */
@Command(
    name = "executor",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures an executor that has nothing to do but to look after its instances.",
      "",
      "A local cluster of one host runs small web servers as processes, each with an HTTP health"
          + " check and an entry in Consul. Once all are healthy and some time has passed, the"
          + " executor's processor time is counted; the instances' own is not in it. A busy"
          + " machine shows in it: what is woken finds its caches taken."
    })
public final class ExecutorBench implements Callable<Integer> {
  private static final String JOB = "bench.idle";
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final double KIB_PER_MIB = 1024;

  @Option(
      names = "--instances",
      defaultValue = "18",
      description = "how many instances it looks after (default: ${DEFAULT-VALUE})")
  private int instances;

  @Option(
      names = "--interval",
      defaultValue = "5s",
      description = "of their health checks, as a job writes it (default: ${DEFAULT-VALUE})")
  private String interval;

  @Option(
      names = "--settle",
      defaultValue = "60",
      description = "seconds from the last start to the measurement (default: ${DEFAULT-VALUE})")
  private int settle;

  @Option(
      names = "--seconds",
      defaultValue = "60",
      description = "how long is measured (default: ${DEFAULT-VALUE})")
  private int seconds;

  @Option(names = "--json", description = "print the figures as one JSON object")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (instances < 1 || instances > 200 || settle < 0 || seconds < 1) {
      throw refused("--instances is 1 to 200, --settle 0 or more, --seconds 1 or more");
    }
    Path jar = Path.of(System.getProperty("springtide.executor.jar", ""));
    if (!Files.isRegularFile(jar)) {
      throw refused("no executor jar at '" + jar + "'; start the benchmark by ./tide");
    }
    Path directory = Files.createTempDirectory("tide-bench-executor");
    // Ctrl-C ends the JVM here: nothing of the cluster shall live on.
    try (LocalCluster cluster = new LocalCluster(LocalCluster.Settings.in(directory, jar))) {
      Thread hook = new Thread(cluster::close, "bench-end");
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        cluster.start();
        begin(cluster);
        measure(directory);
      } finally {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    } finally {
      Directories.delete(directory);
    }
    return 0;
  }

  private ParameterException refused(String why) {
    return new ParameterException(spec.commandLine(), why);
  }

  private void begin(LocalCluster cluster) throws IOException, InterruptedException {
    progress("a cluster of one host starts %d instances", instances);
    cluster.addHost("host-1", Resources.of(32_000, 32_768, 100_000), Map.of("place", "here"));
    Api api = cluster.api();
    put(
        api,
        "/v1/pools/bench",
        """
        name: bench
        kind: owned
        zone: here
        selector: {place: here}
        hosts: {min: 0, max: 1}
        pricePerHour: 0
        """);
    await("the host", () -> items(api.get("/v1/hosts")).size() == 1);
    put(
        api,
        "/v1/groups/bench",
        """
        path: bench
        quotas:
          bench: {guarantee: {cpus: 20, memoryMiB: 16384}, limit: {cpus: 30, memoryMiB: 30000}}
        policy: {runtimes: [process]}
        """);
    String command =
        WebServerMain.command().stream()
            .map(argument -> '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
            .collect(Collectors.joining(", ", "[", "]"));
    put(
        api,
        "/v1/jobs/" + JOB,
        """
        id: %s
        kind: service
        instances: %d
        resources: {cpus: 0.1, memoryMiB: 64}
        runtime: process
        container: {command: %s, network: host, ports: [{name: http}]}
        health: {http: {port: http, path: /}, grace: 120s, interval: %s, timeout: 2s, failures: 3}
        discovery:
        - consul: {service: bench, port: http}
        pools: [bench]
        """
            .formatted(JOB, instances, command, interval));
    await(
        "all instances to be healthy",
        () ->
            cluster.consulApi().get("/v1/health/service/bench?passing").body().size() == instances);
  }

  private void measure(Path directory) throws IOException, InterruptedException {
    progress("they run; measured after %d s for %d s", settle, seconds);
    TimeUnit.SECONDS.sleep(settle);
    ProcessHandle executor = executor(directory);
    ProcessorTime time = new ProcessorTime(proc(executor));
    long begun = System.nanoTime();
    for (int second = 0; second < seconds; second++) {
      TimeUnit.SECONDS.sleep(1);
      time.look();
    }
    double share = (double) time.look() / (System.nanoTime() - begun);
    double resident = residentMiB(executor);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ObjectNode figures = new ObjectMapper().createObjectNode();
      figures.put("instances", instances).put("interval", interval).put("seconds", seconds);
      figures.put("cpuPercent", Math.round(share * 1e5) / 1e3).put("cpuPercentWanted", 0.2);
      figures.put("residentMiB", Math.round(resident)).put("residentMiBWanted", 90);
      out.println(figures.toPrettyString());
    } else {
      out.printf("instances      %d, asked every %s%n", instances, interval);
      out.printf("executor       %.3f %% of a core (wanted: 0.2)%n", share * 100);
      out.printf("resident       %.1f MiB (wanted: 90)%n", resident);
    }
    out.flush();
  }

  /** The one process below the cluster's directory that runs the executor's jar. */
  private static ProcessHandle executor(Path directory) throws IOException {
    for (ProcessHandle process : Leftovers.below(directory).processes()) {
      if (Files.readString(proc(process).resolve("cmdline")).endsWith("\0executor.jar\0")) {
        return process;
      }
    }
    throw new IOException("no executor runs below " + directory);
  }

  private static Path proc(ProcessHandle process) {
    return Path.of("/proc", Long.toString(process.pid()));
  }

  private static double residentMiB(ProcessHandle process) throws IOException {
    try (Stream<String> lines = Files.lines(proc(process).resolve("status"))) {
      return lines
              .filter(line -> line.startsWith("VmRSS:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
              .sum()
          / KIB_PER_MIB;
    }
  }

  private interface Question {
    boolean isTrue() throws IOException, InterruptedException;
  }

  private static void await(String what, Question question)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!question.isTrue()) {
      if (System.nanoTime() > end) {
        throw new IOException("waited " + PATIENCE.toSeconds() + " s in vain for " + what);
      }
      TimeUnit.MILLISECONDS.sleep(250);
    }
  }

  private static JsonNode items(Api.Answer answer) {
    return answer.body().isArray() ? answer.body() : answer.body().path("items");
  }

  private static void put(Api api, String path, String yaml)
      throws IOException, InterruptedException {
    Api.Answer answer = api.put(path, yaml);
    if (!answer.ok()) {
      throw new IOException("PUT %s: %d %s".formatted(path, answer.status(), answer.body()));
    }
  }

  private static void progress(String format, Object... values) {
    System.err.printf("bench executor: " + format + "%n", values);
  }
}
