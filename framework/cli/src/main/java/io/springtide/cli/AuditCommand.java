package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code tide audit}. */
@Command(
    name = "audit",
    description = "Shows who changed what, and what was refused, the newest first.")
final class AuditCommand implements Callable<Integer> {
  @ParentCommand private TideMain tide;

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "N",
      defaultValue = "50",
      description = "so many entries, 1 to 1000; default: ${DEFAULT-VALUE}")
  private int limit;

  @Mixin private Watch watch;

  @Override
  public Integer call() throws ApiException, InterruptedException {
    return watch.show(tide, this::print);
  }

  private int print() throws ApiException, InterruptedException {
    JsonNode items = tide.api().get("/v1/audit?limit=" + limit).path("items");
    if (tide.printed(items)) {
      return ExitCodes.OK;
    }
    Table table = new Table("AT", "WHO", "FROM", "STATUS", "TIMES", "WHAT");
    for (JsonNode item : items) {
      table.row(
          Show.text(item, "at"),
          item.path("who").asText().isEmpty() ? "(nobody known)" : Show.text(item, "who"),
          Show.text(item, "from"),
          Show.text(item, "status"),
          item.path("times").asText("1"),
          Show.text(item, "what"));
    }
    table.print(tide.out());
    return ExitCodes.OK;
  }
}
