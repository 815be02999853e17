package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.state.Commit;
import io.springtide.scheduler.state.StateStore;
import io.springtide.server.access.Access;
import io.springtide.server.access.Audit;
import io.springtide.server.access.AuditFile;
import io.springtide.server.access.FollowedTokens;
import io.springtide.server.access.MemoryAccess;
import io.springtide.server.access.Principal;
import io.springtide.server.access.Role;
import io.springtide.server.http.Door;
import io.springtide.server.http.Gate;
import io.springtide.server.http.HttpApi;
import io.springtide.server.http.Listeners;
import io.springtide.server.loop.Standby;
import io.springtide.server.loop.SteadyClock;
import io.springtide.testing.Patience;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A leader, and a follower beside it that is told of what is durable when the test says so. */
class FollowerStoryTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir Path dir;
  private final AtomicLong nanos = new AtomicLong();
  private final MemoryAccess tokens = new MemoryAccess();
  private final FollowedTokens followed =
      new FollowedTokens(tokens::all, Instant::now, System::nanoTime);
  private final Gate leadersGate = Gate.asking(1_000_000, () -> 0);
  private final Framework.Durable durable = new Framework.Durable();
  private final Standby standby =
      new Standby(CoreConfig.of("executor-1"), InstantSource.system(), nanos::get);
  private Framework leader;
  private HttpApi follower;
  private volatile boolean leads = true;
  private volatile String trouble = "";
  private String admin;
  private String viewer;

  @BeforeEach
  void serve() throws Exception {
    Access access = tokens.access();
    admin = access.create(new Principal("boss", Role.ADMIN, List.of()), Optional.empty()).secret();
    viewer =
        access.create(new Principal("reader", Role.VIEWER, List.of()), Optional.empty()).secret();
    leadersGate.lead(access);
    leader = Framework.start(durable, SteadyClock.system(), leadersGate);
    Gate gate = Gate.asking(1_000_000, () -> 0);
    gate.follow(followed);
    tokens.all().forEach(followed::put);
    gate.audit(new Audit(new AuditFile(dir.resolve("audit"), 1 << 20, 2), Instant::now));
    follower =
        new HttpApi(
            Listeners.plain("127.0.0.1", 0),
            new Door(List.of(), false),
            gate,
            name -> Optional.empty());
    follower.standBy(
        () -> leads ? Optional.of("http://127.0.0.1:" + leader.port()) : Optional.empty(),
        Optional::empty,
        standby,
        () -> Optional.of(trouble).filter(why -> !why.isEmpty()));
  }

  @AfterEach
  void close() {
    follower.close();
    leader.close();
  }

  @Test
  void whatIsDurableIsReadHereThoughNobodyLeads() throws Exception {
    pool("idc");
    follow();
    leads = false;
    nanos.addAndGet(Duration.ofMillis(42).toNanos());
    HttpResponse<String> answer = get("/v1/pools/idc", admin);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Springtide-Staleness")).hasValue("0.042");
    assertThat(answer.headers().firstValue("Springtide-Version"))
        .hasValue(Long.toString(durable.store.load().version()));
    for (String list : List.of("pools", "groups", "jobs", "instances", "hosts")) {
      assertThat(get("/v1/" + list, admin).statusCode()).as(list).isEqualTo(200);
    }
    assertThat(get("/v1/orders", admin).statusCode()).as("of the leader alone").isEqualTo(503);
    assertThat(get("/v1/pools/none", admin).statusCode()).isEqualTo(404);
  }

  @Test
  void whoWantsTheNewestAsksTheLeaderAndSoDoesAFollowerThatIsTooFarBehind() throws Exception {
    follow();
    pool("idc");
    assertThat(get("/v1/pools/idc", admin).statusCode()).as("not followed yet").isEqualTo(404);
    HttpResponse<String> newest =
        get("/v1/pools/idc", admin, "Cache-Control", "max-age=0, no-cache");
    assertThat(newest.statusCode()).isEqualTo(200);
    assertThat(newest.headers().firstValue("Springtide-Staleness")).isEmpty();
    assertThat(newest.headers().firstValue("Springtide-Version")).isPresent();
    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    assertThat(get("/v1/pools/idc", admin).statusCode()).as("10 s are bearable").isEqualTo(404);
    nanos.addAndGet(1);
    assertThat(get("/v1/pools/idc", admin).statusCode()).isEqualTo(200);
  }

  @Test
  void whoChangesSomethingHereIsAnsweredWhenItCanBeReadHere() throws Exception {
    follow();
    CompletableFuture<HttpResponse<String>> answer =
        HTTP.sendAsync(put("/v1/pools/idc", admin), BodyHandlers.ofString());
    long before = durable.store.load().version();
    while (durable.store.load().version() == before) {
      assertThat(answer).isNotDone();
    }
    follow();
    assertThat(answer.join().statusCode()).isEqualTo(201);
    assertThat(get("/v1/pools/idc", admin).statusCode()).isEqualTo(200);
  }

  @Test
  void whoMayNotIsRefusedHereAndThatIsWrittenDownHere() throws Exception {
    follow();
    assertThat(get("/v1/pools", viewer).statusCode()).isEqualTo(200);
    leads = false;
    assertThat(HTTP.send(put("/v1/pools/idc", viewer), BodyHandlers.ofString()).statusCode())
        .isEqualTo(403);
    assertThat(get("/v1/pools", "tide_nobody").statusCode()).isEqualTo(401);
    String audit = Files.readString(dir.resolve("audit/audit.jsonl"));
    assertThat(audit.lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("reader", "PUT /v1/pools/idc", "403"),
            line -> assertThat(line).contains("GET /v1/pools", "401"));
  }

  @Test
  void aTokenThatIsNewIsKnownAndOneThatWasRemovedIsNot() throws Exception {
    follow();
    String fresh =
        tokens
            .access()
            .create(new Principal("fresh", Role.VIEWER, List.of()), Optional.empty())
            .secret();
    assertThat(get("/v1/pools", fresh).statusCode()).isEqualTo(200);
    tokens.access().remove("fresh");
    followed.remove("fresh");
    assertThat(get("/v1/pools", fresh).statusCode()).isEqualTo(401);
  }

  @Test
  void healthAndMetricsSayHowFarItIs() throws Exception {
    assertThat(health().path("status").asText()).isEqualTo("standby");
    pool("idc");
    follow();
    nanos.addAndGet(Duration.ofMillis(1500).toNanos());
    assertThat(health().path("version").asLong()).isEqualTo(durable.store.load().version());
    assertThat(health().path("staleness").asDouble()).isEqualTo(1.5);
    assertThat(get("/metrics", admin).body())
        .contains("springtide_follower_staleness_seconds 1.5")
        .contains("springtide_follower_version " + durable.store.load().version());
    trouble = "the stored state has format 9 by now";
    assertThat(health().path("trouble").asText()).isEqualTo(trouble);
  }

  private JsonNode health() throws Exception {
    return io.springtide.server.document.Documents.json(
        get("/healthz", admin).body().getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private void follow() {
    StateStore.Loaded all = durable.store.load();
    standby.restart();
    standby.follow(Commit.of(all.version(), all.changes()));
    standby.reached(nanos.get());
  }

  private void pool(String name) {
    assertThat(
            leader
                .put(
                    "/v1/pools/" + name,
                    "{\"kind\": \"owned\"}",
                    "Authorization",
                    "Bearer " + admin,
                    "Content-Type",
                    "application/json")
                .status())
        .isEqualTo(201);
  }

  private HttpRequest put(String path, String token) {
    return request(path, token)
        .header("Content-Type", "application/json")
        .PUT(BodyPublishers.ofString("{\"kind\": \"owned\"}"))
        .build();
  }

  private HttpResponse<String> get(String path, String token, String... headers) throws Exception {
    HttpRequest.Builder request = request(path, token);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path, String token) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + follower.port() + path))
        .timeout(Patience.limit())
        .header("Authorization", "Bearer " + token);
  }
}
