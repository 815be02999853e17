package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code tide plan}. */
@Command(
    name = "plan",
    description = {
      "Says what a change would bring about, without making it: where instances would run, who"
          + " would have to make way and for whom, which hosts would be ordered or given back, what"
          + " would go on waiting and why, and the cost per hour before and after.",
      "Documents in FILE are jobs, groups and pools as they would be put. All of them count"
          + " together."
    },
    footer = {
      "",
      "  tide plan job.yaml                 this job, new or changed",
      "  tide plan -f change.yaml           several changes at once:",
      "",
      "  changes:",
      "  - group: {path: ads, quotas: {cloud: {limit: {cpus: 8}}}}",
      "  - job: {id: ads.clicks, …}",
      "  - scale: {job: weibo.feed.api, instances: 60}",
      "  - remove: {job: weibo.feed.old}    # or a group or a pool",
      "  - host: {id: h7, wish: drain}      # serve, cordon, drain or release"
    })
final class PlanCommand implements Callable<Integer> {
  @ParentCommand private TideMain tide;

  @ArgGroup(multiplicity = "1")
  private Source source;

  /** One of two ways to name the file. */
  static final class Source {
    @Parameters(paramLabel = "FILE", description = "YAML or JSON; - is stdin")
    private Path file;

    @Option(
        names = {"-f", "--file"},
        paramLabel = "FILE",
        description = "the same")
    private Path named;
  }

  @Override
  public Integer call() throws ApiException, InterruptedException {
    ArrayNode changes = Api.JSON.createArrayNode();
    Path file = source.file == null ? source.named : source.file;
    for (ObjectNode document : Files.read(file)) {
      if (document.path("changes").isArray()) {
        document.path("changes").forEach(changes::add);
      } else {
        changes.addObject().set(kind(file, document), document);
      }
    }
    return say(tide, changes);
  }

  /** Prints what changes would bring about together. */
  static int say(TideMain tide, ArrayNode changes) throws ApiException, InterruptedException {
    ObjectNode body = Api.JSON.createObjectNode();
    body.set("changes", changes);
    JsonNode answer = tide.api().post("/v1/plan", body).body();
    if (!tide.printed(answer)) {
      print(answer, tide.out());
    }
    return ExitCodes.OK;
  }

  private static String kind(Path file, ObjectNode document) throws ApiException {
    if (document.has("id")) {
      return "job";
    }
    if (document.has("path")) {
      return "group";
    }
    if (document.has("name")) {
      return "pool";
    }
    throw new ApiException(
        ExitCodes.USAGE,
        "a document in " + file + " is no job, group or pool, and no list of changes",
        "",
        "name it by id, path or name, or write 'changes: [...]'");
  }

  static void print(JsonNode plan, PrintWriter out) {
    boolean quiet = true;
    quiet &= lines(plan.path("evictions"), out, PlanCommand::eviction);
    quiet &=
        lines(
            plan.path("orders"),
            out,
            o -> "order    " + counted(o, "hosts", "host") + " in " + o.path("pool").asText());
    quiet &= lines(plan.path("releases"), out, host -> "release  host " + host.asText());
    quiet &= lines(plan.path("stops"), out, id -> "stop     " + id.asText());
    quiet &=
        lines(
            plan.path("demotions"),
            out,
            d ->
                "demote   "
                    + Show.text(d, "count")
                    + " of "
                    + Show.text(d, "job")
                    + " to borrowed: "
                    + Show.text(d, "why"));
    quiet &=
        lines(plan.path("promotions"), out, id -> "promote  " + id.asText() + " to guaranteed");
    quiet &= lines(plan.path("placements"), out, PlanCommand::placement);
    for (JsonNode waiting : plan.path("waiting")) {
      quiet = false;
      out.println(
          "wait     "
              + counted(waiting, "instances", "instance")
              + " of "
              + waiting.path("job").asText());
      for (JsonNode reason : waiting.path("reasons")) {
        ExplainCommand.reason(reason, out);
      }
    }
    if (quiet) {
      out.println("Nothing would change.");
    }
    JsonNode cost = plan.path("costPerHour");
    out.println(
        "Cost per hour: "
            + cost.path("before").asText()
            + " now, "
            + cost.path("after").asText()
            + " then.");
  }

  private static String eviction(JsonNode e) {
    return "evict    %s from %s in %s, for %s"
        .formatted(
            e.path("instance").asText(),
            e.path("host").asText(),
            e.path("pool").asText(),
            e.path("for").asText());
  }

  private static String placement(JsonNode p) {
    return "place    %s of %s on %s in %s, %s%s"
        .formatted(
            counted(p, "instances", "instance"),
            p.path("job").asText(),
            p.path("host").asText(),
            p.path("pool").asText(),
            p.path("label").asText(),
            p.path("toCome").asBoolean() ? " (a host to come)" : "");
  }

  private static String counted(JsonNode node, String field, String one) {
    int count = node.path(field).asInt();
    return count + " " + one + (count == 1 ? "" : "s");
  }

  private static boolean lines(
      JsonNode list, PrintWriter out, java.util.function.Function<JsonNode, String> line) {
    list.forEach(item -> out.println(line.apply(item)));
    return list.isEmpty();
  }
}
