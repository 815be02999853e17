package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.server.access.Access;
import io.springtide.server.access.Audit;
import io.springtide.server.access.AuditFile;
import io.springtide.server.access.MemoryShelf;
import io.springtide.server.access.Principal;
import io.springtide.server.access.Role;
import io.springtide.server.document.Documents;
import io.springtide.server.http.Gate;
import io.springtide.server.loop.SteadyClock;
import io.springtide.server.mesos.FakeMesos;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the API says of itself is so: every route is asked, and held against its description. */
class OpenApiStoryTest {
  private static final String JOB =
      """
      {"id": "feed.api", "kind": "service", "instances": 2,
       "resources": {"cpus": 0.5, "memoryMiB": 64},
       "container": {"image": "a:1", "command": ["/bin/a", "-x"], "env": {"MODE": "prod"},
                     "ports": [{"name": "http", "container": 80}]},
       "tools": [{"name": "tail", "image": "t:1", "command": ["t"], "env": {"A": "b"}}],
       "health": {"http": {"port": "http", "path": "/ping"}, "grace": "1s"},
       "discovery": [{"consul": {"service": "feed_api", "port": "http", "tags": ["v1"]}}],
       "constraints": [{"maxPer": "host", "count": 2}, {"match": "disk", "in": ["ssd"], "soft": true}],
       "reclaimable": true, "labels": {"team": "feed"}, "owner": "feed@example", "stop": {"grace": "5s"}}
      """;

  @TempDir Path dir;
  private final Set<String> asked = new TreeSet<>();
  private final Access access = new Access(new MemoryShelf(), Instant::now, new SecureRandom());
  private final AtomicLong nanos = new AtomicLong();
  private String admin;
  private Framework framework;
  private Described described;

  @BeforeEach
  void start() throws Exception {
    Gate gate = Gate.asking(1_000_000, () -> nanos.addAndGet(1_000_000_000));
    gate.lead(access);
    Audit audit = new Audit(new AuditFile(dir.resolve("audit"), 1 << 20, 2), Instant::now);
    gate.audit(audit);
    framework = Framework.start(new Framework.Durable(), SteadyClock.system(), gate, audit);
    admin = "Bearer " + token("boss", Role.ADMIN);
    Framework.Answer description = framework.get("/openapi.json");
    described = new Described(description.body());
    described.hold("GET /openapi.json", description);
    asked.add("GET /openapi.json");
  }

  @AfterEach
  void stop() {
    framework.close();
    assertThat(framework.died()).isEmpty();
  }

  private String token(String name, Role role) {
    return access.create(new Principal(name, role, List.of()), Optional.empty()).secret();
  }

