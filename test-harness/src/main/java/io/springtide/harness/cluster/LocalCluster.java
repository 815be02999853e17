package io.springtide.harness.cluster;

import io.springtide.harness.consul.Consul;
import io.springtide.harness.consul.ConsulProcess;
import io.springtide.harness.consul.ConsulStandIn;
import io.springtide.harness.emulator.AgentView;
import io.springtide.harness.emulator.EmulatorConfig;
import io.springtide.harness.emulator.MesosEmulator;
import io.springtide.harness.emulator.Timings;
import io.springtide.partition.model.Resources;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole cluster on loopback: emulated Mesos, Consul, a cloud, and the framework as a process of
 * its own. All its files are below one work directory. {@link #close} ends everything, in the order
 * that lets containers be stopped by those who started them.
 */
public final class LocalCluster implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LocalCluster.class);

  /** How long executors may take to withdraw, drain and stop when the cluster ends. */
  private static final Duration EXECUTORS = Duration.ofSeconds(15);

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** How Docker's own client and an executor are told which engine, and how to reach it. */
  private static final List<String> ENGINE =
      List.of("DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_API_VERSION", "HOME");

  /** Which Consul a cluster uses. */
  public enum ConsulChoice {
    /** {@code CONSUL_HTTP_ADDR}, else a {@code consul} on the PATH, else the stand-in. */
    BEST,
    /** A real one as a child process. */
    REAL,
    /** The stand-in, whatever the machine has. */
    STAND_IN
  }

  /**
   * How a cluster is set up.
   *
   * @param workDir where all its files go; must be empty or missing
   * @param executorJar the executor that agents fetch
   * @param consul which Consul
   * @param apiPort port of the framework's API; 0 for any
   * @param timings Mesos' durations
   * @param cloud what the cloud has to sell
   * @param patience how long the framework may take until it answers
   * @param executorEnvironment what the agents' executors find in their environment
   * @param configHome where the framework leaves what {@code tide} finds by itself
   */
  public record Settings(
      Path workDir,
      Path executorJar,
      ConsulChoice consul,
      int apiPort,
      Timings timings,
      LocalCloud.Terms cloud,
      Duration patience,
      Map<String, String> executorEnvironment,
      Path configHome) {

    /**
     * The usual: any port, a cloud of ten hosts that boot in a second, and a master that misses an
     * agent within ten seconds instead of 75.
     */
    public static Settings in(Path workDir, Path executorJar) {
      return new Settings(
          workDir,
          executorJar,
          ConsulChoice.BEST,
          0,
          Timings.ofMesos()
              .withAllocationInterval(Duration.ofMillis(200))
              .withAgentPing(Duration.ofSeconds(2), 5)
              .withExecutors(Duration.ofMinutes(1), Duration.ofSeconds(5), EXECUTORS),
          new LocalCloud.Terms(10, Duration.ofSeconds(1)),
          PATIENCE,
          engine(System.getenv()),
          workDir.toAbsolutePath());
    }

    /** Executors find the engine that this process finds. */
    private static Map<String, String> engine(Map<String, String> own) {
      return ENGINE.stream()
          .filter(name -> !own.getOrDefault(name, "").isEmpty())
          .collect(Collectors.toMap(name -> name, own::get));
    }

    public Settings with(ConsulChoice choice) {
      return new Settings(
          workDir,
          executorJar,
          choice,
          apiPort,
          timings,
          cloud,
          patience,
          executorEnvironment,
          configHome);
    }

    public Settings withApiPort(int port) {
      return new Settings(
          workDir,
          executorJar,
          consul,
          port,
          timings,
          cloud,
          patience,
          executorEnvironment,
          configHome);
    }

    public Settings withPatience(Duration longest) {
      return new Settings(
          workDir,
          executorJar,
          consul,
          apiPort,
          timings,
          cloud,
          longest,
          executorEnvironment,
          configHome);
    }

    public Settings withExecutorEnvironment(Map<String, String> variables) {
      return new Settings(
          workDir, executorJar, consul, apiPort, timings, cloud, patience, variables, configHome);
    }

    public Settings withConfigHome(Path home) {
      return new Settings(
          workDir,
          executorJar,
          consul,
          apiPort,
          timings,
          cloud,
          patience,
          executorEnvironment,
          home);
    }

    public Settings withCloud(LocalCloud.Terms terms) {
      return new Settings(
          workDir,
          executorJar,
          consul,
          apiPort,
          timings,
          terms,
          patience,
          executorEnvironment,
          configHome);
    }
  }

  /** One step of the end, named for the log. */
  private record Owned(String name, AutoCloseable part) {}

  private final Deque<Owned> owned = new ArrayDeque<>();
  private final Settings settings;
  private volatile Consul consul;
  private volatile MesosEmulator mesos;
  private volatile Hosts hosts;
  private volatile LocalCloud cloud;
  private volatile FrameworkProcess framework;
  private boolean closed;

  public LocalCluster(Settings settings) {
    this.settings = settings;
  }

  /**
   * Starts everything but hosts: those come by {@link #addHost} and from the cloud.
   *
   * @throws IOException when a part does not start; {@link #close} ends those that did
   */
  public void start() throws IOException, InterruptedException {
    Path dir = Files.createDirectories(settings.workDir()).toAbsolutePath();
    consul = own("Consul", startConsul(dir.resolve("consul.log")));
    mesos =
        own(
            "Mesos",
            MesosEmulator.start(
                EmulatorConfig.in(dir.resolve("mesos"))
                    .withTimings(settings.timings())
                    .withExecutorEnvironment(settings.executorEnvironment())));
    hosts = own("ports", new Hosts(mesos));
    cloud = own("cloud", LocalCloud.start(hosts, settings.cloud()));
    Path data = dir.resolve("framework");
    framework =
        own(
            "framework",
            new FrameworkProcess(
                Files.writeString(dir.resolve("framework.yaml"), configuration(data)),
                data,
                dir.resolve("framework.log"),
                settings.executorJar().toAbsolutePath(),
                settings.patience(),
                settings.configHome()));
    framework.start();
  }

  private Consul startConsul(Path output) throws IOException, InterruptedException {
    String external = System.getenv("CONSUL_HTTP_ADDR");
    Optional<Path> program = ConsulProcess.program();
    return switch (settings.consul()) {
      case STAND_IN -> ConsulStandIn.start();
      case REAL -> ConsulProcess.start(program.orElseThrow(), output);
      case BEST -> {
        if (external != null && !external.isEmpty()) {
          yield ExternalConsul.at(external);
        }
        yield program.isPresent()
            ? ConsulProcess.start(program.get(), output)
            : ConsulStandIn.start();
      }
    };
  }

  private String configuration(Path data) {
    return """
    cluster: local
    mesos: {master: "%s", role: springtide}
    dataDir: "%s"
    http: {address: "127.0.0.1:%d"}
    artifacts: {executorJar: "%s"}
    consul: {address: "%s"}
    cloud: {local: {endpoints: ["%s"]}}
    """
        .formatted(
            mesos.masterUri().getAuthority(),
            data,
            settings.apiPort(),
            settings.executorJar(),
            consul.uri().getAuthority(),
            cloud.uri());
  }

  /** Adds a host that is there from the beginning; its agent says {@code node=id}. */
  public void addHost(String id, Resources resources, Map<String, String> attributes)
      throws IOException, InterruptedException {
    hosts.start(id, resources, attributes);
    mesos.awaitRegistered(id, Duration.ofSeconds(20));
  }

  public MesosEmulator mesos() {
    return mesos;
  }

  public Consul consul() {
    return consul;
  }

  public FrameworkProcess framework() {
    return framework;
  }

  public URI cloudUri() {
    return cloud.uri();
  }

  /** The framework's API, also after it was started again. */
  public Api api() {
    return framework.api();
  }

  public Api consulApi() {
    return new Api(consul::uri);
  }

  /**
   * Ends everything: first the framework, so that it starts nothing anew; then the agents, whose
   * executors withdraw and stop what they run; then the rest; last, whatever process still works
   * below the work directory. May be called twice, and from a shutdown hook while {@link #start}
   * runs.
   */
  @Override
  public void close() {
    Deque<Owned> parts;
    synchronized (owned) {
      closed = true;
      parts = new ArrayDeque<>(owned);
      owned.clear();
    }
    if (framework != null) {
      framework.close();
    }
    if (mesos != null && !parts.isEmpty()) {
      attempt("agents", this::stopAgents);
    }
    while (!parts.isEmpty()) {
      Owned last = parts.pop();
      attempt(last.name(), last.part());
    }
    attempt("leftovers", () -> Leftovers.below(settings.workDir()).kill());
  }

  /** Shuts every executor down and waits until they have stopped what they run. */
  private void stopAgents() throws InterruptedException {
    for (AgentView agent : mesos.agents()) {
      attempt("agent " + agent.name(), () -> mesos.stopAgent(agent.name(), true));
    }
    long end = System.nanoTime() + EXECUTORS.toNanos();
    while (mesos.agents().stream().anyMatch(agent -> !agent.executors().isEmpty())
        && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private <T extends AutoCloseable> T own(String name, T part) {
    synchronized (owned) {
      if (!closed) {
        owned.push(new Owned(name, part));
        return part;
      }
    }
    attempt(name, part);
    throw new IllegalStateException("the cluster is being closed");
  }

  /** One part that does not end must not keep the others from ending. */
  private static void attempt(String name, AutoCloseable end) {
    try {
      end.close();
    } catch (Exception e) { // AutoCloseable's own signature; every kind is only logged here
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      log.error("{} did not end cleanly", name, e);
    }
  }
}
