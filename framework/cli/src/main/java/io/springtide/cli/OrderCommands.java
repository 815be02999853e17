package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code tide order …}. */
@Command(name = "order", description = "Shows hosts that were asked of a cloud.")
final class OrderCommands {
  @ParentCommand private TideMain tide;

  @Command(name = "list", description = "Lists orders that a cloud has not answered yet.")
  int list(
      @Option(names = "--pool", paramLabel = "NAME", description = "only of this pool") String pool,
      @Mixin Watch watch)
      throws ApiException, InterruptedException {
    return watch.show(tide, () -> print(pool));
  }

  private int print(String pool) throws ApiException, InterruptedException {
    JsonNode orders =
        tide.api().all("/v1/orders" + (pool == null ? "" : "?pool=" + Api.segment(pool)));
    if (orders.isEmpty()) {
      tide.api().requireThere("pools", pool);
    }
    if (!tide.printed(orders)) {
      table(orders, tide.out()).print(tide.out());
    }
    return ExitCodes.OK;
  }

  static Table table(JsonNode orders, Screen out) {
    Table table =
        new Table(
            "ID", "POOL", "DRIVER", "HOSTS", "EACH", "STATE", "SINCE", "ATTEMPTS", "LAST ERROR");
    for (JsonNode order : orders) {
      JsonNode error = order.path("error");
      table.row(
          Show.text(order, "id"),
          Show.text(order, "pool"),
          Show.text(order, "driver"),
          Show.text(order, "hosts"),
          Show.resources(order.path("resources")),
          Show.text(order, "state"),
          out.ago(order, "since"),
          Show.text(order, "attempts"),
          error.isMissingNode()
              ? ""
              : Show.text(error, "kind") + ": " + Show.text(error, "message"));
    }
    return table;
  }
}