  @Test
  void everyRouteIsDescribedAndAnswersAsItsDescriptionSays() {
    aClusterWithAHost();
    ask("PUT /v1/jobs/{id}", "/v1/jobs/feed.api", JOB);
    ask("PUT /v1/jobs/{id}", "/v1/jobs/feed.api", JOB.replace("a:1", "a:2"));
    ask("PUT /v1/jobs/{id}/instances", "/v1/jobs/feed.api/instances", "{\"instances\": 3}");
    TaskInfo warden = warden();
    framework.mesos.offer(
        "S1", FakeMesos.wholeHost(), warden.getExecutor().getExecutorId().getValue());
    assertThat(framework.mesos.launched()).isNotEmpty();
    ask("POST /v1/jobs", "/v1/jobs", JOB.replace("feed.api", "feed.b"));
    for (String query : List.of("", "?group=feed&name=*&label=team&owner=x&state=active&limit=1")) {
      ask("GET /v1/jobs", "/v1/jobs" + query);
    }
    ask("GET /v1/jobs/{id}", "/v1/jobs/feed.api");
    ask("GET /v1/jobs/{id}/instances", "/v1/jobs/feed.api/instances?limit=1");
    ask("GET /v1/jobs/{id}/explain", "/v1/jobs/feed.api/explain");
    ask("POST /v1/jobs/{id}:restart", "/v1/jobs/feed.api:restart", null);
    deployments(List.of("pause", "resume"));
    ask("GET /v1/jobs/{id}/revisions", "/v1/jobs/feed.api/revisions");
    ask(
        "POST /v1/jobs/{id}:rollback",
        "/v1/jobs/feed.api:rollback",
        "{\"revision\": %d}"
            .formatted(get("/v1/jobs/feed.api/revisions").body().at("/items/0/revision").asLong()));
    ask("PUT /v1/jobs/{id}", "/v1/jobs/feed.api", JOB.replace("a:1", "a:3"));
    deployments(List.of("abort"));
    ask("GET /v1/instances", "/v1/instances?state=running,pending");
    ask("GET /v1/instances", "/v1/instances");
    ask("GET /v1/instances/{id}", "/v1/instances/feed.api%230");
    ask(
        "POST /v1/plan",
        "/v1/plan",
        "{\"changes\": [{\"scale\": {\"job\": \"feed.api\", \"instances\": 60}}, {\"remove\":"
            + " {\"job\": \"feed.b\"}}, {\"host\": {\"id\": \"S1\", \"wish\": \"serve\"}}]}"
                .replace("S1", host()));
    ask("GET /v1/pools", "/v1/pools");
    ask("GET /v1/pools/{name}", "/v1/pools/idc");
    ask("GET /v1/groups", "/v1/groups");
    ask("GET /v1/groups/{path}", "/v1/groups/feed");
    ask("GET /v1/hosts", "/v1/hosts?condition=ready");
    ask("GET /v1/hosts/{id}", "/v1/hosts/" + host());
    for (String action : List.of("cordon", "drain", "uncordon")) {
      ask("POST /v1/hosts/{id}:" + action, "/v1/hosts/" + host() + ":" + action, null);
    }
    ask("GET /v1/orders", "/v1/orders");
    events();
    ask("POST /v1/tokens", "/v1/tokens", "{\"name\": \"ci\", \"role\": \"viewer\"}");
    ask("GET /v1/tokens", "/v1/tokens");
    ask("DELETE /v1/tokens/{name}", "/v1/tokens/ci", null);
    ask("GET /v1/audit", "/v1/audit?limit=10");
    ask("GET /v1/state", "/v1/state");
    ask("DELETE /v1/jobs/{id}", "/v1/jobs/feed.api", null);
    ask("DELETE /v1/jobs/{id}", "/v1/jobs/feed.b", null);
    ask("PUT /v1/groups/{path}", "/v1/groups/none", "{}");
    ask("DELETE /v1/groups/{path}", "/v1/groups/none", null);
    ask("DELETE /v1/pools/{name}", "/v1/pools/cloud", null);
    ask("GET /healthz", "/healthz");
    ask("GET /metrics", "/metrics");
    refusals();
    assertThat(asked)
        .containsExactlyInAnyOrderElementsOf(
            framework.routes().stream().map(route -> route.replaceAll("<(.*)>", "{$1}")).toList());
  }

  private void deployments(List<String> actions) {
    String list = "/v1/deployments?job=feed.api&state=rolling";
    ask("GET /v1/deployments", list);
    String one = "/v1/deployments/" + get(list).body().at("/items/0/id").asText();
    ask("GET /v1/deployments/{id}", one);
    refused("POST /v1/deployments/{id}:promote", one + ":promote", null, 409);
    for (String action : actions) {
      ask("POST /v1/deployments/{id}:" + action, one + ":" + action, null);
    }
    ask("GET /v1/deployments", "/v1/deployments");
  }

  /** Nothing of this can be done here, and each refusal is one that the description has. */
  private void refusals() {
    refused("GET /artifacts/{name}", "/artifacts/none", null, 404);
    refused("POST /v1/hosts/{id}:release", "/v1/hosts/" + host() + ":release", null, 409);
    refused("DELETE /v1/hosts/{id}", "/v1/hosts/" + host(), null, 409);
    refused(
        "POST /v1/pools/{name}/images:warm",
        "/v1/pools/idc/images:warm",
        "{\"image\": \"a:1\"}",
        409);
    refused("GET /v1/pools/{name}/images", "/v1/pools/idc/images?image=a:1", null, 409);
    for (String route : described.operations().keySet()) {
      String path = route.substring(route.indexOf(' ') + 1);
      if (path.startsWith("/v1/")) {
        String named = path.replaceAll("\\{[^}]*}", "nothing.there");
        Framework.Answer nobody = framework.send(method(route), named, null);
        assertThat(nobody.status()).as(route).isEqualTo(401);
        described.hold(route, nobody);
        Framework.Answer unknown = send(route, named + "?nonsense=1", body(route));
        assertThat(unknown.status()).as("%s: %s", route, unknown.body()).isIn(400, 404);
        described.hold(route, unknown);
        Framework.Answer none = send(route, named, body(route));
        if (!none.headers().firstValue("Content-Type").orElse("").contains("event-stream")) {
          described.hold(route, none);
        }
      }
    }
  }

  private String body(String route) {
    return described.bodySchema(route).isMissingNode() ? null : "{}";
  }

  private void events() {
    String route = "GET /v1/events";
    Framework.Answer kept =
        framework.send(
            "GET", "/v1/events", null, "Authorization", admin, "Accept", "application/json");
    described.hold(route, kept);
    assertThat(kept.body().path("items")).isNotEmpty();
    Framework.Answer neither =
        framework.send("GET", "/v1/events", null, "Authorization", admin, "Accept", "image/png");
    assertThat(neither.status()).isEqualTo(406);
    described.hold(route, neither);
    asked.add(route);
  }

