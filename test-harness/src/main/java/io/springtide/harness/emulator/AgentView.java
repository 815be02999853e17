package io.springtide.harness.emulator;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * An agent as it is now.
 *
 * @param name as in its {@link AgentSpec}
 * @param id the AgentID that the master gave it; empty before it registered
 * @param uri {@code http://127.0.0.1:<port>} of its HTTP door, the same over a restart
 * @param workDir its work directory
 * @param state process and registration
 * @param executors its live executors
 */
public record AgentView(
    String name, String id, URI uri, Path workDir, AgentState state, List<ExecutorView> executors) {

  /** Where an agent's life is. */
  public enum AgentState {
    /** The process runs and is not (again) registered yet. */
    STARTING,
    /** Registered with the master. */
    REGISTERED,
    /** The process does not run. */
    DOWN
  }

  public AgentView {
    executors = List.copyOf(executors);
  }

  /**
   * An executor.
   *
   * @param frameworkId its framework
   * @param executorId its id
   * @param containerId the run
   * @param pid process id of its command, which leads its own session; 0 when scripted
   * @param sandbox its directory
   * @param subscribed whether its event stream is open
   */
  public record ExecutorView(
      String frameworkId,
      String executorId,
      String containerId,
      long pid,
      Path sandbox,
      boolean subscribed) {}
}
