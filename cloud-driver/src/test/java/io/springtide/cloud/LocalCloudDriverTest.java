package io.springtide.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.springtide.partition.model.Resources;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LocalCloudDriverTest extends CloudDriverContract {
  static {
    // The JDK's server writes head and body apart: with Nagle's algorithm, 40 ms for each answer.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final ObjectMapper json = new ObjectMapper();
  private LocalCloudDriver driver;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/hosts", this::answer);
    server.start();
    driver = new LocalCloudDriver(Set.of(settings().get("endpoint")));
  }

  @AfterEach
  void stop() {
    driver.close();
    server.stop(0);
  }

  @Override
  CloudDriver driver() {
    return driver;
  }

  @Override
  Map<String, String> settings() {
    return Map.of("endpoint", "http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Test
  void whereNobodyListensTheOutcomeIsUnknown() throws IOException {
    int deaf;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      deaf = socket.getLocalPort();
    }
    var account = new CloudAccount("tide", Map.of("endpoint", "http://127.0.0.1:" + deaf));

    LocalCloudDriver asker = new LocalCloudDriver(Set.of("http://127.0.0.1:" + deaf));
    assertThatThrownBy(() -> asker.list(account))
        .isInstanceOfSatisfying(
            CloudException.class,
            e -> assertThat(e.fault()).isEqualTo(CloudException.Fault.UNKNOWN_OUTCOME))
        .hasMessageContaining(":" + deaf);
  }

  @Test
  void whoIsNoHostServiceSaysNothingAboutAHost() throws IOException {
    server.removeContext("/hosts");
    var account = new CloudAccount("tide", settings());

    assertThatThrownBy(() -> driver.release(account, Set.of("h1")))
        .isInstanceOfSatisfying(
            CloudException.class,
            e -> assertThat(e.fault()).isEqualTo(CloudException.Fault.UNKNOWN_OUTCOME));
    assertThatThrownBy(() -> driver.list(account))
        .isInstanceOfSatisfying(
            CloudException.class,
            e -> assertThat(e.fault()).isEqualTo(CloudException.Fault.UNKNOWN_OUTCOME));
  }

  @Test
  void aTemplateNeedsABaseUrlAndNothingElse() {
    assertThatCode(() -> driver.check(settings())).doesNotThrowAnyException();
    assertThatThrownBy(() -> driver.check(Map.of())).hasMessageStartingWith("endpoint: missing");
    assertThatThrownBy(() -> driver.check(Map.of("endpoint", "file:///etc/passwd")))
        .hasMessageContaining("not a base URL");
    assertThatThrownBy(() -> driver.check(Map.of("endpoint", "http://h:1", "region", "x")))
        .hasMessageStartingWith("region: unknown key");
  }

  /** Whoever may put a pool could have the server ask anything that it can reach. */
  @Test
  void onlyWhatTheConfigurationNamesIsAsked() {
    Map<String, String> elsewhere = Map.of("endpoint", "http://127.0.0.1:1");
    assertThatThrownBy(() -> driver.check(elsewhere)).hasMessageContaining("cloud.local.endpoints");
    assertThatThrownBy(() -> driver.list(new CloudAccount("tide", elsewhere)))
        .hasMessageContaining("cloud.local.endpoints");
    try (CloudDrivers drivers = CloudDrivers.onClassPath(Set.of())) {
      assertThat(drivers.named("local")).as("off unless it is named").isEmpty();
    }
  }

  @Test
  void isFoundByItsName() {
    try (CloudDrivers drivers = CloudDrivers.onClassPath(Set.of("http://127.0.0.1:1"))) {
      assertThat(drivers.named("local")).containsInstanceOf(LocalCloudDriver.class);
      assertThat(drivers.named("lokal")).isEmpty();
      assertThat(drivers.names()).contains("local");
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try {
      String path = exchange.getRequestURI().getPath();
      List<CloudHost> hosts = List.of();
      int status = 200;
      switch (exchange.getRequestMethod()) {
        case "POST" -> hosts = cloud.order(order(json.readTree(exchange.getRequestBody())));
        case "GET" ->
            hosts = cloud.list(exchange.getRequestURI().getQuery().replace("cluster=", ""));
        case "DELETE" -> {
          if (!cloud.release(path.substring("/hosts/".length()))) {
            send(exchange, 404, json.createObjectNode().put("error", "not-found"));
            return;
          }
        }
        default -> status = 405;
      }
      if (!cloud.answerIsLost()) {
        send(exchange, status, document(hosts));
      }
    } catch (CloudException e) {
      ObjectNode body = json.createObjectNode();
      body.put("error", e.fault().name().toLowerCase(Locale.ROOT).replace('_', '-'));
      body.put("detail", e.getMessage());
      exchange.getResponseHeaders().set("Retry-After", "" + e.retryAfter().toSeconds());
      send(
          exchange,
          switch (e.fault()) {
            case OUT_OF_STOCK -> 503;
            case THROTTLED -> 429;
            case REFUSED -> 409;
            case UNKNOWN_OUTCOME -> 500;
          },
          body);
    } finally {
      exchange.close();
    }
  }

  private static ScriptedCloud.Order order(JsonNode body) {
    Map<String, String> attributes = new TreeMap<>();
    body.get("attributes")
        .properties()
        .forEach(e -> attributes.put(e.getKey(), e.getValue().asText()));
    JsonNode resources = body.get("resources");
    return new ScriptedCloud.Order(
        body.get("token").asText(),
        body.get("cluster").asText(),
        body.get("pool").asText(),
        body.get("count").asInt(),
        Resources.of(
            Math.round(resources.get("cpus").asDouble() * 1000),
            resources.get("memoryMiB").asLong()),
        attributes);
  }

  private ObjectNode document(List<CloudHost> hosts) {
    ObjectNode body = json.createObjectNode();
    var array = body.putArray("hosts");
    for (CloudHost host : hosts) {
      array
          .addObject()
          .put("id", host.id())
          .put("pool", host.pool())
          .put("token", host.token())
          .put("state", host.state().name().toLowerCase(Locale.ROOT));
    }
    return body;
  }

  private void send(HttpExchange exchange, int status, ObjectNode body) throws IOException {
    byte[] bytes = json.writeValueAsBytes(body);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
