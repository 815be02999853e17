package io.springtide.harness.demo;

import java.util.Locale;
import java.util.stream.Collectors;

/** A snapshot's progress in one line. */
final class Progress {
  private static final int WIDTH = 24;

  private Progress() {}

  static String line(Snapshot s) {
    String states =
        s.states().entrySet().stream()
            .map(e -> e.getValue() + " " + e.getKey().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    return "%s %d/%d running, %d registered (%s)"
        .formatted(bar(s.running(), s.wanted()), s.running(), s.wanted(), s.registered(), states);
  }

  static String bar(int done, int all) {
    int full = all == 0 ? WIDTH : WIDTH * Math.min(done, all) / all;
    return "[" + "#".repeat(full) + ".".repeat(WIDTH - full) + "]";
  }
}
