package io.springtide.harness.bench.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.springtide.testing.LoopbackServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * Stands before a registry, or before a proxy, and hands everything on as it is, one request a
 * connection, but for what it was told to answer otherwise.
 */
final class FaultRelay extends LoopbackServer {
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
  private final List<Scripted> script = new CopyOnWriteArrayList<>();

  /** {@code target}: the port on loopback that it stands before. */
  FaultRelay(int target) throws IOException {
    super(0, "fault relay");
    this.target = target;
    start();
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

  @Override
  protected void serve(Socket asking) throws IOException, InterruptedException {
    String request = head(asking.getInputStream());
    String[] first = request.substring(0, Math.max(0, request.indexOf('\r'))).split(" ", -1);
    if (first.length != 3) {
      return;
    }
    try (Socket upstream = closed(new Socket(InetAddress.getLoopbackAddress(), target))) {
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
}
