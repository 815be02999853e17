package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.server.access.Access;
import io.springtide.server.access.MemoryShelf;
import io.springtide.server.access.Principal;
import io.springtide.server.access.Role;
import io.springtide.server.document.Documents;
import io.springtide.server.document.DurationText;
import io.springtide.server.http.Gate;
import io.springtide.server.loop.SteadyClock;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Every body that the API takes, changed at random two hundred times. What is refused is refused
 * with the field and changes nothing; what is taken was meant: it is of the schema, and reads back
 * as it was put.
 */
class MutationsTest {
  private static final int EACH = 200;

  /** By route: the path, and a body that says as much as it can. */
  private static final Map<String, List<String>> BODIES = new LinkedHashMap<>();

  static {
    String job =
        """
        {"id": "feed.api", "kind": "service", "instances": 2,
         "resources": {"cpus": 0.5, "memoryMiB": 64, "diskMiB": 1, "gpus": 0, "scalars": {"link": 1}},
         "runtime": "docker",
         "container": {"image": "a:1", "command": ["/bin/a", "-x"], "env": {"MODE": "prod"},
                       "network": "bridge", "ports": [{"name": "http", "container": 80, "host": 31000}],
                       "mounts": [{"source": "/data/a", "target": "/data", "readOnly": true}],
                       "privileged": false},
         "tools": [{"name": "tail", "image": "t:1", "command": ["t"], "env": {"A": "b"}}],
         "health": {"http": {"port": "http", "path": "/"}, "grace": "1s", "interval": "1s",
                    "timeout": "1s", "failures": 3},
         "discovery": [{"consul": {"service": "feed-api", "port": "http", "tags": ["v1"]}}],
         "pools": ["idc"],
         "constraints": [{"maxPer": "host", "count": 2}, {"match": "disk", "in": ["ssd"]},
                         {"like": "cpu", "regex": "x.*"}, {"apartFrom": "feed.b", "per": "host"},
                         {"exclusive": true, "soft": true}],
         "priority": 100, "reclaimable": true, "update": {"maxSurge": 1, "maxUnavailable": 1, "canary": 1, "promote": "auto",
                    "minHealthy": "1s", "healthyWithin": "5m", "autoRollback": true,
                    "whileDeploying": "supersede"},
         "failure": {"backoff": "1s", "maxBackoff": "5m", "unreachableAfter": "5m"},
         "stop": {"drain": "1s", "grace": "1s"}, "labels": {"team": "feed"}, "owner": "me"}
        """;
    BODIES.put(
        "PUT /v1/pools/{name}",
        List.of(
            "/v1/pools/cloud",
            """
            {"name": "cloud", "kind": "on-demand", "zone": "z", "selector": {"place": "x"},
             "hosts": {"min": 0, "max": 3}, "buffer": {"hosts": 1}, "placement": "pack",
             "pricePerHour": 0.42, "idleAfter": "10m", "billingIncrement": "1h",
             "budgetPerHour": 10, "shared": {"crossLinkMbps": 10000},
             "template": {"driver": "local", "resources": {"cpus": 4, "memoryMiB": 4096},
                          "attributes": {"place": "cloud"}, "endpoint": "http://127.0.0.1:1"}}
            """));
    BODIES.put(
        "PUT /v1/groups/{path}",
        List.of(
            "/v1/groups/feed",
            """
            {"path": "feed", "description": "d", "department": "e",
             "quotas": {"idc": {"guarantee": {"cpus": 1, "memoryMiB": 64, "scalars": {"link": 1}},
                                "lendable": {"cpus": 1}, "limit": {"cpus": 9, "scalars": {"link": 5}},
                                "weight": 2}},
             "totalLimit": {"cpus": 90},
             "policy": {"privileged": false, "mounts": ["/data"], "maxPriority": 500,
                        "runtimes": ["docker"], "networks": ["bridge"], "enforce": false}}
            """));
    BODIES.put("PUT /v1/jobs/{id}", List.of("/v1/jobs/feed.api", job));
    BODIES.put("POST /v1/jobs", List.of("/v1/jobs", job.replace("feed.api", "feed.new")));
    BODIES.put(
        "PUT /v1/jobs/{id}/instances",
        List.of("/v1/jobs/feed.api/instances", "{\"instances\": 3}"));
    BODIES.put("POST /v1/jobs/{id}:restart", List.of("/v1/jobs/feed.api:restart", "{}"));
    BODIES.put(
        "POST /v1/jobs/{id}:rollback", List.of("/v1/jobs/feed.api:rollback", "{\"revision\": 1}"));
    for (String action : List.of("pause", "resume", "promote", "abort")) {
      BODIES.put(
          "POST /v1/deployments/{id}:" + action,
          List.of("/v1/deployments/feed.api@1:" + action, "{}"));
    }
    BODIES.put(
        "POST /v1/plan",
        List.of(
            "/v1/plan",
            """
            {"changes": [{"job": %s}, {"scale": {"job": "feed.api", "instances": 1}},
                         {"remove": {"job": "feed.api"}}]}
            """
                .formatted(job)));
    BODIES.put(
        "POST /v1/tokens",
        List.of(
            "/v1/tokens",
            """
            {"name": "ci", "role": "operator", "groups": ["feed"], "expiresAfter": "720h"}
            """));
    BODIES.put(
        "POST /v1/pools/{name}/images:warm",
        List.of("/v1/pools/idc/images:warm", "{\"image\": \"a:1\"}"));
  }

