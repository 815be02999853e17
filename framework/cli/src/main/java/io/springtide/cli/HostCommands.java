package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code tide host …}. */
@Command(name = "host", description = "Shows hosts, and takes them in and out of service.")
final class HostCommands {
  @ParentCommand private TideMain tide;

  @Command(name = "list", description = "Lists hosts and what is used of them.")
  int list(
      @Option(names = "--pool", paramLabel = "NAME", description = "only of this pool") String pool)
      throws ApiException, InterruptedException {
    JsonNode hosts =
        tide.api().all("/v1/hosts" + (pool == null ? "" : "?pool=" + Api.segment(pool)));
    if (tide.json()) {
      tide.out().println(hosts.toPrettyString());
      return ExitCodes.OK;
    }
    Table table =
        new Table(
            "ID",
            "POOL",
            "CONDITION",
            "INSTANCES",
            "GUARANTEED",
            "BORROWED",
            "BURST",
            "OF",
            "SINCE");
    for (JsonNode host : hosts) {
      table.row(
          Show.text(host, "id"),
          Show.text(host, "pool"),
          Show.text(host, "condition"),
          Show.text(host, "instances"),
          Show.resources(host.path("usedGuaranteed")),
          Show.resources(host.path("usedBorrowed")),
          Show.resources(host.path("usedBurst")),
          Show.resources(host.path("resources")),
          Show.ago(host, "since"));
    }
    table.print(tide.out());
    return ExitCodes.OK;
  }

  @Command(name = "cordon", description = "Puts no new work on a host; what runs there stays.")
  int cordon(@Parameters(paramLabel = "ID") String id) throws ApiException, InterruptedException {
    return act(id, "cordon");
  }

  @Command(name = "drain", description = "Moves a host's work elsewhere, and leaves it empty.")
  int drain(@Parameters(paramLabel = "ID") String id) throws ApiException, InterruptedException {
    return act(id, "drain");
  }

  @Command(name = "uncordon", description = "Takes a host back into service.")
  int uncordon(@Parameters(paramLabel = "ID") String id) throws ApiException, InterruptedException {
    return act(id, "uncordon");
  }

  private int act(String id, String action) throws ApiException, InterruptedException {
    JsonNode host = tide.api().post("/v1/hosts/" + Api.segment(id) + ":" + action).body();
    tide.out()
        .println(
            tide.json()
                ? host.toPrettyString()
                : "host " + id + " is " + Show.text(host, "condition"));
    return ExitCodes.OK;
  }
}
