package io.springtide.registry.http;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;

/**
 * Scheme, host and port of a server: the bounds within which an Authorization header may travel
 * (RFC 6454).
 */
public record ServerAddress(boolean tls, String host, int port) {
  private static final int MAX_PORT = 65_535;

  /**
   * @throws IllegalArgumentException if that is no http or https address, or no server can have it
   */
  public static ServerAddress of(URI uri) {
    if (uri.getHost() == null
        || uri.getPort() > MAX_PORT
        || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
      throw new IllegalArgumentException("not an http or https address: " + uri);
    }
    boolean tls = uri.getScheme().equals("https");
    int port = uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80;
    return new ServerAddress(tls, uri.getHost().toLowerCase(Locale.ROOT), port);
  }

  /** What another program calls its address; empty if it is none. */
  public static Optional<URI> parse(String text) {
    try {
      URI uri = URI.create(text);
      of(uri);
      return Optional.of(uri);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** As in a Host header. */
  String authority() {
    return port == (tls ? 443 : 80) ? host : host + ":" + port;
  }
}
