package io.springtide.executor.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/** A way to the machine's engine on which a test can stand: shut, or blocked without a word. */
final class EngineDoor implements AutoCloseable {
  private final ServerSocket server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();
  private final Object gate = new Object();
  private boolean blocked; // guarded by gate
  private volatile boolean shut;

  private EngineDoor(ServerSocket server) {
    this.server = server;
    threads.execute(this::accept);
  }

  static EngineDoor plain() throws IOException {
    return new EngineDoor(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
  }

  /** One that asks whoever comes for a certificate. */
  static EngineDoor tls(SSLContext context) throws IOException {
    var socket =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    socket.setNeedClientAuth(true);
    return new EngineDoor(socket);
  }

  /** For DOCKER_HOST. */
  String url() {
    return "tcp://127.0.0.1:" + server.getLocalPort();
  }

  /** Nothing gets through, and nobody is told: an engine that hangs. */
  void block() {
    synchronized (gate) {
      blocked = true;
    }
  }

  /** Whoever is there is thrown out, and whoever comes: an engine that is stopped. */
  void shut() {
    shut = true;
    open.forEach(EngineDoor::close);
    open.clear();
  }

  void open() {
    shut = false;
    synchronized (gate) {
      blocked = false;
      gate.notifyAll();
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        if (shut) {
          client.close();
        } else {
          threads.execute(() -> serve(client));
        }
      }
    } catch (IOException closed) {
      return;
    }
  }

  private void serve(Socket client) {
    try {
      var engine = SocketChannel.open(StandardProtocolFamily.UNIX);
      open.add(client);
      open.add(engine);
      if (shut) { // while it came in
        close(client);
        close(engine);
        return;
      }
      engine.connect(UnixDomainSocketAddress.of("/var/run/docker.sock"));
      threads.execute(
          () -> {
            try {
              var in = Channels.newInputStream(engine);
              var bytes = new byte[16 << 10];
              for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                pass();
                client.getOutputStream().write(bytes, 0, n);
              }
            } catch (IOException gone) {
              close(engine);
            } finally {
              close(client);
            }
          });
      var bytes = new byte[16 << 10];
      for (int n = client.getInputStream().read(bytes);
          n >= 0;
          n = client.getInputStream().read(bytes)) {
        pass();
        for (var buffer = ByteBuffer.wrap(bytes, 0, n); buffer.hasRemaining(); ) {
          engine.write(buffer);
        }
      }
      close(engine);
    } catch (IOException gone) {
      close(client);
    }
  }

  private void pass() {
    synchronized (gate) {
      while (blocked) {
        try {
          gate.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new UncheckedIOException(new IOException(e));
        }
      }
    }
  }

  private static void close(AutoCloseable end) {
    try {
      end.close();
    } catch (Exception alreadyClosed) { // AutoCloseable's own signature
      return;
    }
  }

  @Override
  public void close() {
    open();
    shut();
    close(server);
    threads.shutdownNow();
  }
}
