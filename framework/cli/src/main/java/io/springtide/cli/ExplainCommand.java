package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code tide explain}. */
@Command(
    name = "explain",
    description = {
      "Says why instances of a job wait: each reason with how many wait for it, how many hosts"
          + " refuse them for it, and what would free them."
    })
final class ExplainCommand implements Callable<Integer> {
  @ParentCommand private TideMain tide;

  @Parameters(paramLabel = "JOB", description = "the job's id, such as weibo.feed.api")
  private String job;

  @Override
  public Integer call() throws ApiException, InterruptedException {
    JsonNode answer = tide.api().get("/v1/jobs/" + Api.segment(job) + "/explain");
    if (tide.json()) {
      tide.out().println(answer.toPrettyString());
    } else {
      print(answer, tide.out());
    }
    return ExitCodes.OK;
  }

  static void print(JsonNode answer, PrintWriter out) {
    int pending = answer.path("pending").asInt();
    if (pending == 0) {
      out.println("No instance of " + answer.path("job").asText() + " waits.");
    } else {
      out.println(
          pending
              + " of "
              + answer.path("wanted").asText()
              + " instances of "
              + answer.path("job").asText()
              + " wait:");
    }
    for (JsonNode reason : answer.path("reasons")) {
      reason(reason, out);
    }
    // The same failure of many instances is told once.
    Map<String, Integer> failures = new LinkedHashMap<>();
    for (JsonNode instance : answer.path("instances")) {
      if (instance.hasNonNull("lastMessage")) {
        failures.merge(
            instance.path("lastState").asText() + ": " + instance.path("lastMessage").asText(),
            1,
            Integer::sum);
      }
    }
    failures.forEach((what, count) -> out.println("  last attempt of " + count + " " + what));
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
