package io.springtide.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.springtide.registry.store.Digest;
import io.springtide.testing.LoopbackServer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/**
 * A registry on loopback that serves what it is given, and misbehaves as it is told, one request at
 * a time.
 */
public final class ScriptedUpstream extends LoopbackServer {
  public record Request(String method, String path, Map<String, String> headers) {}

  /** Writes the whole answer to a request, well-formed or not; the connection closes afterwards. */
  public interface Answer {
    void write(Request request, OutputStream out) throws IOException, InterruptedException;
  }

  @SuppressWarnings("ArrayRecordComponent") // Handed out, never compared.
  private record Content(String mediaType, byte[] bytes, Digest digest) {}

  private final Map<String, Content> content = new ConcurrentHashMap<>();
  private final Map<String, Deque<Answer>> scripts = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Request> requests = new ConcurrentLinkedQueue<>();

  public ScriptedUpstream() throws IOException {
    this(0);
  }

  public ScriptedUpstream(int port) throws IOException {
    super(port, "upstream");
    start();
  }

  public Digest blob(String repository, byte[] bytes) {
    return blob(repository, bytes, Digest.of(bytes));
  }

  public Digest blob(String repository, byte[] bytes, Digest digest) {
    content.put(
        "/v2/" + repository + "/blobs/" + digest,
        new Content("application/octet-stream", bytes, digest));
    return digest;
  }

  public Digest manifest(String repository, String tag, String mediaType, String json) {
    byte[] bytes = json.getBytes(ISO_8859_1);
    Digest digest = Digest.of(bytes);
    Content value = new Content(mediaType, bytes, digest);
    content.put("/v2/" + repository + "/manifests/" + tag, value);
    content.put("/v2/" + repository + "/manifests/" + digest, value);
    return digest;
  }

  public void remove(String path) {
    content.remove(path);
  }

  /**
   * The next requests for {@code path} are answered so, one after the other; then normally again.
   */
  public void script(String path, Answer... answers) {
    scripts.computeIfAbsent(path, p -> new ArrayDeque<>()).addAll(List.of(answers));
  }

  public List<Request> requests(String method, String path) {
    return requests.stream().filter(r -> r.method.equals(method) && r.path.equals(path)).toList();
  }

  public List<Request> requests() {
    return List.copyOf(requests);
  }

  /** Sends {@code count} bytes, and the others once {@code rest} is open. */
  public Answer restAfter(int count, CountDownLatch rest) {
    return (request, out) -> {
      byte[] bytes = content.get(request.path).bytes;
      out.write(head(200, "Content-Length: " + bytes.length));
      out.write(bytes, 0, count);
      out.flush();
      rest.await();
      out.write(bytes, count, bytes.length - count);
    };
  }

  /** Promises the whole, sends {@code count} bytes of it, and hangs up. */
  public Answer cutAfter(int count) {
    return (request, out) -> {
      Content found = content.get(request.path);
      out.write(head(200, "Content-Length: " + found.bytes.length));
      out.write(found.bytes, 0, count);
      out.flush();
    };
  }

  public static Answer status(int status, String... headers) {
    return (request, out) -> {
      String all = String.join("\r\n", headers) + (headers.length == 0 ? "" : "\r\n");
      out.write(head(status, all + "Content-Length: 0"));
    };
  }

  public static byte[] head(int status, String headers) {
    return ("HTTP/1.1 " + status + " X\r\nConnection: close\r\n" + headers + "\r\n\r\n")
        .getBytes(ISO_8859_1);
  }

  @Override
  protected void serve(Socket socket) throws IOException, InterruptedException {
    InputStream in = new BufferedInputStream(socket.getInputStream());
    OutputStream out = socket.getOutputStream();
    for (Request request = read(in); request != null; request = read(in)) {
      requests.add(request);
      Deque<Answer> script = scripts.get(request.path);
      Answer scripted = null;
      if (script != null) {
        synchronized (script) {
          scripted = script.poll();
        }
      }
      if (scripted != null) {
        scripted.write(request, out);
        out.flush();
        return;
      }
      normal(request, out);
      out.flush();
    }
  }

  public void normal(Request request, OutputStream out) throws IOException {
    Content found = content.get(request.path);
    if (found == null) {
      byte[] body = "{\"errors\":[]}".getBytes(ISO_8859_1);
      out.write(
          ("HTTP/1.1 404 Not Found\r\nContent-Length: " + body.length + "\r\n\r\n")
              .getBytes(ISO_8859_1));
      if (!request.method.equals("HEAD")) {
        out.write(body);
      }
      return;
    }
    String range = request.headers.get("range");
    int from = 0;
    if (range != null && range.matches("bytes=\\d+-")) {
      from = Integer.parseInt(range.substring(6, range.length() - 1));
    }
    String status =
        range == null
            ? "200 OK\r\n"
            : "206 Partial Content\r\nContent-Range: bytes "
                + from
                + "-"
                + (found.bytes.length - 1)
                + "/"
                + found.bytes.length
                + "\r\n";
    out.write(
        ("HTTP/1.1 "
                + status
                + "Content-Type: "
                + found.mediaType
                + "\r\nDocker-Content-Digest: "
                + found.digest
                + "\r\nContent-Length: "
                + (found.bytes.length - from)
                + "\r\n\r\n")
            .getBytes(ISO_8859_1));
    if (!request.method.equals("HEAD")) {
      out.write(found.bytes, from, found.bytes.length - from);
    }
  }

  private static Request read(InputStream in) throws IOException {
    String text = head(in);
    if (!text.endsWith("\r\n\r\n")) {
      return null;
    }
    String[] lines = text.split("\r\n", -1);
    String[] first = lines[0].split(" ", -1);
    Map<String, String> headers = new TreeMap<>();
    Arrays.stream(lines)
        .skip(1)
        .filter(line -> !line.isEmpty())
        .forEach(
            line -> {
              int colon = line.indexOf(':');
              headers.merge(
                  line.substring(0, colon).toLowerCase(Locale.ROOT),
                  line.substring(colon + 1).strip(),
                  (a, c) -> a + ", " + c);
            });
    in.skipNBytes(Long.parseLong(headers.getOrDefault("content-length", "0")));
    return new Request(first[0], first[1], headers);
  }
}
