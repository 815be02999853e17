package io.springtide.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.springtide.server.document.Documents;
import io.springtide.server.document.Form;
import io.springtide.server.document.Value;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** A part of a list: {@code {"items": […], "next": "cursor"}}; no next, no more. */
final class Page {
  private static final int DEFAULT = 1000;
  private static final int MOST = 10_000;

  private Page() {}

  /** How many of a list are wanted at once. */
  static final Parameter LIMIT =
      Parameter.query(
          "limit",
          Value.whole(1, MOST),
          "How many are wanted at once, " + DEFAULT + " if not said.");

  /** What every list takes besides its filters. */
  static final List<Parameter> PARAMETERS =
      List.of(
          LIMIT,
          Parameter.query("cursor", Value.text(), "The next of the page before."),
          Selection.FIELDS);

  /** Answers with a page of a list that has no filters. */
  static <T> void ofAll(
      Context http,
      Collection<T> all,
      Function<T, String> key,
      Form shape,
      Function<T, ObjectNode> document) {
    answer(http, after -> all.stream(), key, shape, document);
  }

  /**
   * Answers with a page of {@code all}. Of each thing on it a document is made, written and
   * forgotten before the next is made: a page may have 10,000.
   *
   * @param from gives all in the order of their keys, given a key: those that come after it and, if
   *     that is simpler, some before; empty: from the first
   * @param key unique and rising
   * @param shape which fields their documents can have
   */
  static <T> void answer(
      Context http,
      Function<String, Stream<T>> from,
      Function<T, String> key,
      Form shape,
      Function<T, ObjectNode> document) {
    int limit = limit(http);
    Selection selection = Selection.of(http, shape);
    String cursor = http.queryParam("cursor");
    String after = cursor == null ? "" : decode(cursor);
    List<T> rest =
        from.apply(after)
            .filter(item -> key.apply(item).compareTo(after) > 0)
            .limit(limit + 1L)
            .toList();
    boolean more = rest.size() > limit;
    List<T> items = more ? rest.subList(0, limit) : rest;
    // From here on nothing can be refused any more.
    Replies.stream(
        http,
        out ->
            write(
                out,
                items,
                document.andThen(selection::from),
                more ? Optional.of(encode(key.apply(items.get(limit - 1)))) : Optional.empty()));
  }

  /** Writes one item after another. */
  static <T> void write(
      OutputStream out, List<T> items, Function<T, ObjectNode> document, Optional<String> next)
      throws IOException {
    try (JsonGenerator json = Documents.mapper().createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartObject();
      json.writeArrayFieldStart("items");
      for (T item : items) {
        Documents.mapper().writeTree(json, document.apply(item));
      }
      json.writeEndArray();
      if (next.isPresent()) {
        json.writeStringField("next", next.get());
      }
      json.writeEndObject();
    }
  }

  /** How many of a list are wanted at once. */
  static int limit(Context http) {
    return limit(http, DEFAULT, MOST);
  }

  /** How many are asked for. */
  static int limit(Context http, int usual, int most) {
    String text = http.queryParam("limit");
    if (text == null) {
      return usual;
    }
    if (!text.matches("\\d{1,5}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > most) {
      throw Problem.parameter(
          "limit", "limit is '" + RequestReader.cut(text) + "'", "write 1 to " + most);
    }
    return Integer.parseInt(text);
  }

  private static String encode(String key) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(key.getBytes(StandardCharsets.UTF_8));
  }

  private static String decode(String cursor) {
    try {
      return new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw Problem.parameter(
          "cursor", "cursor is not one of ours", "pass on 'next' of the page before, unchanged");
    }
  }
}
