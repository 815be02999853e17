package io.springtide.harness.consul;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Consul in this JVM, for machines that have none: one node, agent and catalog the same thing, no
 * ACLs. It knows services with TTL, HTTP and TCP checks, health, catalog, keys and blocking queries
 * as Consul 1.8.7 answers them. It does not know sessions, locks, prepared queries, Connect, DNS,
 * nor the reaper behind {@code DeregisterCriticalServiceAfter}, which it accepts and ignores.
 */
public final class ConsulStandIn implements Consul {
  private static final Duration DEFAULT_WAIT = Duration.ofMinutes(5);
  private static final Duration MAX_WAIT = Duration.ofMinutes(10);
  private static final int MAX_BODY = 1 << 20;

  static {
    // The JDK's server writes head and body apart; with Nagle's algorithm each answer takes 40 ms.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final ObjectMapper json = new ObjectMapper();
  private final ConsulState state = new ConsulState();
  private final CheckRunner checks = new CheckRunner(state);
  private final ExecutorService threads =
      Executors.newCachedThreadPool(CheckRunner.daemon("consul-http"));
  private final HttpServer server;

  private ConsulStandIn(HttpServer server) {
    this.server = server;
  }

  /** Starts one on a port of the machine's choosing. */
  public static ConsulStandIn start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ConsulStandIn consul = new ConsulStandIn(server);
    server.setExecutor(consul.threads);
    server.createContext("/", consul::handle);
    server.start();
    return consul;
  }

  @Override
  public URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public String description() {
    return "a stand-in for Consul";
  }

  @Override
  public void close() {
    state.close();
    checks.close();
    server.stop(0);
    threads.shutdownNow();
  }

  /** An answer in Consul's words; {@code body} null for none. */
  private record Answer(int status, String type, byte[] body, long index) {
    static Answer text(int status, String message) {
      return new Answer(
          status, "text/plain; charset=utf-8", message.getBytes(StandardCharsets.UTF_8), 0);
    }

