package io.springtide.server.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;

/** What a store does with its log, in one piece. */
final class Logs {
  private Logs() {}

  /** A commit or a snapshot of that text. */
  static byte[] entry(String text) {
    return Entry.of(text.getBytes(UTF_8));
  }

  /** A whole snapshot, and the removal of what nobody needs any more. */
  static void snapshot(CommitLog log, long at, byte[] entry) throws Exception {
    log.beginSnapshot(at);
    for (int from = 0; from < entry.length; from += Write.MOST_DATA) {
      int to = Math.min(entry.length, from + Write.MOST_DATA);
      log.continueSnapshot(Arrays.copyOfRange(entry, from, to));
    }
    log.endSnapshot();
    for (List<Write> leftovers : log.leftovers()) {
      log.write(leftovers);
    }
  }
}
