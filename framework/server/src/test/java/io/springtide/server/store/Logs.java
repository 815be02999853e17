package io.springtide.server.store;

import java.util.Arrays;
import java.util.List;

/** What a store does with its log, in one piece. */
final class Logs {
  private Logs() {}

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
