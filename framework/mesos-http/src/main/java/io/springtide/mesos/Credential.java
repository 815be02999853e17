package io.springtide.mesos;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What a client shows to a master or an agent that asks who it is. */
public final class Credential {
  private final String who;
  private final String header;

  private Credential(String who, String header) {
    this.who = who;
    this.header = header;
  }

  /**
   * HTTP basic authentication, as masters and agents ask for with {@code --authenticate_http_*}.
   *
   * @param principal must be equal to FrameworkInfo.principal where that is set
   * @throws IllegalArgumentException if the principal is empty or holds a colon
   */
  public static Credential basic(String principal, String secret) {
    if (requireNonNull(principal, "principal").isEmpty() || principal.indexOf(':') >= 0) {
      throw new IllegalArgumentException("the principal must not be empty or hold a colon");
    }
    byte[] pair =
        (principal + ":" + requireNonNull(secret, "secret")).getBytes(StandardCharsets.UTF_8);
    return new Credential(principal, "Basic " + Base64.getEncoder().encodeToString(pair));
  }

  /**
   * A bearer token: what an agent gives its executors in MESOS_EXECUTOR_AUTHENTICATION_TOKEN.
   *
   * @throws IllegalArgumentException if the token is empty or not printable ASCII
   */
  public static Credential bearer(String token) {
    if (requireNonNull(token, "token").isEmpty()
        || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new IllegalArgumentException("the token must be printable ASCII without spaces");
    }
    return new Credential("bearer token", "Bearer " + token);
  }

  /** The value of the Authorization header. A secret: never log it. */
  String header() {
    return header;
  }

  /** Who, never the secret. */
  @Override
  public String toString() {
    return "Credential[" + who + "]";
  }
}
