package io.springtide.server.store;

import java.nio.charset.StandardCharsets;

/**
 * What the znode {@code /leader} holds: who may write, and how far the log goes. Its znode version
 * is what every commit checks.
 *
 * @param epoch rises with every leader
 * @param version of the last commit
 */
record Head(long epoch, long version) {
  static final Head NONE = new Head(0, 0);

  byte[] toBytes() {
    return (epoch + " " + version).getBytes(StandardCharsets.US_ASCII);
  }

  static Head fromBytes(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.US_ASCII);
    int space = text.indexOf(' ');
    try {
      return new Head(
          Long.parseLong(text.substring(0, Math.max(0, space))),
          Long.parseLong(text.substring(space + 1)));
    } catch (NumberFormatException e) {
      throw new StoreException("The znode /leader does not hold '<epoch> <version>'", e);
    }
  }
}
