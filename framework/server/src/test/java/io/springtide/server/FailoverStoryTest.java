package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.server.access.Access;
import io.springtide.server.access.Audit;
import io.springtide.server.access.AuditFile;
import io.springtide.server.access.MemoryShelf;
import io.springtide.server.access.Principal;
import io.springtide.server.access.Role;
import io.springtide.server.http.Gate;
import io.springtide.server.loop.SteadyClock;
import io.springtide.server.store.EmbeddedZooKeeper;
import io.springtide.server.store.ZooKeeperClient;
import io.springtide.server.store.ZooKeeperStateStore;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.curator.framework.CuratorFramework;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One server ends and another goes on, on one ZooKeeper: what it knows of what was asked before.
 */
class FailoverStoryTest {
  private static final String JOB =
      """
      {"id": "feed.%s", "resources": {"cpus": 1, "memoryMiB": 64},
       "container": {"image": "web:1"}}
      """;

  @TempDir Path dir;
  private final Access access = new Access(new MemoryShelf(), Instant::now, new SecureRandom());
  private final String[] admin = {"Authorization", "Bearer " + token("boss", Role.ADMIN)};
  private EmbeddedZooKeeper zooKeeper;
  private CuratorFramework curator;
  private ZooKeeperStateStore store;
  private Framework framework;

  @BeforeEach
  void begin() throws Exception {
    zooKeeper = EmbeddedZooKeeper.start(dir.resolve("zookeeper"));
    curator = ZooKeeperClient.connect(zooKeeper.connectString(), Duration.ofSeconds(30));
    lead("first");
    assertThat(send("PUT", "/v1/pools/idc", "{\"kind\": \"owned\"}").status()).isEqualTo(201);
    String group =
        "{\"quotas\": {\"idc\": {\"guarantee\": {\"cpus\": 0}, \"limit\": {\"cpus\": 100}}}}";
    assertThat(send("PUT", "/v1/groups/feed", group).status()).isEqualTo(201);
  }

  @AfterEach
  void end() {
    framework.close();
    store.close();
    curator.close();
    zooKeeper.close();
  }

  private void lead(String server) throws Exception {
    Audit audit = new Audit(new AuditFile(dir.resolve(server), 1 << 20, 3), Instant::now);
    Gate gate = Gate.asking(1000, System::nanoTime);
    gate.lead(access);
    gate.audit(audit);
    store = new ZooKeeperStateStore(curator, audit, last -> Long.MAX_VALUE);
    framework = Framework.start(new Framework.Durable(store), SteadyClock.system(), gate, audit);
  }

  private void failOver() throws Exception {
    framework.close();
    store.close();
    lead("second");
  }

  @Test
  void theNewLeadersAuditHasWhatWasDoneUnderTheOldOne() throws Exception {
    post("/v1/jobs", JOB.formatted("web"));
    post("/v1/jobs", JOB.formatted("web"));
    send("DELETE", "/v1/jobs/feed.web", null);
    List<String> done = audit();
    assertThat(done)
        .containsExactly(
            "DELETE /v1/jobs/feed.web",
            "POST /v1/jobs",
            "POST /v1/jobs/feed.web",
            "PUT /v1/groups/feed",
            "PUT /v1/pools/idc");
    failOver();
    done.remove("POST /v1/jobs");
    assertThat(audit()).as("all but the refusal, which was the first's own").isEqualTo(done);
    post("/v1/jobs", JOB.formatted("api"));
    done.add(0, "POST /v1/jobs/feed.api");
    assertThat(audit()).isEqualTo(done);
  }

