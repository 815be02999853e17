package io.springtide.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.server.document.Documents;
import io.springtide.server.document.Suggestion;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads what callers send. */
final class RequestReader {
  /** No document of a person is larger. */
  static final int MAX_BODY = 1 << 20;

  private static final String READ = "springtide.body";

  private RequestReader() {}

  /** The body as a tree: YAML if it says so, else JSON. {@link Door} has seen that it is one. */
  static JsonNode body(Context http) {
    return tree(http, bytes(http));
  }

  private static JsonNode tree(Context http, byte[] bytes) {
    if (Door.isYaml(http.header("Content-Type"))) {
      return Documents.yaml(bytes);
    }
    return Documents.json(bytes);
  }

  /** The same of an action that may have no body: then it is an empty object. */
  static ObjectNode perhaps(Context http) {
    byte[] bytes = bytes(http);
    JsonNode body = bytes.length == 0 ? Documents.object() : tree(http, bytes);
    if (body instanceof ObjectNode object) {
      return object;
    }
    throw new InvalidModelException("", "the body is no object", "leave it out, or write {}");
  }

  /** Read here and not by the framework: a chunked body has no length to refuse it by. */
  static byte[] bytes(Context http) {
    try (InputStream in = http.req().getInputStream()) {
      byte[] bytes = in.readNBytes(MAX_BODY + 1);
      if (bytes.length > MAX_BODY) {
        throw new Problem(
            413, "Too large", "the body has more than 1 MiB", "", "send a smaller document");
      }
      http.attribute(READ, bytes);
      return bytes;
    } catch (IOException e) {
      throw new Problem(400, "Not readable", "the body ended early", "", "send all of it");
    }
  }

  /** The body as it was read before; empty if it was not. */
  static byte[] read(Context http) {
    byte[] bytes = http.attribute(READ);
    return bytes == null ? new byte[0] : bytes;
  }

  /**
   * The body with {@code key} set to the name in the path, which it may leave out.
   *
   * @throws InvalidModelException if it names another
   */
  static JsonNode bodyNamed(Context http, String key, String name) {
    JsonNode body = body(http);
    if (body instanceof ObjectNode object) {
      JsonNode given = object.get(key);
      if (given == null) {
        object.put(key, name);
      } else if (given.isTextual() && !given.textValue().equals(name)) {
        throw new InvalidModelException(
            key,
            "'" + given.textValue() + "' is not the '" + name + "' of the path",
            "make them equal, or leave it out of the document");
      }
    }
    return body;
  }

  /** The version that a change expects: If-Match; 0 for If-None-Match: *. */
  static OptionalLong expected(Context http) {
    String none = http.header("If-None-Match");
    if (none != null) {
      if (!none.trim().equals("*")) {
        throw header("If-None-Match", none, "write *, for a document that must not exist yet");
      }
      return OptionalLong.of(0);
    }
    String match = http.header("If-Match");
    if (match == null || match.trim().equals("*")) {
      return OptionalLong.empty();
    }
    String bare = match.trim().replaceAll("^\"|\"$", "");
    if (!bare.matches("\\d{1,18}")) {
      throw header("If-Match", match, "write the version or ETag that was read, such as \"3\"");
    }
    return OptionalLong.of(Long.parseLong(bare));
  }

  private static Problem header(String name, String value, String fix) {
    return new Problem(400, "A header is not valid", name + " is '" + cut(value) + "'", name, fix);
  }

  /** Refuses query parameters that would be silently without effect. */
  static void requireQuery(Context http, List<Parameter> known) {
    List<String> names = known.stream().map(Parameter::name).toList();
    for (Map.Entry<String, List<String>> given : http.queryParamMap().entrySet()) {
      String name = given.getKey();
      if (!names.contains(name)) {
        String all = names.isEmpty() ? "none here" : String.join(", ", names);
        throw new Problem(
            400,
            "A query parameter is not known",
            "there is no parameter '" + cut(name) + "'",
            cut(name),
            Suggestion.of(name, names)
                .map(meant -> "did you mean '" + meant + "'? Known are: " + all)
                .orElse("leave it out; known are: " + all));
      }
      if (given.getValue().size() > 1 && !known.get(names.indexOf(name)).repeated()) {
        throw Problem.parameter(
            name, "it is given " + given.getValue().size() + " times", "give it once");
      }
    }
  }

  /**
   * The value that a query parameter names.
   *
   * @param words of each value
   * @param several {@code "one of "}, or what else stands before the words
   * @param more stands behind them
   */
  static <T> T oneOf(
      String parameter,
      String word,
      T[] values,
      Function<T, String> words,
      String several,
      String more) {
    return Arrays.stream(values)
        .filter(value -> words.apply(value).equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                Problem.parameter(
                    parameter,
                    "there is no " + parameter + " '" + cut(word) + "'",
                    Arrays.stream(values)
                        .map(words)
                        .collect(Collectors.joining(", ", "write " + several, more))));
  }

  static String cut(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }
}
