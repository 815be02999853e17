package io.springtide.executor.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;

/**
 * One service entry as Consul wants it.
 *
 * @param id of the entry, ours only
 * @param document the body of a registration
 */
record ConsulRegistration(String id, ObjectNode document) {
  /**
   * How long an entry stays passing after its executor's last heartbeat: long enough for a new
   * executor to start and to take over.
   */
  static final Duration TTL = Duration.ofSeconds(60);

  /** Consul's minimum is one minute, and its reaper comes every 30 seconds. */
  private static final String DEREGISTER_AFTER = "2m";

  /** Consul's own look at the endpoint; its minimum is 1 s. */
  private static final String LOOK_EVERY = "1s";

  private static final String PREFIX = "springtide:";
  private static final String META_HOST = "springtide-host";

  /**
   * Where entries come from. Several hosts (agents in a test, or nested ones) may share a Consul
   * agent, so an entry says whose it is: framework in the id, host in the meta data.
   */
  record Place(String framework, String host) {
    String prefix() {
      return PREFIX + framework + ":";
    }

    boolean owns(String id, JsonNode service) {
      return id.startsWith(prefix())
          && service.path("Meta").path(META_HOST).asText("").equals(host);
    }
  }

  static ConsulRegistration of(InstanceEndpoint endpoint, Place place) {
    var entry = endpoint.entry().consul();
    String id =
        place.prefix()
            + endpoint.task()
            + ":"
            + endpoint.generation()
            + ":"
            + entry.service()
            + ":"
            + entry.port();
    ObjectNode service = JsonNodeFactory.instance.objectNode();
    service.put("ID", id).put("Name", entry.service());
    service.put("Address", endpoint.address()).put("Port", endpoint.port());
    var tags = service.putArray("Tags");
    entry.tags().forEach(tags::add);
    service
        .putObject("Meta")
        .put(META_HOST, place.host())
        .put("springtide-job", endpoint.job())
        .put("springtide-instance", endpoint.instance())
        .put("springtide-task", endpoint.task());
    var checks = service.putArray("Checks");
    checks
        .addObject()
        .put("CheckID", aliveCheck(id))
        .put("Name", "looked after by its executor")
        .put("TTL", seconds(TTL))
        .put("Status", "critical")
        .put("DeregisterCriticalServiceAfter", DEREGISTER_AFTER);
    var look =
        checks
            .addObject()
            .put("CheckID", id + ":endpoint")
            .put("Name", "endpoint answers")
            .put("Interval", LOOK_EVERY)
            .put("Timeout", seconds(endpoint.policy().timeout()))
            // It has just answered our own check; the entry becomes passing by the other one.
            .put("Status", "passing");
    String authority = endpoint.address() + ":" + endpoint.port();
    endpoint
        .httpPath()
        .ifPresentOrElse(
            path -> look.put("HTTP", "http://" + authority + path).put("Method", "GET"),
            () -> look.put("TCP", authority));
    return new ConsulRegistration(id, service);
  }

  String aliveCheck() {
    return aliveCheck(id);
  }

  private static String aliveCheck(String id) {
    return id + ":alive";
  }

  /** Whether what the agent has is what we registered. */
  boolean equalTo(JsonNode registered) {
    return registered.path("Service").equals(document.path("Name"))
        && registered.path("Address").equals(document.path("Address"))
        && registered.path("Port").asInt() == document.path("Port").asInt()
        && tags(registered).equals(tags(document))
        && registered.path("Meta").equals(document.path("Meta"));
  }

  private static JsonNode tags(JsonNode service) {
    JsonNode tags = service.path("Tags");
    return tags.isArray() ? tags : JsonNodeFactory.instance.arrayNode();
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() + "ms";
  }
}
