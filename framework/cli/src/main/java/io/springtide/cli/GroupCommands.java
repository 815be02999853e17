package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code tide group …}. */
@Command(name = "group", description = "Shows and changes groups: who may use how much.")
final class GroupCommands {
  @ParentCommand private TideMain tide;

  @Command(
      name = "list",
      description = "Lists groups as a tree, with what each may use in each pool, and uses.")
  int list(@Mixin Watch watch) throws ApiException, InterruptedException {
    return watch.show(
        tide,
        () -> {
          ArrayNode groups = tide.api().all("/v1/groups");
          if (!tide.printed(groups)) {
            new QuotaTree(groups).print(tide.out());
          }
          return ExitCodes.OK;
        });
  }

  @Command(
      name = "get",
      description = "Shows a group and those below it, with what they may use and use.")
  int get(@Parameters(paramLabel = "PATH") String path, @Mixin Watch watch)
      throws ApiException, InterruptedException {
    return watch.show(tide, () -> print(path));
  }

  private int print(String path) throws ApiException, InterruptedException {
    JsonNode group = tide.api().get("/v1/groups/" + Api.segment(path));
    if (tide.printed(group)) {
      return ExitCodes.OK;
    }
    StringBuilder title = new StringBuilder("group ").append(path);
    for (String field : List.of("department", "description")) {
      title.append(group.has(field) ? ", " + Show.text(group, field) : "");
    }
    tide.out().println(title);
    if (group.has("totalLimit")) {
      tide.out().println("of all pools together at most " + group.get("totalLimit"));
    }
    tide.out().println("its jobs may ask for " + group.path("policy"));
    ArrayNode groups = Api.JSON.createArrayNode().add(group);
    tide.api()
        .each(
            "/v1/groups",
            other -> {
              if (other.path("path").asText().startsWith(path + ".")) {
                groups.add(other);
              }
            });
    new QuotaTree(groups).print(tide.out());
    return ExitCodes.OK;
  }

  @Command(name = "delete", description = "Deletes a group that has no jobs and none below it.")
  int delete(@Parameters(paramLabel = "PATH") String path, @Mixin Sure sure, @Mixin Dry dry)
      throws ApiException, InterruptedException {
    return dry.run()
        ? dry.plan(tide, "remove", Api.JSON.createObjectNode().put("group", path))
        : sure.delete(tide, "group", "path", path);
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
  int put(
      @Parameters(paramLabel = "FILE", description = "YAML or JSON; - is stdin") Path file,
      @Mixin Dry dry)
      throws ApiException, InterruptedException {
    return tide.putAll(file, "group", "path", dry);
  }
}
