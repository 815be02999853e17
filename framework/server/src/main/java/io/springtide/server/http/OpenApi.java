package io.springtide.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.server.access.Right;
import io.springtide.server.document.Documents;
import io.springtide.server.document.Form;
import io.springtide.server.document.Shape;
import io.springtide.server.document.Value;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The API's description for programs, in OpenAPI 3.1, made from what the routes say of themselves.
 */
final class OpenApi {
  private static final String PATH = "/openapi.json";
  private static final String YAML = "application/yaml";

  /** What any request may be answered with. */
  private static final Set<Integer> ANYBODY = Set.of(400, 429, 500, 503);

  /** And one below /v1, whoever asks. */
  private static final Set<Integer> ASKED = Set.of(401, 403, 421);

  private static final Map<Integer, String> REFUSALS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(400, "The document, a parameter or a header is not valid."),
              Map.entry(401, "No token, or one that is none (any more)."),
              Map.entry(403, "The token's role does not allow it, or a foreign page asks."),
              Map.entry(404, "There is no such thing."),
              Map.entry(406, "No media type that is wanted is one that there is."),
              Map.entry(409, "The state of something else forbids it."),
              Map.entry(412, "It was changed since it was read."),
              Map.entry(413, "The body has more than 1 MiB."),
              Map.entry(415, "The body is not said to be JSON or YAML."),
              Map.entry(421, "The name is not this server's."),
              Map.entry(429, "Too many requests."),
              Map.entry(500, "A fault of the server."),
              Map.entry(503, "Nobody leads (yet), or too much waits; try again.")));

  private final Map<String, ObjectNode> schemas = new TreeMap<>();

  private OpenApi() {}

  /** The route that answers with the description of these, and of itself. */
  static Route route(List<Route> others) {
    Route own =
        Route.get(PATH, "getDescription", "This description")
            .right(Right.PUBLIC)
            .answers(new Route.Answer(200, "OpenAPI 3.1.", null, Route.JSON, false));
    List<Route> all = new java.util.ArrayList<>(others);
    all.add(own);
    byte[] text = of(all).toString().getBytes(StandardCharsets.UTF_8);
    return own.does(http -> http.contentType(Route.JSON).result(text));
  }

  /** The description. */
  static ObjectNode of(List<Route> routes) {
    return new OpenApi().write(routes);
  }

  private ObjectNode write(List<Route> routes) {
    ObjectNode node = Documents.object().put("openapi", "3.1.0");
    node.put("jsonSchemaDialect", "https://json-schema.org/draft/2020-12/schema");
    node.putObject("info")
        .put("title", "Springtide")
        .put("version", "1")
        .put(
            "description",
            "Pools of hosts, groups and their quotas, jobs and their instances. Requests may be"
                + " YAML, too. A change is answered when it is durable.");
    node.putArray("security").addObject().putArray("token");
    ObjectNode paths = node.putObject("paths");
    for (Route route : routes) {
      String path = route.path().replace('<', '{').replace('>', '}');
      ObjectNode at = paths.has(path) ? (ObjectNode) paths.get(path) : paths.putObject(path);
      at.set(route.method().name().toLowerCase(Locale.ROOT), operation(route));
    }
    ObjectNode components = node.putObject("components");
    components
        .putObject("securitySchemes")
        .putObject("token")
        .put("type", "http")
        .put("scheme", "bearer")
        .put("description", "Where the configuration says access: tokens.");
    meet(Shape.PROBLEM);
    components
        .putObject("headers")
        .setAll(
            Map.of(
                "Version",
                header(Value.count(), "The answer is of the state at this commit, or a later one."),
                "ETag",
                header(Value.text("\"[0-9]+\""), "The document's version, for If-Match.")));
    ObjectNode responses = components.putObject("responses");
    REFUSALS.forEach(
        (status, says) -> {
          ObjectNode response = responses.putObject("Refused" + status).put("description", says);
          response
              .putObject("content")
              .putObject(Problem.TYPE)
              .putObject("schema")
              .put("$ref", "#/components/schemas/" + Shape.PROBLEM.name());
        });
    components.putObject("schemas").setAll(schemas);
    return node;
  }

  private static ObjectNode header(Value value, String says) {
    ObjectNode header = Documents.object().put("description", says);
    header.set("schema", value.schema(form -> {}));
    return header;
  }

  private void meet(Form form) {
    if (!schemas.containsKey(form.name())) {
      schemas.put(form.name(), Documents.object());
      schemas.put(form.name(), form.schema(this::meet));
    }
  }

  private ObjectNode operation(Route route) {
    ObjectNode node = Documents.object();
    node.put("operationId", route.id()).put("summary", route.summary());
    if (route.right() == Right.PUBLIC) {
      node.putArray("security");
    } else {
      node.put("description", "For " + route.right().who() + ".");
      node.put("x-springtide-right", route.right().who());
    }
    if (!route.parameters().isEmpty()) {
      var parameters = node.putArray("parameters");
      route.parameters().forEach(parameter -> parameters.add(parameter(parameter)));
    }
    route.body().ifPresent(body -> node.set("requestBody", body(body, route.needsBody())));
    ObjectNode responses = node.putObject("responses");
    for (Route.Answer answer : route.answers()) {
      String status = Integer.toString(answer.status());
      ObjectNode response =
          responses.has(status)
              ? (ObjectNode) responses.get(status)
              : responses.putObject(status).put("description", answer.says());
      answer(answer, response);
    }
    Set<Integer> refusals = new TreeSet<>(route.refusals());
    if (route.right() != Right.PUBLIC) {
      refusals.addAll(ANYBODY);
      refusals.addAll(ASKED);
    }
    if (route.parameters().stream().anyMatch(one -> one.in().equals("path"))) {
      refusals.add(404);
    }
    refusals.forEach(
        status ->
            responses
                .putObject(Integer.toString(status))
                .put("$ref", "#/components/responses/Refused" + status));
    return node;
  }

  private void answer(Route.Answer answer, ObjectNode response) {
    ObjectNode headers = response.withObject("/headers");
    headers.putObject(Replies.VERSION).put("$ref", "#/components/headers/Version");
    if (answer.versioned()) {
      headers.putObject("ETag").put("$ref", "#/components/headers/ETag");
    }
    if (!answer.type().isEmpty()) {
      ObjectNode content = response.withObject("/content").putObject(answer.type());
      if (answer.form() != null) {
        content.set("schema", Value.object(answer.form()).schema(this::meet));
      }
    }
  }

  private ObjectNode body(Value body, boolean required) {
    ObjectNode node = Documents.object().put("required", required);
    ObjectNode content = node.putObject("content");
    for (String type : List.of(Route.JSON, YAML)) {
      content.putObject(type).set("schema", body.schema(this::meet));
    }
    return node;
  }

  private ObjectNode parameter(Parameter parameter) {
    Consumer<Form> none = form -> {};
    ObjectNode node = Documents.object();
    node.put("name", parameter.name()).put("in", parameter.in());
    node.put("description", parameter.says());
    if (parameter.required()) {
      node.put("required", true);
    }
    ObjectNode schema = parameter.value().schema(none);
    if (parameter.repeated()) {
      ObjectNode list = Documents.object().put("type", "array");
      list.set("items", schema);
      node.put("style", "form").put("explode", true);
      schema = list;
    }
    node.set("schema", schema);
    return node;
  }
}
