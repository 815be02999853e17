package io.springtide.harness.emulator.agent;

import io.springtide.harness.emulator.Timings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.mesos.v1.Protos.AgentInfo;

/**
 * How an agent is set up.
 *
 * @param name its key in the emulator
 * @param info what it registers with, without an id
 * @param pid {@code slave(1)@ip:port}
 * @param workDir its work directory
 * @param timings Mesos' durations
 * @param tokens what executors must show, where they must show anything
 * @param executorEnvironment for every executor
 */
public record AgentConfig(
    String name,
    AgentInfo info,
    String pid,
    Path workDir,
    Timings timings,
    Optional<ExecutorTokens> tokens,
    Map<String, String> executorEnvironment) {

  /** {@code ip:port} of its HTTP door. */
  public String endpoint() {
    return pid.substring(pid.indexOf('@') + 1);
  }
}
