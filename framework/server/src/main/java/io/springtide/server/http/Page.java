package io.springtide.server.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.springtide.server.document.Documents;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** A part of a list: {@code {"items": […], "next": "cursor"}}; no next, no more. */
final class Page {
  private static final int DEFAULT = 1000;
  private static final int MOST = 10_000;

  private Page() {}

  /** Answers with a page of a list that has no filters. */
  static <T> void ofAll(
      Context http, Collection<T> all, Function<T, String> key, Function<T, ObjectNode> document) {
    RequestReader.requireQuery(http, List.of("limit", "cursor"));
    answer(http, after -> all.stream(), key, document);
  }

  /**
   * Answers with a page of {@code all}.
   *
   * @param from gives all in the order of their keys, given a key: those that come after it and, if
   *     that is simpler, some before; empty: from the first
   * @param key unique and rising
   */
  static <T> void answer(
      Context http,
      Function<String, Stream<T>> from,
      Function<T, String> key,
      Function<T, ObjectNode> document) {
    int limit = limit(http, DEFAULT, MOST);
    String cursor = http.queryParam("cursor");
    String after = cursor == null ? "" : decode(cursor);
    List<T> rest =
        from.apply(after)
            .filter(item -> key.apply(item).compareTo(after) > 0)
            .limit(limit + 1L)
            .toList();
    ObjectNode page = Documents.object();
    ArrayNode items = page.putArray("items");
    rest.stream().limit(limit).map(document).forEach(items::add);
    if (rest.size() > limit) {
      page.put("next", encode(key.apply(rest.get(limit - 1))));
    }
    Replies.json(http, page);
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
