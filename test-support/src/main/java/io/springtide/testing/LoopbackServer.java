package io.springtide.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A server on loopback that writes and reads by hand, each connection on a thread of its own:
 * closing it ends them all.
 */
public abstract class LoopbackServer implements AutoCloseable {
  private static final int BACKLOG = 1024;

  private final String name;
  private final ServerSocket server;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private Thread acceptor;
  private volatile boolean over;

  /**
   * Listens; nobody is served before {@link #start}.
   *
   * @param port 0 for any that is free
   * @param name of its threads
   */
  protected LoopbackServer(int port, String name) throws IOException {
    this.name = name;
    this.server = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
  }

  /** Begins to serve. */
  protected final void start() {
    acceptor =
        spawn(
            () -> {
              while (!over) {
                Socket socket = closed(server.accept());
                spawn(
                    () -> {
                      try (socket) {
                        serve(socket);
                      }
                    });
              }
            });
  }

  /** Serves one connection, which is closed afterwards; the client may hang up meanwhile. */
  protected abstract void serve(Socket socket) throws IOException, InterruptedException;

  /** {@code socket}, closed with this server if not before. */
  protected final Socket closed(Socket socket) throws IOException {
    sockets.add(socket);
    if (over) {
      socket.close();
    }
    return socket;
  }

  public final int port() {
    return server.getLocalPort();
  }

  public final String url() {
    return "http://127.0.0.1:" + port();
  }

  /** An HTTP message up to its empty line; shorter, or empty, if the connection ends before. */
  protected static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int ending = 0;
    for (int b = in.read(); b >= 0; b = in.read()) {
      head.write(b);
      ending = b == (ending % 2 == 0 ? '\r' : '\n') ? ending + 1 : 0;
      if (ending == 4) {
        break;
      }
    }
    return head.toString(ISO_8859_1);
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private Thread spawn(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (SocketException e) {
                // one side or the other is gone, or the test is over
              } catch (IOException e) {
                throw new IllegalStateException(e);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
    return thread;
  }

  /**
   * A thread that waits for a connection keeps the port open until it has woken, and may still get
   * one: nobody is served any more only when it has ended.
   */
  @Override
  public void close() throws IOException {
    over = true;
    server.close();
    threads.forEach(Thread::interrupt);
    try {
      if (acceptor != null) {
        acceptor.join(Patience.limit().toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