  /** The same at each build; {@code -Dspringtide.seed} tries others. */
  private final long seed = Long.getLong("springtide.seed", -756812794322660417L);

  private final Access access = new Access(new MemoryShelf(), Instant::now, new SecureRandom());
  private String admin;
  private Framework framework;
  private Described described;

  @BeforeEach
  void start() {
    Gate gate = Gate.asking(1_000_000, System::nanoTime);
    gate.lead(access);
    framework = Framework.start(new Framework.Durable(), SteadyClock.system(), gate);
    admin =
        "Authorization: Bearer "
            + access
                .create(new Principal("boss", Role.ADMIN, List.of()), Optional.empty())
                .secret();
    described = new Described(framework.get("/openapi.json").body());
    ask("PUT", "/v1/pools/idc", "{\"kind\": \"owned\"}");
    for (String route :
        List.of("PUT /v1/pools/{name}", "PUT /v1/groups/{path}", "PUT /v1/jobs/{id}")) {
      restore(route);
    }
  }

  @AfterEach
  void stop() {
    framework.close();
    assertThat(framework.died()).isEmpty();
  }

  @Test
  void everyBodyIsTried() {
    List<String> bodies = new ArrayList<>();
    described
        .operations()
        .forEach(
            (route, operation) -> {
              if (operation.has("requestBody")) {
                bodies.add(route);
              }
            });
    assertThat(bodies).containsExactlyInAnyOrderElementsOf(BODIES.keySet());
  }

  @Test
  void whatIsRefusedChangesNothingAndWhatIsTakenWasMeant() {
    List<String> faults = new ArrayList<>();
    int taken = 0;
    for (Map.Entry<String, List<String>> one : BODIES.entrySet()) {
      String route = one.getKey();
      var mutations = new Mutations(described.document, new Random(seed ^ route.hashCode()));
      JsonNode good = tree(one.getValue().get(1));
      assertThat(described.faultsOfBody(route, good)).as(route).isEmpty();
      Map<String, JsonNode> before = state();
      for (int i = 0; i < EACH; i++) {
        Mutations.Mutation mutation = mutations.of(good, described.bodySchema(route));
        RawHttp.Answer answer =
            RawHttp.ask(
                framework.port(),
                route.substring(0, route.indexOf(' ') + 1) + one.getValue().get(0),
                mutation.body(),
                "Host: localhost",
                admin,
                "Content-Type: " + mutation.type());
        String fault;
        if (answer.status() / 100 == 2) {
          taken++;
          fault = faultOfTaken(route, mutation, answer);
          restore(route);
          before = state();
        } else {
          fault = faultOfRefused(mutation, answer, before);
        }
        if (!fault.isEmpty()) {
          faults.add(route + " #" + i + " " + mutation.what() + ": " + fault);
        }
      }
    }
    assertThat(faults).as("seed " + seed + ", -Dspringtide.seed repeats it").isEmpty();
    assertThat(taken).as("some changes are good ones").isGreaterThan(20);
  }

  private String faultOfRefused(
      Mutations.Mutation mutation, RawHttp.Answer answer, Map<String, JsonNode> before) {
    if (answer.status() >= 500 || answer.status() < 400) {
      return answer.status() + " " + answer.text();
    }
    if (!answer.header("Content-Type").orElse("").contains("application/problem+json")) {
      return "no problem+json: " + answer.header("Content-Type");
    }
    JsonNode problem = tree(answer.text());
    if (!described.faultsOf("Problem", problem).isEmpty()) {
      return "no problem: " + problem;
    }
    // What is no JSON has a line and a column; a field whose name is empty has no name to tell.
    boolean placeless =
        mutation.broken() || problem.path("detail").asText().matches("not JSON: .*|.*field '' .*");
    if (answer.status() == 400 && !placeless && problem.path("field").asText().isEmpty()) {
      return "which field? " + problem;
    }
    Map<String, JsonNode> after = state();
    return after.equals(before) ? "" : "refused, and something has changed: " + after;
  }

  private String faultOfTaken(String route, Mutations.Mutation mutation, RawHttp.Answer answer) {
    if (mutation.broken()) {
      boolean mayBeEmpty = !described.operation(route).at("/requestBody/required").asBoolean();
      return mayBeEmpty && mutation.body().length == 0 ? "" : "taken";
    }
    var wrong = described.faultsOfBody(route, mutation.tree());
    if (!wrong.isEmpty()) {
      return "taken, and not of the schema: " + wrong;
    }
    JsonNode read =
        switch (route) {
          case "PUT /v1/pools/{name}", "PUT /v1/groups/{path}", "PUT /v1/jobs/{id}" ->
              get(BODIES.get(route).get(0));
          case "PUT /v1/jobs/{id}/instances" -> get("/v1/jobs/feed.api");
          case "POST /v1/jobs" -> get(location(answer));
          case "POST /v1/tokens" -> tree(answer.text());
          default -> null;
        };
    return read == null ? "" : difference("", mutation.tree(), read);
  }

