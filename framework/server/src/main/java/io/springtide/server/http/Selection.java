package io.springtide.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.server.document.Documents;
import io.springtide.server.document.Form;
import io.springtide.server.document.Value;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The fields of a document that a caller wants: {@code ?fields=id,status.ready}. A name stands for
 * all below it; a dot leads into an object, or into each object of a list.
 */
final class Selection {
  private static final String PARAMETER = "fields";
  private static final int MOST_FIELDS = 100;
  private static final int DEEPEST = 8;

  static final Parameter FIELDS =
      Parameter.query(
          PARAMETER,
          Value.text().atLeast(1),
          "The fields that are wanted, with commas between; a dot leads into an object, or into"
              + " each object of a list.");

  /** By name; one without any stands for all that there is. */
  private final Map<String, Selection> chosen = new LinkedHashMap<>();

  private Selection() {}

  /**
   * What is asked for; all, if nothing is said.
   *
   * @param shape which fields there can be
   * @throws Problem if there can be no such field
   */
  static Selection of(Context http, Form shape) {
    Selection all = new Selection();
    String text = http.queryParam(PARAMETER);
    if (text == null) {
      return all;
    }
    String[] paths = text.split(",", -1);
    if (paths.length > MOST_FIELDS) {
      throw Problem.parameter(
          PARAMETER, paths.length + " fields are too many", "write " + MOST_FIELDS + " at most");
    }
    for (String path : paths) {
      try {
        shape.require(path);
      } catch (InvalidModelException e) {
        throw Problem.parameter(PARAMETER, e.getMessage(), e.fix());
      }
      all.choose(path.split("\\.", -1));
    }
    return all;
  }

  private void choose(String[] names) {
    if (names.length > DEEPEST) {
      throw Problem.parameter(
          PARAMETER, "no document is " + names.length + " deep", "write fewer dots");
    }
    Selection here = this;
    for (int i = 0; i < names.length; i++) {
      Selection next = here.chosen.get(names[i]);
      if (next != null && next.chosen.isEmpty()) {
        return; // All of it is asked for already.
      }
      if (next == null || i == names.length - 1) {
        next = new Selection();
        here.chosen.put(names[i], next);
      }
      here = next;
    }
  }

  /** What is wanted of a document; fields that it does not have are left out. */
  ObjectNode from(ObjectNode document) {
    if (chosen.isEmpty()) {
      return document;
    }
    ObjectNode some = Documents.object();
    chosen.forEach(
        (name, below) -> {
          JsonNode value = document.get(name);
          JsonNode part = value == null ? null : below.part(value);
          if (part != null) {
            some.set(name, part);
          }
        });
    return some;
  }

  /** Null if what is wanted cannot stand in that value. */
  private JsonNode part(JsonNode value) {
    if (chosen.isEmpty()) {
      return value;
    }
    if (value instanceof ObjectNode object) {
      return from(object);
    }
    if (value instanceof ArrayNode list) {
      ArrayNode parts = Documents.mapper().createArrayNode();
      for (JsonNode each : list) {
        JsonNode part = part(each);
        if (part != null) {
          parts.add(part);
        }
      }
      return parts;
    }
    return null;
  }
}
