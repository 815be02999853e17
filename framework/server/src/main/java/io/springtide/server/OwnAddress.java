package io.springtide.server;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * This machine as seen from somewhere else: the address of the interface that leads there. Agents
 * can use it where they may not know the machine's name.
 */
final class OwnAddress {
  private OwnAddress() {}

  /**
   * The address that connections to a master come from.
   *
   * @param master {@code host:port}, several with commas between, or {@code zk://…/path}; the first
   *     is asked about. Nothing is sent
   * @return empty where the host is not known or no route leads to it
   */
  static Optional<String> towards(String master) {
    String first =
        master
            .replaceFirst("^[a-z]+://", "")
            .replaceFirst("^[^/]*@", "")
            .replaceFirst("[,/].*$", "")
            .trim();
    int colon = first.lastIndexOf(':');
    if (colon <= 0) {
      return Optional.empty();
    }
    String host = first.substring(0, colon);
    // Connecting a datagram socket sends nothing: it only has the kernel choose the route.
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(
          new InetSocketAddress(
              InetAddress.getByName(host), Integer.parseInt(first.substring(colon + 1))));
      return usable(socket.getLocalAddress());
    } catch (IOException | IllegalArgumentException | java.io.UncheckedIOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> usable(InetAddress local) {
    if (local.isAnyLocalAddress()) {
      return Optional.empty();
    }
    if (local instanceof Inet6Address) {
      // The zone means something on this machine only.
      return local.isLinkLocalAddress()
          ? Optional.empty()
          : Optional.of("[" + local.getHostAddress().replaceFirst("%.*$", "") + "]");
    }
    return Optional.of(local.getHostAddress());
  }
}
