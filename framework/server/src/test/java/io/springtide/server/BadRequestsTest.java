package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.server.document.Documents;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every field of every document with what does not belong there. Whatever it is, the answer is
 * never a fault of ours, and what is refused is refused in words for a person, with the place.
 */
class BadRequestsTest {
  private static final Pattern INTERNALS =
      Pattern.compile(
          "java\\.|javax\\.|jdk\\.|com\\.fasterxml|io\\.springtide|org\\.|kotlin|Exception|Jackson|"
              + "JsonNode|StreamRead|Source:|REDACTED|PT-?\\d|\\[\\]|\\bnull\\b|@[0-9a-f]{6,8}\\b"
              + "|snakeyaml|reader, line|token type|<html|\\?\\?");

  private static final String POOL =
      """
      {"name": "cloud", "kind": "on-demand", "zone": "z", "selector": {"place": "x"},
       "hosts": {"min": 0, "max": 3}, "buffer": {"hosts": 1}, "placement": "pack",
       "pricePerHour": 0.42, "idleAfter": "10m", "billingIncrement": "1h", "budgetPerHour": 10,
       "shared": {"crossLinkMbps": 10000},
       "template": {"driver": "local", "resources": {"cpus": 4, "memoryMiB": 4096},
                    "attributes": {"place": "cloud"}, "endpoint": "http://127.0.0.1:1"}}
      """;
  private static final String GROUP =
      """
      {"path": "feed", "description": "d", "department": "e",
       "quotas": {"idc": {"guarantee": {"cpus": 1, "memoryMiB": 64, "diskMiB": 1, "gpus": 0,
                                        "scalars": {"link": 1}},
                          "lendable": {"cpus": 1}, "limit": {"cpus": 9, "scalars": {"link": 5}},
                          "weight": 2}},
       "totalLimit": {"cpus": 90},
       "policy": {"privileged": false, "mounts": ["/data"], "maxPriority": 500,
                  "runtimes": ["docker"], "networks": ["bridge"]}}
      """;
  private static final String JOB =
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
       "priority": 100, "reclaimable": true,
       "update": {"maxUnavailable": 1},
       "failure": {"backoff": "1s", "maxBackoff": "5m", "unreachableAfter": "5m"},
       "stop": {"drain": "1s", "grace": "1s"}}
      """;
  private static final Map<String, String> DOCUMENTS =
      Map.of("/v1/pools/cloud", POOL, "/v1/groups/feed", GROUP, "/v1/jobs/feed.api", JOB);

  private Framework framework;

  @BeforeEach
  void start() {
    framework = Framework.start(new Framework.Durable());
    framework.put("/v1/pools/idc", "{\"kind\": \"owned\"}");
    assertThat(framework.put("/v1/groups/feed", GROUP).status()).isEqualTo(201);
  }

  @AfterEach
  void stop() {
    framework.close();
    assertThat(framework.died()).isEmpty();
  }

  /** The documents are good as they stand: it is the changes that are refused. */
  @Test
  void theDocumentsThemselvesAreTaken() {
    DOCUMENTS.forEach(
        (path, document) ->
            assertThat(framework.put(path, document).status()).as(path).isIn(200, 201));
  }

  @Test
  void everyFieldWithEveryWrongValueIsRefusedOrTakenButNeverOurFault() {
    List<String> faults = new ArrayList<>();
    int asked = 0;
    for (Map.Entry<String, String> document : DOCUMENTS.entrySet()) {
      for (List<Object> place : places(tree(document.getValue()), List.of())) {
        for (JsonNode wrong : wrongValues()) {
          JsonNode broken = tree(document.getValue());
          replace(broken, place, wrong);
          asked++;
          look(document.getKey(), broken, place + " = " + cut(wrong.toString()), faults);
        }
      }
    }
    assertThat(asked).isGreaterThan(1500);
    assertThat(faults).isEmpty();
  }

  private void look(String path, JsonNode broken, String what, List<String> faults) {
    Framework.Answer answer = framework.put(path, broken.toString());
    if (answer.status() / 100 == 2) {
      return;
    }
    String text = answer.body().toString();
    String said = answer.text("title") + "\n" + answer.text("detail") + "\n" + answer.text("fix");
    // What the caller wrote may be quoted.
    String ours = said.replaceAll("'[^'\n]*'", "''");
    if (answer.status() >= 500
        || answer.text("title").isEmpty()
        || answer.text("detail").isEmpty()
        || answer.text("fix").isEmpty()
        || INTERNALS.matcher(ours).find()
        || !isPlace(broken, answer.text("field"))) {
      faults.add(path + " " + what + " -> " + answer.status() + " " + cut(text));
    }
  }

  /** Whether a field is there, or could stand where it is missed. */
  private static boolean isPlace(JsonNode root, String field) {
    JsonNode at = root;
    String rest = field;
    while (!rest.isEmpty()) {
      if (at.isArray()) {
        if (!rest.matches("(?s)\\[\\d+].*")) {
          return false;
        }
        int end = rest.indexOf(']');
        at = at.path(Integer.parseInt(rest.substring(1, end)));
        rest = rest.substring(end + 1);
      } else {
        String whole = rest;
        String name =
            at.propertyStream()
                .map(Map.Entry::getKey)
                .filter(whole::startsWith)
                .max(java.util.Comparator.comparingInt(String::length))
                .orElse("");
        if (name.isEmpty()) {
          // Missed here: no more levels may follow.
          return at.isObject() && !rest.contains("[") && !rest.contains(".");
        }
        at = at.path(name);
        rest = rest.substring(name.length());
      }
      rest = rest.startsWith(".") ? rest.substring(1) : rest;
    }
    return true;
  }

  private static List<JsonNode> wrongValues() {
    JsonNodeFactory make = JsonNodeFactory.instance;
    ArrayNode many = make.arrayNode();
    for (int i = 0; i < 5000; i++) {
      many.add("x" + i);
    }
    ObjectNode deep = make.objectNode();
    ObjectNode at = deep;
    for (int i = 0; i < 30; i++) {
      at = at.putObject("a");
    }
    return List.of(
        make.nullNode(),
        make.numberNode(-1),
        make.numberNode(new java.math.BigDecimal("1e300")),
        make.numberNode(new java.math.BigDecimal("0.00001")),
        make.booleanNode(true),
        make.textNode(""),
        make.textNode(" "),
        make.textNode("0s"),
        make.textNode("999999999h"),
        make.textNode("/../x"),
        make.textNode("主页 Größe"),
        make.textNode("a\u0000b"),
        make.textNode("\ud800"),
        make.textNode("x".repeat(200_000)),
        make.arrayNode(),
        many,
        make.objectNode(),
        make.objectNode().put("none", 1),
        deep);
  }

  private static List<List<Object>> places(JsonNode node, List<Object> at) {
    List<List<Object>> places = new ArrayList<>();
    if (node.isObject()) {
      node.properties()
          .forEach(field -> places.addAll(places(field.getValue(), plus(at, field.getKey()))));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        places.addAll(places(node.get(i), plus(at, i)));
      }
    }
    if (!at.isEmpty()) {
      places.add(at);
    }
    return places;
  }

  private static List<Object> plus(List<Object> path, Object step) {
    List<Object> longer = new ArrayList<>(path);
    longer.add(step);
    return longer;
  }

  private static void replace(JsonNode root, List<Object> place, JsonNode value) {
    JsonNode parent = root;
    for (Object step : place.subList(0, place.size() - 1)) {
      parent = step instanceof Integer i ? parent.path(i) : parent.path((String) step);
    }
    Object last = place.get(place.size() - 1);
    if (parent instanceof ArrayNode array) {
      array.set((Integer) last, value);
    } else {
      ((ObjectNode) parent).set((String) last, value);
    }
  }

  private static JsonNode tree(String text) {
    return Documents.json(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{\"a\": }",
        "{\"a\": 1,}",
        "{\"id\": \"a\" \"b\": 1}",
        "{\"id\": 'a'}",
        "{\"id\": NaN}",
        "{\"id\": 01}",
        "{\"id\": .5}",
        "{\"id\": \"a\\q\"}",
        "{\"id\": \"a\nb\"}",
        "{\"instances\": 1, \"instances\": 2}",
        "{\"container\": {\"env\": {\"A\": \"1\", \"A\": \"2\"}}}",
        "{} {}",
        "{}]",
        "null",
        "3",
        "\"text\"",
        "主页",
        "{\"instances\": 1e999999999}",
        "{\"instances\": 111111111111111111111111111111111111111111111111111111111111}",
        "\u0000"
      })
  void whatIsNoJsonIsRefusedInOurWords(String text) {
    refused(text.getBytes(StandardCharsets.UTF_8), "application/json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a: b: c",
        "a: [1, 2",
        "\tid: x",
        "id: x\n  kind: y\n id: z",
        "id: 1\nid: 2",
        "id: &x feed.api\nkind: *x",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]",
        "id: !!binary aGk=",
        "id: !!java.net.URL x",
        "<<: {id: x}",
        "instances: .nan",
        "instances: .inf",
        "resources: {cpus: .inf, memoryMiB: 1}",
        "resources: {cpus: 0x10, memoryMiB: yes}",
        "--- {}\n--- {}",
        "'unclosed",
        "@a",
        "%x",
        "- a\n- b",
        "id:\n",
        "? [a]\n: b",
        "\u0000"
      })
  void whatIsNoYamlOrNoDocumentIsRefusedInOurWords(String text) {
    refused(text.getBytes(StandardCharsets.UTF_8), "application/yaml");
  }

  @Test
  void badUtf8AndDeepNestingAreRefusedInOurWords() {
    for (String type : List.of("application/json", "application/yaml")) {
      refused(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'}, type);
      refused("{\"id\": \"Größe\"}".getBytes(StandardCharsets.ISO_8859_1), type);
      refused("{\"id\": 1}".getBytes(StandardCharsets.UTF_16), type);
      refused(("[".repeat(100_000)).getBytes(StandardCharsets.UTF_8), type);
      refused("{\"a\":".repeat(200).getBytes(StandardCharsets.UTF_8), type);
    }
  }

  @Test
  void aRepeatedFieldIsNamedWithItsPath() {
    String text = "{\"container\": {\"env\": {\"A\": \"1\", \"A\": \"2\"}}}";
    assertThat(
            refused(text.getBytes(StandardCharsets.UTF_8), "application/json")
                .path("field")
                .asText())
        .isEqualTo("container.env.A");
  }

  @Test
  void whatTheCallerWroteComesBackAsItWas() {
    JsonNode problem =
        refused("{\"größe主\": 1}".getBytes(StandardCharsets.UTF_8), "application/json");
    assertThat(problem.path("field").asText()).isEqualTo("größe主");
    assertThat(problem.path("detail").asText()).contains("größe主");
  }

  private JsonNode refused(byte[] body, String type) {
    RawHttp.Answer answer =
        RawHttp.ask(
            framework.port(),
            "PUT /v1/jobs/feed.api",
            body,
            "Host: localhost",
            "Content-Type: " + type);
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    return problem(answer);
  }

  private static JsonNode problem(RawHttp.Answer answer) {
    assertThat(answer.header("Content-Type"))
        .as(answer.text())
        .contains("application/problem+json");
    JsonNode problem = tree(answer.text());
    for (String part : List.of("title", "detail", "fix")) {
      String said = problem.path(part).asText();
      assertThat(said).as(part + " of " + answer.text()).isNotEmpty();
      assertThat(INTERNALS.matcher(said.replaceAll("'[^']*'", "''")).find()).as(said).isFalse();
    }
    return problem;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v1/jobs/%ZZ",
        "GET /v1/jobs/a%2Fb",
        "GET /v1/jobs/%00",
        "GET /v1/jobs/%FF",
        "GET /v1/jobs/..%2f..%2fx",
        "GET /v1/jobs;x=y",
        "GET /v1//jobs",
        "GET /v1/jobs?limit=%ZZ",
        "GET /v1/jobs?limit=\u00e4",
        "GET v1/jobs",
        "FOO /v1/jobs",
        "TRACE /v1/jobs",
        "OPTIONS /v1/jobs",
        "PATCH /v1/jobs",
        "DELETE /v1/jobs",
        "GET /",
        "GET *"
      })
  void addressesAndMethodsThatAreNoneAreRefusedInOurWords(String line) {
    RawHttp.Answer answer =
        RawHttp.ask(
            framework.port(), line, "", "Host: localhost", "Content-Type: application/json");
    if (answer.status() != 200) {
      assertThat(answer.status()).as(answer.text()).isBetween(400, 499);
      problem(answer);
    }
  }

  @Test
  void tooLongIsSaidInOurWordsToo() {
    String[] ours = {"Host: localhost", "Content-Type: application/json"};
    RawHttp.Answer uri =
        RawHttp.ask(framework.port(), "GET /v1/jobs?group=" + "x".repeat(20_000), "", ours);
    assertThat(uri.status()).isEqualTo(414);
    problem(uri);
    RawHttp.Answer header =
        RawHttp.ask(
            framework.port(),
            "GET /v1/jobs",
            "",
            "Host: localhost",
            "If-Match: " + "x".repeat(20_000));
    assertThat(header.status()).isEqualTo(431);
    problem(header);
    RawHttp.Answer noHost = RawHttp.ask(framework.port(), "GET /v1/jobs", "");
    assertThat(noHost.status()).isEqualTo(400);
    problem(noHost);
    RawHttp.Answer body =
        RawHttp.ask(framework.port(), "PUT /v1/jobs/feed.api", new byte[(1 << 20) + 1], ours);
    assertThat(body.status()).isEqualTo(413);
    problem(body);
  }

  @Test
  void aNameOfMoreThan63CharactersIsToldTheRule() {
    String path = "/v1/jobs/feed." + "x".repeat(64);
    Framework.Answer answer = framework.put(path, JOB.replace("\"id\": \"feed.api\",", ""));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text("detail")).contains("64 characters").contains("63");
    assertThat(framework.put("/v1/pools/" + "x".repeat(64), "{\"kind\": \"owned\"}").text("detail"))
        .contains("63");
  }

  private static String cut(String text) {
    return text.length() < 300 ? text : text.substring(0, 300) + "…";
  }
}
