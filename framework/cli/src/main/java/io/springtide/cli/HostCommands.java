package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.StringJoiner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code tide host …}. */
@Command(name = "host", description = "Shows hosts, and takes them in and out of service.")
final class HostCommands {
  @ParentCommand private TideMain tide;

  @Command(name = "list", description = "Lists hosts and what is used of them.")
  int list(
      @Option(names = "--pool", paramLabel = "NAME", description = "only of this pool") String pool,
      @Mixin Watch watch)
      throws ApiException, InterruptedException {
    return watch.show(tide, () -> printList(pool));
  }

  private int printList(String pool) throws ApiException, InterruptedException {
    JsonNode hosts =
        tide.api().all("/v1/hosts" + (pool == null ? "" : "?pool=" + Api.segment(pool)));
    if (hosts.isEmpty()) {
      tide.api().requireThere("pools", pool);
    }
    if (tide.printed(hosts)) {
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
            "SINCE",
            "AWAY",
            "WARNINGS");
    for (JsonNode host : hosts) {
      table.row(
          Show.text(host, "id"),
          Show.text(host, "pool"),
          condition(host),
          Show.text(host, "instances"),
          Show.resources(host.path("usedGuaranteed")),
          Show.resources(host.path("usedBorrowed")),
          Show.resources(host.path("usedBurst")),
          Show.resources(host.path("resources")),
          tide.out().ago(host, "since"),
          host.has("maintenance") ? window(host) : Show.NOTHING,
          warnings(host));
    }
    table.print(tide.out());
    return ExitCodes.OK;
  }

  /** When its machine is away, by the master's schedule: {@code from … to …}. */
  private static String window(JsonNode host) {
    JsonNode window = host.path("maintenance");
    return "from "
        + Show.text(window, "start")
        + (window.has("end") ? " to " + Show.text(window, "end") : "");
  }

  private static String warnings(JsonNode host) {
    StringJoiner kinds = new StringJoiner(",");
    host.path("warnings").forEach(warning -> kinds.add(Show.text(warning, "kind")));
    return kinds.toString();
  }

  @Command(name = "get", description = "Shows a host and what its warden reports of its machine.")
  int get(@Parameters(paramLabel = "ID") String id, @Mixin Watch watch)
      throws ApiException, InterruptedException {
    return watch.show(tide, () -> print(id));
  }

  private int print(String id) throws ApiException, InterruptedException {
    JsonNode host = tide.api().get("/v1/hosts/" + Api.segment(id));
    if (!tide.printed(host)) {
      print(id, host);
    }
    return ExitCodes.OK;
  }

  @Command(
      name = "status",
      description =
          "Says how a host is: what runs there, how much of it is used, and its warnings.")
  int status(@Parameters(paramLabel = "ID") String id, @Mixin Watch watch)
      throws ApiException, InterruptedException {
    return watch.show(tide, () -> printStatus(id));
  }

  private int printStatus(String id) throws ApiException, InterruptedException {
    ObjectNode host = (ObjectNode) tide.api().get("/v1/hosts/" + Api.segment(id));
    JsonNode instances = tide.api().all("/v1/instances?host=" + Api.segment(id));
    if (tide.printed(host.deepCopy().set("running", instances))) {
      return ExitCodes.OK;
    }
    print(id, host);
    tide.say(
        "used: %s guaranteed; %s borrowed; %s burst",
        Show.resources(host.path("usedGuaranteed")),
        Show.resources(host.path("usedBorrowed")),
        Show.resources(host.path("usedBurst")));
    if (instances.isEmpty()) {
      tide.out().println("Nothing runs there.");
    } else {
      InstanceCommands.table(instances, tide.out()).print(tide.out());
    }
    return ExitCodes.OK;
  }

