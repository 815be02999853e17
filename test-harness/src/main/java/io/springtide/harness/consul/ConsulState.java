package io.springtide.harness.consul;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * What a one-node Consul knows: services, checks, keys, and at which index each last changed. Agent
 * and catalog are the same here, so nothing is ever between them.
 */
final class ConsulState {
  static final String NODE = "stand-in";
  private static final String NODE_ID = "00000000-0000-0000-0000-000000000001";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** An answer and the index that a blocking query waits to be passed. */
  record Indexed(JsonNode body, long index) {}

  private record Service(ServiceRegistration registration, long created, long modified) {}

  private record CheckState(
      String id,
      Check check,
      String serviceId,
      String status,
      String output,
      long created,
      long modified) {}

  record Key(byte[] value, long flags, long created, long modified) {}

  private final Map<String, Service> services = new TreeMap<>();
  private final Map<String, CheckState> checks = new TreeMap<>();
  private final TreeMap<String, Key> keys = new TreeMap<>();
  // The index at which each name and each key last changed, deletions included: what was deleted
  // must wake who waits for it.
  private final Map<String, Long> namesTouched = new TreeMap<>();
  private final TreeMap<String, Long> keysTouched = new TreeMap<>();
  private long index = 1;
  private long catalogIndex = 1;
  private long keysIndex = 1;
  private boolean closed;

  // ---- the agent's doors

  /**
   * Registers, or registers anew: a check that is there already keeps its status, whatever the
   * registration says.
   *
   * @return the ids of checks that the registration no longer has and that were removed
   */
  synchronized Set<String> register(ServiceRegistration registration, boolean replaceChecks) {
    index++;
    String id = registration.id();
    Service old = services.get(id);
    if (old != null) {
      touch(old.registration().name());
    }
    services.put(id, new Service(registration, old == null ? index : old.created(), index));
    Set<String> named = new TreeSet<>();
    for (ServiceRegistration.Named c : registration.namedChecks()) {
      named.add(c.id());
      CheckState before = checks.get(c.id());
      checks.put(
          c.id(),
          new CheckState(
              c.id(),
              c.check(),
              id,
              before == null ? c.check().initialStatus() : before.status(),
              before == null ? "" : before.output(),
              before == null ? index : before.created(),
              index));
    }
    Set<String> removed = new TreeSet<>();
    if (replaceChecks) {
      checks
          .values()
          .removeIf(
              c -> c.serviceId().equals(id) && !named.contains(c.id()) && removed.add(c.id()));
    }
    touch(registration.name());
    notifyAll();
    return removed;
  }

  /** Returns the ids of the checks that went with it; an id that is unknown counts as done. */
  synchronized Set<String> deregister(String serviceId) {
    Service service = services.remove(serviceId);
    Set<String> removed = new TreeSet<>();
    if (service != null) {
      index++;
      checks.values().removeIf(c -> c.serviceId().equals(serviceId) && removed.add(c.id()));
      touch(service.registration().name());
      notifyAll();
    }
    return removed;
  }

  synchronized boolean isTtl(String checkId) {
    CheckState c = checks.get(checkId);
    return c != null && c.check().type().equals("ttl");
  }

  synchronized void update(String checkId, String status, String output) {
    CheckState c = checks.get(checkId);
    if (c == null || (c.status().equals(status) && c.output().equals(output))) {
      return;
    }
    index++;
    checks.put(
        checkId,
        new CheckState(c.id(), c.check(), c.serviceId(), status, output, c.created(), index));
    Service service = services.get(c.serviceId());
    if (service != null) {
      touch(service.registration().name());
    }
    notifyAll();
  }

  synchronized ObjectNode agentServices() {
    ObjectNode all = JSON.objectNode();
    services.forEach((id, s) -> all.set(id, agentService(s.registration())));
    return all;
  }

  synchronized ObjectNode agentChecks() {
    ObjectNode all = JSON.objectNode();
    checks.values().forEach(c -> all.set(c.id(), document(c)));
    return all;
  }

