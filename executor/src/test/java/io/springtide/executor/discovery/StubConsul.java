package io.springtide.executor.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * As much of a Consul agent as its faults need: it can forget, refuse and keep silent. It knows no
 * time: TTLs do not run out and endpoints are not looked at.
 */
final class StubConsul implements AutoCloseable {
  private final ObjectMapper json = new ObjectMapper();
  private final HttpServer server;
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final Map<String, JsonNode> services = new HashMap<>();
  private final Map<String, String> checks = new HashMap<>();
  private final Set<String> tokens = new HashSet<>();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private volatile boolean refusing;

  StubConsul() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(thread);
    server.createContext("/v1/agent/", this::answer);
    server.start();
  }

  String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** From now on every request is answered with 500, as by an agent without a leader. */
  void refuse(boolean now) {
    refusing = now;
  }

  /** As after a restart without its data. */
  synchronized void forget() {
    services.clear();
    checks.clear();
  }

  synchronized void add(String id, JsonNode service) {
    services.put(id, service);
  }

  synchronized Set<String> ids() {
    return Set.copyOf(services.keySet());
  }

  synchronized String check(String id) {
    return checks.getOrDefault(id, "absent");
  }

  synchronized Set<String> tokens() {
    return Set.copyOf(tokens);
  }

  /** {@code PUT service/register} and so on, since this was last asked; without questions. */
  List<String> happened() {
    synchronized (requests) {
      var now = List.copyOf(requests);
      requests.clear();
      return now;
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().substring("/v1/agent/".length());
    byte[] body = exchange.getRequestBody().readAllBytes();
    byte[] answer;
    int status;
    synchronized (this) {
      tokens.add(String.valueOf(exchange.getRequestHeaders().getFirst("X-Consul-Token")));
      if (!path.equals("services")) {
        requests.add(path + (refusing ? " refused" : ""));
      }
      if (refusing) {
        status = 500;
        answer = "No cluster leader".getBytes(UTF_8);
      } else {
        var result = path.equals("services") ? list() : change(path, body);
        status = result.isEmpty() && path.startsWith("check/") ? 500 : 200;
        answer = result.getBytes(UTF_8);
      }
    }
    exchange.sendResponseHeaders(status, answer.length == 0 ? -1 : answer.length);
    if (answer.length > 0) {
      exchange.getResponseBody().write(answer);
    }
    exchange.close();
  }

  private String list() {
    ObjectNode all = json.createObjectNode();
    services.forEach(all::set);
    return all.toString();
  }

  private String change(String path, byte[] body) throws IOException {
    if (path.equals("service/register")) {
      ObjectNode service = (ObjectNode) json.readTree(body);
      String id = service.get("ID").asText();
      service.put("Service", service.get("Name").asText());
      services.put(id, service);
      // A check that is there already keeps its state, whatever the registration says.
      service
          .get("Checks")
          .forEach(
              check ->
                  checks.putIfAbsent(check.get("CheckID").asText(), check.get("Status").asText()));
      return "ok";
    }
    if (path.startsWith("service/deregister/")) {
      String id = path.substring("service/deregister/".length());
      services.remove(id);
      checks.keySet().removeIf(check -> check.startsWith(id));
      return "ok";
    }
    String id = path.substring(path.indexOf('/', "check/".length()) + 1);
    if (!checks.containsKey(id)) {
      return "";
    }
    checks.put(id, path.startsWith("check/pass/") ? "passing" : "critical");
    return "ok";
  }

  @Override
  public void close() {
    server.stop(0);
    thread.shutdown();
  }
}
