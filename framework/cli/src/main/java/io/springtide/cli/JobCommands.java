package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code tide job …}. */
@Command(name = "job", description = "Starts, shows, scales and stops jobs.")
final class JobCommands {
  @ParentCommand private TideMain tide;

  /** Options of commands that can wait. */
  static final class Waiting {
    @Option(names = "--wait", description = "until it is so, telling of the way there")
    private boolean wait;

    @Option(
        names = "--timeout",
        paramLabel = "SECONDS",
        defaultValue = "300",
        description = "how long at most; default: ${DEFAULT-VALUE}")
    private int seconds;

    private Wait on(TideMain tide) throws ApiException {
      return new Wait(tide.api(), tide.progress(), Duration.ofSeconds(seconds));
    }
  }

  @Command(
      name = "run",
      description = "Creates or changes the jobs that a file describes.",
      footer = {
        "",
        "  id: weibo.feed.api",
        "  instances: 3",
        "  resources: {cpus: 0.5, memoryMiB: 256}",
        "  container: {image: feed/api:1.2, ports: [{name: http, container: 8080}]}"
      })
  int run(
      @Parameters(paramLabel = "FILE", description = "YAML or JSON; - is stdin") Path file,
      @Mixin Waiting waiting,
      @Mixin Dry dry)
      throws ApiException, InterruptedException {
    List<ObjectNode> jobs = Files.read(file, "id");
    if (dry.run()) {
      ArrayNode changes = Api.JSON.createArrayNode();
      jobs.forEach(job -> changes.addObject().set("job", job));
      return PlanCommand.say(tide, changes);
    }
    Api api = tide.api();
    int code = ExitCodes.OK;
    for (ObjectNode job : jobs) {
      String id = job.path("id").asText();
      Api.Answer answer = api.put("/v1/jobs/" + Api.segment(id), job, OptionalLong.empty());
      tide.changed(answer, id + (answer.status() == 201 ? " created" : " put"));
      for (JsonNode warning : answer.body().path("warnings")) {
        tide.err().println("tide: warning: " + id + ": " + warning.path("detail").asText());
        tide.err().println("  field: " + warning.path("field").asText());
        tide.err().println("  fix:   " + warning.path("fix").asText());
      }
    }
    if (waiting.wait) {
      for (ObjectNode job : jobs) {
        code = Math.max(code, waiting.on(tide).untilRunning(job.path("id").asText()));
      }
    }
    return code;
  }

  @Command(name = "list", description = "Lists jobs, and how many of their instances are ready.")
  int list(
      @Option(names = "--group", paramLabel = "PATH", description = "only below this group")
          String group,
      @Option(
              names = "--name",
              paramLabel = "PATTERN",
              description = "only whose id is like this; * is any text, ? any one character")
          String name,
      @Option(
              names = "--label",
              paramLabel = "KEY[=VALUE]",
              description = "only with this label; again for more, all of which must hold")
          List<String> labels,
      @Option(names = "--owner", paramLabel = "OWNER", description = "only of this owner")
          String owner,
      @Mixin Watch watch)
      throws ApiException, InterruptedException {
    Query query = new Query("/v1/jobs").with("group", group).with("name", name);
    for (String label : labels == null ? List.<String>of() : labels) {
      query.with("label", label);
    }
    query.with("owner", owner);
    return watch.show(tide, () -> printList(query.toString(), group));
  }

  private int printList(String path, String group) throws ApiException, InterruptedException {
    JsonNode jobs = tide.api().all(path);
    if (jobs.isEmpty()) {
      tide.api().requireThere("groups", group);
    }
    if (tide.printed(jobs)) {
      return ExitCodes.OK;
    }
    Table table = new Table("ID", "KIND", "READY", "STATES", "EACH", "VERSION");
    for (JsonNode job : jobs) {
      JsonNode status = job.path("status");
      StringBuilder states = new StringBuilder();
      status
          .path("states")
          .properties()
          .forEach(
              state ->
                  states
                      .append(states.length() == 0 ? "" : ", ")
                      .append(state.getValue())
                      .append(' ')
                      .append(state.getKey()));
      if (status.path("phase").asText().equals("REMOVING")) {
        states.append(" (being stopped)");
      }
      states.append(held(status, states.length() == 0)).append(backOff(status));
      table.row(
          Show.text(job, "id"),
          Show.text(job, "kind"),
          status.path("ready").asText() + "/" + job.path("instances").asText("*"),
          states.length() == 0 ? Show.NOTHING : states.toString(),
          Show.resources(job.path("resources")),
          Show.text(job, "version"));
    }
    table.print(tide.out());
    return ExitCodes.OK;
  }

