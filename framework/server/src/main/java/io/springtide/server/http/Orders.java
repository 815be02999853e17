package io.springtide.server.http;

import io.javalin.http.Context;
import io.springtide.server.access.Right;
import io.springtide.server.document.ReadDocuments;
import io.springtide.server.document.Shape;
import io.springtide.server.document.Value;
import java.util.List;
import java.util.function.Supplier;

/** {@code /v1/orders}: hosts asked of clouds whose answer is still to come. */
final class Orders {
  private final Supplier<LeadingCore> core;

  Orders(Supplier<LeadingCore> core) {
    this.core = core;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v1/orders", "listOrders", "Hosts asked of clouds that have not answered yet")
            .right(Right.READ)
            .with(Parameter.query("pool", Value.text(), "Of this pool."))
            .with(Page.PARAMETERS)
            .answers(200, Shape.page(Shape.ORDER), "A page of orders.")
            .does(this::list));
  }

  private void list(Context http) {
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
