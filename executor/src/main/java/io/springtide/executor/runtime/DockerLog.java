package io.springtide.executor.runtime;

import com.github.dockerjava.transport.DockerHttpClient;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/**
 * The engine's log of a container, read from a time on for as long as the container lives. The
 * engine sends entry by entry, each in a frame with its time in front (Engine API, ContainerAttach,
 * "Stream format"): a line, or a part of a line longer than 16 KiB, whose parts all have the time
 * of the first.
 *
 * <p>docker-java 3.7.1 hands a frame out in pieces of at most 1 KiB, wherever its buffers end, and
 * without its bounds: a time would be torn, and a text be taken for one. So frames are read here.
 */
final class DockerLog implements AutoCloseable {
  /** An entry has 16 KiB and its time; what is far above is no log. */
  private static final int MAX_FRAME_BYTES = 1 << 20;

  private static final int STDERR = 2;

  /** Takes what is read, on one thread. */
  interface Reader {
    /**
     * @param at when the engine took it
     * @param bytes of them, those from {@code from} on are the container's
     */
    void entry(boolean stderr, Instant at, byte[] bytes, int from);

    /** No more comes. Called once. */
    void over();

    /** No more comes, for a reason that is not the container's end. Called once. */
    void broken(IOException why);
  }

  private final DockerHttpClient http;
  private final DockerHttpClient.Request request;
  private final Reader reader;
  private DockerHttpClient.Response response; // guarded by this; null: none yet
  private boolean closed; // guarded by this

  private DockerLog(DockerHttpClient http, DockerHttpClient.Request request, Reader reader) {
    this.http = http;
    this.request = request;
    this.reader = reader;
  }

  /**
   * Begins to read, on a thread of its own that ends with the log. Does not wait for the engine.
   *
   * @param since entries of this time and later
   */
  static DockerLog follow(DockerHttpClient http, String container, Instant since, Reader reader) {
    var log = new DockerLog(http, request(container, since), reader);
    var thread = new Thread(log::run, "log-" + container);
    thread.setDaemon(true);
    thread.start();
    return log;
  }

  private static DockerHttpClient.Request request(String container, Instant since) {
    return DockerHttpClient.Request.builder()
        .method(DockerHttpClient.Request.Method.GET)
        .path(
            "/containers/%s/logs?stdout=1&stderr=1&follow=1&timestamps=1&since=%d.%09d"
                .formatted(container, since.getEpochSecond(), since.getNano()))
        .build();
  }

  private void run() {
    try (var answer = http.execute(request)) {
      if (!keep(answer)) {
        reader.over();
        return;
      }
      if (answer.getStatusCode() != 200) {
        String why = new String(answer.getBody().readAllBytes(), StandardCharsets.UTF_8);
        throw new IOException("its engine does not hand out its log: " + why.strip());
      }
      read(answer.getBody(), reader);
    } catch (IOException e) {
      reader.broken(e);
      return;
    } catch (RuntimeException e) { // docker-java wraps a socket's IOException in a bare one
      reader.broken(new IOException(e));
      return;
    }
    reader.over();
  }

  private synchronized boolean keep(DockerHttpClient.Response answer) {
    response = answer;
    return !closed;
  }

  /** Entries to the stream's end. */
  static void read(InputStream stream, Reader reader) throws IOException {
    var in = new DataInputStream(stream);
    for (int kind = in.read(); kind >= 0; kind = in.read()) {
      in.skipNBytes(3);
      int length = in.readInt();
      if (kind > STDERR || length < 0 || length > MAX_FRAME_BYTES) {
        throw new IOException("not a log: a frame of kind %d, %d bytes".formatted(kind, length));
      }
      byte[] frame = in.readNBytes(length);
      if (frame.length < length) {
        throw new EOFException("broken off within an entry");
      }
      entry(kind == STDERR, frame, reader);
    }
  }

  private static void entry(boolean stderr, byte[] frame, Reader reader) throws IOException {
    int space = 0;
    while (space < frame.length && frame[space] != ' ') {
      space++;
    }
    String stamp = new String(frame, 0, space, StandardCharsets.US_ASCII);
    try {
      reader.entry(stderr, Instant.parse(stamp), frame, Math.min(space + 1, frame.length));
    } catch (DateTimeParseException e) {
      throw new IOException("not a log: an entry without its time", e);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (response != null) {
      response.close();
    }
  }
}
