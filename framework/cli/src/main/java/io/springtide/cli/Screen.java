package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Map;
import java.util.regex.Pattern;

/** Where a command prints, and how much a reader there makes of it. */
final class Screen extends PrintWriter {
  private static final String GREEN = "\u001b[32m";
  private static final String YELLOW = "\u001b[33m";
  private static final String RED = "\u001b[31m";
  private static final String PLAIN = "\u001b[0m";

  /** States of instances, conditions of hosts, and what a cluster says of itself. */
  private static final Map<String, String> COLORS =
      Map.ofEntries(
          Map.entry("RUNNING", GREEN),
          Map.entry("FINISHED", GREEN),
          Map.entry("ready", GREEN),
          Map.entry("leading", GREEN),
          Map.entry("subscribed", GREEN),
          Map.entry("PENDING", YELLOW),
          Map.entry("STAGING", YELLOW),
          Map.entry("STARTING", YELLOW),
          Map.entry("STOPPING", YELLOW),
          Map.entry("provisioning", YELLOW),
          Map.entry("initialising", YELLOW),
          Map.entry("cordoned", YELLOW),
          Map.entry("draining", YELLOW),
          Map.entry("maintenance", YELLOW),
          Map.entry("drained", YELLOW),
          Map.entry("standby", YELLOW),
          Map.entry("starting", YELLOW),
          Map.entry("UNREACHABLE", RED),
          Map.entry("DETACHED", RED),
          Map.entry("FAILED", RED),
          Map.entry("unhealthy", RED),
          Map.entry("failed", RED),
          Map.entry("deactivated", RED),
          Map.entry("lost", RED),
          Map.entry("unlisted", RED),
          Map.entry("disconnected", RED),
          Map.entry("hangs", RED));

  private static final Pattern WORD = Pattern.compile("[A-Za-z]+");

  private final boolean colors;
  private final boolean instants;

  /**
   * @param colors whether states and conditions are coloured
   * @param instants whether a time is printed as it is, and not as how long ago that was: where
   *     only changes are printed, an age would be one each second
   */
  Screen(Writer to, boolean colors, boolean instants) {
    super(to, true);
    this.colors = colors;
    this.instants = instants;
  }

  /** The states and conditions in a text, in their colours. */
  String states(String text) {
    return colors
        ? WORD.matcher(text)
            .replaceAll(
                word -> {
                  String color = COLORS.get(word.group());
                  return color == null ? word.group() : color + word.group() + PLAIN;
                })
        : text;
  }

  /** How long ago a time of a document was. */
  String ago(JsonNode node, String field) {
    return instants ? Show.text(node, field) : Show.ago(node, field);
  }

  /** The same in a sentence: {@code 5s ago}. */
  String past(JsonNode node, String field) {
    return instants ? "at " + Show.text(node, field) : Show.ago(node, field) + " ago";
  }

  /** How long something has been so, in a sentence: {@code for 5s}. */
  String lasting(JsonNode node, String field) {
    return instants ? "since " + Show.text(node, field) : "for " + Show.ago(node, field);
  }
}
