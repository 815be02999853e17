package io.springtide.harness.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.springtide.partition.model.Resources;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cloud on loopback that the {@code local} driver orders from: a host it sells boots for a while,
 * then joins as an emulated Mesos agent with the attributes {@code node} and {@code order}. The
 * wire is described at {@code io.springtide.cloud.LocalCloudDriver}.
 */
public final class LocalCloud implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LocalCloud.class);
  private static final int MAX_BODY = 1 << 16;

  static {
    // The JDK's server writes head and body apart: with Nagle's algorithm, 40 ms for each answer.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  /**
   * How generous it is.
   *
   * @param stock hosts it has at once
   * @param boot time from order to the start of the host's agent
   */
  public record Terms(int stock, Duration boot) {}

  private enum State {
    BOOTING,
    RUNNING,
    RELEASED
  }

  private record Order(
      String token,
      String cluster,
      String pool,
      int count,
      Resources resources,
      Map<String, String> attributes) {}

  private static final class Host {
    final String id;
    final Order order;
    State state = State.BOOTING;

    Host(String id, Order order) {
      this.id = id;
      this.order = order;
    }
  }

  private final ObjectMapper json = new ObjectMapper();
  private final Hosts hosts;
  private final Terms terms;
  private final HttpServer server;
  private final ScheduledThreadPoolExecutor timer;
  private final Map<String, Order> orders = new TreeMap<>();
  private final Map<String, Host> sold = new LinkedHashMap<>();

  private LocalCloud(HttpServer server, Hosts hosts, Terms terms) {
    this.server = server;
    this.hosts = hosts;
    this.terms = terms;
    timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "local-cloud");
              thread.setDaemon(true);
              return thread;
            });
  }

  static LocalCloud start(Hosts hosts, Terms terms) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    LocalCloud cloud = new LocalCloud(server, hosts, terms);
    server.createContext("/hosts", cloud::handle);
    server.setExecutor(cloud.timer);
    server.start();
    return cloud;
  }

  /** What a pool's template names as its {@code endpoint}. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
    timer.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      try {
        // Hosts are processes here: no page in a browser may order some.
        if (exchange.getRequestHeaders().containsKey("Origin") || !isDocument(exchange)) {
          refuse(exchange, 403, "forbidden", "send application/json, and not from a web page");
          return;
        }
        String path = exchange.getRequestURI().getPath();
        switch (exchange.getRequestMethod()) {
          case "POST" -> order(exchange);
          case "GET" -> list(exchange);
          case "DELETE" -> release(exchange, path.substring("/hosts".length()).replace("/", ""));
          default -> refuse(exchange, 405, "method-not-allowed", "POST, GET or DELETE");
        }
      } catch (JsonProcessingException | IllegalArgumentException e) {
        refuse(exchange, 400, "invalid", e.getMessage());
      }
    }
  }

  private static boolean isDocument(HttpExchange exchange) {
    return !exchange.getRequestMethod().equals("POST")
        || "application/json".equals(exchange.getRequestHeaders().getFirst("Content-Type"));
  }

  private void order(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY);
    Order order = read(json.readTree(body));
    Order same = orders.putIfAbsent(order.token(), order);
    if (same != null && !same.equals(order)) {
      refuse(exchange, 409, "token-reused", "token " + order.token() + " named another order");
      return;
    }
    if (same == null) {
      long inUse = sold.values().stream().filter(h -> h.state != State.RELEASED).count();
      int count = (int) Math.min(order.count(), terms.stock() - inUse);
      if (count <= 0) {
        orders.remove(order.token());
        refuse(exchange, 503, "out-of-stock", "all " + terms.stock() + " hosts are sold");
        return;
      }
      for (int i = 0; i < count; i++) {
        Host host = new Host("%s-%d".formatted(order.pool(), sold.size() + 1), order);
        sold.put(host.id, host);
        timer.schedule(() -> boot(host), terms.boot().toMillis(), TimeUnit.MILLISECONDS);
      }
    }
    answer(exchange, sold.values().stream().filter(h -> h.order.equals(order)).toList());
  }

  private void list(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getQuery();
    String cluster =
        query != null && query.startsWith("cluster=") ? query.substring("cluster=".length()) : "";
    answer(
        exchange,
        sold.values().stream()
            .filter(h -> cluster.isEmpty() || h.order.cluster().equals(cluster))
            .toList());
  }

  private void release(HttpExchange exchange, String id) throws IOException {
    Host host = sold.get(id);
    if (host == null) {
      refuse(exchange, 404, "not-found", "there is no host " + id);
      return;
    }
    boolean ran = host.state == State.RUNNING;
    host.state = State.RELEASED;
    if (ran) {
      hosts.remove(id);
    }
    answer(exchange, List.of(host));
  }

  private void boot(Host host) {
    if (host.state != State.BOOTING) {
      return;
    }
    Map<String, String> attributes = new TreeMap<>(host.order.attributes());
    attributes.put("order", host.order.token());
    try {
      hosts.start(host.id, host.order.resources(), attributes);
      host.state = State.RUNNING;
    } catch (IOException e) {
      // As in a real cloud, a host that does not come up is found out by whoever ordered it.
      log.error("host {} does not boot", host.id, e);
      host.state = State.RELEASED;
    }
  }

  private static Order read(JsonNode body) {
    Map<String, String> attributes = new TreeMap<>();
    for (Map.Entry<String, JsonNode> e : body.path("attributes").properties()) {
      attributes.put(e.getKey(), e.getValue().asText());
    }
    JsonNode r = body.path("resources");
    TreeMap<String, Long> scalars = new TreeMap<>();
    for (Map.Entry<String, JsonNode> e : r.path("scalars").properties()) {
      scalars.put(e.getKey(), e.getValue().asLong());
    }
    Order order =
        new Order(
            body.path("token").asText(),
            body.path("cluster").asText(),
            body.path("pool").asText(),
            body.path("count").asInt(),
            new Resources(
                Math.round(r.path("cpus").asDouble() * 1000),
                r.path("memoryMiB").asLong(),
                r.path("diskMiB").asLong(),
                r.path("gpus").asLong(),
                scalars),
            attributes);
    if (order.token().isEmpty() || order.pool().isEmpty() || order.count() < 1) {
      throw new IllegalArgumentException("an order has a token, a pool and a count of 1 or more");
    }
    return order;
  }

  private void answer(HttpExchange exchange, List<Host> list) throws IOException {
    ObjectNode body = json.createObjectNode();
    var array = body.putArray("hosts");
    for (Host host : new ArrayList<>(list)) {
      array
          .addObject()
          .put("id", host.id)
          .put("pool", host.order.pool())
          .put("token", host.order.token())
          .put("state", host.state.name().toLowerCase(Locale.ROOT));
    }
    send(exchange, 200, body);
  }

  private void refuse(HttpExchange exchange, int status, String error, String detail)
      throws IOException {
    send(exchange, status, json.createObjectNode().put("error", error).put("detail", detail));
  }

  private void send(HttpExchange exchange, int status, ObjectNode body) throws IOException {
    byte[] bytes = json.writeValueAsBytes(body);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
