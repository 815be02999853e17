package io.springtide.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code tide events}. */
@Command(
    name = "events",
    description = {
      "Says what changed, a line for each change: when, of what kind, what, and how it is now.",
      "The server keeps the last of them; -f goes on with those to come, until Ctrl-C. With -o json"
          + " there is one document a line."
    })
final class EventsCommand implements Callable<Integer> {
  private static final Set<String> KINDS = Set.of("job", "instance", "host", "pool", "health");

  /** A page of fewer is the last. */
  private static final int FULL_PAGE = 1000;

  private static final long FIRST_PAUSE_MILLIS = 1_000;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;

  @ParentCommand private TideMain tide;

  @Option(
      names = {"-f", "--follow"},
      description = "goes on; a connection that breaks is made again from the last event")
  private boolean follow;

  @Option(
      names = "--after",
      paramLabel = "ID",
      description = "only those after the event of this id, which -o json shows")
  private String after;

  @Option(
      names = "--type",
      paramLabel = "KIND",
      split = ",",
      description = "only of these kinds: job, instance, host, pool, health")
  private List<String> types;

  /** Of the last event that was seen; empty: of none. */
  private String last = "";

  private long pause = FIRST_PAUSE_MILLIS;

  @Override
  public Integer call() throws ApiException, InterruptedException {
    for (String type : types == null ? List.<String>of() : types) {
      if (!KINDS.contains(type)) {
        throw new ApiException(
            ExitCodes.USAGE,
            "there are no events of kind '" + type + "'",
            "--type",
            "write some of " + String.join(", ", KINDS.stream().sorted().toList()));
      }
    }
    last = after == null ? "" : after;
    while (tellKept()) {}
    return follow ? Ending.well(this::follow) : ExitCodes.OK;
  }

  /** A page of what is kept; whether there may be another. */
  private boolean tellKept() throws ApiException, InterruptedException {
    JsonNode kept = tide.api().get("/v1/events?limit=" + FULL_PAGE + query("&"));
    for (JsonNode event : kept.path("items")) {
      if (event.path("event").asText().equals("reset")) {
        missing(last);
      } else {
        tell(event);
      }
    }
    last = kept.path("next").asText(last);
    return kept.path("items").size() >= FULL_PAGE;
  }

  private void missing(String since) {
    tide.err()
        .println(
            "tide: events are missing"
                + (since.isEmpty() ? "" : " after " + since)
                + ": the server does not have them any more; the lists say how things are");
  }

  private String query(String before) {
    return last.isEmpty() ? "" : before + "after=" + Api.segment(last);
  }

  /** Until it is ended, or refused for good. */
  private int follow() throws ApiException, InterruptedException {
    do {
      try (EventStream stream = tide.api().stream("/v1/events" + query("?"))) {
        for (Optional<EventStream.Sent> one = stream.next(); one.isPresent(); one = stream.next()) {
          take(one.get());
        }
      } catch (ApiException e) {
        if (e.exitCode() != ExitCodes.UNREACHABLE) {
          throw e;
        }
        tide.err().println(e.text());
      } catch (IOException e) {
        // It broke, which is as good as its end.
      }
    } while (goOn());
    return ExitCodes.OK;
  }

  private boolean goOn() throws InterruptedException {
    long now = pause;
    pause = Math.min(LONGEST_PAUSE_MILLIS, 2 * pause);
    return tide.around().pause().goOn(now);
  }

  private void take(EventStream.Sent sent) throws ApiException {
    String since = last;
    last = sent.id().isEmpty() ? last : sent.id();
    if (sent.cut()) {
      tide.err().println("tide: an event of kind " + sent.event() + " is too long to be shown");
      return;
    }
    switch (sent.event()) {
      case "reset" -> missing(since);
      case "problem" -> tide.err().println("tide: " + sent.data());
      default -> {
        pause = FIRST_PAUSE_MILLIS;
        ObjectNode event =
            Api.JSON
                .createObjectNode()
                .put("id", sent.id())
                .put("at", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString())
                .put("event", sent.event());
        try {
          event.set("data", Api.JSON.readTree(sent.data()));
        } catch (JsonProcessingException e) {
          tide.err().println("tide: an event of kind " + sent.event() + " is no JSON");
          return;
        }
        tell(event);
      }
    }
  }

  private void tell(JsonNode event) throws ApiException {
    String kind = event.path("event").asText();
    if (types != null && !types.contains(kind)) {
      return;
    }
    JsonNode data = event.path("data");
    switch (tide.format()) {
      case json -> tide.out().println(event.toString());
      case yaml -> tide.printed(event);
      case name -> {
        if (!kind.equals("health")) {
          tide.printed(data);
        }
      }
      case table ->
          tide.out()
              .println(
                  "%-24s  %-8s  %s  %s"
                      .formatted(
                          Show.text(event, "at"),
                          kind,
                          name(kind, data),
                          data.path("removed").asBoolean() ? "gone" : change(kind, data))
                      .stripTrailing());
    }
  }

  private static String name(String kind, JsonNode data) {
    return switch (kind) {
      case "pool" -> Show.text(data, "name");
      case "health" -> "checks";
      default -> Show.text(data, "id");
    };
  }

  /** How it is now. */
  private String change(String kind, JsonNode data) {
    JsonNode status = data.path("status");
    return switch (kind) {
      case "job" ->
          "version %s, %s of %s ready%s"
              .formatted(
                  Show.text(data, "version"),
                  status.path("ready").asText("0"),
                  data.path("instances").asText(status.path("instances").asText("0")),
                  status.path("phase").asText().equals("REMOVING") ? ", being stopped" : "");
      case "instance" -> instance(data);
      case "host" -> host(data);
      case "pool" -> pool(status);
      case "health" ->
          data.path("slowed").asBoolean()
              ? "%s of %s fail; restarted slowly, %s a minute"
                  .formatted(
                      Show.text(data, "failing"),
                      Show.text(data, "checked"),
                      Show.text(data, "restartsPerMinute"))
              : "no longer many fail at once";
      default -> data.toString();
    };
  }

  private String instance(JsonNode data) {
    StringBuilder text = new StringBuilder(state(data, "state"));
    if (data.has("host")) {
      text.append(" on ").append(data.get("host").asText());
    }
    if (data.path("healthy").isBoolean()) {
      text.append(data.path("healthy").asBoolean() ? ", healthy" : ", unhealthy");
    }
    JsonNode waiting = data.path("waiting").path(0);
    if (!waiting.isMissingNode()) {
      text.append(", ").append(waiting.path("reason").asText());
      text.append(": ").append(waiting.path("detail").asText());
    }
    return text.toString();
  }

  private String host(JsonNode data) {
    StringBuilder text = new StringBuilder(state(data, "condition"));
    text.append(" in ").append(Show.text(data, "pool"));
    for (JsonNode warning : data.path("warnings")) {
      text.append("; ")
          .append(warning.isTextual() ? warning.asText() : Show.text(warning, "detail"));
    }
    return text.toString();
  }

  private static String pool(JsonNode status) {
    StringBuilder text =
        new StringBuilder(
            "%s hosts, %s ready, %s on order"
                .formatted(
                    Show.text(status, "hosts"),
                    Show.text(status, "ready"),
                    Show.text(status, "ordered")));
    for (JsonNode trouble : status.path("troubles")) {
      text.append("; ").append(Show.text(trouble, "kind"));
      text.append(": ").append(Show.text(trouble, "message"));
    }
    return text.toString();
  }

  private String state(JsonNode data, String field) {
    return tide.out().states(Show.text(data, field));
  }
}
