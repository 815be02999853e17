package io.springtide.server.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Hosts of format 1 were flat, and of where they came from they knew the token of their order: the
 * rest is what that order asked for, if the log still says it, else what their pool orders today.
 */
final class HostUpgrade {
  /** A driver that there is not: nobody knows where to give such a host back. */
  private static final String UNKNOWN = "unknown";

  private HostUpgrade() {}

  static void toFormat2(ObjectNode host, Upgrade.Before before) {
    if (host.has("seat")) {
      return;
    }
    String order = host.remove("order").asText();
    JsonNode capacity = host.remove("capacity");
    if (order.isEmpty()) {
      host.putNull("origin");
    } else {
      JsonNode pool = host.path("pool");
      ObjectNode origin = host.putObject("origin").put("order", order);
      origin.set("pool", pool);
      origin.set("template", template(before, order, pool.asText(), capacity));
    }
    agent(host, capacity);
    ObjectNode seat = host.putObject("seat");
    seat.set("warden", host.remove("warden"));
    seat.set("failures", host.remove("wardenFailures"));
    seat.set("notBefore", host.remove("notBefore"));
  }

  private static void agent(ObjectNode host, JsonNode capacity) {
    JsonNode id = host.remove("agentId");
    JsonNode hostname = host.remove("hostname");
    JsonNode attributes = host.remove("attributes");
    JsonNode ports = host.remove("ports");
    if (id.asText().isEmpty()) {
      host.putNull("agent");
      return;
    }
    ObjectNode agent = host.putObject("agent");
    agent.set("id", id);
    agent.set("hostname", hostname);
    agent.set("attributes", attributes);
    agent.set("capacity", capacity);
    agent.set("ports", ports);
  }

  private static JsonNode template(
      Upgrade.Before before, String order, String pool, JsonNode capacity) {
    JsonNode ordered = before.order(order).path("template");
    JsonNode today = before.pool(pool).path("template");
    if (ordered.isObject() || today.isObject()) {
      return (ordered.isObject() ? ordered : today).deepCopy();
    }
    ObjectNode unknown = Upgrade.emptyObject().put("driver", UNKNOWN);
    unknown.set("resources", capacity.deepCopy());
    unknown.putObject("attributes");
    unknown.putObject("settings");
    return unknown;
  }
}
