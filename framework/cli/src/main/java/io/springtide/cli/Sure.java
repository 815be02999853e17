package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** {@code --yes}: how things are deleted, which on a terminal is asked about first. */
final class Sure {
  @Option(
      names = {"-y", "--yes"},
      description = "does not ask, as nothing is asked where there is no terminal")
  private boolean yes;

  /**
   * Deletes a pool or a group, and says what that displaces.
   *
   * @param kind {@code pool} or {@code group}
   * @param key what names one
   */
  int delete(TideMain tide, String kind, String key, String name)
      throws ApiException, InterruptedException {
    Api api = tide.api();
    String path = "/v1/" + kind + "s/" + Api.segment(name);
    long version = api.get(path).path("version").asLong();
    JsonNode effects = effects(api, kind, name);
    if (!yes && tide.around().terminal()) {
      Show.effects(effects, tide.progress());
      tide.progress().print("Delete " + kind + " " + name + "? [y/N] ");
      tide.progress().flush();
      String answer = tide.around().answer().get();
      if (answer == null || !answer.strip().matches("(?i)y|yes")) {
        tide.progress().println("Nothing was done.");
        return ExitCodes.REFUSED;
      }
    }
    // What was shown is what is deleted.
    api.delete(path, OptionalLong.of(version));
    tide.gone(key, name, kind + " " + name + " deleted");
    if (tide.table()) {
      Show.effects(effects, tide.out());
    }
    return ExitCodes.OK;
  }

  /** What a plan says, which refuses what would be refused. */
  private static JsonNode effects(Api api, String kind, String name)
      throws ApiException, InterruptedException {
    ObjectNode body = Api.JSON.createObjectNode();
    body.putArray("changes").addObject().putObject("remove").put(kind, name);
    ObjectNode answer = Api.JSON.createObjectNode();
    answer.set("effects", api.post("/v1/plan", body).body());
    return answer;
  }
}
