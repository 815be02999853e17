package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code tide deploy …}. */
@Command(name = "deploy", description = "Shows and steers changes of what jobs run.")
final class DeployCommands {
  private static final String PATH = "/v1/deployments";

  @ParentCommand private TideMain tide;

  @Command(name = "list", description = "Lists deployments: those under way, and the last ones.")
  int list(
      @Option(names = "--job", paramLabel = "ID", description = "only of this job") String job,
      @Option(
              names = "--state",
              paramLabel = "STATE",
              description = "only in this state, or in one of several with commas between")
          String state,
      @Mixin Watch watch)
      throws ApiException, InterruptedException {
    String path = new Query(PATH).with("job", job).with("state", state).toString();
    return watch.show(tide, () -> printList(path, job));
  }

  private int printList(String path, String job) throws ApiException, InterruptedException {
    JsonNode all = tide.api().all(path);
    if (all.isEmpty()) {
      tide.api().requireThere("jobs", job);
    }
    if (tide.printed(all)) {
      return ExitCodes.OK;
    }
    Table table = new Table("ID", "STATE", "FROM", "TO", "UPDATED", "HEALTHY", "SINCE", "WHY");
    for (JsonNode one : all) {
      table.row(
          Show.text(one, "id"),
          Show.text(one, "state"),
          Show.text(one, "from"),
          Show.text(one, "to"),
          one.has("updated")
              ? one.path("updated").asText() + "/" + one.path("total").asText()
              : Show.NOTHING,
          Show.text(one, "healthy"),
          tide.out().ago(one, "since"),
          why(one));
    }
    table.print(tide.out());
    return ExitCodes.OK;
  }

  /** What it waits for, or what went wrong. */
  private static String why(JsonNode one) {
    JsonNode waiting = one.path("waiting");
    return waiting.isMissingNode()
        ? Show.text(one, "why")
        : Show.text(waiting, "reason") + ": " + Show.text(waiting, "detail");
  }

  @Command(name = "status", description = "Says how far a deployment is, and what it waits for.")
  int status(
      @Parameters(paramLabel = "ID", description = "JOB@NUMBER; of a JOB alone the latest")
          String id,
      @Mixin Watch watch)
      throws ApiException, InterruptedException {
    return watch.show(tide, () -> printStatus(id));
  }

  private int printStatus(String id) throws ApiException, InterruptedException {
    JsonNode one = tide.api().get(path(id));
    if (!tide.printed(one)) {
      print(one);
    }
    return ExitCodes.OK;
  }

  private void print(JsonNode one) {
    tide.out()
        .println(
            "%s: %s, from revision %s to %s, begun %s by %s"
                .formatted(
                    Show.text(one, "id"),
                    Show.text(one, "state"),
                    Show.text(one, "from"),
                    Show.text(one, "to"),
                    tide.out().past(one, "began"),
                    Show.text(one, "by")));
    if (one.has("updated")) {
      tide.out()
          .println(
              "  %s of %s are updated, %s of them healthy%s"
                  .formatted(
                      Show.text(one, "updated"),
                      Show.text(one, "total"),
                      Show.text(one, "healthy"),
                      one.path("canaries").asInt() > 0
                          ? "; " + Show.text(one, "canaries") + " are canaries"
                          : ""));
    }
    if (one.has("why")) {
      tide.out().println("  why:   " + Show.text(one, "why"));
    }
    JsonNode waiting = one.path("waiting");
    if (!waiting.isMissingNode()) {
      tide.out().println("  waits: " + why(one));
      tide.out().println("  for:   " + Show.text(waiting, "freedBy"));
    }
    if (one.has("deadline")) {
      tide.out().println("  by:    " + Show.text(one, "deadline") + ", else it has failed");
    }
  }

  @Command(
      name = "watch",
      description = "Follows a deployment until it has ended: 0 if it is DONE, 1 if not.")
  int watch(
      @Parameters(paramLabel = "ID", description = "JOB@NUMBER; of a JOB alone the latest")
          String id,
      @Option(
              names = "--timeout",
              paramLabel = "SECONDS",
              defaultValue = "3600",
              description = "how long at most; default: ${DEFAULT-VALUE}")
          int seconds)
      throws ApiException, InterruptedException {
    String path = path(id);
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    String told = "";
    while (true) {
      JsonNode one = tide.api().get(path);
      String state = Show.text(one, "state");
      String line =
          "%s %s %s/%s updated, %s healthy %s"
              .formatted(
                  Show.text(one, "id"),
                  state,
                  one.path("updated").asText(),
                  one.path("total").asText(),
                  one.path("healthy").asText(),
                  why(one));
      if (!one.has("updated")) {
        line = "%s %s %s".formatted(Show.text(one, "id"), state, why(one));
      }
      if (!line.equals(told)) {
        tide.out().println(line);
        told = line;
      }
      switch (state) {
        case "DONE" -> {
          return ExitCodes.OK;
        }
        case "ABORTED", "FAILED", "SUPERSEDED" -> {
          return ExitCodes.REFUSED;
        }
        default -> {}
      }
      if (System.nanoTime() - end > 0 || !tide.around().pause().goOn(500)) {
        return ExitCodes.TIMEOUT;
      }
    }
  }

  @Command(name = "pause", description = "Stops a deployment where it is.")
  int pause(@Parameters(paramLabel = "ID") String id, @Mixin Dry dry)
      throws ApiException, InterruptedException {
    return steer(id, "pause", dry);
  }

  @Command(name = "resume", description = "Goes on with a deployment that was paused.")
  int resume(@Parameters(paramLabel = "ID") String id, @Mixin Dry dry)
      throws ApiException, InterruptedException {
    return steer(id, "resume", dry);
  }

  @Command(name = "promote", description = "Has the other instances follow the canaries.")
  int promote(@Parameters(paramLabel = "ID") String id, @Mixin Dry dry)
      throws ApiException, InterruptedException {
    return steer(id, "promote", dry);
  }

  @Command(name = "abort", description = "Takes a deployment back to the revision before.")
  int abort(@Parameters(paramLabel = "ID") String id, @Mixin Dry dry)
      throws ApiException, InterruptedException {
    return steer(id, "abort", dry);
  }

  private int steer(String id, String action, Dry dry) throws ApiException, InterruptedException {
    String path = path(id);
    if (dry.run()) {
      return dry.send(tide, "POST " + path + ":" + action, path);
    }
    Api.Answer answer = tide.api().post(path + ":" + action, Api.JSON.createObjectNode());
    if (!tide.printed(answer.body())) {
      print(answer.body());
    }
    return ExitCodes.OK;
  }

  /** Where a deployment is asked for; of a job alone, its latest. */
  private String path(String id) throws ApiException, InterruptedException {
    if (id.indexOf('@') >= 0) {
      return PATH + "/" + Api.segment(id);
    }
    JsonNode all = tide.api().all(new Query(PATH).with("job", id).toString());
    if (all.isEmpty()) {
      tide.api().requireThere("jobs", id);
      throw new ApiException(
          ExitCodes.REFUSED,
          "job " + id + " has had no deployment yet",
          "ID",
          "one begins when what its instances run changes: tide job run, restart or rollback");
    }
    return PATH + "/" + Api.segment(all.get(all.size() - 1).path("id").asText());
  }
}
