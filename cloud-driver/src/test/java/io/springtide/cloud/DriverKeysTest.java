package io.springtide.cloud;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.springtide.partition.model.Resources;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each key that a driver takes of a pool's template, and each part of an order, is heard of by the
 * cloud: with another value it is asked something else, or another cloud is asked.
 */
class DriverKeysTest {
  /** The keys of each driver, by the driver's name; shown below. */
  private static final Map<String, Set<String>> SHOWN = Map.of("local", Set.of("endpoint"));

  private static final CloudAccount ACCOUNT = new CloudAccount("tide", Map.of("endpoint", "…"));
  private static final Resources SIZE = resources(2000, 4096, 0, 0, Map.of());
  private static final OrderRequest ORDER =
      new OrderRequest(ACCOUNT, "o1", "cloud", 2, SIZE, Map.of());

  /** A part of an order, and the order with another value there. */
  private static final Map<String, OrderRequest> OTHERWISE =
      Map.ofEntries(
          Map.entry(
              "account.cluster",
              new OrderRequest(
                  new CloudAccount("ebb", ACCOUNT.settings()), "o1", "cloud", 2, SIZE, Map.of())),
          Map.entry("token", new OrderRequest(ACCOUNT, "o2", "cloud", 2, SIZE, Map.of())),
          Map.entry("pool", new OrderRequest(ACCOUNT, "o1", "spot", 2, SIZE, Map.of())),
          Map.entry("count", new OrderRequest(ACCOUNT, "o1", "cloud", 3, SIZE, Map.of())),
          Map.entry("resources.cpuMillis", sized(resources(2500, 4096, 0, 0, Map.of()))),
          Map.entry("resources.memoryMiB", sized(resources(2000, 4097, 0, 0, Map.of()))),
          Map.entry("resources.diskMiB", sized(resources(2000, 4096, 1, 0, Map.of()))),
          Map.entry("resources.gpus", sized(resources(2000, 4096, 0, 1, Map.of()))),
          Map.entry("resources.scalars", sized(resources(2000, 4096, 0, 0, Map.of("a", 1L)))),
          Map.entry(
              "attributes",
              new OrderRequest(ACCOUNT, "o1", "cloud", 2, SIZE, Map.of("rack", "k1"))));

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> askedElsewhere = new CopyOnWriteArrayList<>();
  private HttpServer cloud;
  private HttpServer elsewhere;
  private CloudDrivers drivers;

  private static Resources resources(
      long cpuMillis, long memoryMiB, long diskMiB, long gpus, Map<String, Long> scalars) {
    return new Resources(cpuMillis, memoryMiB, diskMiB, gpus, new TreeMap<>(scalars));
  }

  private static OrderRequest sized(Resources resources) {
    return new OrderRequest(ACCOUNT, "o1", "cloud", 2, resources, Map.of());
  }

  @BeforeEach
  void start() throws IOException {
    cloud = recording(asked);
    elsewhere = recording(askedElsewhere);
    drivers = CloudDrivers.onClassPath(Set.of(url(cloud), url(elsewhere)));
  }

  @AfterEach
  void stop() {
    drivers.close();
    cloud.stop(0);
    elsewhere.stop(0);
  }

  /** A cloud that writes down what it is asked, and has no hosts. */
  private static HttpServer recording(List<String> asked) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> answer(exchange, asked));
    server.start();
    return server;
  }

  private static void answer(HttpExchange exchange, List<String> asked) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body);
      byte[] none = "{\"hosts\":[]}".getBytes(UTF_8);
      exchange.sendResponseHeaders(200, none.length);
      exchange.getResponseBody().write(none);
    }
  }

  private static String url(HttpServer server) {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private static CloudAccount at(HttpServer server, String cluster) {
    return new CloudAccount(cluster, Map.of("endpoint", url(server)));
  }

  private List<CloudHost> send(OrderRequest order) throws Exception {
    return drivers
        .named("local")
        .orElseThrow()
        .order(
            new OrderRequest(
                at(cloud, order.account().cluster()),
                order.token(),
                order.pool(),
                order.count(),
                order.resources(),
                order.attributes()));
  }

  @Test
  void eachKeyOfEachDriverIsShown() {
    assertThat(drivers.names()).isEqualTo(SHOWN.keySet());
    for (String name : drivers.names()) {
      assertThat(keys(drivers.named(name).orElseThrow())).isEqualTo(SHOWN.get(name));
    }
  }

  /** As the driver says them when it refuses another one. */
  private static Set<String> keys(CloudDriver driver) {
    Throwable refused = catchThrowable(() -> driver.check(Map.of("zzz", "1")));
    assertThat(refused)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("zzz: unknown key; ");
    String known = refused.getMessage().replaceFirst(".*knows only ", "").replace("'", "");
    return Set.of(known.split(", "));
  }

  @Test
  void theEndpointIsWhoIsAsked() throws Exception {
    CloudDriver local = drivers.named("local").orElseThrow();
    CloudAccount there = at(elsewhere, "tide");
    local.order(new OrderRequest(there, "o1", "cloud", 1, SIZE, Map.of()));
    local.list(there);
    local.release(there, Set.of("h1"));
    assertThat(askedElsewhere)
        .extracting(line -> line.split(" ")[0])
        .containsExactly("POST", "GET", "DELETE");
    assertThat(asked).isEmpty();
    local.list(at(cloud, "tide"));
    assertThat(asked).containsExactly("GET /hosts?cluster=tide ");
  }

  @Test
  void eachPartOfAnOrderIsListed() {
    Set<String> parts = new TreeSet<>();
    parts(OrderRequest.class).forEach(parts::add);
    parts.remove("account");
    parts.add("account.cluster"); // its settings are the driver's keys
    parts.remove("resources");
    parts(Resources.class).forEach(part -> parts.add("resources." + part));
    assertThat(OTHERWISE.keySet()).isEqualTo(parts);
  }

  private static Stream<String> parts(Class<? extends Record> type) {
    return Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName);
  }

  @TestFactory
  Stream<DynamicTest> theCloudHearsOfEachPartOfAnOrder() {
    return OTHERWISE.keySet().stream()
        .map(
            part ->
                DynamicTest.dynamicTest(
                    part,
                    () -> {
                      asked.clear();
                      send(ORDER);
                      send(OTHERWISE.get(part));
                      assertThat(asked).hasSize(2).doesNotHaveDuplicates();
                    }));
  }

  @Test
  void anOrderSaysItAllInItsOwnFields() throws Exception {
    send(
        new OrderRequest(
            ACCOUNT,
            "o1",
            "cloud",
            2,
            resources(2500, 4096, 10_000, 1, Map.of("licences", 3L)),
            Map.of("rack", "k1")));
    assertThat(asked).hasSize(1);
    ObjectMapper json = new ObjectMapper();
    assertThat(json.readTree(asked.get(0).substring("POST /hosts ".length())))
        .isEqualTo(
            json.readTree(
                """
                {"token": "o1", "cluster": "tide", "pool": "cloud", "count": 2,
                 "resources": {"cpus": 2.5, "memoryMiB": 4096, "diskMiB": 10000, "gpus": 1,
                               "scalars": {"licences": 3}},
                 "attributes": {"rack": "k1"}}
                """));
  }
}
