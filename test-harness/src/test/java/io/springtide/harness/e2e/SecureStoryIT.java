package io.springtide.harness.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.springtide.harness.cluster.Api;
import io.springtide.harness.cluster.FrameworkProcess;
import io.springtide.harness.emulator.TaskView;
import io.springtide.testing.Certificates;
import io.springtide.testing.Patience;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import javax.net.ssl.SSLSocket;
import org.apache.mesos.v1.Protos.TaskState;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster as it is meant to be run: tokens, TLS, two servers, a ZooKeeper behind a password. What
 * is done in it comes first, and then what is left lying about.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SecureStoryIT {
  private static final Duration SOON = Patience.limit();
  private static final ObjectMapper JSON = new ObjectMapper();

  /** From where the operator asks, to be told from all others. */
  private static final String ELSEWHERE = "127.0.0.2";

  private static final String PLANTED = "planted-0123456789-abcdefghij";

  private SecuredCluster cluster;
  private FrameworkProcess first;
  private FrameworkProcess second;
  private Path operator;

  @BeforeAll
  void startCluster(@TempDir Path scratch) throws Exception {
    cluster = new SecuredCluster(scratch);
    first = cluster.first();
    second = cluster.second();
    operator = scratch.resolve("operator-token");
  }

  @AfterAll
  void stopCluster() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  @Order(1)
  void peopleWorkWithTokensByTlsAndGoOnWhenTheLeaderIsKilled() throws Exception {
    first.start();
    tide("pool", "put", file("pool.yaml", "{name: idc, kind: owned, selector: {place: idc}}"));
    tide("group", "put", file("groups.yaml", group("feed") + "\n---\n" + group("search")));

    second.start("standby");
    try (Listening events = new Listening()) {
      asAdmin(
          second,
          "job",
          "run",
          file("jobs.yaml", job("feed.web") + "\n---\n" + job("search.web")),
          "--wait");
      assertThat(running("feed.web")).hasSize(1);
      events.await("feed.web#0");

      tide(
          "--api=" + first.uri(),
          "token",
          "create",
          "feeders",
          "--role=operator",
          "--group=feed",
          "--to=" + operator);
      theOperatorChangesItsOwnJobAndNoOther();

      theLeaderGetsANewCertificate();
      tide("--api=" + first.uri(), "job", "scale", "feed.web", "3", "--wait");
      events.await("feed.web#2");
    }

    List<String> tasks = running("feed.web");
    first.kill();
    cluster.awaitLeading(second);
    assertThat(running("feed.web")).containsExactlyInAnyOrderElementsOf(tasks);
    asAdmin(second, "job", "scale", "feed.web", "4", "--wait");
    assertThat(running("feed.web")).hasSize(4).containsAll(tasks);
    JsonNode audit = JSON.readTree(asAdmin(second, "audit", "-o", "json"));
    assertThat(deeds(audit))
        .as("also what was done while the other led")
        .contains(
            "admin from 127.0.0.1: PUT /v1/pools/idc 201",
            "feeders from " + ELSEWHERE + ": PUT /v1/jobs/feed.web/instances 200",
            "admin from 127.0.0.1: PUT /v1/jobs/feed.web/instances 200",
            "feeders from 127.0.0.1: PUT /v1/jobs/search.web/instances 403");
  }

  /**
   * After all that. A word that is no secret is planted where a job may have it: a search that does
   * not find it would find no secret either.
   */
  @Test
  @Order(2)
  void noSecretLiesWhereItIsNotMeantToBe() throws Exception {
    first.start("standby");
    Api admin = cluster.api(second, cluster.adminToken());
    assertThat(admin.put("/v1/jobs/feed.planted", plantedJob()).status()).isEqualTo(201);
    Eventually.within(
        SOON,
        () ->
            assertThat(admin.get("/v1/jobs/feed.planted").body().at("/status/ready").asInt())
                .isEqualTo(1));

    SecretSearch search = new SecretSearch();
    search.secret("planted", PLANTED);
    search.secret("ZooKeeper password", SecuredCluster.ZOOKEEPER_PASSWORD);
    search.secret("Mesos secret", SecuredCluster.MESOS_SECRET);
    search.secret("admin's token", Files.readString(cluster.adminToken()).strip());
    search.secret("operator's token", Files.readString(operator).strip());
    for (String pem : cluster.keys()) {
      search.secret("private key", number(pem));
      pem.lines().filter(line -> line.length() > 60).forEach(l -> search.secret("private key", l));
    }
    Places places = new Places(cluster, search);
    places.lookIntoZooKeeper();
    places.lookIntoFiles(operator);
    places.lookAtProcesses();
    places.lookAtAnswers();
    places.lookAtMesos();

    Map<Boolean, List<SecretSearch.Finding>> found =
        search.found().stream()
            .collect(Collectors.partitioningBy(one -> one.secret().equals("planted")));
    assertThat(found.get(true))
        .extracting(one -> one.where().split(" ", 2)[0])
        .as("where the planted word was found: %s", found.get(true))
        .contains("file", "znode", "cmdline", "environ", "answer", "task");
    assertThat(found.get(false))
        .containsExactly(new SecretSearch.Finding("peers' secret", "znode " + Places.PEERS));
  }

  private static String plantedJob() {
    return """
    {instances: 1, resources: {cpus: 0.1, memoryMiB: 32}, runtime: process,
     labels: {planted: %1$s}, stop: {drain: 0s, grace: 1s},
     container: {network: host, env: {PLANTED: %1$s},
       command: [sh, -c, "echo $PLANTED; while :; do sleep 3600; done", %1$s]}}
    """
        .formatted(PLANTED);
  }

  /** The number that a key is, of which its file is a wrapping. */
  private static byte[] number(String pem) throws Exception {
    byte[] wrapped = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
    KeyFactory factory = KeyFactory.getInstance("EC");
    ECPrivateKey key = (ECPrivateKey) factory.generatePrivate(new PKCS8EncodedKeySpec(wrapped));
    byte[] signed = key.getS().toByteArray();
    return signed[0] == 0 ? Arrays.copyOfRange(signed, 1, signed.length) : signed;
  }

  private void theOperatorChangesItsOwnJobAndNoOther() throws Exception {
    String answer = putFromElsewhere(second, "/v1/jobs/feed.web/instances", "{\"instances\": 2}");
    assertThat(answer).startsWith("HTTP/1.1 200");
    for (FrameworkProcess server : List.of(first, second)) {
      Api api = cluster.api(server, operator);
      assertThat(api.put("/v1/jobs/search.web/instances", "{instances: 2}").status())
          .isEqualTo(403);
      assertThat(api.put("/v1/groups/feed", group("feed")).status()).isEqualTo(403);
      assertThat(api.get("/v1/jobs/feed.web").body().path("instances").asInt()).isEqualTo(2);
      assertThat(api.get("/v1/jobs/search.web").body().path("instances").asInt()).isEqualTo(1);
    }
    Tide.Said said =
        Tide.say(
            environment(),
            "--api=" + second.uri(),
            "--token-file=" + operator,
            "job",
            "stop",
            "search.web");
    assertThat(said.code()).as(said.output()).isEqualTo(1);
    assertThat(said.output()).contains("'feeders' is");
  }

  private void theLeaderGetsANewCertificate() throws Exception {
    X509Certificate old = shown(first);
    cluster.certificate("first");
    Eventually.within(SOON, () -> assertThat(shown(first)).isNotEqualTo(old));
    Path left = first.configHome().resolve("tide/servers/" + first.uri().getPort() + ".pem");
    Path now = cluster.files("first").certificate();
    Eventually.within(
        SOON,
        () ->
            assertThat(Files.readString(left)).isEqualToIgnoringWhitespace(Files.readString(now)));
    // The follower asks the leader by it.
    Api api = cluster.api(second, operator);
    assertThat(api.put("/v1/jobs/feed.web/instances", "{instances: 2}").status()).isEqualTo(200);
  }

  /** By a connection of its own. */
  private X509Certificate shown(FrameworkProcess server) throws IOException {
    try (SSLSocket socket = connect(server, "127.0.0.1")) {
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private SSLSocket connect(FrameworkProcess server, String from) throws IOException {
    // Of a context of its own: a session that is gone on with shows the certificate of its start.
    SSLSocket socket =
        (SSLSocket)
            Certificates.trusting(cluster.scratch().resolve("ca.crt"))
                .getSocketFactory()
                .createSocket("127.0.0.1", server.uri().getPort(), InetAddress.getByName(from), 0);
    socket.setSoTimeout(Patience.millis());
    return socket;
  }

  private String putFromElsewhere(FrameworkProcess server, String path, String body)
      throws IOException {
    try (SSLSocket socket = connect(server, ELSEWHERE)) {
      String token = Files.readString(operator).strip();
      ask(socket, "PUT " + path, token, "Content-Type: application/json", body);
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  private static void ask(SSLSocket socket, String line, String token, String header, String body)
      throws IOException {
    String request =
        """
        %s HTTP/1.1\r
        Host: 127.0.0.1:%d\r
        Authorization: Bearer %s\r
        %s\r
        Content-Length: %d\r
        Connection: close\r
        \r
        %s\
        """
            .formatted(line, socket.getPort(), token, header, body.length(), body);
    socket.getOutputStream().write(request.getBytes(UTF_8));
  }

  /** What happens, as the follower tells it, which has it from the leader. */
  private final class Listening implements AutoCloseable {
    private final Queue<String> heard = new ConcurrentLinkedQueue<>();
    private final SSLSocket socket;

    Listening() throws IOException {
      socket = connect(second, "127.0.0.1");
      ask(
          socket,
          "GET /v1/events",
          Files.readString(cluster.adminToken()).strip(),
          "Accept: text/event-stream",
          "");
      new Thread(this::listen, "listens to events").start();
    }

    private void listen() {
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8))) {
        lines.lines().forEach(heard::add);
      } catch (IOException | UncheckedIOException e) {
        // It was closed.
      }
    }

    void await(String text) throws Exception {
      Eventually.within(SOON, () -> assertThat(heard).anyMatch(line -> line.contains(text)));
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private String tide(String... arguments) throws Exception {
    return Tide.run(environment(), arguments);
  }

  /** Of the server that has no token of its own for its user. */
  private String asAdmin(FrameworkProcess server, String... arguments) throws Exception {
    List<String> all =
        new ArrayList<>(List.of("--api=" + server.uri(), "--token-file=" + cluster.adminToken()));
    all.addAll(List.of(arguments));
    return tide(all.toArray(String[]::new));
  }

  /** Says neither where the servers are nor with what token they are asked. */
  private Map<String, String> environment() {
    return Map.of("XDG_CONFIG_HOME", first.configHome().toString());
  }

  private String file(String name, String document) throws IOException {
    return Files.writeString(cluster.scratch().resolve(name), document).toString();
  }

  private static String group(String path) {
    return "{path: %s, policy: {runtimes: [process]}, quotas: {idc: {guarantee: {cpus: 1, memoryMiB: 512}}}}"
        .formatted(path);
  }

  private static String job(String id) {
    return """
    {id: %s, instances: 1, resources: {cpus: 0.1, memoryMiB: 32}, runtime: process,
     container: {command: [sleep, "3600"], network: host}, stop: {drain: 0s, grace: 1s}}
    """
        .formatted(id);
  }

  /** Its tasks that run. */
  private List<String> running(String job) {
    return cluster.mesos().tasks().stream()
        .filter(task -> task.state() == TaskState.TASK_RUNNING)
        .map(TaskView::taskId)
        .filter(id -> id.startsWith(job + "."))
        .toList();
  }

  private static List<String> deeds(Iterable<JsonNode> audit) {
    List<String> deeds = new ArrayList<>();
    for (JsonNode deed : audit) {
      deeds.add(
          "%s from %s: %s %s"
              .formatted(
                  deed.path("who").asText(),
                  deed.path("from").asText(),
                  deed.path("what").asText(),
                  deed.path("status").asText()));
    }
    return deeds;
  }
}
