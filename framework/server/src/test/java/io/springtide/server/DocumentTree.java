package io.springtide.server;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.server.document.Documents;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

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

  /**
   * Every field that a document may have, at any depth, as its parser says when it refuses one that
   * there is not. Of a list, and of an object with keys of the writer's own, the first member of
   * {@code document} stands for all. Fields that hold fields are not listed themselves.
   *
   * @param document has all that the parser asks for, and a member of each such list and object
   */
  public static Set<String> everyField(ObjectNode document, Function<JsonNode, ?> parser) {
    return everyFieldOf(document, "", parser);
  }

  /** The same, of the object that stands at {@code path}. */
  public static Set<String> everyFieldOf(
      ObjectNode document, String path, Function<JsonNode, ?> parser) {
    Set<String> fields = new TreeSet<>();
    for (String field : knownAt(document, path, parser)) {
      String at = path.isEmpty() ? field : path + "." + field;
      Set<String> below = everyFieldOf(document, at, parser);
      fields.addAll(below.isEmpty() ? Set.of(at) : below);
    }
    JsonNode there = at(document, path);
    String member = there.isArray() ? "0" : there.isObject() ? first(there) : "";
    if (fields.isEmpty() && at(document, path + "." + member).isObject()) {
      return everyFieldOf(document, path + "." + member, parser);
    }
    return fields;
  }

  /** A test for each field of a table. */
  public static Stream<DynamicTest> each(Map<String, String> table, FieldTest test) {
    return new TreeMap<>(table)
        .entrySet().stream()
            .map(
                field ->
                    DynamicTest.dynamicTest(
                        field.getKey(), () -> test.of(field.getKey(), field.getValue())));
  }

  /** What is shown of a field and its value. */
  public interface FieldTest {
    void of(String field, String value) throws Exception;
  }

  private static String first(JsonNode object) {
    return object.isEmpty() ? "" : object.fieldNames().next();
  }

  /** What is read though it has an unknown field, such as a map of names, has none of its own. */
  private static List<String> anyField(Object read) {
    Objects.requireNonNull(read);
    return List.of();
  }

  /** Empty where there is no object with fields of the parser's. */
  private static List<String> knownAt(
      ObjectNode document, String path, Function<JsonNode, ?> parser) {
    ObjectNode asked = document.deepCopy();
    if (path.isEmpty() || at(asked, path).isObject()) {
      set(asked, path.isEmpty() ? "zzz" : path + ".zzz", yaml("1"));
    } else {
      set(asked, path, yaml("{zzz: 1}"));
    }
    try {
      return anyField(parser.apply(asked));
    } catch (InvalidModelException e) {
      String said = e.field().replace("[", ".").replace("]", "");
      int list = e.fix().indexOf("known are: ");
      boolean here = said.equals(path.isEmpty() ? "zzz" : path + ".zzz");
      return here && list >= 0 ? List.of(e.fix().substring(list + 11).split(", ")) : List.of();
    }
  }
}
