package io.springtide.mesos;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.Optional;

/**
 * Where a master or an agent listens.
 *
 * @param host a name or an address; an IPv6 address without brackets
 * @param port 1 to 65535
 * @param tls whether HTTP is spoken over TLS
 */
public record Endpoint(String host, int port, boolean tls) {
  public Endpoint {
    requireNonNull(host, "host");
    if (host.isEmpty() || host.chars().anyMatch(c -> c <= ' ' || "/?#@[]\\".indexOf(c) >= 0)) {
      throw new IllegalArgumentException("\"" + host + "\" is not a host name or address");
    }
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port is " + port + ", must be 1 to 65535");
    }
  }

  /**
   * Reads {@code [http://|https://]host:port}, for example {@code http://10.0.0.1:5050} or {@code
   * [::1]:5051}. A path is not allowed.
   *
   * @throws IllegalArgumentException if it is anything else; the message says what was expected
   */
  public static Endpoint parse(String text) {
    requireNonNull(text, "text");
    String lower = text.toLowerCase(Locale.ROOT);
    boolean tls = lower.startsWith("https://");
    String rest = tls ? text.substring(8) : lower.startsWith("http://") ? text.substring(7) : text;
    if (rest.endsWith("/")) {
      rest = rest.substring(0, rest.length() - 1);
    }
    return hostAndPort(rest, tls)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "\"" + text + "\" is not an endpoint; expected http://host:port"));
  }

  /**
   * Follows the Location of a redirect. Mesos sends one without a scheme, {@code
   * //host:port/master/api/v1/scheduler}; the scheme stays the one that is spoken now. The path is
   * left out: the leader answers on the path that was asked for.
   *
   * @return empty if the Location makes no sense
   */
  Optional<Endpoint> redirectedTo(String location) {
    boolean https = location.startsWith("https://");
    boolean http = location.startsWith("http://");
    if (!https && !http && !location.startsWith("//")) {
      return Optional.empty();
    }
    String rest = location.substring(location.indexOf("//") + 2);
    int slash = rest.indexOf('/');
    try {
      return hostAndPort(slash < 0 ? rest : rest.substring(0, slash), https || (!http && tls));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<Endpoint> hostAndPort(String text, boolean tls) {
    int colon = text.lastIndexOf(':');
    if (colon < 1 || !text.substring(colon + 1).matches("\\d{1,5}")) {
      return Optional.empty();
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      return Optional.empty();
    }
    return Optional.of(new Endpoint(host, Integer.parseInt(text.substring(colon + 1)), tls));
  }

  /** As it stands in a Host header. */
  String authority() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }

  @Override
  public String toString() {
    return (tls ? "https://" : "http://") + authority();
  }
}
