package io.springtide.server.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * The bytes of a log entry or of a snapshot's pointer: one byte that says how to read the rest,
 * then the rest.
 */
final class Entry {
  /** Text smaller than this is not worth packing. */
  private static final int PACK_FROM = 1024;

  private static final byte PLAIN = 'p';
  private static final byte PACKED = 'z';
  private static final byte ELSEWHERE = 'e';

  private Entry() {}

  static byte[] of(byte[] text) {
    if (text.length < PACK_FROM) {
      return with(PLAIN, text);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(PACKED);
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(text);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail to be written", e);
    }
    return out.toByteArray();
  }

  /** An entry whose bytes are too many for it and stand in chunks of that name. */
  static byte[] elsewhere(String name) {
    return with(ELSEWHERE, name.getBytes(StandardCharsets.US_ASCII));
  }

  static boolean isElsewhere(byte[] entry) {
    return entry[0] == ELSEWHERE;
  }

  static String name(byte[] entry) {
    return new String(entry, 1, entry.length - 1, StandardCharsets.US_ASCII);
  }

  static byte[] text(byte[] entry) {
    if (entry.length == 0 || (entry[0] != PLAIN && entry[0] != PACKED)) {
      throw new StoreException("A log entry begins with a byte that this release does not know");
    }
    if (entry[0] == PLAIN) {
      return Arrays.copyOfRange(entry, 1, entry.length);
    }
    try (GZIPInputStream zip =
        new GZIPInputStream(new ByteArrayInputStream(entry, 1, entry.length - 1))) {
      return zip.readAllBytes();
    } catch (IOException e) {
      throw new StoreException("A log entry cannot be unpacked", e);
    }
  }

  private static byte[] with(byte kind, byte[] rest) {
    byte[] entry = new byte[rest.length + 1];
    entry[0] = kind;
    System.arraycopy(rest, 0, entry, 1, rest.length);
    return entry;
  }
}
