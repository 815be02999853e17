package io.springtide.server.store;

import java.nio.charset.StandardCharsets;

/**
 * What the znode {@code /leader} holds: who may write, how far the log goes, and what one must know
 * to read it. Its znode version is what every commit checks.
 *
 * @param epoch rises with every leader
 * @param version of the last commit
 * @param format the newest that entries and snapshots may have, see {@link Formats}. Not written
 *     for format 1, whose processes wrote two numbers and refuse three before they write anything
 */
record Head(long epoch, long version, int format) {
  static final Head NONE = new Head(0, 0, Formats.CURRENT);

  byte[] toBytes() {
    String text = epoch + " " + version + (format == 1 ? "" : " " + format);
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  static Head fromBytes(byte[] bytes) {
    String[] words = new String(bytes, StandardCharsets.US_ASCII).split(" ", -1);
    try {
      if (words.length == 2) {
        return new Head(Long.parseLong(words[0]), Long.parseLong(words[1]), 1);
      } else if (words.length > 2) {
        // A later format may have more to say after its number.
        return new Head(
            Long.parseLong(words[0]), Long.parseLong(words[1]), Integer.parseInt(words[2]));
      }
    } catch (NumberFormatException e) {
      throw new StoreException("The znode /leader does not hold '<epoch> <version> <format>'", e);
    }
    throw new StoreException("The znode /leader does not hold '<epoch> <version> <format>'");
  }
}
