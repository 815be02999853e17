package io.springtide.server.store;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A snapshot that counts. The znode {@code /snapshot} holds one on each line, newest first.
 *
 * @param version of the last commit that it holds
 * @param name of its chunks
 */
record Pointer(long version, String name) {
  static byte[] toBytes(List<Pointer> pointers) {
    return pointers.stream()
        .map(pointer -> pointer.version() + " " + pointer.name())
        .collect(Collectors.joining("\n"))
        .getBytes(StandardCharsets.US_ASCII);
  }

  static List<Pointer> fromBytes(byte[] bytes) {
    return new String(bytes, StandardCharsets.US_ASCII).lines().map(Pointer::of).toList();
  }

  private static Pointer of(String line) {
    int space = line.indexOf(' ');
    try {
      return new Pointer(
          Long.parseLong(line.substring(0, Math.max(0, space))), line.substring(space + 1));
    } catch (NumberFormatException e) {
      throw new StoreException("The znode /snapshot does not hold '<version> <name>'", e);
    }
  }
}
