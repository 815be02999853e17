package io.springtide.server.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * The bytes of a log entry or of a snapshot: the number of its format in digits (none: 1), one byte
 * that says how to read the rest, then the rest.
 */
final class Entry {
  /** Text smaller than this is not worth packing. */
  private static final int PACK_FROM = 1024;

  private static final byte[] FORMAT =
      Integer.toString(Formats.CURRENT).getBytes(StandardCharsets.US_ASCII);

  private static final int MOST_DIGITS = 9;

  private static final byte PLAIN = 'p';
  private static final byte PACKED = 'z';
  private static final byte ELSEWHERE = 'e';

  private Entry() {}

  static byte[] of(byte[] text) {
    if (text.length < PACK_FROM) {
      return with(PLAIN, text);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream zip = packing(out)) {
      zip.write(text);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail to be written", e);
    }
    return out.toByteArray();
  }

  /**
   * Begins a packed entry, whose end carries a checksum.
   *
   * @return where its text goes; to be closed
   */
  static OutputStream packing(OutputStream out) throws IOException {
    out.write(FORMAT);
    out.write(PACKED);
    return new Packing(out);
  }

  /** Quick rather than small: packing was half of what a snapshot cost. */
  private static final class Packing extends GZIPOutputStream {
    Packing(OutputStream out) throws IOException {
      super(out, 64 * 1024);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  /** An entry whose bytes are too many for it and stand in chunks of that name. */
  static byte[] elsewhere(String name) {
    return with(ELSEWHERE, name.getBytes(StandardCharsets.US_ASCII));
  }

  static boolean isElsewhere(byte[] entry) {
    return kind(entry) == ELSEWHERE;
  }

  static String name(byte[] entry) {
    int from = digits(entry) + 1;
    return new String(entry, from, entry.length - from, StandardCharsets.US_ASCII);
  }

  /**
   * What an entry says.
   *
   * @throws DamageException if these are not the bytes that were written
   * @throws StoreException if its format is a later one
   */
  static Stored stored(byte[] entry) throws DamageException {
    int format = format(entry);
    int from = digits(entry) + 1;
    return switch (kind(entry)) {
      case PLAIN -> new Stored(format, Arrays.copyOfRange(entry, from, entry.length));
      case PACKED -> new Stored(format, unpacked(entry, from));
      default ->
          throw new StoreException(
              "A log entry begins with a byte that this release does not know");
    };
  }

  private static byte[] unpacked(byte[] entry, int from) throws DamageException {
    try (GZIPInputStream zip =
        new GZIPInputStream(new ByteArrayInputStream(entry, from, entry.length - from))) {
      return zip.readAllBytes();
    } catch (IOException e) {
      throw new DamageException("it cannot be unpacked: " + e.getMessage(), e);
    }
  }

  /** How many digits it begins with. */
  private static int digits(byte[] entry) {
    int digits = 0;
    while (digits < Math.min(entry.length, MOST_DIGITS)
        && entry[digits] >= '0'
        && entry[digits] <= '9') {
      digits++;
    }
    return digits;
  }

  private static int format(byte[] entry) {
    int digits = digits(entry);
    return digits == 0
        ? 1
        : Formats.require(
            Integer.parseInt(new String(entry, 0, digits, StandardCharsets.US_ASCII)));
  }

  private static byte kind(byte[] entry) {
    int digits = digits(entry);
    return digits < entry.length ? entry[digits] : 0;
  }

  private static byte[] with(byte kind, byte[] rest) {
    byte[] entry = Arrays.copyOf(FORMAT, FORMAT.length + 1 + rest.length);
    entry[FORMAT.length] = kind;
    System.arraycopy(rest, 0, entry, FORMAT.length + 1, rest.length);
    return entry;
  }
}
