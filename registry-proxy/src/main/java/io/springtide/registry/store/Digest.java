package io.springtide.registry.store;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of content: {@code sha256:<64 hex>} or {@code sha512:<128 hex>}, lower case, as in the
 * OCI image specification ("descriptor", section Digests). Because the hex part is checked here, a
 * digest is always safe as a file name.
 */
public record Digest(String algorithm, String hex) {
  private static final Pattern FORM =
      Pattern.compile("(sha256:[0-9a-f]{64})|(sha512:[0-9a-f]{128})");

  public Digest {
    if (!FORM.matcher(algorithm + ":" + hex).matches()) {
      throw new IllegalArgumentException(
          "not a digest: \""
              + algorithm
              + ":"
              + hex
              + "\"; allowed are sha256:<64 hex> and sha512:<128 hex>");
    }
  }

  /** The digest that {@code text} spells, or empty if it spells none. */
  public static Optional<Digest> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int colon = text.indexOf(':');
    return Optional.of(new Digest(text.substring(0, colon), text.substring(colon + 1)));
  }

  /** The sha256 digest of {@code bytes}. */
  public static Digest of(byte[] bytes) {
    return of("sha256", bytes);
  }

  /** The digest of {@code bytes} by {@code algorithm}, {@code sha256} or {@code sha512}. */
  public static Digest of(String algorithm, byte[] bytes) {
    MessageDigest hash = hash(algorithm);
    hash.update(bytes);
    return of(algorithm, hash);
  }

  /** The digest that a finished {@code hash} of {@code algorithm} gives. */
  public static Digest of(String algorithm, MessageDigest hash) {
    return new Digest(algorithm, HexFormat.of().formatHex(hash.digest()));
  }

  /** A fresh hash of this digest's algorithm. */
  public MessageDigest newHash() {
    return hash(algorithm);
  }

  /** Whether {@code bytes} are the content that this digest names. */
  public boolean names(byte[] bytes) {
    return equals(of(algorithm, bytes));
  }

  private static MessageDigest hash(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm.equals("sha512") ? "SHA-512" : "SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256 and SHA-512", e);
    }
  }

  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
