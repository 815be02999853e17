package io.springtide.harness.consul;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What Springtide and its users' load balancers rely on in Consul. Each class below it runs these
 * against one agent, shared by its tests: so each test has names of its own.
 */
abstract class ConsulContract {
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final long PATIENCE = Patience.millis();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ObjectMapper json = new ObjectMapper();
  private final String name = "svc-" + NAMES.incrementAndGet();
  private final AtomicInteger answer = new AtomicInteger(200);
  private final Semaphore failuresAnswered = new Semaphore(0);
  private HttpServer target;

  abstract Consul consul();

  @BeforeEach
  void startTarget() throws IOException {
    target = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    target.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(answer.get(), -1);
          exchange.close();
          if (answer.get() == 500) {
            failuresAnswered.release();
          }
        });
    target.start();
  }

  @AfterEach
  void stopTarget() {
    put("/v1/agent/service/deregister/" + name, "");
    target.stop(0);
  }

  // ---- registering

  @Test
  void aNewTtlCheckIsCriticalUntilItPasses() {
    register(
        "{'ID': '%s', 'Name': '%s', 'Address': '127.0.0.1', 'Port': 8001, 'Tags': ['v1'],"
            + " 'Meta': {'k': 'v'}, 'Check': {'TTL': '60s'}}");

    assertThat(status()).isEqualTo("critical");
    assertThat(get("/v1/health/service/" + name + "?passing").body()).isEmpty();

    assertThat(put("/v1/agent/check/pass/service:" + name + "?note=fine", "").statusCode())
        .isEqualTo(200);

    assertThat(status()).isEqualTo("passing");
    JsonNode entry = await("/v1/health/service/" + name + "?passing", 1).body().get(0);
    assertThat(entry.at("/Service/ID").asText()).isEqualTo(name);
    assertThat(entry.at("/Service/Service").asText()).isEqualTo(name);
    assertThat(entry.at("/Service/Address").asText()).isEqualTo("127.0.0.1");
    assertThat(entry.at("/Service/Port").asInt()).isEqualTo(8001);
    assertThat(entry.at("/Service/Tags/0").asText()).isEqualTo("v1");
    assertThat(entry.at("/Service/Meta/k").asText()).isEqualTo("v");
    assertThat(entry.at("/Service/Weights/Passing").asInt()).isEqualTo(1);
    assertThat(entry.at("/Node/Address").asText()).isEqualTo("127.0.0.1");
    assertThat(entry.get("Checks")).hasSize(2); // the node's own, and the service's
    assertThat(entry.at("/Checks/1/CheckID").asText()).isEqualTo("service:" + name);
    assertThat(entry.at("/Checks/1/Output").asText()).isEqualTo("fine");
    assertThat(entry.at("/Checks/1/ServiceName").asText()).isEqualTo(name);
  }

  @Test
  void warningIsNotPassingAndFailingIsCritical() {
    register("{'ID': '%s', 'Name': '%s', 'Check': {'TTL': '60s', 'Status': 'passing'}}");
    assertThat(status()).isEqualTo("passing");

    put("/v1/agent/check/warn/service:" + name, "");
    assertThat(status()).isEqualTo("warning");
    await("/v1/health/service/" + name + "?passing", 0);

    put("/v1/agent/check/fail/service:" + name, "");
    assertThat(status()).isEqualTo("critical");

    put(
        "/v1/agent/check/update/service:" + name,
        "{'Status': 'passing', 'Output': 'again'}".replace('\'', '"'));
    assertThat(status()).isEqualTo("passing");
  }

  @Test
  void aTtlThatIsNotRenewedExpires() {
    register("{'ID': '%s', 'Name': '%s', 'Check': {'TTL': '500ms'}}");
    renewUntilSeen();

    Answer gone = await("/v1/health/service/" + name + "?passing", 0);

    assertThat(gone.status()).isEqualTo(200);
    assertThat(status()).isEqualTo("critical");
    assertThat(check().get("Output").asText()).startsWith("TTL expired");
  }

  @Test
  void registeringAgainKeepsTheStatusOfACheck() {
    register("{'ID': '%s', 'Name': '%s', 'Check': {'TTL': '60s'}}");
    put("/v1/agent/check/pass/service:" + name, "");

    register("{'ID': '%s', 'Name': '%s', 'Port': 9, 'Check': {'TTL': '60s'}}");
    assertThat(status()).isEqualTo("passing");

    put("/v1/agent/check/fail/service:" + name, "");
    register("{'ID': '%s', 'Name': '%s', 'Port': 9, 'Check': {'TTL': '60s', 'Status': 'passing'}}");
    assertThat(status()).isEqualTo("critical");
  }

  @Test
  void checksThatARegistrationNoLongerHasGoOnlyWhenAskedTo() {
    register("{'ID': '%s', 'Name': '%s', 'Checks': [{'TTL': '60s'}, {'TTL': '50s'}]}");
    assertThat(checkIds()).containsExactly("service:" + name + ":1", "service:" + name + ":2");

    register("{'ID': '%s', 'Name': '%s', 'Check': {'TTL': '60s'}}");
    assertThat(checkIds()).hasSize(3);

    register("?replace-existing-checks", "{'ID': '%s', 'Name': '%s', 'Check': {'TTL': '60s'}}");
    assertThat(checkIds()).containsExactly("service:" + name);
  }

  @Test
  void theSameIdWithAnotherNameMovesTheService() {
    register("{'ID': '%s', 'Name': '%s'}");
    register("{'ID': '%s', 'Name': '%s-moved'}");

    await("/v1/health/service/" + name, 0);
    await("/v1/health/service/" + name + "-moved", 1);
  }

  @Test
  void deregisteringTakesTheServiceAndItsChecksAwayAndTwiceIsAsGoodAsOnce() {
    register("{'ID': '%s', 'Name': '%s', 'Check': {'TTL': '60s'}}");

    assertThat(put("/v1/agent/service/deregister/" + name, "").statusCode()).isEqualTo(200);
    assertThat(put("/v1/agent/service/deregister/" + name, "").statusCode()).isEqualTo(200);

    await("/v1/health/service/" + name, 0);
    assertThat(checkIds()).isEmpty();
    assertThat(get("/v1/agent/services").body().has(name)).isFalse();
    assertThat(get("/v1/agent/service/" + name).status()).isEqualTo(404);
  }

  @Test
  void passingACheckThatIsUnknownIsAnErrorSoItsOwnerMustRegisterAgain() {
    assertThat(put("/v1/agent/check/pass/service:" + name, "").statusCode()).isEqualTo(500);
  }

  @Test
  void aBodyThatIsWrongIsRefused() {
    for (String wrong :
        List.of(
            "{'Name':",
            "{'ID': 'x'}",
            "{'Name': 'x', 'Chek': {}}",
            "{'Name': 'x', 'Check': {'TTL': '1s', 'Interval': '1s', 'TCP': 'a:1'}}",
            "{'Name': 'x', 'Check': {'HTTP': 'http://x'}}")) {
      HttpResponse<String> refused = put("/v1/agent/service/register", wrong.replace('\'', '"'));
      assertThat(refused.statusCode()).as(wrong).isEqualTo(400);
      assertThat(refused.body()).as(wrong).isNotEmpty();
    }
  }

  // ---- checks that Consul runs

  @Test
  void anHttpCheckFollowsWhatTheServiceAnswers() {
    register(
        "{'ID': '%s', 'Name': '%s', 'Check': {'HTTP': 'http://127.0.0.1:PORT/ping',"
            + " 'Interval': '100ms', 'Timeout': '1s'}}");

    await("/v1/health/service/" + name + "?passing", 1);

    answer.set(500);
    await("/v1/health/service/" + name + "?passing", 0);
    assertThat(status()).isEqualTo("critical");

    answer.set(429);
    awaitStatus("warning");
  }

  @Test
  void aTcpCheckFailsWhenNobodyListensAnyMore() {
    register("{'ID': '%s', 'Name': '%s', 'Check': {'TCP': '127.0.0.1:PORT', 'Interval': '100ms'}}");
    await("/v1/health/service/" + name + "?passing", 1);

    target.stop(0);

    await("/v1/health/service/" + name + "?passing", 0);
  }

  @Test
  void failuresAreCountedBeforeACheckIsCritical() throws Exception {
    register(
        "{'ID': '%s', 'Name': '%s', 'Check': {'HTTP': 'http://127.0.0.1:PORT/',"
            + " 'Interval': '50ms', 'FailuresBeforeCritical': 1000}}");
    await("/v1/health/service/" + name + "?passing", 1);

    answer.set(500);
    assertThat(failuresAnswered.tryAcquire(5, PATIENCE, TimeUnit.MILLISECONDS)).isTrue();

    assertThat(status()).isEqualTo("passing");
  }

  // ---- catalog

  @Test
  void theCatalogListsServicesWithTheirTagsAndEveryInstance() {
    register("{'ID': '%s', 'Name': '%s', 'Address': '127.0.0.9', 'Port': 8001, 'Tags': ['v1']}");
    await("/v1/catalog/service/" + name, 1);

    assertThat(get("/v1/catalog/services").body().at("/" + name + "/0").asText()).isEqualTo("v1");
    JsonNode entry = get("/v1/catalog/service/" + name).body().get(0);
    assertThat(entry.get("ServiceID").asText()).isEqualTo(name);
    assertThat(entry.get("ServiceAddress").asText()).isEqualTo("127.0.0.9");
    assertThat(entry.get("ServicePort").asInt()).isEqualTo(8001);
    assertThat(entry.at("/ServiceTags/0").asText()).isEqualTo("v1");
    assertThat(get("/v1/catalog/nodes").body()).hasSize(1);
    assertThat(get("/v1/status/leader").body().asText()).contains(":");
  }

  // ---- keys

  @Test
  void keysAreWrittenReadListedAndDeleted() {
    assertThat(put("/v1/kv/" + name + "/a", "hello").body().strip()).isEqualTo("true");
    assertThat(put("/v1/kv/" + name + "/b?flags=7", "").body().strip()).isEqualTo("true");

    JsonNode one = get("/v1/kv/" + name + "/a").body().get(0);
    assertThat(one.get("Value").asText()).isEqualTo("aGVsbG8=");
    assertThat(one.get("ModifyIndex").asLong()).isPositive();
    assertThat(text("/v1/kv/" + name + "/a?raw")).isEqualTo("hello");
    JsonNode all = get("/v1/kv/" + name + "/?recurse").body();
    assertThat(all).hasSize(2);
    assertThat(all.get(1).get("Value").isNull()).isTrue();
    assertThat(all.get(1).get("Flags").asInt()).isEqualTo(7);
    assertThat(get("/v1/kv/" + name + "/?keys").body())
        .extracting(JsonNode::asText)
        .containsExactly(name + "/a", name + "/b");

    assertThat(delete("/v1/kv/" + name + "?recurse")).isEqualTo("true");
    assertThat(get("/v1/kv/" + name + "/a").status()).isEqualTo(404);
    assertThat(delete("/v1/kv/" + name + "/a")).isEqualTo("true");
  }

  @Test
  void checkAndSetWritesOnlyWhatIsStillAsItWasRead() {
    assertThat(put("/v1/kv/" + name + "?cas=0", "1").body().strip()).isEqualTo("true");
    assertThat(put("/v1/kv/" + name + "?cas=0", "2").body().strip()).isEqualTo("false");
    long modified = get("/v1/kv/" + name).body().get(0).get("ModifyIndex").asLong();
    assertThat(put("/v1/kv/" + name + "?cas=" + modified, "3").body().strip()).isEqualTo("true");
    assertThat(put("/v1/kv/" + name + "?cas=" + modified, "4").body().strip()).isEqualTo("false");
    assertThat(text("/v1/kv/" + name + "?raw")).isEqualTo("3");
  }

  @Test
  void anEmptyTreeIsNotFoundAndStillHasAnIndex() {
    Answer none = get("/v1/kv/" + name + "/none?recurse");

    assertThat(none.status()).isEqualTo(404);
    assertThat(none.index()).isPositive();
  }

  // ---- blocking queries

  @Test
  void aBlockingQueryAnswersWhenTheServiceChanges() throws Exception {
    register("{'ID': '%s', 'Name': '%s', 'Check': {'TTL': '60s'}}");
    long index = await("/v1/health/service/" + name, 1).index();

    CompletableFuture<Answer> waiting =
        CompletableFuture.supplyAsync(
            () -> get("/v1/health/service/" + name + "?wait=60s&index=" + index));
    put("/v1/agent/check/pass/service:" + name, "");

    Answer changed = waiting.get(PATIENCE, TimeUnit.MILLISECONDS);
    assertThat(changed.index()).isGreaterThan(index);
    assertThat(changed.body().at("/0/Checks/1/Status").asText()).isEqualTo("passing");
  }

  @Test
  void aBlockingQueryOfKeysWakesWhenOneIsDeleted() throws Exception {
    put("/v1/kv/" + name + "/a", "1");
    put("/v1/kv/" + name + "/b", "1");
    long index = get("/v1/kv/" + name + "/?recurse").index();

    CompletableFuture<Answer> waiting =
        CompletableFuture.supplyAsync(
            () -> get("/v1/kv/" + name + "/?recurse&wait=60s&index=" + index));
    delete("/v1/kv/" + name + "/a");

    Answer changed = waiting.get(PATIENCE, TimeUnit.MILLISECONDS);
    assertThat(changed.index()).isGreaterThan(index);
    assertThat(changed.body()).hasSize(1);
  }

  @Test
  void aBlockingQueryThatWaitsInVainAnswersWithTheSameIndex() {
    register("{'ID': '%s', 'Name': '%s'}");
    long index = await("/v1/health/service/" + name, 1).index();

    Answer same = get("/v1/health/service/" + name + "?wait=200ms&index=" + index);

    assertThat(same.index()).isEqualTo(index);
    assertThat(same.body()).hasSize(1);
  }

  // ---- how the tests speak

  record Answer(int status, JsonNode body, long index) {}

  private void register(String body) {
    register("", body);
  }

  private void register(String query, String body) {
    HttpResponse<String> done =
        put(
            "/v1/agent/service/register" + query,
            body.formatted(name, name)
                .replace('\'', '"')
                .replace("PORT", "" + target.getAddress().getPort()));
    assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
  }

  private JsonNode check() {
    return get("/v1/agent/checks").body().get("service:" + name);
  }

  private String status() {
    return check().get("Status").asText();
  }

  private List<String> checkIds() {
    var ids = new ArrayList<String>();
    get("/v1/agent/checks")
        .body()
        .forEach(
            c -> {
              if (c.get("ServiceID").asText().equals(name)) {
                ids.add(c.get("CheckID").asText());
              }
            });
    return ids;
  }

  /** Asks again at each change until there are {@code size} entries. */
  private Answer await(String path, int size) {
    Answer answer = get(path);
    String more = path.contains("?") ? "&" : "?";
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE);
    while (answer.body().size() != size && System.nanoTime() < end) {
      answer = get(path + more + "wait=1s&index=" + answer.index());
    }
    assertThat(answer.body()).as(path).hasSize(size);
    return answer;
  }

  /** On a busy machine a TTL may be over before anybody has looked. */
  private void renewUntilSeen() {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE);
    boolean seen;
    do {
      put("/v1/agent/check/pass/service:" + name, "");
      seen = get("/v1/health/service/" + name + "?passing").body().size() == 1;
    } while (!seen && System.nanoTime() < end);
    assertThat(seen).as("passing after a renewal").isTrue();
  }

  private void awaitStatus(String wanted) {
    Answer answer = get("/v1/health/checks/" + name);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE);
    while (!answer.body().at("/0/Status").asText().equals(wanted) && System.nanoTime() < end) {
      answer = get("/v1/health/checks/" + name + "?wait=1s&index=" + answer.index());
    }
    assertThat(answer.body().at("/0/Status").asText()).isEqualTo(wanted);
  }

  private Answer get(String path) {
    HttpResponse<String> response = send(HttpRequest.newBuilder(uri(path)));
    long index = response.headers().firstValueAsLong("X-Consul-Index").orElse(0);
    try {
      return new Answer(
          response.statusCode(),
          response.statusCode() == 200 ? json.readTree(response.body()) : json.createArrayNode(),
          index);
    } catch (IOException e) {
      throw new AssertionError(path + ": " + response.body(), e);
    }
  }

  private String text(String path) {
    return send(HttpRequest.newBuilder(uri(path))).body();
  }

  private HttpResponse<String> put(String path, String body) {
    return send(HttpRequest.newBuilder(uri(path)).PUT(BodyPublishers.ofString(body)));
  }

  private String delete(String path) {
    return send(HttpRequest.newBuilder(uri(path)).DELETE()).body().strip();
  }

  private URI uri(String path) {
    return consul().uri().resolve(path);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.timeout(Duration.ofSeconds(70)).build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError("Consul did not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