  // ---- health and catalog

  synchronized Indexed health(String name, boolean passingOnly, String tag) {
    ArrayNode entries = JSON.arrayNode();
    services.forEach(
        (id, s) -> {
          ServiceRegistration r = s.registration();
          List<CheckState> own = checksOf(id);
          if (!r.name().equals(name)
              || (tag != null && !r.tags().contains(tag))
              || (passingOnly && !own.stream().allMatch(c -> c.status().equals("passing")))) {
            return;
          }
          ObjectNode entry = entries.addObject();
          entry.set("Node", node());
          entry.set("Service", indexed(agentService(r), s.created(), s.modified()));
          ArrayNode list = entry.putArray("Checks").add(serfHealth());
          own.forEach(c -> list.add(document(c)));
        });
    return new Indexed(entries, nameIndex(name));
  }

  synchronized Indexed checksOfService(String name) {
    return checksWhere(
        c -> {
          Service s = services.get(c.serviceId());
          return s != null && s.registration().name().equals(name);
        },
        nameIndex(name));
  }

  synchronized Indexed checksInState(String status) {
    return checksWhere(c -> status.equals("any") || c.status().equals(status), catalogIndex);
  }

  synchronized Indexed catalogServices() {
    Map<String, Set<String>> tags = new TreeMap<>();
    tags.put("consul", Set.of());
    for (Service s : services.values()) {
      tags.computeIfAbsent(s.registration().name(), n -> new TreeSet<>())
          .addAll(s.registration().tags());
    }
    ObjectNode all = JSON.objectNode();
    tags.forEach((name, names) -> names.forEach(all.putArray(name)::add));
    return new Indexed(all, catalogIndex);
  }

  synchronized Indexed catalogService(String name) {
    ArrayNode entries = JSON.arrayNode();
    services.forEach(
        (id, s) -> {
          ServiceRegistration r = s.registration();
          if (r.name().equals(name)) {
            ObjectNode entry = entries.addObject();
            entry.setAll(node());
            entry.put("ServiceID", id).put("ServiceName", name);
            r.tags().forEach(entry.putArray("ServiceTags")::add);
            r.meta().forEach(entry.putObject("ServiceMeta")::put);
            entry.put("ServiceAddress", r.address()).put("ServicePort", r.port());
            entry.set("ServiceWeights", weights(r));
            indexed(entry, s.created(), s.modified());
          }
        });
    return new Indexed(entries, nameIndex(name));
  }

  synchronized Indexed catalogNodes() {
    return new Indexed(JSON.arrayNode().add(node()), 1);
  }

  // ---- keys

  /** Puts a key, unless it was not last modified at {@code cas} (null: whenever, 0: never). */
  synchronized boolean put(String key, byte[] value, long flags, Long cas) {
    Key old = keys.get(key);
    if (cas != null && cas != (old == null ? 0 : old.modified())) {
      return false;
    }
    index++;
    keys.put(key, new Key(value, flags, old == null ? index : old.created(), index));
    touchKey(key);
    notifyAll();
    return true;
  }

  synchronized boolean delete(String key, boolean recurse, Long cas) {
    Key old = keys.get(key);
    if (cas != null && cas != (old == null ? 0 : old.modified())) {
      return false;
    }
    List<String> gone = List.copyOf(matching(key, recurse).keySet());
    if (!gone.isEmpty()) {
      index++;
      gone.forEach(keys::remove);
      gone.forEach(this::touchKey);
      notifyAll();
    }
    return true;
  }

  /** Copies of the keys that match, in order. */
  synchronized Map<String, Key> keys(String key, boolean recurse) {
    return new TreeMap<>(matching(key, recurse));
  }

  synchronized long keysIndex(String key, boolean recurse) {
    return range(keysTouched, key, recurse).values().stream()
        .mapToLong(Long::longValue)
        .max()
        .orElse(keysIndex);
  }

  // ---- waiting

