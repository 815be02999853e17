package io.springtide.server.http;

import io.springtide.server.tls.Tls;
import java.util.Optional;

/**
 * Where the HTTP server of this process listens.
 *
 * @param host of the API, {@code 0.0.0.0} for all addresses
 * @param port of the API; 0: a free one
 * @param tls how the API speaks TLS; empty: it does not
 * @param artifacts a second address, always without TLS, for agents that fetch the executor; empty:
 *     they ask the API's
 */
public record Listeners(String host, int port, Optional<Tls> tls, Optional<Plain> artifacts) {

  /** An address without TLS. */
  public record Plain(String host, int port) {}

  /** One address, without TLS. */
  public static Listeners plain(String host, int port) {
    return new Listeners(host, port, Optional.empty(), Optional.empty());
  }

  /** {@code http} or {@code https}. */
  public String scheme() {
    return tls.isPresent() ? "https" : "http";
  }
}
