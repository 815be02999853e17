package io.springtide.server.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.springtide.server.access.Audit;
import io.springtide.server.access.Right;
import io.springtide.server.document.Documents;
import io.springtide.server.document.Form;
import io.springtide.server.document.Shape;
import io.springtide.server.document.Value;
import java.io.IOException;
import java.util.List;

/** {@code GET /v1/audit}: what was done and refused, newest first. */
final class AuditRoutes {
  private static final int DEFAULT = 100;
  private static final int MOST = 1000;

  private static final Form AUDIT =
      Form.of("Audit", "What was done and refused.")
          .has("items", Value.list(Shape.DEED), "The newest first.");

  private final Gate gate;

  AuditRoutes(Gate gate) {
    this.gate = gate;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v1/audit", "listAudit", "What was done and refused here, newest first")
            .right(Right.ADMIN)
            .with(
                Parameter.query(
                    "limit",
                    Value.whole(1, MOST),
                    "How many are wanted, " + DEFAULT + " if not said."))
            .answers(200, AUDIT, "The newest.")
            .does(this::list));
  }

  private void list(Context http) throws IOException {
    Audit audit = gate.audit();
    ObjectNode answer = Documents.object();
    ArrayNode items = answer.putArray("items");
    audit.newest(Page.limit(http, DEFAULT, MOST)).forEach(items::add);
    Replies.json(http, answer);
  }
}
