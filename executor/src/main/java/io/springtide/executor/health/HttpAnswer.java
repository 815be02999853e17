package io.springtide.executor.health;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * As much of an HTTP/1 answer as its status, and where it ends (RFC 9112, section 6.3): the body is
 * passed over.
 */
final class HttpAnswer {
  private static final int MAX_HEAD = 64 << 10;
  private static final int MIN_STATUS_LINE = "HTTP/1.1 200".length();

  private enum Body {
    NONE,
    LENGTH,
    CHUNKED,
    UNTIL_CLOSE
  }

  private final StringBuilder head = new StringBuilder();
  private final StringBuilder tail = new StringBuilder(); // of a chunked body
  private boolean headDone;
  private int status;
  private Body body = Body.UNTIL_CLOSE;
  private long left;

  int status() {
    return status;
  }

  /**
   * Takes what has come.
   *
   * @return whether that was all of it
   * @throws IOException when it is no HTTP answer
   */
  boolean take(ByteBuffer bytes) throws IOException {
    while (!headDone && bytes.hasRemaining()) {
      head.append((char) (bytes.get() & 0xff));
      if (endsHead()) {
        readHead();
      } else if (head.length() > MAX_HEAD) {
        throw new IOException("the answer's head is longer than " + MAX_HEAD + " bytes");
      }
    }
    return headDone
        && switch (body) {
          case NONE -> true;
          case LENGTH -> (left -= bytes.remaining()) <= 0;
          case CHUNKED -> lastChunk(bytes);
          case UNTIL_CLOSE -> false;
        };
  }

  /** The other side has closed: whether the answer was whole. */
  boolean ended() throws IOException {
    if (!headDone || body == Body.LENGTH || body == Body.CHUNKED) {
      throw new IOException(
          head.isEmpty() ? "closed without an answer" : "closed in the middle of its answer");
    }
    return true;
  }

  private boolean endsHead() {
    int length = head.length();
    return head.charAt(length - 1) == '\n'
        && length > 1
        && (head.charAt(length - 2) == '\n'
            || (length > 3 && head.charAt(length - 2) == '\r' && head.charAt(length - 3) == '\n'));
  }

  private void readHead() throws IOException {
    String[] lines = head.toString().split("\r?\n", -1);
    status = statusOf(lines[0]);
    if (status >= 100 && status < 200) {
      head.setLength(0); // an interim answer; the real one follows
      return;
    }
    headDone = true;
    for (String line : lines) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("transfer-encoding:") && lower.contains("chunked")) {
        body = Body.CHUNKED;
      } else if (lower.startsWith("content-length:") && body != Body.CHUNKED) {
        body = Body.LENGTH;
        left = length(line.substring("content-length:".length()).strip());
      }
    }
    if (status == 204 || status == 304) {
      body = Body.NONE;
    }
  }

  private static int statusOf(String line) throws IOException {
    try {
      if (line.startsWith("HTTP/1.") && line.length() >= MIN_STATUS_LINE) {
        return Integer.parseInt(line.substring(9, 12));
      }
    } catch (NumberFormatException notAStatus) {
      throw new IOException("no HTTP answer, but \"" + cut(line) + "\"", notAStatus);
    }
    throw new IOException("no HTTP answer, but \"" + cut(line) + "\"");
  }

  private static long length(String text) throws IOException {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IOException("an answer with the length \"" + cut(text) + "\"", e);
    }
  }

  private static String cut(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  private boolean lastChunk(ByteBuffer bytes) {
    bytes.position(Math.max(bytes.position(), bytes.limit() - 7));
    while (bytes.hasRemaining()) {
      tail.append((char) (bytes.get() & 0xff));
    }
    if (tail.length() > 7) {
      tail.delete(0, tail.length() - 7);
    }
    return tail.toString().equals("0\r\n\r\n") || tail.toString().endsWith("\r\n0\r\n\r\n");
  }
}
