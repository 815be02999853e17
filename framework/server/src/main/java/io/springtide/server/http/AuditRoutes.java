package io.springtide.server.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.springtide.server.access.Audit;
import io.springtide.server.document.Documents;
import java.io.IOException;
import java.util.List;

/** {@code GET /v1/audit}: what was done and refused, newest first. */
final class AuditRoutes {
  private static final int DEFAULT = 100;
  private static final int MOST = 1000;

  private final Gate gate;

  AuditRoutes(Gate gate) {
    this.gate = gate;
  }

  void register(RoutesConfig routes) {
    routes.get("/v1/audit", this::list);
  }

  private void list(Context http) throws IOException {
    RequestReader.requireQuery(http, List.of("limit"));
    Audit audit = gate.audit();
    ObjectNode answer = Documents.object();
    ArrayNode items = answer.putArray("items");
    audit.newest(Page.limit(http, DEFAULT, MOST)).forEach(items::add);
    Replies.json(http, answer);
  }
}