  @Test
  void aRepeatIsKnownForOneByTheNewLeader() throws Exception {
    var first = post("/v1/jobs", JOB.formatted("web"), "Idempotency-Key", "k1");
    assertThat(first.status()).isEqualTo(201);
    failOver();
    var again = post("/v1/jobs", JOB.formatted("web"), "Idempotency-Key", "k1");
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.headers().firstValue("Location")).hasValue("/v1/jobs/feed.web");
    assertThat(again.text("version")).isEqualTo(first.text("version"));
    assertThat(post("/v1/jobs", JOB.formatted("api"), "Idempotency-Key", "k1").status())
        .as("another request")
        .isEqualTo(409);
    assertThat(post("/v1/jobs", JOB.formatted("web"), "Idempotency-Key", "k2").status())
        .as("no repeat")
        .isEqualTo(409);
  }

  @Test
  void aRepeatOfAJobThatIsGoneIsAnsweredAsTheFirstAndMakesNone() {
    var first = post("/v1/jobs", JOB.formatted("web"), "Idempotency-Key", "k1");
    send("DELETE", "/v1/jobs/feed.web", null);
    var again = post("/v1/jobs", JOB.formatted("web"), "Idempotency-Key", "k1");
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.text("id")).isEqualTo("feed.web");
    assertThat(again.headers().firstValue("ETag")).isEqualTo(first.headers().firstValue("ETag"));
  }

  @Test
  void aKeyIsItsOwnersAlone() {
    post("/v1/jobs", JOB.formatted("web"), "Idempotency-Key", "k1");
    String[] eve = {"Authorization", "Bearer " + token("eve", Role.ADMIN), "Idempotency-Key", "k1"};
    assertThat(framework.post("/v1/jobs", JOB.formatted("web"), eve).status())
        .as("as without a key")
        .isEqualTo(409);
    assertThat(framework.post("/v1/jobs", JOB.formatted("api"), eve).status()).isEqualTo(201);
  }

  @Test
  void oneOfTwoThatComeAtOnceIsTheOther() {
    List<CompletableFuture<Framework.Answer>> both = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      both.add(
          CompletableFuture.supplyAsync(
              () -> post("/v1/jobs", JOB.formatted("web"), "Idempotency-Key", "k1")));
    }
    assertThat(both).allSatisfy(one -> assertThat(one.join().status()).isEqualTo(201));
    assertThat(both.get(0).join().text("version")).isEqualTo(both.get(1).join().text("version"));
  }

  @Test
  void everyChangeTakesAKeyAndWhatCannotSaysSo() {
    String[] key = {"Idempotency-Key", "k1"};
    var put = send("PUT", "/v1/jobs/feed.web", JOB.formatted("web"), key);
    assertThat(put.status()).isEqualTo(201);
    send("PUT", "/v1/jobs/feed.web/instances", "{\"instances\": 3}");
    assertThat(send("PUT", "/v1/jobs/feed.web", JOB.formatted("web"), key).text("instances"))
        .as("it does not undo what came between")
        .isEqualTo("3");
    for (String path : List.of("/v1/tokens", "/v1/pools/idc/images:warm", "/v1/plan")) {
      var refused = post(path, "{}", key);
      assertThat(refused.status()).as(path).isEqualTo(400);
      assertThat(refused.text("field")).as(path).isEqualTo("Idempotency-Key");
      assertThat(refused.text("fix")).as(path).isNotEmpty();
    }
    for (String bad : List.of(" ", "x".repeat(201))) {
      assertThat(post("/v1/jobs", JOB.formatted("api"), "Idempotency-Key", bad).status())
          .isEqualTo(400);
    }
  }

  private List<String> audit() {
    List<String> whats = new ArrayList<>();
    framework
        .get("/v1/audit", admin)
        .body()
        .path("items")
        .forEach(i -> whats.add(i.path("what").asText()));
    return whats;
  }

  private Framework.Answer post(String path, String body, String... headers) {
    return send("POST", path, body, headers);
  }

  private Framework.Answer send(String method, String path, String body, String... headers) {
    List<String> all = new ArrayList<>(List.of(admin));
    all.addAll(List.of(headers));
    return framework.send(method, path, body, all.toArray(String[]::new));
  }

  private String token(String name, Role role) {
    return access.create(new Principal(name, role, List.of()), Optional.empty()).secret();
  }
}
