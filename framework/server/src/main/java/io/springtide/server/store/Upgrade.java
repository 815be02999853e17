package io.springtide.server.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Says in one format what was said in the one before: steps on JSON trees, each for one type of
 * record, wherever such a record stands.
 */
final class Upgrade {
  /**
   * Where records stand in records: by record and component. {@code *}: in the values of a map. A
   * sealed type's records name themselves, as changes do.
   */
  static final Map<String, Map<String, String>> STANDS =
      Map.ofEntries(
          Map.entry("PoolPut", Map.of("pool", "Pool")),
          Map.entry("GroupPut", Map.of("group", "Group")),
          Map.entry("JobPut", Map.of("job", "Job")),
          Map.entry("RunsPut", Map.of("runs", "Runs")),
          Map.entry("Runs", Map.of("run", "Run", "past", "Run")),
          Map.entry("Run", Map.of("ended", "Ended")),
          Map.entry("DeploymentPut", Map.of("deployment", "Deployment")),
          Map.entry("InstancePut", Map.of("instance", "Instance")),
          Map.entry("HostPut", Map.of("host", "Host")),
          Map.entry("OrderPut", Map.of("order", "Order")),
          Map.entry("GonePut", Map.of("gone", "Gone")),
          Map.entry("Gone", Map.of("origin", "Origin")),
          Map.entry("StrayPut", Map.of("stray", "Stray")),
          Map.entry("ReceiptPut", Map.of("receipt", "Receipt")),
          Map.entry("RemainsPut", Map.of("remains", "Remains")),
          Map.entry("Remains", Map.of("size", "Resources")),
          Map.entry("Pool", Map.of("buffer", "Buffer", "template", "HostTemplate")),
          Map.entry("HostTemplate", Map.of("resources", "Resources")),
          Map.entry(
              "Group", Map.of("quotas", "Quotas", "totalLimit", "Limit", "policy", "GroupPolicy")),
          Map.entry("Quotas", Map.of("*", "Quota")),
          Map.entry(
              "Quota", Map.of("guarantee", "Resources", "lendable", "Resources", "limit", "Limit")),
          Map.entry("Job", Map.of("spec", "JobSpec", "made", "Made", "earlier", "Revision")),
          Map.entry("Revision", Map.of("spec", "JobSpec", "made", "Made")),
          Map.entry(
              "JobSpec",
              Map.ofEntries(
                  Map.entry("resources", "Resources"),
                  Map.entry("container", "ContainerSpec"),
                  Map.entry("tools", "ToolSpec"),
                  Map.entry("health", "HealthSpec"),
                  Map.entry("discovery", "DiscoverySpec"),
                  Map.entry("constraints", "Constraint"),
                  Map.entry("update", "UpdatePolicy"),
                  Map.entry("failure", "FailurePolicy"),
                  Map.entry("stop", "StopPolicy"),
                  Map.entry("notes", "JobNotes"),
                  Map.entry("batch", "BatchPolicy"))),
          Map.entry("ContainerSpec", Map.of("ports", "PortSpec", "mounts", "MountSpec")),
          Map.entry("HealthSpec", Map.of("probe", "Probe")),
          Map.entry("Instance", Map.of("task", "Task", "history", "Attempt")),
          Map.entry("Task", Map.of("ports", "PortAssignment")),
          Map.entry(
              "Host",
              Map.of(
                  "origin", "Origin",
                  "agent", "Agent",
                  "seat", "Seat",
                  // Of format 1.
                  "capacity", "Resources",
                  "ports", "PortRanges",
                  "warden", "Task")),
          Map.entry("Origin", Map.of("template", "HostTemplate")),
          Map.entry("Agent", Map.of("capacity", "Resources", "ports", "PortRanges")),
          Map.entry("Seat", Map.of("warden", "Task")),
          Map.entry("PortRanges", Map.of("ranges", "Range")),
          Map.entry("Order", Map.of("template", "HostTemplate")));

  private final Map<String, List<BiConsumer<ObjectNode, Before>>> steps = new HashMap<>();

  /**
   * What stood before the change that is being upgraded, upgraded already: for what a record must
   * find elsewhere. The last of each name, removed ones too.
   */
  static final class Before {
    private final Map<String, JsonNode> pools = new HashMap<>();
    private final Map<String, JsonNode> orders = new HashMap<>();
    private final Map<String, JsonNode> jobs = new HashMap<>();

    /** The pool of that name; a missing node if there was none. */
    JsonNode pool(String name) {
      return pools.getOrDefault(name, JsonNodeFactory.instance.missingNode());
    }

    /** The order with that token; a missing node if there was none. */
    JsonNode order(String token) {
      return orders.getOrDefault(token, JsonNodeFactory.instance.missingNode());
    }

    /** The job of that id; a missing node if there was none. */
    JsonNode job(String id) {
      return jobs.getOrDefault(id, JsonNodeFactory.instance.missingNode());
    }

    private void remember(JsonNode change) {
      pools.put(change.path("pool").path("name").asText(), change.path("pool"));
      orders.put(change.path("order").path("token").asText(), change.path("order"));
      jobs.put(change.path("job").path("spec").path("id").asText(), change.path("job"));
    }
  }

  /** What is done to every record of that simple name; what stands in it has been done already. */
  Upgrade in(String record, Consumer<ObjectNode> step) {
    return in(record, (node, before) -> step.accept(node));
  }

  /** The same, with what stood before. */
  Upgrade in(String record, BiConsumer<ObjectNode, Before> step) {
    steps.computeIfAbsent(record, name -> new ArrayList<>()).add(step);
    return this;
  }

  /** Adds a component where it is missing. */
  static void add(ObjectNode record, String component, JsonNode value) {
    if (!record.has(component)) {
      record.set(component, value);
    }
  }

  static ObjectNode emptyObject() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** Upgrades one change. */
  void apply(ObjectNode change, Before before) {
    visit(change, "", before);
    before.remember(change);
  }

  private void visit(JsonNode node, String expected, Before before) {
    if (node.isArray()) {
      node.forEach(element -> visit(element, expected, before));
    } else if (node instanceof ObjectNode record) {
      String type = record.path("@").asText(expected);
      Map<String, String> stands = STANDS.getOrDefault(type, Map.of());
      record
          .properties()
          .forEach(
              component -> {
                String in = stands.getOrDefault(component.getKey(), stands.get("*"));
                if (in != null) {
                  visit(component.getValue(), in, before);
                }
              });
      steps.getOrDefault(type, List.of()).forEach(step -> step.accept(record, before));
    }
  }
}
