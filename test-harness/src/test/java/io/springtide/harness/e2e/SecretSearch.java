package io.springtide.harness.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * Looks for secrets in what others may see: as they are, in hexadecimal and in base64, wherever in
 * a text the base64 began; also in what is packed by gzip within something else.
 */
final class SecretSearch {
  /** What is shorter is found by chance. */
  private static final int SHORTEST = 16;

  private static final int MOST_UNPACKED = 64 << 20;
  private static final String GZIP = new String(new byte[] {0x1f, (byte) 0x8b, 8}, ISO_8859_1);

  /** A secret, by its name, and where it is. */
  record Finding(String secret, String where) {}

  private final Map<String, Set<String>> secrets = new LinkedHashMap<>();
  private final List<Finding> found = new ArrayList<>();

  void secret(String name, String text) {
    secret(name, text.getBytes(UTF_8));
  }

  /** Adds one, or more of one. */
  void secret(String name, byte[] bytes) {
    if (bytes.length < SHORTEST) {
      throw new IllegalArgumentException(name + " is too short to be looked for");
    }
    Set<String> forms = secrets.computeIfAbsent(name, key -> new LinkedHashSet<>());
    forms.add(new String(bytes, ISO_8859_1));
    forms.add(HexFormat.of().formatHex(bytes));
    forms.add(HexFormat.of().withUpperCase().formatHex(bytes));
    for (int before = 0; before < 3; before++) {
      forms.add(withinBase64(Base64.getEncoder(), bytes, before));
      forms.add(withinBase64(Base64.getUrlEncoder(), bytes, before));
    }
  }

  /** The letters that depend on these bytes alone, when so many others stand before them. */
  private static String withinBase64(Base64.Encoder encoder, byte[] bytes, int before) {
    byte[] all = new byte[before + bytes.length];
    System.arraycopy(bytes, 0, all, before, bytes.length);
    int first = (before * 8 + 5) / 6;
    return encoder.encodeToString(all).substring(first, all.length * 8 / 6);
  }

  /**
   * Looks through something.
   *
   * @param where what to call it
   */
  void look(String where, byte[] bytes) {
    look(where, new String(bytes, ISO_8859_1), true);
  }

  /** As the other. */
  void look(String where, String text) {
    look(where, text.getBytes(UTF_8));
  }

  private void look(String where, String text, boolean unpack) {
    secrets.forEach(
        (name, forms) -> {
          if (forms.stream().anyMatch(text::contains)) {
            found.add(new Finding(name, where));
          }
        });
    for (int at = text.indexOf(GZIP); unpack && at >= 0; at = text.indexOf(GZIP, at + 1)) {
      look(where + ", unpacked", unpacked(text.substring(at)), false);
    }
  }

  private static String unpacked(String packed) {
    try (GZIPInputStream in =
        new GZIPInputStream(new ByteArrayInputStream(packed.getBytes(ISO_8859_1)))) {
      return new String(in.readNBytes(MOST_UNPACKED), ISO_8859_1);
    } catch (IOException e) {
      return ""; // It only looked so.
    }
  }

  /** What was found so far. */
  List<Finding> found() {
    return List.copyOf(found);
  }
}
