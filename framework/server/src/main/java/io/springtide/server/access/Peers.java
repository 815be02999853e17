package io.springtide.server.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the servers of one cluster know each other by: a secret that only they share. A follower
 * says with it from where it was asked; nobody else can put an address into the audit.
 */
public final class Peers {
  /** Of the secret. */
  public static final int BYTES = 32;

  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  public Peers(byte[] secret) {
    this.key = new SecretKeySpec(secret, ALGORITHM);
  }

  /**
   * Vouches that this request came from there.
   *
   * @param request method, path and query, and what authorises it: of use for no other request
   */
  public String sign(String from, String request) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return HexFormat.of()
          .formatHex(mac.doFinal((from + "\n" + request).getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has " + ALGORITHM, e);
    }
  }

  /** Whether a peer has vouched for it. */
  public boolean isSigned(String from, String request, String signature) {
    return MessageDigest.isEqual(
        sign(from, request).getBytes(StandardCharsets.US_ASCII),
        signature.getBytes(StandardCharsets.US_ASCII));
  }
}
