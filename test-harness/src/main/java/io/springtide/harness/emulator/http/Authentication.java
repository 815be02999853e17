package io.springtide.harness.emulator.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * HTTP basic authentication.
 *
 * @param credentials principal to secret; empty means that nobody has to authenticate
 */
public record Authentication(Map<String, String> credentials) {

  public Authentication {
    credentials = Map.copyOf(credentials);
  }

  /** Who sent a request: empty text without authentication, nothing when it is refused. */
  Optional<String> principal(Exchange exchange) {
    if (credentials.isEmpty()) {
      return Optional.of("");
    }
    String header = exchange.header("Authorization");
    if (header == null || !header.startsWith("Basic ")) {
      return Optional.empty();
    }
    String pair;
    try {
      pair =
          new String(
              Base64.getDecoder().decode(header.substring("Basic ".length()).trim()),
              StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    int colon = pair.indexOf(':');
    return colon >= 0 && pair.substring(colon + 1).equals(credentials.get(pair.substring(0, colon)))
        ? Optional.of(pair.substring(0, colon))
        : Optional.empty();
  }

  void refuse(Exchange exchange, String realm) {
    challenge(exchange, "Basic realm=\"" + realm + "\"");
  }

  /** 401, and how to authenticate. */
  static void challenge(Exchange exchange, String how) {
    exchange.send(
        401,
        "text/plain; charset=utf-8",
        "401 Unauthorized.".getBytes(StandardCharsets.UTF_8),
        Map.of("WWW-Authenticate", how));
  }
}
