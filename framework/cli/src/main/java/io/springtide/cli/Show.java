package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Values as cells of a table. */
final class Show {
  static final String NOTHING = "-";

  private static final int MOST_NAMES = 3;

  private Show() {}

  static String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isMissingNode() || value.isNull() || value.asText().isEmpty()
        ? NOTHING
        : value.asText();
  }

  /** {@code 2 cpus, 512 MiB}. */
  static String resources(JsonNode node) {
    if (node.isMissingNode()) {
      return NOTHING;
    }
    String text =
        node.path("cpus").asText("0") + " cpus, " + node.path("memoryMiB").asText() + " MiB";
    return node.path("gpus").asInt() > 0
        ? text + ", " + node.path("gpus").asText() + " gpus"
        : text;
  }

  /** {@code 10.0.0.7 http=31005}. */
  static String endpoints(JsonNode instance) {
    StringBuilder text = new StringBuilder(text(instance, "address"));
    instance
        .path("ports")
        .properties()
        .forEach(
            port -> text.append(' ').append(port.getKey()).append('=').append(port.getValue()));
    return text.toString();
  }

  /** How long ago, in its two largest units: {@code 3h12m}. */
  static String ago(JsonNode node, String field) {
    try {
      long seconds =
          Duration.between(Instant.parse(node.path(field).asText()), Instant.now()).toSeconds();
      if (seconds < 60) {
        return Math.max(0, seconds) + "s";
      }
      if (seconds < 3600) {
        return seconds / 60 + "m" + seconds % 60 + "s";
      }
      return seconds < 86_400
          ? seconds / 3600 + "h" + seconds % 3600 / 60 + "m"
          : seconds / 86_400 + "d" + seconds % 86_400 / 3600 + "h";
    } catch (DateTimeParseException e) {
      return NOTHING;
    }
  }

  /** A time to come, to the second. */
  static String second(JsonNode node, String field) {
    return text(node, field).replaceFirst("[.][0-9]+Z$", "Z");
  }

  /** What a change displaces, a line for each kind; nothing where it displaces nothing. */
  static void effects(JsonNode answer, PrintWriter out) {
    JsonNode effects = answer.path("effects");
    for (JsonNode demoted : effects.path("demotions")) {
      out.printf(
          "  %s instances of %s are borrowed from now on: %s%n",
          text(demoted, "count"), text(demoted, "job"), text(demoted, "why"));
    }
    for (JsonNode evicted : effects.path("evictions")) {
      out.printf("  %s makes way for %s%n", text(evicted, "instance"), text(evicted, "for"));
    }
    Map<String, List<String>> stops = new TreeMap<>();
    for (JsonNode stop : effects.path("stops")) {
      String id = stop.asText();
      String job = id.substring(0, Math.max(0, id.lastIndexOf('#')));
      stops.computeIfAbsent(job, j -> new ArrayList<>()).add(id);
    }
    stops.forEach(
        (job, all) ->
            out.printf(
                "  stopped or replaced: %d of %s: %s%s%n",
                all.size(),
                job,
                String.join(", ", all.subList(0, Math.min(MOST_NAMES, all.size()))),
                all.size() > MOST_NAMES ? ", …" : ""));
    for (JsonNode violation : effects.path("violations")) {
      out.printf(
          "  %s is against the rules now: %s%n", text(violation, "job"), text(violation, "detail"));
    }
  }
}