  private void print(String id, JsonNode host) {
    tide.say(
        "host %s in %s is %s, %s, with %s instances",
        id,
        Show.text(host, "pool"),
        tide.out().states(condition(host)),
        tide.out().lasting(host, "since"),
        Show.text(host, "instances"));
    tide.out().println("has " + Show.resources(host.path("resources")));
    for (JsonNode left : host.path("remains")) {
      tide.out()
          .println(
              "not empty: %s of %s lost its executor %s and may still run here, with %s; kept until"
                      .formatted(
                          Show.text(left, "taskId"),
                          Show.text(left, "instance"),
                          tide.out().past(left, "since"),
                          Show.resources(left.path("resources")))
                  + " the host's warden says that it is gone");
    }
    if (host.has("maintenance")) {
      tide.out().println("its machine is away " + window(host));
    }
    JsonNode report = host.path("report");
    if (report.has("processors")) {
      tide.say(
          "machine: %s processors, %s MiB memory, %s of %s MiB disk left, clock off by %s ms",
          Show.text(report, "processors"),
          Show.text(report, "memoryMiB"),
          Show.text(report, "diskFreeMiB"),
          Show.text(report, "diskMiB"),
          Show.text(report, "clockOffsetMs"));
    }
    for (JsonNode engine : report.path("engines")) {
      tide.out()
          .println(
              (engine.path("ready").asBoolean() ? "runs " : "does not run ")
                  + Show.text(engine, "name")
                  + ": "
                  + Show.text(engine, "detail"));
    }
    for (JsonNode warning : host.path("warnings")) {
      tide.out().println("warning: " + Show.text(warning, "detail"));
    }
  }

  @Command(name = "cordon", description = "Puts no new work on a host; what runs there stays.")
  int cordon(@Parameters(paramLabel = "ID") String id, @Mixin Dry dry)
      throws ApiException, InterruptedException {
    return act(id, "cordon", dry);
  }

  @Command(name = "drain", description = "Moves a host's work elsewhere, and leaves it empty.")
  int drain(@Parameters(paramLabel = "ID") String id, @Mixin Dry dry)
      throws ApiException, InterruptedException {
    return act(id, "drain", dry);
  }

  @Command(name = "uncordon", description = "Takes a host back into service.")
  int uncordon(@Parameters(paramLabel = "ID") String id, @Mixin Dry dry)
      throws ApiException, InterruptedException {
    return act(id, "uncordon", dry);
  }

  @Command(
      name = "release",
      description = "Empties a host that was ordered, and gives it back to its cloud.")
  int release(@Parameters(paramLabel = "ID") String id, @Mixin Dry dry)
      throws ApiException, InterruptedException {
    return act(id, "release", dry);
  }

  @Command(
      name = "remove",
      description = {
        "Forgets a host that is lost and empty.",
        "If it comes back, it is simply seen again. A host that was ordered is released instead."
      })
  int remove(
      @Parameters(paramLabel = "ID") String id,
      @Option(
              names = "--gone",
              description =
                  "of a host that was ordered and is being given back: I know that the machine is"
                      + " gone and is not paid for, though its cloud does not say so")
          boolean gone,
      @Mixin Dry dry)
      throws ApiException, InterruptedException {
    String path = "/v1/hosts/" + Api.segment(id);
    String request = path + (gone ? "?gone=true" : "");
    if (dry.run()) {
      return dry.send(tide, "DELETE " + request, path);
    }
    tide.api().delete(request);
    tide.gone("id", id, "host " + id + " removed");
    return ExitCodes.OK;
  }

  private int act(String id, String action, Dry dry) throws ApiException, InterruptedException {
    if (dry.run()) {
      String wish = action.equals("uncordon") ? "serve" : action;
      return dry.plan(tide, "host", Api.JSON.createObjectNode().put("id", id).put("wish", wish));
    }
    JsonNode host = tide.api().post("/v1/hosts/" + Api.segment(id) + ":" + action).body();
    if (!tide.printed(host)) {
      tide.say("host %s is %s", id, tide.out().states(condition(host)));
    }
    return ExitCodes.OK;
  }

  /** Who keeps work off it, where that is not somebody who used these commands. */
  private static String condition(JsonNode host) {
    String condition = Show.text(host, "condition");
    String by = host.path("by").asText();
    return by.isEmpty() || by.equals("operator") ? condition : condition + " by " + by;
  }
}
