package io.springtide.harness.emulator.http;

import io.springtide.harness.emulator.wire.Version;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The endpoints from before the v1 APIs, those that people and tools still ask. */
final class LegacyDoor {

  private LegacyDoor() {}

  static void handle(MasterDoor master, OperatorDoor operator, Exchange exchange, String path) {
    switch (path) {
      case "/version" -> json(exchange, Version.JSON);
      case "/redirect" -> redirect(master, exchange);
      case "/metrics/snapshot" -> operator.metrics(exchange);
      case "/state", "/state-summary", "/slaves", "/frameworks", "/tasks", "/roles", "/flags" ->
          master.guarded(
              exchange, "mesos-master-readonly", principal -> operator.books(exchange, path));
      default -> exchange.text(404, "404 Not Found.");
    }
  }

  private static void redirect(MasterDoor master, Exchange exchange) {
    if (master.leadership() instanceof MasterDoor.Leadership.Elsewhere other) {
      location(exchange, other.host() + ":" + other.port());
    } else {
      location(exchange, "localhost:" + master.port());
    }
  }

  private static void location(Exchange exchange, String address) {
    exchange.send(307, "", new byte[0], Map.of("Location", "//" + address));
  }

  private static void json(Exchange exchange, String text) {
    exchange.send(200, "application/json", text.getBytes(StandardCharsets.UTF_8), Map.of());
  }
}
