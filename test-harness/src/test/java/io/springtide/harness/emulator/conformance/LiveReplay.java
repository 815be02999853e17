package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Plays a recording against a master that somebody else runs. */
public final class LiveReplay {

  /**
   * From here on recording 02 shows how a call aborts a master by a bug of Mesos: nothing to try on
   * a master that is in use.
   */
  private static final String ABORTS = "aborts this master";

  private LiveReplay() {}

  /** Everything that was not as recorded; the frameworks of the recording are removed again. */
  public static List<String> play(String name, Path dir, URI master)
      throws IOException, InterruptedException {
    try (Replay replay = new Replay(harmless(Trace.load(name)), dir, Differences.load(), master)) {
      return replay.run();
    }
  }

  /** A recording without what must never be sent to a master that others use. */
  static Trace harmless(Trace trace) {
    List<JsonNode> lines = new ArrayList<>();
    for (JsonNode line : trace.lines()) {
      if (line.path("text").asText().contains(ABORTS)) {
        break;
      }
      lines.add(line);
    }
    return new Trace(trace.name(), lines);
  }
}
