package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import io.springtide.server.document.Documents;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** What {@code /openapi.json} says, and whether requests and answers are as it says. */
final class Described {
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12,
          builder ->
              builder.schemaRegistryConfig(
                  SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

  final JsonNode document;
  private final Map<String, Schema> schemas = new HashMap<>();

  Described(JsonNode document) {
    this.document = document;
  }

  /** By {@code PUT /v1/jobs/{id}}. */
  Map<String, JsonNode> operations() {
    Map<String, JsonNode> operations = new LinkedHashMap<>();
    document
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        one ->
                            operations.put(
                                one.getKey().toUpperCase(java.util.Locale.ROOT)
                                    + " "
                                    + path.getKey(),
                                one.getValue())));
    return operations;
  }

  JsonNode operation(String route) {
    JsonNode operation = operations().get(route);
    assertThat(operation).as(route + " is described").isNotNull();
    return operation;
  }

  /** The schema of a route's body; missing where it has none. */
  JsonNode bodySchema(String route) {
    return operation(route).at("/requestBody/content/application~1json/schema");
  }

  /** What is wrong with a body, by the description. */
  List<Error> faultsOfBody(String route, JsonNode body) {
    return faults(bodySchema(route), body);
  }

  /** Holds an answer against what the description says of that status. */
  void hold(String route, Framework.Answer answer) {
    String status = Integer.toString(answer.status());
    JsonNode response = operation(route).path("responses").path(status);
    assertThat(response.isMissingNode())
        .as("%s may answer %s: %s", route, status, answer.body())
        .isFalse();
    if (response.has("$ref")) {
      response = document.at(response.path("$ref").asText().substring(1));
    }
    response
        .path("headers")
        .fieldNames()
        .forEachRemaining(
            name ->
                assertThat(answer.headers().firstValue(name))
                    .as("%s of %s %s", name, route, status)
                    .isPresent());
    String type = answer.headers().firstValue("Content-Type").orElse("").replaceAll(";.*", "");
    JsonNode content = response.path("content");
    if (content.isMissingNode()) {
      assertThat(answer.body().isNull()).as("%s %s has no body", route, status).isTrue();
      return;
    }
    assertThat(new TreeSet<>(List.copyOf(names(content)))).as(route + " " + status).contains(type);
    JsonNode schema = content.path(type).path("schema");
    if (!schema.isMissingNode()) {
      assertThat(faults(schema, answer.body()))
          .as("%s %s: %s", route, status, answer.body())
          .isEmpty();
    }
  }

  /** What is wrong with a document, by a component. */
  List<Error> faultsOf(String component, JsonNode document) {
    return faults(Documents.object().put("$ref", "#/components/schemas/" + component), document);
  }

  private List<Error> faults(JsonNode schema, JsonNode value) {
    return schemas
        .computeIfAbsent(
            schema.toString(),
            text -> {
              ObjectNode whole = ((ObjectNode) schema).deepCopy();
              whole.put("$schema", SpecificationVersion.DRAFT_2020_12.getDialectId());
              whole.set("components", document.path("components"));
              return REGISTRY.getSchema(whole);
            })
        .validate(value);
  }

  private static List<String> names(JsonNode node) {
    List<String> names = new java.util.ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
