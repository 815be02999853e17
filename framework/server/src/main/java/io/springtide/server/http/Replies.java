package io.springtide.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.springtide.server.document.Form;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes answers. */
final class Replies {
  private static final Logger log = LoggerFactory.getLogger(Replies.class);

  /**
   * The commit of which an answer is, or an earlier one: whoever asks for this version or a later
   * one elsewhere misses nothing of what the answer says.
   */
  static final String VERSION = "Springtide-Version";

  private Replies() {}

  /**
   * Says of which version an answer is. An answer that is on its way already keeps what it said
   * first, which is earlier.
   */
  static void version(Context http, long version) {
    http.header(VERSION, Long.toString(version));
  }

  static void json(Context http, ObjectNode node) {
    http.contentType("application/json").result(node.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Writes an answer while it is being made. */
  interface Body {
    void to(OutputStream out) throws IOException;
  }

  /** An answer in JSON that is sent as it is made; who goes away before its end ends it. */
  static void stream(Context http, Body body) {
    stream(http, "application/json", body);
  }

  /** The same of another type. */
  static void stream(Context http, String type, Body body) {
    http.contentType(type);
    try {
      body.to(http.outputStream());
    } catch (IOException e) {
      log.debug("{} was not read to its end: {}", http.path(), e.getMessage());
    }
  }

  /** What a GET of one document asks for: its fields are chosen. */
  static ObjectNode chosen(Context http, Form shape, Supplier<ObjectNode> document) {
    return Selection.of(http, shape).from(document.get());
  }

  /** A document and its version, as an ETag that If-Match takes. */
  static void document(Context http, ObjectNode node, long version) {
    http.header("ETag", "\"" + version + "\"");
    json(http, node);
  }
}
