package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code tide pool …}. */
@Command(name = "pool", description = "Shows and changes pools: hosts of one place and one price.")
final class PoolCommands {
  @ParentCommand private TideMain tide;

  @Command(name = "list", description = "Lists pools and how many hosts they have.")
  int list(@Mixin Watch watch) throws ApiException, InterruptedException {
    return watch.show(tide, this::printList);
  }

  private int printList() throws ApiException, InterruptedException {
    JsonNode pools = tide.api().all("/v1/pools");
    if (tide.printed(pools)) {
      return ExitCodes.OK;
    }
    Map<String, int[]> counts = new HashMap<>();
    for (JsonNode host : tide.api().all("/v1/hosts")) {
      int[] count = counts.computeIfAbsent(host.path("pool").asText(), pool -> new int[2]);
      count[0] += host.path("condition").asText().equals("ready") ? 1 : 0;
      count[1]++;
    }
    Table table =
        new Table("NAME", "KIND", "ZONE", "READY", "HOSTS", "MIN", "MAX", "PRICE/H", "VERSION");
    for (JsonNode pool : pools) {
      int[] count = counts.getOrDefault(pool.path("name").asText(), new int[2]);
      table.row(
          Show.text(pool, "name"),
          Show.text(pool, "kind"),
          Show.text(pool, "zone"),
          Integer.toString(count[0]),
          Integer.toString(count[1]),
          Show.text(pool.path("hosts"), "min"),
          Show.text(pool.path("hosts"), "max"),
          Show.text(pool, "pricePerHour"),
          Show.text(pool, "version"));
    }
    table.print(tide.out());
    return ExitCodes.OK;
  }

  @Command(name = "get", description = "Shows a pool, its hosts, and what its cloud did not do.")
  int get(@Parameters(paramLabel = "NAME") String name, @Mixin Watch watch)
      throws ApiException, InterruptedException {
    return watch.show(tide, () -> print(name));
  }

  private int print(String name) throws ApiException, InterruptedException {
    JsonNode pool = tide.api().get("/v1/pools/" + Api.segment(name));
    if (tide.printed(pool)) {
      return ExitCodes.OK;
    }
    JsonNode status = pool.path("status");
    tide.say(
        "pool %s, %s: %s hosts, %s ready, %s on order, %s to %s allowed",
        name,
        Show.text(pool, "kind"),
        Show.text(status, "hosts"),
        Show.text(status, "ready"),
        Show.text(status, "ordered"),
        Show.text(pool.path("hosts"), "min"),
        Show.text(pool.path("hosts"), "max"));
    for (JsonNode trouble : status.path("troubles")) {
      tide.say(
          "%s, %s, at %s: %s",
          Show.text(trouble, "doing"),
          Show.text(trouble, "kind"),
          Show.text(trouble, "at"),
          Show.text(trouble, "message"));
      if (trouble.has("until")) {
        tide.out().println("  asked again at " + Show.text(trouble, "until"));
      }
    }
    return ExitCodes.OK;
  }

  @Command(name = "delete", description = "Deletes a pool that has no hosts any more.")
  int delete(@Parameters(paramLabel = "NAME") String name, @Mixin Sure sure, @Mixin Dry dry)
      throws ApiException, InterruptedException {
    return dry.run()
        ? dry.plan(tide, "remove", Api.JSON.createObjectNode().put("pool", name))
        : sure.delete(tide, "pool", "name", name);
  }

  @Command(
      name = "put",
      description = "Creates or changes the pools that a file describes.",
      footer = {
        "",
        "  name: idc",
        "  kind: owned                 # owned, prepaid or on-demand",
        "  selector: {place: idc}      # agents with this attribute are its hosts"
      })
  int put(
      @Parameters(paramLabel = "FILE", description = "YAML or JSON; - is stdin") Path file,
      @Mixin Dry dry)
      throws ApiException, InterruptedException {
    return tide.putAll(file, "pool", "name", dry);
  }
}
