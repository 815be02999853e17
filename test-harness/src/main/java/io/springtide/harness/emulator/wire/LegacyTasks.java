package io.springtide.harness.emulator.wire;

import io.springtide.harness.emulator.resources.Bag;
import io.springtide.harness.emulator.resources.ResourceText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.Attribute;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.Task;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.Value;

/** Tasks, executors and resources in the shape of the endpoints from before the v1 APIs. */
public final class LegacyTasks {

  private LegacyTasks() {}

  /** Since the epoch. */
  public static double seconds(Instant instant) {
    return instant.getEpochSecond() + instant.getNano() / 1e9;
  }

  /** Sums by name; disk, mem, gpus and cpus always. */
  public static Map<String, Object> resources(Bag bag) {
    Map<String, Object> out = new LinkedHashMap<>();
    for (String name : List.of("disk", "mem", "gpus", "cpus")) {
      out.put(name, bag.milli(name) / 1000.0);
    }
    for (Resource resource : bag.unallocated().toList()) {
      if (resource.getType() != Value.Type.SCALAR) {
        String text = ResourceText.format(resource);
        out.put(resource.getName(), text.substring(text.indexOf(':') + 1));
      }
    }
    return out;
  }

  /** How much of each, ranges counted. */
  public static Map<String, Object> quantities(Bag bag) {
    Map<String, Object> out = new TreeMap<>();
    for (Resource resource : bag.toList()) {
      double amount =
          resource.getType() == Value.Type.RANGES
              ? resource.getRanges().getRangeList().stream()
                  .mapToDouble(range -> range.getEnd() - range.getBegin() + 1.0)
                  .sum()
              : resource.getScalar().getValue();
      out.merge(resource.getName(), amount, (a, b) -> (Double) a + (Double) b);
    }
    return out;
  }

  /** A task with its statuses. */
  public static Map<String, Object> task(Task task) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("id", task.getTaskId().getValue());
    out.put("name", task.getName());
    out.put("framework_id", task.getFrameworkId().getValue());
    out.put("executor_id", task.getExecutorId().getValue());
    out.put("slave_id", task.getAgentId().getValue());
    out.put("state", task.getState().name());
    out.put("resources", resources(Bag.of(task.getResourcesList())));
    out.put("role", role(task.getResourcesList()));
    out.put("statuses", task.getStatusesList().stream().map(LegacyTasks::status).toList());
    if (task.hasLabels()) {
      out.put("labels", task.getLabels().getLabelsList());
    }
    if (task.hasDiscovery()) {
      out.put("discovery", task.getDiscovery());
    }
    if (task.hasContainer()) {
      out.put("container", task.getContainer());
    }
    if (task.hasHealthCheck()) {
      out.put("health_check", task.getHealthCheck());
    }
    return out;
  }

  /** The role that the first of some resources is allocated to. */
  public static String role(List<Resource> resources) {
    return resources.isEmpty() ? "*" : resources.get(0).getAllocationInfo().getRole();
  }

  private static Map<String, Object> status(TaskStatus status) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("state", status.getState().name());
    out.put("timestamp", status.getTimestamp());
    if (status.hasLabels()) {
      out.put("labels", status.getLabels().getLabelsList());
    }
    if (status.hasContainerStatus()) {
      out.put(
          "container_status", status.getContainerStatus().toBuilder().clearExecutorPid().build());
    }
    if (status.hasHealthy()) {
      out.put("healthy", status.getHealthy());
    }
    return out;
  }

  /** An executor as the master shows it. */
  public static Map<String, Object> executor(
      String frameworkId, String agentId, ExecutorInfo executor) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("executor_id", executor.getExecutorId().getValue());
    out.put("name", executor.getName());
    out.put("framework_id", frameworkId);
    out.put("command", command(executor.getCommand()));
    out.put("resources", resources(Bag.of(executor.getResourcesList())));
    out.put("role", role(executor.getResourcesList()));
    if (executor.hasLabels()) {
      out.put("labels", executor.getLabels().getLabelsList());
    }
    out.put("type", executor.getType().name());
    out.put("slave_id", agentId);
    return out;
  }

  private static Map<String, Object> command(CommandInfo command) {
    Map<String, Object> out = new LinkedHashMap<>();
    if (command.hasShell()) {
      out.put("shell", command.getShell());
    }
    out.put("value", command.getValue());
    out.put("argv", command.getArgumentsList());
    if (command.hasEnvironment()) {
      out.put("environment", command.getEnvironment());
    }
    out.put("uris", new ArrayList<>(command.getUrisList()));
    return out;
  }

  /** An agent's attributes as its state shows them. */
  public static Map<String, Object> attributes(AgentInfo agent) {
    Map<String, Object> attributes = new LinkedHashMap<>();
    for (Attribute attribute : agent.getAttributesList()) {
      attributes.put(
          attribute.getName(),
          attribute.hasText()
              ? attribute.getText().getValue()
              : (Object) attribute.getScalar().getValue());
    }
    return attributes;
  }
}
