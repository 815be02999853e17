package io.springtide.server.access;

import io.springtide.server.digest.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/**
 * What is kept of a token: not the token.
 *
 * @param holder its name, role and groups
 * @param hash SHA-256 of the secret, in lower-case hexadecimal. No salt and no slow hash: there is
 *     nothing to guess in 256 random bits
 * @param created when
 * @param expires from then on it is none; empty: never
 * @param used the last time, to the hour; empty: not yet
 */
public record Token(
    Principal holder,
    String hash,
    Instant created,
    Optional<Instant> expires,
    Optional<Instant> used) {
  private static final int SECRET_BYTES = 32;

  /** So that a scan for leaked secrets knows one by its look. */
  private static final String MARK = "tide_";

  public String name() {
    return holder.name();
  }

  boolean isExpired(Instant now) {
    return expires.filter(end -> !now.isBefore(end)).isPresent();
  }

  Token usedAt(Instant now) {
    return new Token(holder, hash, created, expires, Optional.of(now));
  }

  /** A new secret. */
  static String secret(SecureRandom random) {
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    return MARK + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static String hash(String secret) {
    return Sha256.hex(secret.getBytes(StandardCharsets.UTF_8));
  }
}
