package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Waits until a job is as its owner wants it, and tells of the way there. */
final class Wait {
  private static final long PAUSE_MILLIS = 300;
  private static final int BAR = 20;

  private final Api api;
  private final Screen out;
  private final Duration timeout;
  private String told = "";
  private final Set<String> failures = new HashSet<>();

  Wait(Api api, Screen out, Duration timeout) {
    this.api = api;
    this.out = out;
    this.timeout = timeout;
  }

  /** One look at the job, which is there; the exit code once it is as it is to be. */
  private interface Look {
    OptionalInt at(JsonNode job) throws ApiException, InterruptedException;
  }

  /**
   * Looks until there is an exit code.
   *
   * @param gone the code where the job is gone
   */
  private int until(String id, int gone, Look look, String late)
      throws ApiException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      Optional<JsonNode> job = api.find("/v1/jobs/" + Api.segment(id));
      if (job.isEmpty()) {
        out.println(id + " is gone");
        return gone;
      }
      OptionalInt code = look.at(job.get());
      if (code.isPresent()) {
        return code.getAsInt();
      }
      if (System.nanoTime() - deadline > 0) {
        out.println(late + " after " + timeout.toSeconds() + " s.");
        return ExitCodes.TIMEOUT;
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
  }

  /** Waits until all instances run the current version and are healthy, or have finished. */
  int untilRunning(String id) throws ApiException, InterruptedException {
    int code = until(id, ExitCodes.REFUSED, job -> running(id, job), "Not there");
    if (code == ExitCodes.TIMEOUT) {
      explain(id);
    }
    return code;
  }

  private OptionalInt running(String id, JsonNode job) throws ApiException, InterruptedException {
    JsonNode status = job.path("status");
    JsonNode states = status.path("states");
    int there = status.path("instances").asInt();
    int wanted = job.path("instances").asInt(there);
    int finished = states.path("FINISHED").asInt();
    int done = Math.min(status.path("ready").asInt(), status.path("current").asInt()) + finished;
    if (tell(id, done, wanted, states)) {
      failures(id);
    }
    if (states.path("FAILED").asInt() > 0) {
      explain(id);
      return OptionalInt.of(ExitCodes.REFUSED);
    }
    return done >= wanted && there == wanted ? OptionalInt.of(ExitCodes.OK) : OptionalInt.empty();
  }

  /** Waits until a job that was stopped is gone. */
  int untilGone(String id) throws ApiException, InterruptedException {
    return until(
        id,
        ExitCodes.OK,
        job -> {
          JsonNode status = job.path("status");
          tell(id, 0, status.path("instances").asInt(), status.path("states"));
          return OptionalInt.empty();
        },
        "Not gone");
  }

  /** Each failure once, as it comes: who gives up waiting has seen it. */
  private void failures(String id) throws ApiException, InterruptedException {
    Optional<JsonNode> answer = api.find("/v1/jobs/" + Api.segment(id) + "/explain");
    for (JsonNode failure : answer.map(it -> it.path("failures")).orElse(Api.JSON.nullNode())) {
      String key = failure.path("state").asText() + failure.path("message").asText();
      if (failures.add(key)) {
        out.println("  " + ExplainCommand.failure(failure, out));
      }
    }
  }

  /** One line for each change; returns whether there was one. */
  private boolean tell(String id, int done, int wanted, JsonNode states) {
    StringBuilder line = new StringBuilder(id).append(' ');
    if (wanted > 0) {
      int filled = Math.min(BAR, done * BAR / wanted);
      line.append('[').append("#".repeat(filled)).append(".".repeat(BAR - filled)).append("] ");
    }
    line.append(done).append(" of ").append(wanted).append(" ready");
    states
        .properties()
        .forEach(
            state -> line.append(", ").append(state.getValue()).append(' ').append(state.getKey()));
    if (!line.toString().equals(told)) {
      told = line.toString();
      out.println(told);
      return true;
    }
    return false;
  }

  private void explain(String id) throws ApiException, InterruptedException {
    api.find("/v1/jobs/" + Api.segment(id) + "/explain")
        .ifPresent(answer -> ExplainCommand.print(answer, out));
  }
}
