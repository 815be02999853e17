package io.springtide.harness.emulator;

import static java.util.Objects.requireNonNull;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.springtide.harness.emulator.agent.ExecutorLauncher;
import io.springtide.harness.emulator.http.AgentDoor;
import io.springtide.harness.emulator.master.Master;
import io.springtide.harness.emulator.master.Registry;
import io.springtide.harness.emulator.process.ProcessLauncher;
import io.springtide.harness.emulator.script.ExecutorScript;
import io.springtide.harness.emulator.script.ScriptedExecutors;
import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.time.RealLoop;
import io.springtide.harness.emulator.wire.Ids;
import io.springtide.mesos.ProtobufGencode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.apache.mesos.v1.Protos.TaskInfo;

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

  static {
    ProtobufGencode.allow();
  }

  private final Loop loop;
  private final ExecutorLauncher launcher;
  private final EventLoopGroup group;
  private final OnLoop onLoop;
  private final Cluster cluster;
  private final LongAdder sent = new LongAdder();
  private final List<MasterHost> masters = new ArrayList<>();
  private final AgentHosts agents;

  private MesosEmulator(EmulatorConfig config, Loop loop, Ids ids, ExecutorLauncher launcher)
      throws IOException {
    this.loop = loop;
    this.launcher = launcher;
    this.group =
        new MultiThreadIoEventLoopGroup(
            2, new DefaultThreadFactory("emulator-http", true), NioIoHandler.newFactory());
    Files.createDirectories(config.workDir());
    this.onLoop = new OnLoop(loop);
    this.cluster = new Cluster(loop, ids, launcher);
    this.agents =
        new AgentHosts(
            config,
            cluster,
            launcher,
            onLoop,
            (port, agent) ->
                new AgentDoor(group, port, sent, loop, config.executorTokens(), agent));
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

  /**
   * As {@link #start(EmulatorConfig)}, with executors that are no processes.
   *
   * @param script what they do
   */
  public static MesosEmulator start(EmulatorConfig config, ExecutorScript script)
      throws IOException {
    RealLoop loop = new RealLoop("emulator");
    Ids ids = new Ids(new SecureRandom());
    ScriptedExecutors executors = new ScriptedExecutors(loop, ids, script, Duration.ZERO);
    MesosEmulator emulator;
    try {
      emulator = new MesosEmulator(config, loop, ids, executors);
    } catch (IOException e) {
      loop.close();
      throw e;
    }
    executors.agents(emulator.cluster::agent);
    try {
      emulator.startMasters();
      return emulator;
    } catch (IOException e) {
      emulator.close();
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
    return onLoop.get(
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
  public AgentView addAgent(AgentSpec spec) throws IOException {
    return agents.add(requireNonNull(spec, "spec"));
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
  public void killAgent(String agent) {
    agents.kill(agent);
  }

  /**
   * Starts a killed or stopped agent again, on the same port and work directory.
   *
   * @throws IOException when its port was taken meanwhile
   */
  public void restartAgent(String agent) throws IOException {
    agents.restart(agent);
  }

  /**
   * Ends an agent.
   *
   * @param gracefully true: as on SIGUSR1, executors are shut down and the agent unregisters, its
   *     tasks become lost at once; false: as a host that is switched off, executors are killed with
   *     the agent, and the master notices only by missed pings
   */
  public void stopAgent(String agent, boolean gracefully) {
    if (gracefully) {
      agents.leave(agent);
    } else {
      agents.switchOff(agent);
    }
  }

  /** Forgets an agent: it is stopped as a host that is switched off, its port is released. */
  public void removeAgent(String agent) {
    agents.remove(agent);
  }

  /** SIGSTOP of the agent: it answers nobody until {@link #resumeAgent}. */
  public void pauseAgent(String agent) {
    onLoop.run(() -> cluster.pauseAgent(agent));
  }

  /** SIGCONT of a paused agent. */
  public void resumeAgent(String agent) {
    onLoop.run(() -> cluster.resumeAgent(agent));
  }

  /** Empties the work directory of an agent that is down: it comes back with a new id. */
  public void wipeAgent(String agent) {
    onLoop.run(() -> cluster.wipeAgent(agent));
  }

  /**
   * Kills an executor's process with SIGKILL. The agent notices, kills what is left of the process
   * tree and reports as Mesos does.
   *
   * @return false when the agent has no such live executor
   */
  public boolean killExecutor(String agent, String executorId) {
    return onLoop.get(
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
  public AgentView agent(String agent) {
    return agents.view(agent);
  }

  /** The agents, in the order of their start. */
  public List<AgentView> agents() {
    return agents.views();
  }

  /** The frameworks that the master knows, in the order of their first subscription. */
  public List<FrameworkView> frameworks() {
    return onLoop.get(() -> leading().map(Master::frameworks).orElse(List.of()));
  }

  /** The tasks that the master knows, terminal but unacknowledged ones included. */
  public List<TaskView> tasks() {
    return onLoop.get(() -> leading().map(Master::tasks).orElse(List.of()));
  }

  /**
   * From now on the master that leads says of each task that it launches what a framework wrote
   * into it; with its executor, where that is none of Mesos' own.
   *
   * @param watcher called on the emulator's thread
   */
  public void watchLaunches(Consumer<TaskInfo> watcher) {
    onLoop.run(() -> leading().orElseThrow().watchLaunches(watcher));
  }

  /** How many events were sent on all streams so far. */
  public long eventsSent() {
    return sent.sum();
  }

  private Optional<Master> leading() {
    return masters.stream().flatMap(host -> host.leading().stream()).findFirst();
  }

  /** Ends everything: doors, threads, agents, and every process tree of every executor. */
  @Override
  public synchronized void close() {
    agents.close();
    masters.forEach(MasterHost::close);
    List<String> names = agents.names();
    loop.execute(() -> names.forEach(cluster::killAgent));
    if (launcher instanceof ProcessLauncher processes) {
      processes.close();
    }
    if (loop instanceof RealLoop real) {
      real.close();
    }
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
