package io.springtide.harness.emulator.agent;

import java.nio.file.Path;
import java.util.Map;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;

/**
 * Starts executors and says how they end: as real processes, or scripted. It outlives its agent's
 * process, as executors do. Listeners are called on the loop.
 */
public interface ExecutorLauncher {

  /**
   * One executor to start.
   *
   * @param agent name of the agent
   * @param frameworkId its framework
   * @param executor what to start
   * @param containerId name of this run, unique
   * @param sandbox its directory, to be made
   * @param environment all of its environment
   */
  record Launch(
      String agent,
      String frameworkId,
      ExecutorInfo executor,
      String containerId,
      Path sandbox,
      Map<String, String> environment) {
    public Launch {
      environment = Map.copyOf(environment);
    }
  }

  /** What becomes of an executor. At most one of {@code failed} and {@code exited} is called. */
  interface Listener {
    void started(long pid);

    /** It could not be started: the wait status of the attempt (-1 without one), and why. */
    void failed(int status, TaskState taskState, TaskStatus.Reason reason, String message);

    /** It ended; the raw wait status (9 for SIGKILL, 256 for exit code 1). */
    void exited(int status);
  }

  /** Starts an executor, later. */
  void launch(Launch launch, Listener listener);

  /**
   * Takes up a run again after a restart of the agent.
   *
   * @return its process id, or empty when it has ended; then the listener is never called
   */
  java.util.OptionalLong attach(String containerId, Listener listener);

  /** Kills a run's whole process tree; {@code exited} follows. */
  void kill(String containerId);
}
