package io.springtide.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;

/** Writes answers. */
final class Replies {
  private Replies() {}

  static void json(Context http, ObjectNode node) {
    http.contentType("application/json").result(node.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** A document and its version, as an ETag that If-Match takes. */
  static void document(Context http, ObjectNode node, long version) {
    http.header("ETag", "\"" + version + "\"");
    json(http, node);
  }
}
