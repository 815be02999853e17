package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import picocli.CommandLine.Option;

/**
 * {@code --dry-run}: what a change would bring about, without making it. What would be refused is
 * refused, with the exit code of a refusal.
 */
final class Dry {
  @Option(
      names = "--dry-run",
      description =
          "only says what it would bring about, and does nothing; 1 if it would be refused")
  private boolean run;

  boolean run() {
    return run;
  }

  /** Says what a plan says of one change. */
  int plan(TideMain tide, String kind, JsonNode change) throws ApiException, InterruptedException {
    ArrayNode changes = Api.JSON.createArrayNode();
    changes.addObject().set(kind, change);
    return PlanCommand.say(tide, changes);
  }

  /**
   * Says what would be sent, where no plan knows the change.
   *
   * @param about the path of what must be there for it
   */
  int send(TideMain tide, String request, String about) throws ApiException, InterruptedException {
    tide.api().get(about);
    tide.progress().println("would send " + request);
    tide.progress().println("  A plan does not know this change; the server may still refuse it.");
    return ExitCodes.OK;
  }
}
