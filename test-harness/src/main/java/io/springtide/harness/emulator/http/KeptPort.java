package io.springtide.harness.emulator.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;

/**
 * A port of loopback for a server that ends and comes back: it is nobody else's in between. A
 * socket is bound to it that never listens; beside that one any server may listen that asks for
 * SO_REUSEADDR, but the machine chooses the port for no other one, nor for a connection (socket(7),
 * ip(7)).
 */
public final class KeptPort implements AutoCloseable {
  private final SocketChannel bound;
  private final int number;

  private KeptPort(SocketChannel bound) throws IOException {
    this.bound = bound;
    number = ((InetSocketAddress) bound.getLocalAddress()).getPort();
  }

  /** One of the machine's choosing. */
  public static KeptPort any() throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return new KeptPort(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  public int number() {
    return number;
  }

  /** Whoever wants it may have it. */
  @Override
  public void close() {
    try {
      bound.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
