package io.springtide.harness.emulator.agent;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.mesos.v1.Protos.Environment;
import org.apache.mesos.v1.Protos.ExecutorInfo;

/** The environment of an executor: Mesos' own variables, a fixed PATH, the command's; no more. */
final class ExecutorEnvironment {

  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private ExecutorEnvironment() {}

  static Map<String, String> of(
      AgentConfig agent, String agentId, ExecutorRun run, boolean checkpoint, Duration grace) {
    Map<String, String> env = new LinkedHashMap<>();
    env.put("LIBPROCESS_IP", agent.endpoint().substring(0, agent.endpoint().lastIndexOf(':')));
    env.put("LIBPROCESS_PORT", "0");
    env.put("MESOS_AGENT_ENDPOINT", agent.endpoint());
    env.put("MESOS_CHECKPOINT", checkpoint ? "1" : "0");
    env.put("MESOS_DIRECTORY", run.sandbox.toString());
    env.put("MESOS_EXECUTOR_ID", run.id());
    env.put("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", text(grace));
    env.put("MESOS_FRAMEWORK_ID", run.frameworkId);
    env.put("MESOS_HTTP_COMMAND_EXECUTOR", "0");
    if (checkpoint) {
      env.put("MESOS_RECOVERY_TIMEOUT", "15mins");
      env.put("MESOS_SUBSCRIPTION_BACKOFF_MAX", "2secs");
    }
    env.put("MESOS_SANDBOX", run.sandbox.toString());
    env.put("MESOS_SLAVE_ID", agentId);
    env.put("MESOS_SLAVE_PID", agent.pid());
    env.put("PATH", PATH);
    agent
        .tokens()
        .ifPresent(
            tokens ->
                env.put(
                    "MESOS_EXECUTOR_AUTHENTICATION_TOKEN",
                    tokens.token(run.frameworkId, run.id(), run.containerId)));
    env.putAll(agent.executorEnvironment());
    ExecutorInfo info = run.info;
    for (Environment.Variable variable : info.getCommand().getEnvironment().getVariablesList()) {
      env.put(variable.getName(), variable.getValue());
    }
    return env;
  }

  /** A duration as Mesos prints it: in the largest unit that it is a whole number of. */
  static String text(Duration duration) {
    long nanos = duration.toNanos();
    long[] sizes = {
      604_800_000_000_000L,
      86_400_000_000_000L,
      3_600_000_000_000L,
      60_000_000_000L,
      1_000_000_000L,
      1_000_000L,
      1_000L
    };
    String[] units = {"weeks", "days", "hrs", "mins", "secs", "ms", "us"};
    for (int i = 0; i < sizes.length; i++) {
      if (nanos != 0 && nanos % sizes[i] == 0) {
        return nanos / sizes[i] + units[i];
      }
    }
    return nanos + "ns";
  }
}
