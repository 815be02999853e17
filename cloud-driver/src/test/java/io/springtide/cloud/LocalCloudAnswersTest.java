package io.springtide.cloud;

import static io.springtide.cloud.CloudException.Fault.REFUSED;
import static io.springtide.cloud.CloudException.Fault.THROTTLED;
import static io.springtide.cloud.CloudException.Fault.UNKNOWN_OUTCOME;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the local driver makes of answers that are not what it expects. */
class LocalCloudAnswersTest {
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private LocalCloudDriver driver;
  private CloudAccount account;
  private volatile int status = 200;
  private volatile String retryAfter = "";
  private volatile String body = "{\"hosts\":[]}";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    String base = "http://127.0.0.1:" + server.getAddress().getPort();
    driver = new LocalCloudDriver(Set.of(base));
    account = new CloudAccount("tide", Map.of("endpoint", base));
  }

  @AfterEach
  void stop() {
    driver.close();
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
      exchange.getRequestBody().readAllBytes();
      byte[] bytes = body.getBytes(UTF_8);
      exchange.getResponseHeaders().set("Retry-After", retryAfter);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private CloudException fault() {
    return catchThrowableOfType(CloudException.class, () -> driver.list(account));
  }

  @ParameterizedTest
  @CsvSource({
    "503, UNKNOWN_OUTCOME",
    "500, UNKNOWN_OUTCOME",
    "302, UNKNOWN_OUTCOME",
    "400, REFUSED",
    "403, REFUSED",
    "429, THROTTLED"
  })
  void whatCameOfItIsReadFromTheStatus(int answered, CloudException.Fault fault) {
    status = answered;
    body = "a proxy between us says no";
    assertThat(fault().fault()).isEqualTo(fault);
    assertThat(fault()).hasMessageContaining("a proxy between us says no");
  }

  @ParameterizedTest
  @CsvSource({"7, 7", "soon, 0", "-1, 0", "99999999999999999999, 0"})
  void aTimeThatCannotBeReadIsNone(String header, long seconds) {
    status = 429;
    retryAfter = header;
    assertThat(fault().fault()).isEqualTo(THROTTLED);
    assertThat(fault().retryAfter()).isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{}",
        "<html>",
        "{\"hosts\":[{}]}",
        "{\"hosts\":[{\"id\":\"a\",\"state\":\"odd\"}]}"
      })
  void whatCannotBeReadIsNoAnswer(String odd) {
    body = odd;
    assertThat(fault().fault()).isEqualTo(UNKNOWN_OUTCOME);
  }

  @Test
  void aHostOfNoPoolAndNoOrderIsOneAllTheSame() throws Exception {
    body = "{\"hosts\":[{\"id\":\"a\",\"state\":\"running\",\"more\":1}]}";
    assertThat(driver.list(account))
        .containsExactly(new CloudHost("a", "", "", CloudHost.State.RUNNING));
  }

  @Test
  void namesStayNamesOnTheirWay() throws Exception {
    driver.list(new CloudAccount("a b&c", account.settings()));
    driver.release(account, Set.of("h/1?x"));
    assertThat(asked).containsExactly("GET /hosts?cluster=a+b%26c", "DELETE /hosts/h%2F1%3Fx");
  }

  @Test
  void aSlashAtTheEndOfTheEndpointIsNoOtherEndpoint() throws Exception {
    Map<String, String> settings = Map.of("endpoint", account.settings().get("endpoint") + "/");
    driver.check(settings);
    driver.list(new CloudAccount("tide", settings));
    assertThat(asked).containsExactly("GET /hosts?cluster=tide");
  }

  @Test
  void aReleaseThatIsRefusedIsNotTakenForDone() {
    status = 403;
    assertThat(
            catchThrowableOfType(CloudException.class, () -> driver.release(account, Set.of("h1")))
                .fault())
        .isEqualTo(REFUSED);
  }
}