  /** Waits for a change of anything at all, at most {@code millis} long; false when closed. */
  synchronized boolean awaitChange(long seen, long millis) throws InterruptedException {
    if (!closed && index == seen && millis > 0) {
      wait(millis);
    }
    return !closed;
  }

  synchronized long index() {
    return index;
  }

  synchronized void close() {
    closed = true;
    notifyAll();
  }

  // ---- documents

  private Map<String, Key> matching(String key, boolean recurse) {
    return range(keys, key, recurse);
  }

  private static <V> Map<String, V> range(
      NavigableMap<String, V> map, String key, boolean recurse) {
    return recurse
        ? map.subMap(key, true, key + Character.MAX_VALUE, true)
        : map.subMap(key, true, key, true);
  }

  private void touch(String name) {
    namesTouched.put(name, index);
    catalogIndex = index;
  }

  private void touchKey(String key) {
    keysTouched.put(key, index);
    keysIndex = index;
  }

  private long nameIndex(String name) {
    return namesTouched.getOrDefault(name, catalogIndex);
  }

  private List<CheckState> checksOf(String serviceId) {
    return checks.values().stream().filter(c -> c.serviceId().equals(serviceId)).toList();
  }

  private Indexed checksWhere(Predicate<CheckState> wanted, long at) {
    ArrayNode list = JSON.arrayNode();
    checks.values().stream().filter(wanted).forEach(c -> list.add(document(c)));
    return new Indexed(list, at);
  }

  private ObjectNode agentService(ServiceRegistration r) {
    ObjectNode node = JSON.objectNode();
    node.put("ID", r.id()).put("Service", r.name());
    r.tags().forEach(node.putArray("Tags")::add);
    r.meta().forEach(node.putObject("Meta")::put);
    node.put("Port", r.port()).put("Address", r.address());
    node.set("Weights", weights(r));
    return node.put("EnableTagOverride", r.enableTagOverride());
  }

  private static ObjectNode weights(ServiceRegistration r) {
    Integer passing = r.weights().passing();
    Integer warning = r.weights().warning();
    return JSON.objectNode()
        .put("Passing", passing == null ? 1 : passing)
        .put("Warning", warning == null ? 1 : warning);
  }

  private ObjectNode document(CheckState c) {
    Service service = services.get(c.serviceId());
    ServiceRegistration r = service == null ? null : service.registration();
    String name = r == null ? "" : r.name();
    ObjectNode node = JSON.objectNode();
    node.put("Node", NODE).put("CheckID", c.id());
    node.put(
        "Name", Check.given(c.check().name()) ? c.check().name() : "Service '" + name + "' check");
    node.put("Status", c.status());
    node.put("Notes", c.check().notes() == null ? "" : c.check().notes());
    node.put("Output", c.output());
    node.put("ServiceID", c.serviceId()).put("ServiceName", name);
    ArrayNode tags = node.putArray("ServiceTags");
    if (r != null) {
      r.tags().forEach(tags::add);
    }
    node.put("Type", c.check().type()).putObject("Definition");
    return indexed(node, c.created(), c.modified());
  }

  private static ObjectNode serfHealth() {
    ObjectNode node = JSON.objectNode();
    node.put("Node", NODE).put("CheckID", "serfHealth").put("Name", "Serf Health Status");
    node.put("Status", "passing").put("Notes", "").put("Output", "Agent alive and reachable");
    node.put("ServiceID", "").put("ServiceName", "").putArray("ServiceTags");
    node.put("Type", "").putObject("Definition");
    return indexed(node, 1, 1);
  }

  private static ObjectNode node() {
    ObjectNode node = JSON.objectNode();
    node.put("ID", NODE_ID).put("Node", NODE).put("Address", "127.0.0.1");
    node.put("Datacenter", "dc1");
    return indexed(node, 1, 1);
  }

  private static ObjectNode indexed(ObjectNode node, long created, long modified) {
    return node.put("CreateIndex", created).put("ModifyIndex", modified);
  }
}
