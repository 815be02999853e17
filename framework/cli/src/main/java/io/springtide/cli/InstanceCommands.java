package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code tide instance …}. */
@Command(name = "instance", description = "Shows what runs where.")
final class InstanceCommands {
  @ParentCommand private TideMain tide;

  @Command(
      name = "list",
      description = "Lists instances, with the first reason of those that wait.")
  int list(
      @Parameters(paramLabel = "JOB", arity = "0..1", description = "only of this job") String job,
      @Option(names = "--group", paramLabel = "PATH", description = "only below this group")
          String group,
      @Option(
              names = "--state",
              paramLabel = "STATE",
              description = "only in this state: pending, staging, starting, running, …")
          String state,
      @Option(names = "--host", paramLabel = "ID", description = "only on this host") String host,
      @Option(names = "--pool", paramLabel = "NAME", description = "only in this pool") String pool,
      @Mixin Watch watch)
      throws ApiException, InterruptedException {
    return watch.show(tide, () -> print(job, group, state, host, pool));
  }

  private int print(String job, String group, String state, String host, String pool)
      throws ApiException, InterruptedException {
    Query query =
        new Query("/v1/instances")
            .with("job", job)
            .with("group", group)
            .with("state", state)
            .with("host", host)
            .with("pool", pool);
    JsonNode instances = tide.api().all(query.toString());
    if (instances.isEmpty()) {
      tide.api().requireThere("jobs", job);
      tide.api().requireThere("groups", group);
      tide.api().requireThere("hosts", host);
      tide.api().requireThere("pools", pool);
    }
    if (tide.printed(instances)) {
      return ExitCodes.OK;
    }
    table(instances, tide.out()).print(tide.out());
    return ExitCodes.OK;
  }

  static Table table(JsonNode instances, Screen out) {
    Table table =
        new Table(
            "ID", "STATE", "LABEL", "POOL", "HOST", "ENDPOINT", "SINCE", "RESTARTS", "WAITS FOR");
    for (JsonNode instance : instances) {
      table.row(
          Show.text(instance, "id"),
          state(instance),
          Show.text(instance, "label"),
          Show.text(instance, "pool"),
          Show.text(instance, "host"),
          Show.endpoints(instance),
          out.ago(instance, "since"),
          Show.text(instance, "restarts"),
          waiting(instance));
    }
    return table;
  }

  private static String state(JsonNode instance) {
    boolean ill = instance.path("healthy").isBoolean() && !instance.path("healthy").asBoolean();
    return Show.text(instance, "state") + (ill ? " (unhealthy)" : "");
  }

  private static String waiting(JsonNode instance) {
    JsonNode first = instance.path("waiting").path(0);
    return first.isMissingNode()
        ? ""
        : first.path("reason").asText().toLowerCase(Locale.ROOT)
            + ": "
            + first.path("detail").asText();
  }
}
