package io.springtide.registry.http;

import java.net.URI;
import java.util.Locale;

/**
 * Scheme, host and port of a server: the bounds within which an Authorization header may travel
 * (RFC 6454).
 */
public record ServerAddress(boolean tls, String host, int port) {
  public static ServerAddress of(URI uri) {
    if (uri.getHost() == null
        || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
      throw new IllegalArgumentException("not an http or https address: " + uri);
    }
    boolean tls = uri.getScheme().equals("https");
    int port = uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80;
    return new ServerAddress(tls, uri.getHost().toLowerCase(Locale.ROOT), port);
  }

  /** As in a Host header. */
  String authority() {
    return port == (tls ? 443 : 80) ? host : host + ":" + port;
  }
}
