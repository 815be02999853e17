package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/** Values as cells of a table. */
final class Show {
  static final String NOTHING = "-";

  private Show() {}

  static String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isMissingNode() || value.isNull() || value.asText().isEmpty()
        ? NOTHING
        : value.asText();
  }

  /** {@code 2 cpus, 512 MiB}. */
  static String resources(JsonNode node) {
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
}