  private static String location(RawHttp.Answer answer) {
    return "/v1/jobs/" + tree(answer.text()).path("id").asText();
  }

  /** Where what is read says something else than what was put; empty if nowhere. */
  private static String difference(String at, JsonNode put, JsonNode read) {
    if (put.isObject() && read.isObject()) {
      for (Map.Entry<String, JsonNode> field : put.properties()) {
        String path = at + "." + field.getKey();
        JsonNode there = read.path(field.getKey());
        boolean unsaid =
            there.isMissingNode() && (isNothing(field.getValue()) || path.equals(".expiresAfter"));
        String difference = unsaid ? "" : difference(path, field.getValue(), there);
        if (!difference.isEmpty()) {
          return difference;
        }
      }
      return "";
    }
    if (put.isArray() && read.isArray() && put.size() == read.size()) {
      for (int i = 0; i < put.size(); i++) {
        if (put.get(i).isObject()) {
          String difference = difference(at + "[" + i + "]", put.get(i), read.get(i));
          if (!difference.isEmpty()) {
            return difference;
          }
        }
      }
      Set<JsonNode> texts = new HashSet<>();
      put.forEach(texts::add);
      read.forEach(texts::remove);
      texts.removeIf(JsonNode::isObject);
      return texts.isEmpty() ? "" : at + " lost " + texts;
    }
    return isSame(put, read) ? "" : "%s was put as %s and reads %s".formatted(at, put, read);
  }

  /** What may be left out. */
  private static boolean isNothing(JsonNode value) {
    return (value.isContainerNode() && value.isEmpty())
        || (value.isObject() && value.propertyStream().allMatch(one -> isNothing(one.getValue())))
        || (value.isNumber() && value.decimalValue().signum() == 0)
        || (value.isTextual() && value.asText().isEmpty())
        || (value.isBoolean() && !value.asBoolean());
  }

  private static boolean isSame(JsonNode put, JsonNode read) {
    if (put.isNumber() && read.isNumber()) {
      return put.decimalValue().compareTo(read.decimalValue()) == 0;
    }
    if (put.equals(read)) {
      return true;
    }
    try {
      return read.isTextual()
          && ((put.asText().equals(read.asText()) && put.isValueNode())
              || DurationText.parse("", put.asText())
                  .equals(DurationText.parse("", read.asText())));
    } catch (InvalidModelException noDurations) {
      return false;
    }
  }

  private Map<String, JsonNode> state() {
    Map<String, JsonNode> state = new LinkedHashMap<>();
    for (String list : List.of("pools", "groups", "jobs", "instances", "tokens")) {
      JsonNode items = get("/v1/" + list).path("items");
      for (JsonNode item : items) {
        ((ObjectNode) item).remove("used");
        // What a cloud did not do goes its own way, whatever is asked here.
        if (item.path("status") instanceof ObjectNode status) {
          status.remove("troubles");
        }
      }
      state.put(list, items);
    }
    return state;
  }

  /** As it was, but for versions. */
  private void restore(String route) {
    switch (route) {
      case "PUT /v1/pools/{name}", "PUT /v1/groups/{path}", "PUT /v1/jobs/{id}" ->
          ask("PUT", BODIES.get(route).get(0), BODIES.get(route).get(1));
      case "PUT /v1/jobs/{id}/instances" ->
          ask("PUT", "/v1/jobs/feed.api/instances", "{\"instances\": 2}");
      case "POST /v1/jobs" ->
          get("/v1/jobs")
              .path("items")
              .forEach(
                  job -> {
                    if (!job.path("id").asText().equals("feed.api")) {
                      ask("DELETE", "/v1/jobs/" + job.path("id").asText(), "");
                    }
                  });
      case "POST /v1/tokens" ->
          get("/v1/tokens")
              .path("items")
              .forEach(
                  token -> {
                    if (!token.path("name").asText().equals("boss")) {
                      ask("DELETE", "/v1/tokens/" + token.path("name").asText(), "");
                    }
                  });
      default -> {}
    }
  }

  private void ask(String method, String path, String body) {
    RawHttp.Answer answer =
        RawHttp.ask(
            framework.port(),
            method + " " + path,
            body,
            "Host: localhost",
            admin,
            "Content-Type: application/json");
    assertThat(answer.status()).as("%s %s: %s", method, path, answer.text()).isBetween(200, 299);
  }

  private JsonNode get(String path) {
    RawHttp.Answer answer =
        RawHttp.ask(framework.port(), "GET " + path, "", "Host: localhost", admin);
    assertThat(answer.status()).as("%s: %s", path, answer.text()).isEqualTo(200);
    return tree(answer.text());
  }

  private static JsonNode tree(String text) {
    return Documents.json(text.getBytes(StandardCharsets.UTF_8));
  }
}
