package io.springtide.server.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.springtide.scheduler.Event;
import io.springtide.scheduler.Preview;
import io.springtide.server.document.PlanDocument;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** {@code /v1/plan}: what changes would bring about. */
final class Plans {
  private final Supplier<Kernel> kernel;

  Plans(Supplier<Kernel> kernel) {
    this.kernel = kernel;
  }

  void register(RoutesConfig routes) {
    routes.post("/v1/plan", this::plan);
  }

  private void plan(Context http) {
    Requests.requireQuery(http, List.of());
    List<Event.Command> changes = PlanDocument.read(Requests.body(http), kernel.get().poolCheck());
    Preview preview = kernel.get().plan(changes);
    Map<String, Long> prices = new TreeMap<>();
    kernel
        .get()
        .view()
        .pools()
        .forEach((name, view) -> prices.put(name, view.pool().microsPerHour()));
    for (Event.Command change : changes) {
      if (change instanceof Event.PutPool put) {
        prices.put(put.pool().name(), put.pool().microsPerHour());
      }
    }
    Replies.json(http, PlanDocument.write(preview, prices));
  }
}
