package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code tide explain}. */
@Command(
    name = "explain",
    description = {
      "Says why instances of a job wait: each reason with how many wait for it, how many hosts"
          + " refuse them for it, and what would free them. Then how its last attempts failed."
    })
final class ExplainCommand implements Callable<Integer> {
  @ParentCommand private TideMain tide;

  @Parameters(paramLabel = "JOB", description = "the job's id, such as weibo.feed.api")
  private String job;

  @Mixin private Watch watch;

  @Override
  public Integer call() throws ApiException, InterruptedException {
    return watch.show(tide, this::print);
  }

  private int print() throws ApiException, InterruptedException {
    JsonNode answer = tide.api().get("/v1/jobs/" + Api.segment(job) + "/explain");
    if (!tide.printed(answer)) {
      print(answer, tide.out());
    }
    return ExitCodes.OK;
  }

  static void print(JsonNode answer, Screen out) {
    String job = answer.path("job").asText();
    int pending = answer.path("pending").asInt();
    if (pending > 0) {
      out.println(
          pending + " of " + answer.path("wanted").asText() + " instances of " + job + " wait:");
    } else if (!answer.path("reasons").isEmpty()) {
      out.println("Instances of " + job + " that nothing is done about yet:");
    } else if (answer.path("failures").isEmpty()) {
      out.println("No instance of " + job + " waits, and none has failed.");
    } else {
      out.println("No instance of " + job + " waits.");
    }
    for (JsonNode reason : answer.path("reasons")) {
      reason(reason, out);
    }
    for (JsonNode host : answer.path("avoids")) {
      String why = host.path("why").asText();
      out.println(
          "  avoids host "
              + host.path("host").asText()
              + " until "
              + Show.second(host, "until")
              + ": "
              + host.path("failures").asText()
              + " attempts in a row failed there"
              + (why.isEmpty() ? "" : " (" + why + ")"));
    }
    for (JsonNode failure : answer.path("failures")) {
      out.println("  " + failure(failure, out));
    }
  }

  /** How attempts failed, in one line. */
  static String failure(JsonNode failure, Screen out) {
    int attempts = failure.path("attempts").asInt();
    String reason = failure.path("reason").asText();
    String message = failure.path("message").asText();
    return (attempts == 1 ? "one attempt " : attempts + " attempts ")
        + failure.path("state").asText()
        + (message.isEmpty() ? "" : ": " + message)
        + (reason.isEmpty() ? "" : " (" + reason + ")")
        + "; last "
        + failure.path("instance").asText()
        + " on host "
        + failure.path("host").asText()
        + ", "
        + out.past(failure, "at");
  }

  /** {@code REASON (n instances, m hosts): detail}, and what would free them. */
  static void reason(JsonNode reason, PrintWriter out) {
    List<String> counts = new ArrayList<>();
    if (reason.hasNonNull("instances")) {
      counts.add(reason.path("instances").asText() + " instances");
    }
    if (reason.path("hosts").asInt() > 0) {
      counts.add(reason.path("hosts").asText() + " hosts");
    }
    out.println(
        "  "
            + reason.path("reason").asText()
            + (counts.isEmpty() ? "" : " (" + String.join(", ", counts) + ")")
            + ": "
            + reason.path("detail").asText());
    if (reason.hasNonNull("freedBy")) {
      out.println("    freed by: " + reason.path("freedBy").asText());
    }
  }
}
