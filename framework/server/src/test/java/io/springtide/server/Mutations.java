package io.springtide.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Good bodies made bad, or other, at random: by what their schema says of each place. */
final class Mutations {
  private static final JsonNodeFactory MAKE = JsonNodeFactory.instance;

  /**
   * A body and how it came about.
   *
   * @param tree as it was before it was broken as text; null where it is no JSON
   * @param broken whether it is no JSON, or not said to be
   */
  record Mutation(String what, byte[] body, String type, JsonNode tree, boolean broken) {}

  /** A place in a body: an object or a list, and a field or index of it. */
  private record Place(JsonNode parent, String name, int index, JsonNode schema) {
    JsonNode value() {
      return parent instanceof ArrayNode list ? list.get(index) : parent.path(name);
    }

    void set(JsonNode value) {
      if (parent instanceof ArrayNode list) {
        list.set(index, value);
      } else {
        ((ObjectNode) parent).set(name, value);
      }
    }

    @Override
    public String toString() {
      return parent.isArray() ? "[" + index + "]" : name;
    }
  }

  private final JsonNode document;
  private final Random random;

  /**
   * @param document the API's description
   */
  Mutations(JsonNode document, Random random) {
    this.document = document;
    this.random = random;
  }

  Mutation of(JsonNode good, JsonNode schema) {
    JsonNode tree = good.deepCopy();
    if (random.nextInt(5) == 0 && !tree.isEmpty()) {
      return asText(tree);
    }
    String what = change(tree, schema);
    if (random.nextInt(6) == 0) {
      what += " and " + change(tree, schema);
    }
    return new Mutation(what, bytes(tree.toString()), "application/json", tree, false);
  }

  private Mutation asText(JsonNode tree) {
    String text = tree.toString();
    String json = "application/json";
    int at = 1 + random.nextInt(text.length() - 1);
    return switch (random.nextInt(8)) {
      case 0 -> new Mutation("cut off at " + at, bytes(text.substring(0, at)), json, null, true);
      case 1 -> new Mutation("said to be a form", bytes(text), "text/plain", null, true);
      case 2 -> new Mutation("said to be a picture", bytes(text), "image/png", null, true);
      case 3 -> new Mutation("followed by more", bytes(text + text), json, null, true);
      case 4 -> new Mutation("empty", new byte[0], json, null, true);
      case 5 ->
          new Mutation(
              "with a number that is none",
              bytes(text.replaceFirst("\\{", "{\"a\": " + pick("NaN", "Infinity", "-NaN") + ",")),
              json,
              null,
              true);
      case 6 -> {
        String first = tree.fieldNames().next();
        yield new Mutation(
            "with " + first + " twice",
            bytes("{\"" + first + "\":" + tree.get(first) + "," + text.substring(1)),
            json,
            null,
            true);
      }
      default -> {
        byte[] bytes = bytes(text);
        bytes[random.nextInt(bytes.length)] = (byte) 0xff;
        yield new Mutation("with a byte that is no UTF-8", bytes, json, null, true);
      }
    };
  }

  private String change(JsonNode tree, JsonNode schema) {
    List<Place> places = new ArrayList<>();
    places(tree, schema, places);
    if (places.isEmpty()) {
      ((ObjectNode) tree).set("none", random.nextBoolean() ? deep() : MAKE.nullNode());
      return "with a field that there is not";
    }
    Place place = places.get(random.nextInt(places.size()));
    JsonNode value = place.value();
    JsonNode of = resolved(place.schema());
    switch (random.nextInt(12)) {
      case 0 -> place.set(MAKE.nullNode());
      case 1 -> place.set(MAKE.numberNode(new BigDecimal(pick("1e300", "-1", "0.0001", "1e18"))));
      case 2 -> place.set(MAKE.numberNode(of.path("maximum").asLong(1L << 40) + random.nextInt(2)));
      case 3 -> place.set(MAKE.numberNode(of.path("minimum").asLong(0) - random.nextInt(2)));
      case 4 -> place.set(deep());
      case 5 -> place.set(MAKE.textNode(pick("", " ", "\n", "a\u0007b", "x\u0000", "\u202e主页")));
      case 6 -> place.set(MAKE.textNode("x".repeat(1 + random.nextInt(300_000))));
      case 7 -> place.set(random.nextBoolean() ? MAKE.arrayNode() : MAKE.objectNode());
      case 8 -> place.set(MAKE.arrayNode().add(value.isMissingNode() ? MAKE.nullNode() : value));
      case 9 -> place.set(of.has("enum") ? MAKE.textNode(word(of)) : MAKE.booleanNode(true));
      case 10 -> {
        if (place.parent() instanceof ObjectNode object) {
          object.remove(place.name());
          return "without " + place;
        }
        place.set(MAKE.textNode("again"));
      }
      default -> {
        if (place.parent() instanceof ObjectNode object) {
          object.put(pick("none", "Name", "größe", "a.b", "$ref", ""), 1);
          return "with a field that there is not, beside " + place;
        }
        place.set(MAKE.numberNode(7));
      }
    }
    String now = place.value().toString();
    return place + " = " + (now.length() > 60 ? now.substring(0, 60) + "…" : now);
  }

  /** One that is allowed, or a slip away from it. */
  private String word(JsonNode schema) {
    JsonNode words = schema.path("enum");
    String one = words.get(random.nextInt(words.size())).asText();
    return random.nextBoolean() ? one : one.toUpperCase(java.util.Locale.ROOT) + "s";
  }

  private JsonNode deep() {
    ObjectNode deep = MAKE.objectNode();
    ObjectNode at = deep;
    int depth = random.nextInt(80);
    for (int i = 0; i < depth; i++) {
      at = at.putObject("a");
    }
    return deep;
  }

  private String pick(String... of) {
    return of[random.nextInt(of.length)];
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Every place, also of fields that could be there and are not. */
  private void places(JsonNode node, JsonNode schema, List<Place> places) {
    JsonNode of = resolved(schema);
    if (node.isObject()) {
      of.path("properties")
          .properties()
          .forEach(
              field -> {
                if (!field.getValue().path("readOnly").asBoolean()) {
                  places.add(new Place(node, field.getKey(), 0, field.getValue()));
                }
              });
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        JsonNode below = of.path("properties").path(field.getKey());
        if (below.isMissingNode()) {
          below = of.path("additionalProperties");
          places.add(new Place(node, field.getKey(), 0, below));
        }
        places(field.getValue(), below, places);
      }
    }
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      places.add(new Place(node, "", i, of.path("items")));
      places(node.get(i), of.path("items"), places);
    }
  }

  /** Where a schema refers to another, that one; of several, any. */
  private JsonNode resolved(JsonNode schema) {
    JsonNode at = schema;
    while (at.has("$ref") || at.has("allOf") || (at.has("oneOf") && !at.has("properties"))) {
      if (at.has("$ref")) {
        at = document.at(at.path("$ref").asText().substring(1));
      } else {
        JsonNode several = at.has("allOf") ? at.path("allOf") : at.path("oneOf");
        at = several.get(at.has("allOf") ? 0 : random.nextInt(several.size()));
      }
    }
    return at;
  }
}
