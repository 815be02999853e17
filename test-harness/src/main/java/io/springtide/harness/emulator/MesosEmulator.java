package io.springtide.harness.emulator;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.util.List;

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

  private final EmulatorConfig config;

  private MesosEmulator(EmulatorConfig config) {
    this.config = config;
  }

  /**
   * Starts a master; agents come by {@link #addAgent}.
   *
   * @throws IOException when no port can be bound or the work directory cannot be made
   */
  public static MesosEmulator start(EmulatorConfig config) throws IOException {
    return new MesosEmulator(requireNonNull(config, "config"));
  }

  /** {@code http://127.0.0.1:<port>} of the master. */
  public URI masterUri() {
    throw new UnsupportedOperationException("masterUri of " + config);
  }

  /**
   * Starts an agent, which registers with the master on its own (see {@link #awaitRegistered}).
   *
   * @return the agent as it starts; its {@code uri} and {@code workDir} are final
   * @throws IllegalArgumentException when the name is taken or the resources do not parse
   * @throws IOException when its port or directory cannot be had
   */
  public AgentView addAgent(AgentSpec spec) throws IOException {
    throw new UnsupportedOperationException("addAgent " + spec);
  }

  /**
   * Waits until an agent is registered.
   *
   * @throws IllegalStateException when it is not within {@code timeout}
   */
  public AgentView awaitRegistered(String agent, java.time.Duration timeout)
      throws InterruptedException {
    throw new UnsupportedOperationException(agent + timeout);
  }

  /**
   * Ends the agent process as {@code kill -9} does: its connections break at once; executors live
   * on, and those of a checkpointing framework may come back to it after {@link #restartAgent}.
   */
  public void killAgent(String agent) {
    throw new UnsupportedOperationException(agent);
  }

  /** Starts a killed or stopped agent again, on the same port and work directory. */
  public void restartAgent(String agent) throws IOException {
    throw new UnsupportedOperationException(agent);
  }

  /**
   * Ends an agent for good reason.
   *
   * @param gracefully true: as on SIGUSR1, executors are shut down and the agent unregisters, its
   *     tasks become lost at once; false: as a host that is switched off, executors are killed with
   *     the agent, and the master notices only by missed pings
   */
  public void stopAgent(String agent, boolean gracefully) {
    throw new UnsupportedOperationException(agent + gracefully);
  }

  /** Forgets a stopped or killed agent: its port is released and its executors are killed. */
  public void removeAgent(String agent) {
    throw new UnsupportedOperationException(agent);
  }

  /**
   * Kills an executor's process with SIGKILL. The agent notices, kills what is left of the process
   * tree and reports as Mesos does.
   *
   * @return false when the agent has no such live executor
   */
  public boolean killExecutor(String agent, String executorId) {
    throw new UnsupportedOperationException(agent + executorId);
  }

  /** The agents, in the order of their start. */
  public List<AgentView> agents() {
    throw new UnsupportedOperationException();
  }

  /** The frameworks that the master knows, in the order of their first subscription. */
  public List<FrameworkView> frameworks() {
    throw new UnsupportedOperationException();
  }

  /** The tasks that the master knows, terminal but unacknowledged ones included. */
  public List<TaskView> tasks() {
    throw new UnsupportedOperationException();
  }

  /** Ends everything: doors, threads, agents, and every process tree of every executor. */
  @Override
  public void close() {}
}
