package io.springtide.server.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.springtide.server.document.ReadDocuments;
import io.springtide.server.document.Shape;
import java.util.List;
import java.util.function.Supplier;

/** {@code /v1/orders}: hosts asked of clouds whose answer is still to come. */
final class Orders {
  private final Supplier<LeadingCore> core;

  Orders(Supplier<LeadingCore> core) {
    this.core = core;
  }

  void register(RoutesConfig routes) {
    routes.get("/v1/orders", this::list);
  }

  private void list(Context http) {
    RequestReader.requireQuery(http, Page.parameters(List.of("pool")));
    String pool = http.queryParam("pool");
    Page.answer(
        http,
        after ->
            core.get().view().orders().values().stream()
                .filter(one -> pool == null || one.order().pool().equals(pool)),
        one -> one.order().token(),
        Shape.ORDER,
        ReadDocuments::order);
  }
}
