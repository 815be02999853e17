package io.springtide.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Server-sent events as they come in, of bounded length each. */
final class EventStream implements AutoCloseable {
  /** The server takes documents of 1 MiB; what it shows of one is a little more. */
  static final int MOST_BYTES = 4 << 20;

  private final InputStream in;

  EventStream(InputStream in) {
    this.in = new BufferedInputStream(in);
  }

  /**
   * One event.
   *
   * @param id empty: it has none, and the last one's stays
   * @param cut whether its data was longer than is read, and is left out
   */
  record Sent(String id, String event, String data, boolean cut) {}

  /** The next one; empty: the stream has ended, and what was begun is dropped. */
  Optional<Sent> next() throws IOException {
    String id = "";
    String event = "message";
    StringBuilder data = new StringBuilder();
    boolean any = false;
    boolean cut = false;
    while (true) {
      Line line = line();
      if (line == null) {
        return Optional.empty();
      }
      String text = line.text();
      if (text.isEmpty() && !line.cut()) {
        if (any) {
          return Optional.of(new Sent(id, event, cut ? "" : data.toString(), cut));
        }
        event = "message";
        continue;
      }
      int colon = text.indexOf(':');
      String field = colon < 0 ? text : text.substring(0, colon);
      String value = colon < 0 ? "" : text.substring(colon + 1).replaceFirst("^ ", "");
      switch (field) {
        case "id" -> id = value;
        case "event" -> event = value;
        case "data" -> {
          cut |= line.cut() || data.length() + value.length() > MOST_BYTES;
          if (!cut) {
            data.append(any ? "\n" : "").append(value);
          }
          any = true;
        }
        default -> {
          // A comment, which says that the server is there, or what we have no use for.
        }
      }
    }
  }

  private record Line(String text, boolean cut) {}

  /** Null at the end. Of a line that is too long the rest is passed over. */
  private Line line() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    boolean cut = false;
    int b = in.read();
    if (b < 0) {
      return null;
    }
    for (; b >= 0 && b != '\n'; b = in.read()) {
      if (bytes.size() < MOST_BYTES) {
        bytes.write(b);
      } else {
        cut = true;
      }
    }
    String text = bytes.toString(StandardCharsets.UTF_8);
    return new Line(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text, cut);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