    static Answer done() {
      return new Answer(200, "", new byte[0], 0);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Answer answer;
      try {
        answer = answer(exchange);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (JsonProcessingException e) {
        answer = Answer.text(400, "Request decode failed: " + e.getOriginalMessage());
      } catch (IllegalArgumentException e) {
        answer = Answer.text(400, e.getMessage());
      }
      if (!answer.type().isEmpty()) {
        exchange.getResponseHeaders().set("Content-Type", answer.type());
      }
      if (answer.index() > 0) {
        exchange.getResponseHeaders().set("X-Consul-Index", "" + answer.index());
        exchange.getResponseHeaders().set("X-Consul-Knownleader", "true");
        exchange.getResponseHeaders().set("X-Consul-Lastcontact", "0");
      }
      byte[] body = answer.body();
      exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
      if (body.length > 0) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  private Answer answer(HttpExchange exchange) throws IOException, InterruptedException {
    String path = exchange.getRequestURI().getPath();
    Query query = Query.of(exchange.getRequestURI().getRawQuery());
    String method = exchange.getRequestMethod();
    if (path.startsWith("/v1/kv/")) {
      return key(method, path.substring("/v1/kv/".length()), query, exchange);
    }
    String[] part = path.split("/", 6); // "", v1, a, b, c, rest
    String door = String.join("/", part.length > 2 ? part[2] : "", part.length > 3 ? part[3] : "");
    String name = part.length > 4 ? part[4] : "";
    String rest = part.length > 5 ? part[5] : "";
    return switch (door) {
      case "status/leader" -> json(json.getNodeFactory().textNode("127.0.0.1:8300"));
      case "agent/self" -> self();
      case "agent/services" -> json(state.agentServices());
      case "agent/checks" -> json(state.agentChecks());
      case "agent/service" -> service(method, name, rest, query, exchange);
      case "agent/check" -> check(method, name, rest, query, exchange);
      case "health/service" ->
          blocking(query, () -> state.health(name, query.has("passing"), query.get("tag")));
      case "health/checks" -> blocking(query, () -> state.checksOfService(name));
      case "health/state" -> blocking(query, () -> state.checksInState(name));
      case "catalog/services" -> blocking(query, state::catalogServices);
      case "catalog/service" -> blocking(query, () -> state.catalogService(name));
      case "catalog/nodes" -> blocking(query, state::catalogNodes);
      default -> Answer.text(404, "");
    };
  }

  private Answer self() throws JsonProcessingException {
    ObjectNode self = json.createObjectNode();
    self.putObject("Config")
        .put("Datacenter", "dc1")
        .put("NodeName", ConsulState.NODE)
        .put("Server", true)
        .put("Version", "1.8.7");
    self.putObject("Member").put("Name", ConsulState.NODE).put("Addr", "127.0.0.1");
    return json(self);
  }

  private Answer service(String method, String name, String rest, Query query, HttpExchange ex)
      throws IOException {
    if (name.equals("register") || name.equals("deregister")) {
      if (!method.equals("PUT")) {
        return Answer.text(405, "method " + method + " not allowed");
      }
      if (name.equals("deregister")) {
        state.deregister(rest).forEach(checks::stop);
        return Answer.done();
      }
      ServiceRegistration registration = json.readValue(body(ex), ServiceRegistration.class);
      if (!Check.given(registration.name())) {
        return Answer.text(400, "Missing service name");
      }
      for (ServiceRegistration.Named c : registration.namedChecks()) {
        if (!c.check().problem().isEmpty()) {
          return Answer.text(400, "Invalid check: " + c.check().problem());
        }
      }
      state.register(registration, query.has("replace-existing-checks")).forEach(checks::stop);
      registration.namedChecks().forEach(c -> checks.start(c.id(), c.check()));
      return Answer.done();
    }
    JsonNode one = state.agentServices().get(name);
    return one == null ? Answer.text(404, "unknown service ID: " + name) : json(one);
  }

  private Answer check(String method, String verb, String id, Query query, HttpExchange ex)
      throws IOException {
    if (!method.equals("PUT")) {
      return Answer.text(405, "method " + method + " not allowed");
    }
    String status;
    String note = query.get("note") == null ? "" : query.get("note");
    switch (verb) {
      case "pass" -> status = "passing";
      case "warn" -> status = "warning";
      case "fail" -> status = "critical";
      case "update" -> {
        JsonNode body = json.readTree(body(ex));
        status = body.path("Status").asText();
        note = body.path("Output").asText();
        if (!status.equals("passing") && !status.equals("warning") && !status.equals("critical")) {
          return Answer.text(400, "Invalid check status: '" + status + "'");
        }
      }
      default -> {
        return Answer.text(404, "");
      }
    }
    if (!state.isTtl(id)) {
      return Answer.text(500, "CheckID \"" + id + "\" does not have associated TTL");
    }
    checks.beat(id);
    state.update(id, status, note);
    return Answer.done();
  }

  private Answer key(String method, String key, Query query, HttpExchange exchange)
      throws IOException, InterruptedException {
    Long cas = query.has("cas") ? Long.valueOf(query.get("cas")) : null;
    return switch (method) {
      case "PUT" -> {
        if (key.isEmpty() || query.has("acquire") || query.has("release")) {
          yield Answer.text(400, "Missing key name, or a lock, which the stand-in does not know");
        }
        long flags = query.has("flags") ? Long.parseLong(query.get("flags")) : 0;
        yield json(json.getNodeFactory().booleanNode(state.put(key, body(exchange), flags, cas)));
      }
      case "DELETE" ->
          json(json.getNodeFactory().booleanNode(state.delete(key, query.has("recurse"), cas)));
      case "GET" -> keys(key, query);
      default -> Answer.text(405, "method " + method + " not allowed");
    };
  }

  private Answer keys(String key, Query query) throws IOException, InterruptedException {
    boolean many = query.has("recurse") || query.has("keys");
    long index = await(query, () -> state.keysIndex(key, many));
    Map<String, ConsulState.Key> found = state.keys(key, many);
    if (found.isEmpty()) {
      return new Answer(404, "", new byte[0], index);
    }
    if (query.has("raw")) {
      return new Answer(200, "text/plain", found.values().iterator().next().value(), index);
    }
    ArrayNode list = json.createArrayNode();
    found.forEach(
        (name, value) -> {
          if (query.has("keys")) {
            list.add(name);
            return;
          }
          byte[] bytes = value.value();
          list.addObject()
              .put("LockIndex", 0)
              .put("Key", name)
              .put("Flags", value.flags())
              .put("Value", bytes.length == 0 ? null : Base64.getEncoder().encodeToString(bytes))
              .put("CreateIndex", value.created())
              .put("ModifyIndex", value.modified());
        });
    return new Answer(200, "application/json", json.writeValueAsBytes(list), index);
  }

  private Answer blocking(Query query, Supplier<ConsulState.Indexed> read)
      throws IOException, InterruptedException {
    await(query, () -> read.get().index());
    ConsulState.Indexed answer = read.get();
    return new Answer(
        200, "application/json", json.writeValueAsBytes(answer.body()), answer.index());
  }

  /** Waits until what is asked for has passed the query's index, or its wait is over. */
  private long await(Query query, Supplier<Long> indexOf) throws InterruptedException {
    long asked = query.has("index") ? Long.parseLong(query.get("index")) : 0;
    Duration wait = Check.duration(query.get("wait"));
    wait = wait.isZero() ? DEFAULT_WAIT : wait.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : wait;
    long end = System.nanoTime() + wait.toNanos();
    while (true) {
      long seen = state.index();
      long index = indexOf.get();
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      // As in Consul, an index from the future (of a server that was reset) does wait.
      if (asked == 0 || index > asked || left <= 0 || !state.awaitChange(seen, left)) {
        return indexOf.get();
      }
    }
  }

  private Answer json(JsonNode body) throws JsonProcessingException {
    return new Answer(200, "application/json", json.writeValueAsBytes(body), 0);
  }

  private static byte[] body(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
    if (body.length > MAX_BODY) {
      throw new IllegalArgumentException("Request body too large, max size: " + MAX_BODY);
    }
    return body;
  }

  /** The parameters of a request; one without a value is there, and empty. */
  private record Query(Map<String, String> parameters) {
    static Query of(String raw) {
      Map<String, String> found = new TreeMap<>();
      for (String part : raw == null ? new String[0] : raw.split("&", -1)) {
        int eq = part.indexOf('=');
        found.put(
            eq < 0 ? part : part.substring(0, eq),
            eq < 0 ? "" : URLDecoder.decode(part.substring(eq + 1), StandardCharsets.UTF_8));
      }
      return new Query(found);
    }

    boolean has(String name) {
      return parameters.containsKey(name);
    }

    String get(String name) {
      return parameters.get(name);
    }
  }
}
