package io.springtide.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.scheduler.event.Outcome;
import io.springtide.server.document.Documents;
import java.nio.charset.StandardCharsets;

/** An answer that says what is wrong, where, and how to mend it (RFC 9457). */
final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;
  static final String TYPE = "application/problem+json";

  private final int status;
  private final String title;
  private final String field;
  private final String fix;

  Problem(int status, String title, String detail, String field, String fix) {
    super(detail, null, false, false);
    this.status = status;
    this.title = title;
    this.field = field;
    this.fix = fix;
  }

  static Problem invalid(InvalidModelException e) {
    return new Problem(400, "The document is not valid", e.getMessage(), e.field(), e.fix());
  }

  static Problem parameter(String name, String what, String fix) {
    return new Problem(400, "A query parameter is not valid", what, name, fix);
  }

  /**
   * @param kind of what is asked for: {@code job}, {@code pool}, {@code group}, {@code host}
   */
  static Problem noSuch(String kind, String name) {
    return notFound(
        "there is no " + kind + " '" + RequestReader.cut(name) + "'",
        "the list of " + kind + "s says which there are");
  }

  static Problem notFound(String what, String fix) {
    return new Problem(404, "Not found", what, "", fix);
  }

  static Problem refused(Outcome.Refused refused) {
    return switch (refused.kind()) {
      case NOT_FOUND -> of(404, "Not found", refused);
      case CONFLICT -> of(409, "Conflict", refused);
      case INVALID -> of(400, "The document is not valid", refused);
      case STALE -> of(412, "Changed since it was read", refused);
    };
  }

  private static Problem of(int status, String title, Outcome.Refused refused) {
    return new Problem(status, title, refused.detail(), refused.field(), refused.fix());
  }

  static Problem unavailable(String detail, String fix) {
    return new Problem(503, "Not available", detail, "", fix);
  }

  ObjectNode document() {
    ObjectNode body = Documents.object();
    body.put("title", title);
    body.put("status", status);
    body.put("detail", getMessage());
    if (!field.isEmpty()) {
      body.put("field", field);
    }
    if (!fix.isEmpty()) {
      body.put("fix", fix);
    }
    return body;
  }

  void write(Context http) {
    http.status(status);
    if (status == 503 || status == 429) {
      http.header("Retry-After", "1");
    } else if (status == 401) {
      http.header("WWW-Authenticate", "Bearer realm=\"springtide\"");
    }
    // As bytes: a text would be written in the type's usual charset, which knows no Chinese.
    http.contentType(TYPE).result(document().toString().getBytes(StandardCharsets.UTF_8));
  }
}
