package io.springtide.harness.bench.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * Stands before a registry, or before a proxy, and hands everything on as it is, one request a
 * connection, but for what it was told to answer otherwise.
 */
final class FaultRelay implements AutoCloseable {
  /** What the server behind it answers: its head as it came, and the body, not yet read. */
  record Answer(String head, InputStream body) {
    /** Of the body. */
    int length() {
      return FaultRelay.length(head, -1);
    }
  }

  /** Writes what the asking side gets instead; the connection closes afterwards. */
  interface Fault {
    void write(Answer answer, OutputStream out) throws IOException, InterruptedException;
  }

  static final Fault NONE =
      (answer, out) -> {
        out.write(answer.head.getBytes(ISO_8859_1));
        answer.body.transferTo(out);
      };

  /** One fault, for the first request that it means or for all of them. */
  private record Scripted(Predicate<String> path, Fault fault, boolean once) {}

  private final int target;
  private final ServerSocket server;
  private final List<Scripted> script = new CopyOnWriteArrayList<>();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();

  /** {@code target}: the port on loopback that it stands before. */
  FaultRelay(int target) throws IOException {
    this.target = target;
    server = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    spawn(
        () -> {
          while (true) {
            Socket socket = server.accept();
            sockets.add(socket);
            spawn(() -> serve(socket));
          }
        });
  }

  int port() {
    return server.getLocalPort();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  /** The next GET or POST of such a path goes wrong so; then all is well again. */
  void script(Predicate<String> path, Fault fault) {
    script.add(new Scripted(path, fault, true));
  }

  /** Every GET or POST of such a path goes wrong so, until {@link #heal}. */
  void always(Predicate<String> path, Fault fault) {
    script.add(new Scripted(path, fault, false));
  }

  /** What was told is forgotten. */
  void heal() {
    script.clear();
  }

  /** Whether each single fault met its request. */
  boolean allHappened() {
    return script.stream().noneMatch(Scripted::once);
  }

  private void serve(Socket asking) throws IOException, InterruptedException {
    try (asking) {
      String request = head(asking.getInputStream());
      String[] first = request.substring(0, Math.max(0, request.indexOf('\r'))).split(" ", -1);
      if (first.length != 3) {
        return;
      }
      try (Socket upstream = new Socket(InetAddress.getLoopbackAddress(), target)) {
        sockets.add(upstream);
        String once = request.replaceAll("(?im)^connection:.*\r\n", "");
        once = once.substring(0, once.length() - 2) + "Connection: close\r\n\r\n";
        upstream.getOutputStream().write(once.getBytes(ISO_8859_1));
        upstream.getOutputStream().write(asking.getInputStream().readNBytes(length(request, 0)));
        InputStream in = upstream.getInputStream();
        Answer answer = new Answer(head(in), in);
        Fault fault = first[0].equals("HEAD") ? NONE : next(first[1]);
        fault.write(answer, asking.getOutputStream());
      }
    }
  }

  private synchronized Fault next(String path) {
    Optional<Scripted> found = script.stream().filter(one -> one.path.test(path)).findFirst();
    found.filter(Scripted::once).ifPresent(script::remove);
    return found.map(Scripted::fault).orElse(NONE);
  }

  private static int length(String head, int otherwise) {
    return head.lines()
        .filter(line -> line.regionMatches(true, 0, "content-length:", 0, 15))
        .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
        .findFirst()
        .orElse(otherwise);
  }

  /** Up to its empty line; shorter if the connection ends before. */
  private static String head(InputStream in) throws IOException {
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

  private void spawn(Work work) {
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
            "fault relay");
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    threads.forEach(Thread::interrupt);
  }
}
