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

  private static final String TRANSFER_ENCODING = "transfer-encoding:";
  private static final String CONTENT_LENGTH = "content-length:";

  private enum Body {
    NONE,
    LENGTH,
    CHUNKED,
    UNTIL_CLOSE
  }

  private final StringBuilder line = new StringBuilder(); // of the head
  private final StringBuilder tail = new StringBuilder(); // of a chunked body
  private int headBytes;
  private boolean headDone;
  private int status; // 0: not yet read
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
      char next = (char) (bytes.get() & 0xff);
      if (++headBytes > MAX_HEAD) {
        throw new IOException("the answer's head is longer than " + MAX_HEAD + " bytes");
      }
      if (next == '\n') {
        endLine();
      } else {
        line.append(next);
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
          headBytes == 0 ? "closed without an answer" : "closed in the middle of its answer");
    }
    return true;
  }

  private void endLine() throws IOException {
    int length = line.length();
    if (length > 0 && line.charAt(length - 1) == '\r') {
      line.setLength(length - 1);
    }
    String text = line.toString();
    line.setLength(0);
    if (status == 0) {
      status = statusOf(text);
    } else if (!text.isEmpty()) {
      readHeader(text);
    } else if (status >= 100 && status < 200) {
      status = 0; // an interim answer; the real one follows
      body = Body.UNTIL_CLOSE;
    } else {
      headDone = true;
      if (status == 204 || status == 304) {
        body = Body.NONE;
      }
    }
  }

  private void readHeader(String header) throws IOException {
    if (isNamed(header, TRANSFER_ENCODING)) {
      if (header.toLowerCase(Locale.ROOT).contains("chunked")) {
        body = Body.CHUNKED;
      }
    } else if (isNamed(header, CONTENT_LENGTH) && body != Body.CHUNKED) {
      body = Body.LENGTH;
      left = length(header.substring(CONTENT_LENGTH.length()).strip());
    }
  }

  private static boolean isNamed(String header, String name) {
    return header.regionMatches(true, 0, name, 0, name.length());
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
