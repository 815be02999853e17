package io.springtide.harness.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * Disjoint ranges of ports for hosts that all live on this machine: what an instance is given from
 * an offer it really binds. Each block is claimed by holding its first port, so that clusters that
 * run side by side keep out of each other's way.
 */
final class PortBlocks implements AutoCloseable {
  /** Ports of one block, the claimed one not counted. */
  static final int SIZE = 31;

  // Below 32768, where the kernel picks ports for everybody else.
  private static final int FIRST = 20000;
  private static final int LAST = 32000;

  private final List<ServerSocket> claims = new ArrayList<>();
  private int next = FIRST;

  /** The first and last port of a block that nobody listens on. */
  record Block(int first, int last) {}

  /**
   * @throws IOException when the machine has no block left
   */
  synchronized Block take() throws IOException {
    while (next + SIZE < LAST) {
      int base = next;
      next += SIZE + 1;
      ServerSocket claim = bind(base);
      if (claim == null) {
        continue;
      }
      if (allFree(base + 1, base + SIZE)) {
        claims.add(claim);
        return new Block(base + 1, base + SIZE);
      }
      claim.close();
    }
    throw new IOException(
        "no %d ports in a row are free between %d and %d; end what listens there"
            .formatted(SIZE + 1, FIRST, LAST));
  }

  private static boolean allFree(int first, int last) throws IOException {
    for (int port = first; port <= last; port++) {
      ServerSocket socket = bind(port);
      if (socket == null) {
        return false;
      }
      socket.close();
    }
    return true;
  }

  /** A socket on every interface, as an instance would have it; null when the port is taken. */
  private static ServerSocket bind(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.bind(new InetSocketAddress(port));
      return socket;
    } catch (IOException e) {
      socket.close();
      return null;
    }
  }

  @Override
  public synchronized void close() throws IOException {
    for (ServerSocket claim : claims) {
      claim.close();
    }
    claims.clear();
  }
}