  /** {@code , 7 held (AFTER)}: of instances that are not there yet. */
  private static String held(JsonNode status, boolean alone) {
    JsonNode held = status.path("held");
    return held.isMissingNode()
        ? ""
        : (alone ? "" : ", ")
            + held.path("instances").asText()
            + " held ("
            + held.path("reason").asText()
            + ")";
  }

  /** The runs of a batch job that are over, the newest first. */
  private static void runs(JsonNode status, Screen out) {
    for (JsonNode run : status.path("runs")) {
      if (run.has("ended")) {
        String why = run.path("why").asText();
        out.println(
            "run "
                + run.path("number").asText()
                + " "
                + out.states(run.path("state").asText())
                + " "
                + out.past(run, "ended")
                + ": "
                + run.path("finished").asText()
                + " finished, "
                + run.path("failed").asText()
                + " failed"
                + (why.isEmpty() ? "" : "; " + why));
      }
    }
  }

  /** {@code ; 2 failed, the next attempt at 2026-12-01T12:00:00Z}; nothing where none waits so. */
  private static String backOff(JsonNode status) {
    JsonNode backOff = status.path("backOff");
    return backOff.isMissingNode()
        ? ""
        : "; "
            + backOff.path("instances").asText()
            + " failed, the next attempt at "
            + Show.second(backOff, "until");
  }

  @Command(
      name = "get",
      description = "Prints a job's document, as it can be changed and run again.")
  int get(@Parameters(paramLabel = "ID") String id, @Mixin Watch watch)
      throws ApiException, InterruptedException {
    return watch.show(
        tide,
        () -> {
          JsonNode job = tide.api().get("/v1/jobs/" + Api.segment(id));
          if (!tide.printed(job)) {
            tide.out().println(job.toPrettyString());
          }
          return ExitCodes.OK;
        });
  }

  @Command(
      name = "status",
      description = "Says how a job is: what of it runs where, and why the rest does not.")
  int status(@Parameters(paramLabel = "ID") String id, @Mixin Watch watch)
      throws ApiException, InterruptedException {
    return watch.show(tide, () -> printStatus(id));
  }

  private int printStatus(String id) throws ApiException, InterruptedException {
    Api api = tide.api();
    String path = "/v1/jobs/" + Api.segment(id);
    JsonNode job = api.get(path);
    if (tide.printed(job)) {
      return ExitCodes.OK;
    }
    JsonNode status = job.path("status");
    tide.out()
        .println(
            id
                + ": "
                + status.path("ready").asText()
                + " of "
                + job.path("instances").asText("as many as hosts match")
                + " ready, "
                + status.path("current").asText()
                + " of version "
                + Show.text(job, "version")
                + (status.path("phase").asText().equals("REMOVING") ? "; being stopped" : ""));
    runs(status, tide.out());
    JsonNode instances = api.all(path + "/instances");
    if (!instances.isEmpty()) {
      InstanceCommands.table(instances, tide.out()).print(tide.out());
    }
    ExplainCommand.print(api.get(path + "/explain"), tide.out());
    return ExitCodes.OK;
  }

  @Command(name = "scale", description = "Sets the number of a job's instances.")
  int scale(
      @Parameters(paramLabel = "ID") String id,
      @Parameters(paramLabel = "N") int count,
      @Mixin Waiting waiting,
      @Mixin Dry dry)
      throws ApiException, InterruptedException {
    if (dry.run()) {
      return dry.plan(
          tide, "scale", Api.JSON.createObjectNode().put("job", id).put("instances", count));
    }
    ObjectNode body = Api.JSON.createObjectNode().put("instances", count);
    Api.Answer answer =
        tide.api().put("/v1/jobs/" + Api.segment(id) + "/instances", body, OptionalLong.empty());
    tide.changed(answer, id + " is to have " + count + " instances");
    return waiting.wait ? waiting.on(tide).untilRunning(id) : ExitCodes.OK;
  }

