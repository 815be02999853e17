package io.springtide.server;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.InvalidModelException;
import io.springtide.server.document.Documents;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Documents as trees, and what fields their parsers know: for tests of each field. */
public final class DocumentTree {
  private DocumentTree() {}

  public static JsonNode yaml(String text) {
    return Documents.yaml(text.getBytes(StandardCharsets.UTF_8));
  }

  /** What stands at {@code a.b.0.c}; a missing node if nothing does. */
  public static JsonNode at(JsonNode document, String path) {
    return document.at(JsonPointer.compile(path.isEmpty() ? "" : "/" + path.replace('.', '/')));
  }

  /** Lets a value stand there, and objects around it. */
  public static void set(ObjectNode document, String path, JsonNode value) {
    int dot = path.lastIndexOf('.');
    ObjectNode parent = document;
    if (dot >= 0) {
      String above = path.substring(0, dot);
      if (at(document, above).isMissingNode()) {
        set(document, above, yaml("{}"));
      }
      parent = (ObjectNode) at(document, above);
    }
    parent.set(path.substring(dot + 1), value);
  }

  /**
   * The fields that an object of the document may have, as its parser says them when it refuses one
   * that there is not.
   *
   * @param document is changed
   */
  public static List<String> known(
      ObjectNode document, String object, Function<JsonNode, ?> parser) {
    if (at(document, object).isMissingNode()) {
      set(document, object, yaml("{}"));
    }
    ((ObjectNode) at(document, object)).put("zzz", 1);
    InvalidModelException refused =
        catchThrowableOfType(InvalidModelException.class, () -> parser.apply(document));
    String fix = refused.fix();
    return List.of(fix.substring(fix.indexOf("known are: ") + 11).split(", "));
  }

  /** The fields of all these objects, by their paths. */
  public static Set<String> fields(List<String> objects, Function<String, List<String>> known) {
    Set<String> fields = new TreeSet<>();
    for (String object : objects) {
      for (String field : known.apply(object)) {
        fields.add(object.isEmpty() ? field : object + "." + field);
      }
    }
    return fields;
  }
}
