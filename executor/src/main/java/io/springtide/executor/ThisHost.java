package io.springtide.executor;

import io.springtide.executor.runtime.Owner;
import io.springtide.mesos.ExecutorEnvironment;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.Attribute;
import org.apache.mesos.v1.Protos.Value;

/**
 * The host that this executor runs on, and its place there.
 *
 * @param id the host's identity with the framework: its agent's attribute {@code node}, else {@code
 *     hostname:port}
 * @param hostname as the agent calls it
 * @param address at which the agent, and so its host's services, can be reached
 * @param sandbox of this executor
 * @param owner for what it starts
 * @param shutdownGrace how long the agent waits between SHUTDOWN and the kill
 */
record ThisHost(
    String id, String hostname, String address, Path sandbox, Owner owner, Duration shutdownGrace) {

  static ThisHost of(ExecutorEnvironment environment, AgentInfo agent) {
    String id =
        agent.getAttributesList().stream()
            .filter(attribute -> attribute.getName().equals("node"))
            .map(ThisHost::text)
            .findFirst()
            .orElse(agent.getHostname() + ":" + agent.getPort());
    return new ThisHost(
        id,
        agent.getHostname(),
        environment.agent().host(),
        environment.sandbox().orElse(Path.of("")).toAbsolutePath(),
        new Owner(environment.frameworkId().getValue(), id, environment.executorId().getValue()),
        environment.shutdownGracePeriod());
  }

  /** Mesos makes a scalar of an attribute that looks like a number. */
  private static String text(Attribute attribute) {
    if (attribute.getType() == Value.Type.SCALAR) {
      double number = attribute.getScalar().getValue();
      return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }
    return attribute.getText().getValue();
  }
}