  private void aClusterWithAHost() {
    String pool = "{\"kind\": \"owned\", \"zone\": \"z\", \"selector\": {\"place\": \"idc\"}}";
    ask("PUT /v1/pools/{name}", "/v1/pools/idc", pool);
    ask("PUT /v1/pools/{name}", "/v1/pools/idc", pool);
    ask(
        "PUT /v1/pools/{name}",
        "/v1/pools/cloud",
        """
        {"kind": "on-demand", "pricePerHour": 0.42, "hosts": {"max": 3}, "budgetPerHour": 10,
         "buffer": {"percent": 10}, "shared": {"link": 10},
         "template": {"driver": "local", "resources": {"cpus": 4, "memoryMiB": 4096},
                      "endpoint": "http://127.0.0.1:1", "number": 1}}
        """);
    ask(
        "PUT /v1/groups/{path}",
        "/v1/groups/feed",
        """
        {"description": "d", "department": "e",
         "quotas": {"idc": {"guarantee": {"cpus": 0}, "limit": {"cpus": 9}, "weight": 2}},
         "totalLimit": {"cpus": 90}, "policy": {"mounts": ["/data"], "networks": ["*"]}}
        """);
  }

  private TaskInfo warden() {
    framework.mesos.subscribe();
    framework.mesos.offer("S1", FakeMesos.wholeHost());
    TaskInfo warden = framework.mesos.launched().get(0);
    framework.mesos.update(warden, TaskState.TASK_RUNNING, "warden's uuid ..");
    framework.mesos.next(Call.Type.ACKNOWLEDGE);
    return warden;
  }

  private String host() {
    return get("/v1/hosts").body().at("/items/0/id").asText();
  }

  private Framework.Answer get(String path) {
    return framework.send("GET", path, null, "Authorization", admin);
  }

  private static String method(String route) {
    return route.substring(0, route.indexOf(' '));
  }

  private void ask(String route, String path) {
    ask(route, path, null);
  }

  private void ask(String route, String path, String body) {
    if (body != null) {
      JsonNode tree = Documents.json(body.getBytes(StandardCharsets.UTF_8));
      assertThat(described.faultsOfBody(route, tree)).as(route + " " + body).isEmpty();
    }
    Framework.Answer answer = send(route, path, body);
    assertThat(answer.status()).as("%s: %s", path, answer.body()).isBetween(200, 299);
    described.hold(route, answer);
    asked.add(route);
  }

  private void refused(String route, String path, String body, int status) {
    Framework.Answer answer = send(route, path, body);
    assertThat(answer.status()).as("%s: %s", path, answer.body()).isEqualTo(status);
    described.hold(route, answer);
    asked.add(route);
  }

  private Framework.Answer send(String route, String path, String body) {
    return framework.send(method(route), path, body, "Authorization", admin);
  }

  @Test
  void theDescriptionIsWholeAndRefersToNothingThatIsNotThere() {
    JsonNode document = described.document;
    assertThat(document.path("openapi").asText()).startsWith("3.1");
    Set<String> ids = new HashSet<>();
    described
        .operations()
        .forEach(
            (route, operation) -> {
              assertThat(ids.add(operation.path("operationId").asText())).as(route).isTrue();
              assertThat(operation.path("summary").asText()).as(route).isNotEmpty();
              assertThat(parameters(operation, "path")).as(route).isEqualTo(inPath(route));
            });
    Set<String> met = new TreeSet<>();
    for (JsonNode ref : document.findValues("$ref")) {
      assertThat(document.at(ref.asText().substring(1)).isMissingNode()).as(ref.asText()).isFalse();
      met.add(ref.asText());
    }
    document
        .path("components")
        .path("schemas")
        .properties()
        .forEach(
            schema -> {
              assertThat(met).contains("#/components/schemas/" + schema.getKey());
              schema
                  .getValue()
                  .path("properties")
                  .properties()
                  .forEach(
                      field ->
                          assertThat(field.getValue().path("description").asText())
                              .as(schema.getKey() + "." + field.getKey())
                              .isNotEmpty());
            });
  }

  private static Set<String> parameters(JsonNode operation, String in) {
    Set<String> names = new TreeSet<>();
    operation
        .path("parameters")
        .forEach(
            one -> {
              if (one.path("in").asText().equals(in)) {
                names.add(one.path("name").asText());
              }
            });
    return names;
  }

  private static Set<String> inPath(String route) {
    Set<String> names = new TreeSet<>();
    var matcher = java.util.regex.Pattern.compile("\\{([^}]*)}").matcher(route);
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }
}
