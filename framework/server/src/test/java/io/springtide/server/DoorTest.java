package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a web page in an operator's browser can and cannot do. */
class DoorTest {
  private static final String JSON = "Content-Type: application/json";
  private static final String JOB =
      "{\"id\": \"feed.api\", \"resources\": {\"cpus\": 1, \"memoryMiB\": 64},"
          + " \"container\": {\"image\": \"a:1\"}}";

  private Framework framework;

  @BeforeEach
  void start() {
    framework = Framework.start(new Framework.Durable());
    framework.idcAndFeed();
  }

  @AfterEach
  void stop() {
    framework.close();
  }

  private RawHttp.Answer ask(String line, String body, String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    if (all.stream().noneMatch(header -> header.startsWith("Host:"))) {
      all.add("Host: 127.0.0.1:" + framework.port());
    }
    return RawHttp.ask(framework.port(), line, body, all.toArray(String[]::new));
  }

  private void nothingRuns() {
    assertThat(framework.get("/v1/jobs").body().path("items")).isEmpty();
  }

  /** What a form, or a script without the server's leave, can send. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: multipart/form-data; boundary=application/json",
        "Content-Type: text/plain",
        "Content-Type: text/plain;application/json",
        "Content-Type: text/plain; charset=application/yaml",
        "Content-Type:",
        "X-None: 1"
      })
  void aBodyThatAPageCouldSendUnaskedIsNotTaken(String type) {
    for (String line : List.of("POST /v1/jobs", "PUT /v1/jobs/feed.api", "POST /v1/plan")) {
      RawHttp.Answer answer = ask(line, JOB, type);
      assertThat(answer.status()).as(line + " " + answer.text()).isEqualTo(415);
      assertThat(answer.text()).contains("\"field\":\"Content-Type\"").contains("\"fix\"");
    }
    nothingRuns();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "Application/JSON; charset=UTF-8",
        "application/yaml",
        "application/x-yaml",
        "text/yaml;charset=utf-8"
      })
  void aDocumentsOwnTypeIsTaken(String type) {
    assertThat(ask("POST /v1/jobs", JOB, "Content-Type: " + type).status()).isEqualTo(201);
  }

  @Test
  void anActionWithoutABodyNeedsATypeTooSinceAFormSendsOneAsWell() {
    for (String action : List.of("drain", "cordon", "uncordon")) {
      String line = "POST /v1/hosts/h1:" + action;
      assertThat(ask(line, "").status()).isEqualTo(415);
      assertThat(ask(line, "", "Content-Type: text/plain").status()).isEqualTo(415);
      assertThat(ask(line, "", JSON).status()).isEqualTo(404);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example",
        "null",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://localhost.evil.example",
        "file://",
        "http://127.0.0.1:%d@evil.example",
        "http://127.0.0.1:%d.evil.example",
        ""
      })
  void aForeignPageMayNothing(String origin) {
    String header = "Origin: " + origin.formatted(framework.port());
    for (String line :
        List.of(
            "POST /v1/jobs",
            "PUT /v1/jobs/feed.api",
            "DELETE /v1/jobs/feed.api",
            "DELETE /v1/pools/idc",
            "POST /v1/hosts/h1:drain",
            "POST /v1/plan",
            "POST /nowhere",
            "GET /v1/jobs",
            "GET /v1/events",
            "HEAD /v1/jobs")) {
      RawHttp.Answer answer = ask(line, line.startsWith("P") ? JOB : "", JSON, header);
      assertThat(answer.status()).as(line + " " + answer.text()).isEqualTo(403);
      assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
    }
    nothingRuns();
    assertThat(framework.get("/v1/pools/idc").status()).isEqualTo(200);
  }

  @Test
  void thePagesOfThisServerMay() {
    String own = "127.0.0.1:" + framework.port();
    assertThat(ask("POST /v1/jobs", JOB, JSON, "Origin: http://" + own).status()).isEqualTo(201);
    assertThat(
            ask(
                    "GET /v1/jobs",
                    "",
                    "Host: localhost:" + framework.port(),
                    "Origin: http://LOCALHOST:" + framework.port())
                .status())
        .isEqualTo(200);
    // What stands before it may speak TLS: there the port goes without saying.
    assertThat(ask("GET /v1/jobs", "", "Host: localhost", "Origin: https://localhost").status())
        .isEqualTo(200);
  }

  /** DNS that first names the page's server and then ours makes the page one of our own. */
  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80"})
  void aNameThatIsNotOursIsNotAnswered(String host) {
    for (String line : List.of("POST /v1/jobs", "GET /v1/jobs", "GET /v1/events")) {
      RawHttp.Answer answer =
          ask(
              line,
              line.startsWith("P") ? JOB : "",
              JSON,
              "Host: " + host,
              "Origin: http://" + host);
      assertThat(answer.status()).as(line + " " + answer.text()).isEqualTo(421);
      assertThat(answer.text()).contains("\"field\":\"Host\"").contains("http.names");
    }
    nothingRuns();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost", "LOCALHOST:1", "a.localhost:8080", "10.1.2.3:80", "[::1]:8080"})
  void addressesAndThisMachinesNamesAreOurs(String host) {
    assertThat(ask("GET /v1/jobs", "", "Host: " + host).status()).isEqualTo(200);
  }

  @Test
  void thisMachinesOwnNameIsOurs() throws java.net.UnknownHostException {
    String name = java.net.InetAddress.getLocalHost().getHostName();
    assertThat(ask("GET /v1/jobs", "", "Host: " + name).status()).isEqualTo(200);
  }

  /** A page can have an image or a script fetched without saying that it is foreign. */
  @Test
  void whatAForeignPageEmbedsIsNotAnswered() {
    String[] embedded = {"Sec-Fetch-Site: cross-site", "Sec-Fetch-Dest: image"};
    assertThat(ask("GET /v1/events", "", embedded).status()).isEqualTo(403);
    assertThat(ask("GET /v1/jobs", "", embedded).status()).isEqualTo(403);
    // A link that somebody follows shows what it shows; it changes nothing.
    assertThat(
            ask("GET /v1/jobs", "", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Dest: document")
                .status())
        .isEqualTo(200);
    assertThat(ask("GET /v1/jobs", "", "Sec-Fetch-Site: same-origin").status()).isEqualTo(200);
  }

  @Test
  void whoOnlyMeasuresMayComeByAnyName() {
    for (String path : List.of("/healthz", "/metrics")) {
      assertThat(ask("GET " + path, "", "Host: scheduler.monitored").status()).isEqualTo(200);
    }
  }
}