  @Command(
      name = "history",
      description = "Lists what a job's instances ran: who changed it, when, and what.")
  int history(@Parameters(paramLabel = "ID") String id, @Mixin Watch watch)
      throws ApiException, InterruptedException {
    return watch.show(tide, () -> printHistory(id));
  }

  private int printHistory(String id) throws ApiException, InterruptedException {
    JsonNode revisions = tide.api().all("/v1/jobs/" + Api.segment(id) + "/revisions");
    if (tide.printed(revisions)) {
      return ExitCodes.OK;
    }
    JsonNode before = null;
    for (JsonNode revision : revisions) {
      tide.out()
          .println(
              "revision %s%s: made %s by %s, run by %s instances"
                  .formatted(
                      Show.text(revision, "revision"),
                      revision.path("current").asBoolean() ? " (current)" : "",
                      tide.out().past(revision, "at"),
                      Show.text(revision, "by"),
                      Show.text(revision, "instances")));
      ObjectNode content = revision.deepCopy();
      content.remove(List.of("revision", "current", "by", "at", "instances"));
      if (before != null) {
        List<String> changes = Differences.between(before, content);
        changes.forEach(line -> tide.out().println("  " + line));
        if (changes.isEmpty()) {
          tide.out().println("  runs the same as the one before");
        }
      }
      before = content;
    }
    return ExitCodes.OK;
  }

  @Command(
      name = "restart",
      description = "Replaces a job's instances by others that run the same.")
  int restart(@Parameters(paramLabel = "ID") String id, @Mixin Waiting waiting, @Mixin Dry dry)
      throws ApiException, InterruptedException {
    if (dry.run()) {
      return dry.plan(tide, "restart", Api.JSON.createObjectNode().put("job", id));
    }
    Api.Answer answer =
        tide.api().post("/v1/jobs/" + Api.segment(id) + ":restart", Api.JSON.createObjectNode());
    tide.changed(answer, id + " is being restarted");
    return waiting.wait ? waiting.on(tide).untilRunning(id) : ExitCodes.OK;
  }

  @Command(
      name = "rollback",
      description = "Has a job's instances run an earlier revision again; see tide job history.")
  int rollback(
      @Parameters(paramLabel = "ID") String id,
      @Option(
              names = "--revision",
              paramLabel = "N",
              description = "which one; default: the one before")
          Long revision,
      @Mixin Waiting waiting,
      @Mixin Dry dry)
      throws ApiException, InterruptedException {
    ObjectNode body = Api.JSON.createObjectNode();
    if (revision != null) {
      body.put("revision", revision);
    }
    if (dry.run()) {
      return dry.plan(tide, "rollback", body.put("job", id));
    }
    Api.Answer answer = tide.api().post("/v1/jobs/" + Api.segment(id) + ":rollback", body);
    tide.changed(
        answer, id + " goes back to " + (revision == null ? "the revision before" : revision));
    return waiting.wait ? waiting.on(tide).untilRunning(id) : ExitCodes.OK;
  }

  @Command(
      name = "stop",
      description = "Removes a job: its instances are withdrawn, drained and stopped.")
  int stop(@Parameters(paramLabel = "ID") String id, @Mixin Waiting waiting, @Mixin Dry dry)
      throws ApiException, InterruptedException {
    if (dry.run()) {
      return dry.plan(tide, "remove", Api.JSON.createObjectNode().put("job", id));
    }
    Api.Answer answer = tide.api().delete("/v1/jobs/" + Api.segment(id));
    if (answer.status() != 202) {
      tide.gone("id", id, id + " is gone");
      return ExitCodes.OK;
    }
    tide.changed(answer, id + " is being stopped");
    return waiting.wait ? waiting.on(tide).untilGone(id) : ExitCodes.OK;
  }
}
