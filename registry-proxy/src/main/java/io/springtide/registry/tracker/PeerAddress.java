package io.springtide.registry.tracker;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A peer and where others reach it.
 *
 * @param id chosen by the peer for as long as its process lives
 * @param host a name or an address, IPv6 in brackets
 */
public record PeerAddress(String id, String host, int port) {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{1,64}");
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,252})|\\[[0-9a-fA-F:.]{2,45}\\]");

  public PeerAddress {
    if (!valid(id, host, port)) {
      throw new IllegalArgumentException("not a peer: " + id + " at " + host + ":" + port);
    }
  }

  /** The peer that these name, or empty if they name none. */
  public static Optional<PeerAddress> of(String id, String host, int port) {
    return valid(id, host, port) ? Optional.of(new PeerAddress(id, host, port)) : Optional.empty();
  }

  private static boolean valid(String id, String host, int port) {
    return ID.matcher(id).matches() && HOST.matcher(host).matches() && port > 0 && port <= 65_535;
  }

  /** The address that a connection comes from, as a host; empty if it has none. */
  public static String hostOf(SocketAddress remote) {
    if (!(remote instanceof InetSocketAddress internet) || internet.isUnresolved()) {
      return "";
    }
    String address = internet.getAddress().getHostAddress();
    int scope = address.indexOf('%');
    String plain = scope < 0 ? address : address.substring(0, scope);
    return plain.indexOf(':') < 0 ? plain : "[" + plain + "]";
  }

  /** Of its door for other peers. */
  public URI uri(String path) {
    return URI.create("http://" + host + ":" + port + path);
  }

  @Override
  public String toString() {
    return id + "@" + host + ":" + port;
  }
}
