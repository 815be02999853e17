package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code tide group …}. */
@Command(name = "group", description = "Shows and changes groups: who may use how much.")
final class GroupCommands {
  @ParentCommand private TideMain tide;

  @Command(name = "list", description = "Lists groups, a line for each pool that they may use.")
  int list(@Mixin Watch watch) throws ApiException, InterruptedException {
    return watch.show(tide, this::printList);
  }

  private int printList() throws ApiException, InterruptedException {
    JsonNode groups = tide.api().all("/v1/groups");
    if (tide.printed(groups)) {
      return ExitCodes.OK;
    }
    Table table = new Table("PATH", "POOL", "GUARANTEE", "LENDABLE", "LIMIT", "WEIGHT");
    for (JsonNode group : groups) {
      List<String[]> rows = new ArrayList<>();
      group
          .path("quotas")
          .properties()
          .forEach(
              quota ->
                  rows.add(
                      new String[] {
                        Show.text(group, "path"),
                        quota.getKey(),
                        Show.resources(quota.getValue().path("guarantee")),
                        Show.resources(quota.getValue().path("lendable")),
                        limit(quota.getValue().path("limit")),
                        Show.text(quota.getValue(), "weight")
                      }));
      if (rows.isEmpty()) {
        String none = Show.NOTHING;
        rows.add(new String[] {Show.text(group, "path"), none, none, none, none, none});
      }
      rows.forEach(table::row);
    }
    table.print(tide.out());
    return ExitCodes.OK;
  }

  /** A dimension that a limit does not name is unlimited. */
  private static String limit(JsonNode limit) {
    return limit.path("cpus").asText("any")
        + " cpus, "
        + limit.path("memoryMiB").asText("any")
        + " MiB";
  }

  @Command(
      name = "put",
      description = "Creates or changes the groups that a file describes.",
      footer = {
        "",
        "  path: weibo.feed",
        "  quotas:",
        "    idc: {guarantee: {cpus: 100, memoryMiB: 204800}, limit: {cpus: 160, memoryMiB:"
            + " 327680}}"
      })
  int put(@Parameters(paramLabel = "FILE", description = "YAML or JSON; - is stdin") Path file)
      throws ApiException, InterruptedException {
    return tide.putAll(file, "group", "path");
  }
}
