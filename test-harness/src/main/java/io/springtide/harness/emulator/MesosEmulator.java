package io.springtide.harness.emulator;

import static java.util.Objects.requireNonNull;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.springtide.harness.emulator.agent.Agent;
import io.springtide.harness.emulator.agent.AgentConfig;
import io.springtide.harness.emulator.agent.ExecutorLauncher;
import io.springtide.harness.emulator.http.AgentDoor;
import io.springtide.harness.emulator.master.Master;
import io.springtide.harness.emulator.master.Registry;
import io.springtide.harness.emulator.process.ProcessLauncher;
import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.time.RealLoop;
import io.springtide.harness.emulator.wire.Ids;
import io.springtide.mesos.ProtobufGencode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * A Mesos master and its agents in this JVM, on loopback, on ports of the machine's choosing.
 *
 * <pre>{@code
 * try (var mesos = MesosEmulator.start(EmulatorConfig.in(dir))) {
 *   mesos.addAgent(AgentSpec.of("agent1", "cpus:4;mem:4096;disk:10000;ports:[31000-31099]",
 *       Map.of("zone", "a")));
 *   // framework: mesos.masterUri()
 *   mesos.killAgent("agent1");    // kill -9: connections die, executors live on
 *   mesos.restartAgent("agent1"); // same work directory, same id, same port
 * }
 * }</pre>
 *
 * Executors are real child processes, each the leader of a session of its own; their whole process
 * tree is killed when the executor ends, when it is killed, and on {@link #close()}.
 *
 * <p>All methods may be called from any thread.
 */
public final class MesosEmulator implements AutoCloseable {

  private static final Duration ANSWER = Duration.ofSeconds(30);

  static {
    ProtobufGencode.allow();
  }

  private final EmulatorConfig config;
  private final Loop loop;
  private final Ids ids;
  private final ExecutorLauncher launcher;
  private final EventLoopGroup group;
  private final Cluster cluster;
  private final LongAdder sent = new LongAdder();
  private final List<MasterHost> masters = new ArrayList<>();
  private final Map<String, Host> hosts = new LinkedHashMap<>();

  /** An agent's place: its port stays the same over restarts. */
  private static final class Host {
    final AgentSpec spec;
    final Path workDir;
    int port;
    AgentDoor door;

    Host(AgentSpec spec, Path workDir) {
      this.spec = spec;
      this.workDir = workDir;
    }
  }

  private MesosEmulator(EmulatorConfig config, Loop loop, Ids ids, ExecutorLauncher launcher)
      throws IOException {
    this.config = config;
    this.loop = loop;
    this.ids = ids;
    this.launcher = launcher;
    this.group =
        new MultiThreadIoEventLoopGroup(
            2, new DefaultThreadFactory("emulator-http", true), NioIoHandler.newFactory());
    Files.createDirectories(config.workDir());
    this.cluster = new Cluster(loop, ids, launcher);
    Registry registry = new Registry();
    AtomicInteger running = new AtomicInteger();
    for (int i = 0; i < config.masters(); i++) {
      masters.add(new MasterHost(config, group, sent, loop, ids, cluster, registry, running));
    }
  }

  /**
   * Starts a master; agents come by {@link #addAgent}.
   *
   * @throws IOException when no port can be bound or the work directory cannot be made
   */
  public static MesosEmulator start(EmulatorConfig config) throws IOException {
    requireNonNull(config, "config");
    RealLoop loop = new RealLoop("emulator");
    ProcessLauncher launcher =
        new ProcessLauncher(loop, config.workDir().resolve("fetch").toAbsolutePath());
    try {
      MesosEmulator emulator =
          new MesosEmulator(config, loop, new Ids(new SecureRandom()), launcher);
      try {
        emulator.startMasters();
        return emulator;
      } catch (IOException e) {
        emulator.close();
        throw e;
      }
    } catch (IOException e) {
      launcher.close();
      loop.close();
      throw e;
    }
  }

  private void startMasters() throws IOException {
    for (int i = 0; i < masters.size(); i++) {
      startMaster(i);
    }
  }

  /**
   * Starts a master that does not run, on the port it had.
   *
   * @param index 0 for the first
   */
  public synchronized void startMaster(int index) throws IOException {
    MasterHost host = masters.get(index);
    if (!host.isUp()) {
      host.start(host.port() == 0);
    }
  }

  /** Ends a master as {@code kill -9} does; without ZooKeeper nobody leads until it is started. */
  public synchronized void killMaster(int index) {
    masters.get(index).kill();
  }

  /** Whether a master's process runs; a leader that loses ZooKeeper ends itself. */
  public boolean isMasterUp(int index) {
    return masters.get(index).isUp();
  }

  /** The index of the master that leads, or -1. */
  public int leader() {
    return onLoop(
        () -> {
          for (int i = 0; i < masters.size(); i++) {
            if (masters.get(i).leading().isPresent()) {
              return i;
            }
          }
          return -1;
        });
  }

  /** The addresses of all masters, {@code http://127.0.0.1:<port>} each. */
  public List<URI> masterUris() {
    return masters.stream().map(host -> URI.create("http://127.0.0.1:" + host.port())).toList();
  }

  /**
   * The same over HTTP, but on the caller's clock and with the caller's executors; no master is
   * started yet.
   */
  public static MesosEmulator start(
      EmulatorConfig config, Loop loop, Ids ids, ExecutorLauncher launcher) throws IOException {
    return new MesosEmulator(config, loop, ids, launcher);
  }

  /** {@code http://127.0.0.1:<port>} of the first master. */
  public URI masterUri() {
    return masterUris().get(0);
  }

  /**
   * Starts an agent, which registers with the master on its own (see {@link #awaitRegistered}).
   *
   * @return the agent as it starts; its {@code uri} and {@code workDir} are final
   * @throws IllegalArgumentException when the name is taken or the resources do not parse
   * @throws IOException when its port or directory cannot be had
   */
  public synchronized AgentView addAgent(AgentSpec spec) throws IOException {
    requireNonNull(spec, "spec");
    if (hosts.containsKey(spec.name())) {
      throw new IllegalArgumentException("there is an agent '" + spec.name() + "' already");
    }
    Infos.check(spec);
    Path workDir = Files.createDirectories(config.workDir().resolve(spec.name()).toAbsolutePath());
    Host host = new Host(spec, workDir);
    open(host);
    hosts.put(spec.name(), host);
    AgentConfig agent = Infos.agent(config, spec, host.port, workDir);
    onLoop(
        () -> {
          cluster.addAgent(agent, () -> closeLater(host));
          return null;
        });
    return view(host);
  }

  private void open(Host host) throws IOException {
    AgentDoor door =
        new AgentDoor(
            group,
            host.port,
            sent,
            loop,
            config.executorTokens(),
            () -> cluster.agent(host.spec.name()).orElse(null));
    host.port = door.port();
    host.door = door;
  }

  /** The process ended by itself: its door closes, though not on the loop's time. */
  private void closeLater(Host host) {
    CompletableFuture.runAsync(
        () -> {
          synchronized (this) {
            close(host);
          }
        });
  }

  private static void close(Host host) {
    if (host.door != null) {
      host.door.close();
      host.door = null;
    }
  }

  /**
   * Waits until an agent is registered.
   *
   * @throws IllegalStateException when it is not within {@code timeout}
   */
  public AgentView awaitRegistered(String agent, Duration timeout) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    while (true) {
      AgentView view = agent(agent);
      if (view.state() == AgentView.AgentState.REGISTERED) {
        return view;
      }
      if (System.nanoTime() > end) {
        throw new IllegalStateException("agent '" + agent + "' is " + view.state());
      }
      Thread.sleep(10);
    }
  }

  /**
   * Ends the agent process as {@code kill -9} does: its connections break at once; executors live
   * on, and those of a checkpointing framework may come back to it after {@link #restartAgent}.
   */
  public synchronized void killAgent(String agent) {
    Host host = host(agent);
    close(host);
    onLoop(
        () -> {
          cluster.killAgent(agent);
          return null;
        });
  }

  /**
   * Starts a killed or stopped agent again, on the same port and work directory.
   *
   * @throws IOException when its port was taken meanwhile
   */
  public synchronized void restartAgent(String agent) throws IOException {
    Host host = host(agent);
    if (host.door == null) {
      open(host);
    }
    onLoop(
        () -> {
          cluster.restartAgent(agent);
          return null;
        });
  }

  /**
   * Ends an agent.
   *
   * @param gracefully true: as on SIGUSR1, executors are shut down and the agent unregisters, its
   *     tasks become lost at once; false: as a host that is switched off, executors are killed with
   *     the agent, and the master notices only by missed pings
   */
  public synchronized void stopAgent(String agent, boolean gracefully) {
    Host host = host(agent);
    if (gracefully) {
      onLoop(
          () -> {
            cluster.leaveAgent(agent);
            return null;
          });
      return;
    }
    close(host);
    onLoop(
        () -> {
          cluster.agent(agent).ifPresent(process -> killExecutors(process));
          cluster.killAgent(agent);
          return null;
        });
  }

  private void killExecutors(Agent process) {
    process.executorViews().forEach(executor -> launcher.kill(executor.containerId()));
  }

  /** Forgets an agent: it is stopped as a host that is switched off, its port is released. */
  public synchronized void removeAgent(String agent) {
    stopAgent(agent, false);
    onLoop(
        () -> {
          cluster.removeAgent(agent);
          return null;
        });
    hosts.remove(agent);
  }

  /** SIGSTOP of the agent: it answers nobody until {@link #resumeAgent}. */
  public void pauseAgent(String agent) {
    onLoop(
        () -> {
          cluster.pauseAgent(agent);
          return null;
        });
  }

  /** SIGCONT of a paused agent. */
  public void resumeAgent(String agent) {
    onLoop(
        () -> {
          cluster.resumeAgent(agent);
          return null;
        });
  }

  /** Empties the work directory of an agent that is down: it comes back with a new id. */
  public void wipeAgent(String agent) {
    onLoop(
        () -> {
          cluster.wipeAgent(agent);
          return null;
        });
  }

  /**
   * Kills an executor's process with SIGKILL. The agent notices, kills what is left of the process
   * tree and reports as Mesos does.
   *
   * @return false when the agent has no such live executor
   */
  public boolean killExecutor(String agent, String executorId) {
    return onLoop(
        () -> {
          var run =
              cluster.disk(agent).executorViews().stream()
                  .filter(view -> view.executorId().equals(executorId))
                  .findFirst();
          run.ifPresent(view -> launcher.kill(view.containerId()));
          return run.isPresent();
        });
  }

  /** An agent now. */
  public synchronized AgentView agent(String agent) {
    return view(host(agent));
  }

  /** The agents, in the order of their start. */
  public synchronized List<AgentView> agents() {
    return hosts.values().stream().map(this::view).toList();
  }

  private AgentView view(Host host) {
    return onLoop(
        () -> {
          String name = host.spec.name();
          Agent process = cluster.agent(name).orElse(null);
          AgentView.AgentState state =
              process == null
                  ? AgentView.AgentState.DOWN
                  : process.isRegistered()
                      ? AgentView.AgentState.REGISTERED
                      : AgentView.AgentState.STARTING;
          return new AgentView(
              name,
              cluster.disk(name).agentId(),
              URI.create("http://127.0.0.1:" + host.port),
              host.workDir,
              state,
              cluster.disk(name).executorViews());
        });
  }

  /** The frameworks that the master knows, in the order of their first subscription. */
  public List<FrameworkView> frameworks() {
    return onLoop(() -> leading().map(Master::frameworks).orElse(List.of()));
  }

  /** The tasks that the master knows, terminal but unacknowledged ones included. */
  public List<TaskView> tasks() {
    return onLoop(() -> leading().map(Master::tasks).orElse(List.of()));
  }

  /** How many events were sent on all streams so far. */
  public long eventsSent() {
    return sent.sum();
  }

  private Optional<Master> leading() {
    return masters.stream().flatMap(host -> host.leading().stream()).findFirst();
  }

  private Host host(String agent) {
    Host host = hosts.get(agent);
    if (host == null) {
      throw new IllegalArgumentException(
          "there is no agent '" + agent + "'; known are " + hosts.keySet());
    }
    return host;
  }

  private <T> T onLoop(Supplier<T> task) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            answer.complete(task.get());
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    try {
      return answer.get(ANSWER.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("the emulator's loop does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Ends everything: doors, threads, agents, and every process tree of every executor. */
  @Override
  public synchronized void close() {
    hosts.values().forEach(MesosEmulator::close);
    masters.forEach(MasterHost::kill);
    loop.execute(() -> hosts.keySet().forEach(cluster::killAgent));
    if (launcher instanceof ProcessLauncher processes) {
      processes.close();
    }
    if (loop instanceof RealLoop real) {
      real.close();
    }
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
