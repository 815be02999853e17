package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpStoryTest {
  private static final String JOB =
      "{\"resources\": {\"cpus\": 1, \"memoryMiB\": 64}, \"instances\": %d,"
          + " \"container\": {\"image\": \"a:1\"}}";

  private Framework framework;

  @BeforeEach
  void start() {
    framework = Framework.start(new Framework.Durable());
    framework.put("/v1/pools/idc", "{\"kind\": \"owned\", \"selector\": {\"place\": \"idc\"}}");
    framework.put("/v1/groups/feed", "{\"quotas\": {\"idc\": {\"limit\": {\"cpus\": 8}}}}");
  }

  @AfterEach
  void stop() {
    framework.close();
    assertThat(framework.died()).isEmpty();
  }

  @Test
  void aJobIsCreatedReadScaledAndRemoved() {
    Framework.Answer created = framework.put("/v1/jobs/feed.api", JOB.formatted(2));
    assertThat(created.status()).isEqualTo(201);
    assertThat(created.text("id")).isEqualTo("feed.api");
    assertThat(created.body().at("/status/states/PENDING").asInt()).isEqualTo(2);

    assertThat(framework.put("/v1/jobs/feed.api/instances", "{\"instances\": 3}").status())
        .isEqualTo(200);
    assertThat(items("/v1/jobs/feed.api/instances")).hasSize(3);

    assertThat(framework.delete("/v1/jobs/feed.api").status()).isIn(202, 204);
    assertThat(framework.get("/v1/jobs/feed.api").status()).isEqualTo(404);
  }

  @Test
  void aPlanSaysWhatWouldBeAndDoesNothing() {
    framework.put("/v1/jobs/feed.api", JOB.formatted(0));
    Framework.Answer plan =
        framework.post(
            "/v1/plan",
            """
            {"changes": [
              {"pool": {"name": "cloud", "kind": "on-demand", "pricePerHour": 0.42,
                        "hosts": {"max": 3},
                        "template": {"driver": "local",
                                     "resources": {"cpus": 4, "memoryMiB": 4096}}}},
              {"group": {"path": "feed", "quotas": {"cloud": {"limit": {"cpus": 5}}}}},
              {"scale": {"job": "feed.api", "instances": 7}}]}
            """);
    assertThat(plan.status()).as(plan.body().toString()).isEqualTo(200);
    assertThat(plan.body().at("/orders/0/pool").asText()).isEqualTo("cloud");
    assertThat(plan.body().at("/orders/0/hosts").asInt()).isEqualTo(2);
    assertThat(plan.body().at("/costPerHour/before").asDouble()).isZero();
    assertThat(plan.body().at("/costPerHour/after").asDouble()).isEqualTo(0.84);
    assertThat(plan.body().at("/placements/0/toCome").asBoolean()).isTrue();
    assertThat(plan.body().at("/waiting/0/instances").asInt()).isEqualTo(2);
    assertThat(plan.body().at("/waiting/0/reasons/0/reason").asText()).isEqualTo("QUOTA_LIMIT");

    assertThat(framework.get("/v1/jobs/feed.api").body().path("instances").asInt()).isZero();
    assertThat(framework.get("/v1/groups/feed").body().at("/quotas/cloud").isMissingNode())
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"changes": []}                                        | 400 | changes
          {"changes": [{"scael": {}}]}                           | 400 | changes[0].scael
          {"changes": [{}]}                                      | 400 | changes[0]
          {"changes": [{"scale": {"job": "feed.x", "instances": 1}}]} | 404 | changes[0]
          {"changes": [{"scale": {"job": "f.x", "instances": -1}}]} | 400 | changes[0].scale.instances
          {"changes": [{"remove": {"pool": "idc"}}]}             | 409 | changes[0]
          {"changes": [{"host": {"id": "h", "wish": "fly"}}]}    | 400 | changes[0].host.wish
          """)
  void aPlanOfWhatCannotBeSaysWhere(String body, int status, String field) {
    Framework.Answer answer = framework.post("/v1/plan", body);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.text("field")).isEqualTo(field);
    assertThat(answer.text("fix")).isNotEmpty();
  }

  @Test
  void everyAnswerSaysOfWhichVersionItIsAndThatOfAChangeIncludesIt() {
    long before = version(framework.get("/v1/jobs"));
    Framework.Answer made = framework.put("/v1/jobs/feed.api", JOB.formatted(1));
    assertThat(version(made)).isGreaterThan(before);
    for (String path : List.of("/v1/jobs", "/v1/jobs/feed.api", "/healthz", "/metrics")) {
      assertThat(version(framework.get(path))).as(path).isGreaterThanOrEqualTo(version(made));
    }
    assertThat(version(framework.get("/v1/jobs/feed.none"))).isGreaterThanOrEqualTo(version(made));
    assertThat(version(framework.delete("/v1/jobs/feed.api"))).isGreaterThan(version(made));
  }

  private static long version(Framework.Answer answer) {
    return answer.headers().firstValueAsLong("Springtide-Version").orElseThrow();
  }

  @Test
  void whatWasReadCanBeChangedAndPutBack() {
    Framework.Answer read = framework.put("/v1/jobs/feed.api", JOB.formatted(1));
    assertThat(framework.put("/v1/jobs/feed.api", read.body().toString()).status()).isEqualTo(200);
    for (String path : List.of("/v1/pools/idc", "/v1/groups/feed")) {
      assertThat(framework.put(path, framework.get(path).body().toString()).status())
          .as(path)
          .isEqualTo(200);
    }
  }

  @Test
  void theAnswerOfAChangeSaysWhatItDisplacesAndTheJobSaysWhatItBreaks() {
    framework.put("/v1/jobs/feed.api", JOB.formatted(0));
    String strict =
        "{\"quotas\": {\"idc\": {\"limit\": {\"cpus\": 8}}}, \"policy\": {\"maxPriority\": 50}}";
    Framework.Answer answer = framework.put("/v1/groups/feed", strict);
    assertThat(answer.status()).isEqualTo(200);
    JsonNode effects = answer.body().path("effects");
    assertThat(effects.path("demotions").isArray()).isTrue();
    assertThat(effects.at("/violations/0/job").asText()).isEqualTo("feed.api");
    assertThat(effects.at("/violations/0/field").asText()).isEqualTo("priority");
    assertThat(framework.get("/v1/jobs/feed.api").body().at("/status/violations/0/field").asText())
        .isEqualTo("priority");
    assertThat(
            framework.get("/v1/jobs/feed.api/explain").body().at("/violations/0/detail").asText())
        .isEqualTo("100 is more than group feed may have");
    assertThat(framework.put("/v1/groups/feed", answer.body().toString()).status()).isEqualTo(200);
    Framework.Answer wrong =
        framework.put("/v1/groups/feed", strict.replace("\"idc\"", "\"nowhere\""));
    assertThat(wrong.status()).isGreaterThanOrEqualTo(400);
    assertThat(wrong.text("field")).isEqualTo("quotas.nowhere");
  }

  @Test
  void aChangeOfWhatAnotherHasChangedIsRefused() {
    String etag =
        framework
            .put("/v1/jobs/feed.api", JOB.formatted(1))
            .headers()
            .firstValue("ETag")
            .orElseThrow();
    assertThat(framework.put("/v1/jobs/feed.api", JOB.formatted(2), "If-Match", etag).status())
        .isEqualTo(200);
    Framework.Answer late = framework.put("/v1/jobs/feed.api", JOB.formatted(3), "If-Match", etag);
    assertThat(late.status()).isEqualTo(412);
    assertThat(late.text("fix")).isNotEmpty();
    assertThat(framework.get("/v1/jobs/feed.api").body().path("instances").asInt()).isEqualTo(2);
  }

  @Test
  void aJobKeepsItsRevisionsIsRestartedAndGoesBack() {
    String job = JOB.formatted(1);
    long first = framework.put("/v1/jobs/feed.api", job).body().path("version").asLong();
    framework.put("/v1/jobs/feed.api", job.replace("\"a:1\"", "\"a:2\""));
    Framework.Answer restarted = framework.post("/v1/jobs/feed.api:restart", "");
    assertThat(restarted.status()).as(restarted.body().toString()).isEqualTo(200);
    JsonNode revisions = items("/v1/jobs/feed.api/revisions");
    assertThat(revisions)
        .extracting(one -> one.at("/container/image").asText())
        .containsExactly("a:1", "a:2", "a:2");
    assertThat(revisions)
        .extracting(one -> one.path("current").asBoolean())
        .containsExactly(false, false, true);
    assertThat(revisions.get(0).path("by").asText()).isNotEmpty();
    assertThat(revisions.get(0).has("priority")).as("no policy is part of it").isFalse();

    framework.put("/v1/jobs/feed.api/instances", "{\"instances\": 3}");
    Framework.Answer back =
        framework.post("/v1/jobs/feed.api:rollback", "{\"revision\": " + first + "}");
    assertThat(back.status()).as(back.body().toString()).isEqualTo(200);
    assertThat(back.body().at("/container/image").asText()).isEqualTo("a:1");
    assertThat(back.body().path("instances").asInt()).as("policy stays as it is").isEqualTo(3);
    assertThat(items("/v1/jobs/feed.api/revisions").get(0).path("current").asBoolean()).isTrue();

    assertThat(framework.post("/v1/jobs/feed.api:rollback", "").status())
        .as("there is none before the first")
        .isEqualTo(409);
    assertThat(framework.post("/v1/jobs/feed.api:rollback", "{\"revision\": 9999}").text("field"))
        .isEqualTo("revision");
    assertThat(framework.post("/v1/jobs/feed.api:rollback", "{\"to\": 1}").status()).isEqualTo(400);
    assertThat(framework.post("/v1/jobs/feed.none:restart", "").status()).isEqualTo(404);
    assertThat(framework.post("/v1/jobs/feed.api:fly", "").status()).isEqualTo(405);
    assertThat(framework.post("/v1/jobs/feed.api:restart", "", "If-Match", "\"1\"").status())
        .isEqualTo(412);
  }

  @Test
  void creatingTwiceIsAConflictButRepeatingARequestIsNot() {
    String body = JOB.formatted(1).replace("{\"res", "{\"id\": \"feed.api\", \"res");
    assertThat(framework.post("/v1/jobs", body, "Idempotency-Key", "k1").status()).isEqualTo(201);
    assertThat(framework.post("/v1/jobs", body, "Idempotency-Key", "k1").status()).isEqualTo(201);
    assertThat(framework.post("/v1/jobs", body).status()).isEqualTo(409);
    String other = body.replace("feed.api", "feed.other");
    assertThat(framework.post("/v1/jobs", other, "Idempotency-Key", "k1").status()).isEqualTo(409);
  }

  @Test
  void aJobBeyondItsGroupsLimitIsAcceptedAndSaysWhyItWaits() {
    framework.mesos.connect();
    framework.mesos.subscribed("F1");
    assertThat(framework.put("/v1/jobs/feed.api", JOB.formatted(20)).status()).isEqualTo(201);
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    Framework.Answer explain = framework.get("/v1/jobs/feed.api/explain");
    while (explain.body().path("reasons").isEmpty() && System.nanoTime() < end) {
      // Rounds of matching are some time apart; the next one will have looked at it.
      explain = framework.get("/v1/jobs/feed.api/explain");
    }
    assertThat(explain.body().path("pending").asInt()).isEqualTo(20);
    JsonNode reason = explain.body().path("reasons").path(0);
    assertThat(reason.path("instances").asInt())
        .as("counted once, however many pools refuse it for that")
        .isEqualTo(20);
  }

  @Test
  void listsComeInPages() {
    for (int i = 0; i < 5; i++) {
      framework.put("/v1/jobs/feed.j" + i, JOB.formatted(1));
    }
    List<String> ids = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = framework.get("/v1/jobs?limit=2" + cursor).body();
      page.path("items").forEach(job -> ids.add(job.path("id").asText()));
      cursor = page.hasNonNull("next") ? "&cursor=" + page.path("next").asText() : "";
    } while (!cursor.isEmpty());
    assertThat(ids).containsExactly("feed.j0", "feed.j1", "feed.j2", "feed.j3", "feed.j4");
    assertThat(items("/v1/jobs?group=feed")).hasSize(5);
    assertThat(items("/v1/jobs?group=fee")).isEmpty();
    assertThat(items("/v1/instances?state=pending&job=feed.j1")).hasSize(1);
    assertThat(items("/v1/instances?state=running")).isEmpty();
  }

  @Test
  void yamlIsTakenToo() {
    assertThat(
            framework
                .put(
                    "/v1/pools/cloud",
                    "kind: on-demand\nhosts: {max: 5}\n",
                    "Content-Type",
                    "application/yaml")
                .status())
        .isEqualTo(201);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"resources\": {\"cpus\": 1}             | 400 | ''                  | not JSON at line"
            + " 1",
        "[]                                        | 400 | ''                  | expected an"
            + " object",
        "{\"instnaces\": 3}                        | 400 | instnaces           | did you mean"
            + " 'instances'?",
        "{\"resources\": {\"cpus\": -1}}           | 400 | resources.cpus      | -1 is negative",
        "{\"resources\": {\"cpus\": 1, \"memoryMiB\": 1}, \"container\": {}} | 400 |"
            + " container.image | name one",
        "{\"resources\": {\"cpus\": 1, \"memoryMiB\": 1}, \"container\": {\"image\": \"a\"},"
            + " \"stop\": {\"drain\": \"5\"}} | 400 | stop.drain | 500ms, 30s, 5m or 2h",
        "{\"id\": \"feed.other\"}                  | 400 | id                  | of the path",
        "{\"resources\": {\"cpus\": 1, \"memoryMiB\": 1}, \"container\": {\"image\": \"a\"},"
            + " \"discovery\": [{\"consul\": {\"service\": \"x\", \"port\": \"web\"}}]} | 400 |"
            + " discovery[0].consul.port | no port named 'web'",
      })
  void aBadDocumentIsRefusedWithFieldAndFix(String body, int status, String field, String part) {
    Framework.Answer answer = framework.put("/v1/jobs/feed.api", body);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(answer.text("field")).isEqualTo(field);
    assertThat(answer.text("detail") + " " + answer.text("fix")).contains(part);
    assertThat(framework.get("/v1/jobs/feed.api").status()).as("nothing is applied").isEqualTo(404);
  }

  @Test
  void aJobOfAGroupThatIsNotThereIsRefused() {
    Framework.Answer answer = framework.put("/v1/jobs/none.api", JOB.formatted(1));
    assertThat(answer.status()).isBetween(400, 499);
    assertThat(answer.text("detail")).contains("none");
  }

  @Test
  void aNewGroupRunsContainersInANetworkOfTheirOwnAndNothingElse() {
    String process =
        "{\"resources\": {\"cpus\": 1, \"memoryMiB\": 64}, \"runtime\": \"process\","
            + " \"container\": {\"command\": [\"id\"], \"network\": \"host\"}}";
    Framework.Answer refused = framework.put("/v1/jobs/feed.root", process);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text("field")).isEqualTo("runtime");
    assertThat(refused.text("fix")).contains("policy.runtimes");
    for (String network : List.of("host", "backend")) {
      Framework.Answer answer =
          framework.put(
              "/v1/jobs/feed.net",
              JOB.formatted(1).replace("\"a:1\"", "\"a:1\", \"network\": \"" + network + "\""));
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.text("field")).isEqualTo("container.network");
    }
    assertThat(items("/v1/jobs")).isEmpty();

    String open =
        "{\"quotas\": {\"idc\": {\"limit\": {\"cpus\": 8}}},"
            + " \"policy\": {\"runtimes\": [\"process\"], \"networks\": [\"*\"]}}";
    Framework.Answer group = framework.put("/v1/groups/feed", open);
    assertThat(group.body().at("/policy/runtimes/0").asText()).isEqualTo("process");
    assertThat(framework.put("/v1/groups/feed", group.body().toString()).status()).isEqualTo(200);
    assertThat(framework.put("/v1/jobs/feed.root", process).status()).isEqualTo(201);
    assertThat(framework.put("/v1/jobs/feed.web", JOB.formatted(1)).text("field"))
        .as("a policy that names runtimes allows no others")
        .isEqualTo("runtime");
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"runtimes\": [\"podman\"]}', policy.runtimes[0]",
    "'{\"networks\": [\"container:x\"]}', policy.networks[0]",
    "'{\"mounts\": [\"data\"]}', policy.mounts[0]"
  })
  void aPolicyThatSaysNothingIsRefused(String policy, String field) {
    Framework.Answer answer =
        framework.put("/v1/groups/feed", "{\"quotas\": {}, \"policy\": " + policy + "}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text("field")).isEqualTo(field);
  }

  @Test
  void anAnswerWarnsAndCanBePutBack() {
    String job =
        "{\"resources\": {\"cpus\": 1, \"memoryMiB\": 64}, \"container\": {\"image\": \"a:1\","
            + " \"ports\": [{\"name\": \"http\", \"container\": 80}]}, \"discovery\":"
            + " [{\"consul\": {\"service\": \"feed_api\", \"port\": \"http\"}}]}";
    Framework.Answer put = framework.put("/v1/jobs/feed.api", job);
    assertThat(put.status()).isEqualTo(201);
    assertThat(put.body().at("/warnings/0/field").asText())
        .isEqualTo("discovery[0].consul.service");
    assertThat(framework.put("/v1/jobs/feed.api", put.body().toString()).status()).isEqualTo(200);
  }

  @Test
  void aTooLargeBodyIsRefused() {
    String body = "{\"id\": \"" + "x".repeat(2 << 20) + "\"}";
    assertThat(framework.put("/v1/jobs/feed.api", body).status()).isEqualTo(413);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET    | /v1/jobs?grop=a        | 400 | did you mean 'group'?",
        "GET    | /v1/jobs?limit=0       | 400 | write 1 to",
        "GET    | /v1/jobs?cursor=%25    | 400 | unchanged",
        "GET    | /v1/instances?state=x  | 400 | PENDING",
        "GET    | /v1/hosts?condition=x  | 400 | ready",
        "GET    | /v1/leases             | 404 | http-api.md",
        "GET    | /v1/orders?pol=idc     | 400 | did you mean 'pool'?",
        "GET    | /v1/events             | 406 | text/event-stream",
        "GET    | /v1/nothing            | 404 | http-api.md",
        "POST   | /v1/pools/idc          | 405 | http-api.md",
        "POST   | /v1/hosts/h1:cordno    | 405 | openapi.json",
        "POST   | /v1/hosts/h1:cordon    | 404 | h1",
        "DELETE | /v1/jobs/feed.none     | 404 | feed.none",
        "GET    | /v1/pools/none         | 404 | list of pools",
        "GET    | /artifacts/../x        | 404 | ",
        "GET    | /artifacts/other.jar   | 404 | executor.jar",
      })
  void aBadRequestIsToldWhatIsWrong(String method, String path, int status, String part) {
    Framework.Answer answer = framework.send(method, path, null);
    assertThat(answer.status()).isEqualTo(status);
    if (part != null) {
      assertThat(answer.text("detail") + " " + answer.text("fix")).contains(part);
    }
  }

  @Test
  void healthAndMetricsSayWhoWeAre() {
    framework.mesos.connect();
    framework.mesos.subscribed("F1");
    framework.mesos.next(org.apache.mesos.v1.scheduler.Protos.Call.Type.RECONCILE);
    Framework.Answer health = framework.get("/healthz");
    assertThat(health.status()).isEqualTo(200);
    assertThat(health.text("status")).isEqualTo("leading");
    assertThat(framework.get("/metrics").status()).isEqualTo(200);
  }

  @Test
  void whoReadsEventsIsNotCutOffWhenTheServerEnds() {
    Framework other = Framework.start(new Framework.Durable());
    try (Feed feed = Feed.of(other.port())) {
      other.close();
      assertThat(feed.end()).isEqualTo(Feed.ENDED);
    }
  }

  @Test
  void newsThatChangesNothingIsCounted() {
    framework.mesos.connect();
    framework.mesos.subscribed("F1");
    var over =
        TaskInfo.newBuilder()
            .setName("feed.api")
            .setTaskId(TaskID.newBuilder().setValue("feed.api-0-1"))
            .setAgentId(AgentID.newBuilder().setValue("agent-1"))
            .setExecutor(
                ExecutorInfo.newBuilder()
                    .setExecutorId(ExecutorID.newBuilder().setValue("executor-1")))
            .build();
    framework.mesos.update(over, TaskState.TASK_FAILED, "u1");
    framework.mesos.update(over, TaskState.TASK_FAILED, "u1");
    // Answered after what came before it is shown.
    framework.put("/v1/jobs/feed.api", JOB.formatted(0));
    assertThat(RawHttp.ask(framework.port(), "GET /metrics", "", "Host: localhost").text())
        .contains(
            "springtide_news_ignored{about=\"earlier-attempt\",input=\"FAILED\",state=\"\"} 2");
  }

  private JsonNode items(String path) {
    Framework.Answer answer = framework.get(path);
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
    return answer.body().path("items");
  }
}
