package io.springtide.harness.emulator.conformance;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One HTTP/1.1 connection down to the bytes: says how answers are chunked and how they end, and
 * copes with an answer in the middle of a stream. A thread reads; it ends with the connection.
 */
final class RawHttp implements AutoCloseable {

  /** An answer's head. */
  record Head(int status, Map<String, String> headers) {
    String header(String name) {
      return headers.get(name.toLowerCase(Locale.ROOT));
    }
  }

  /** What the reader found: a head with its whole body, one chunk, or an end. */
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
  sealed interface Item {
    /** A whole answer. */
    record Whole(Head head, byte[] body) implements Item {}

    /** The head of a chunked answer. */
    record Begin(Head head) implements Item {}

    /** One chunk. */
    record Chunk(byte[] bytes) implements Item {}

    /** {@code last-chunk} or {@code eof-without-last-chunk}. */
    record End(String how) implements Item {}
  }

  private final Socket socket;
  private final boolean headOnly;
  private final BlockingQueue<Item> items = new LinkedBlockingQueue<>();
  private final Thread reader;

  RawHttp(Stage.Address address, byte[] request, boolean headOnly) throws IOException {
    this.headOnly = headOnly;
    socket = new Socket(address.host(), address.port());
    socket.setTcpNoDelay(true);
    socket.getOutputStream().write(request);
    reader = new Thread(this::read, "conformance-reader");
    reader.setDaemon(true);
    reader.start();
  }

  /** Sends another request over the same connection. */
  void send(byte[] request) throws IOException {
    socket.getOutputStream().write(request);
  }

  /** The next thing that came; null when there is none now. */
  Item poll() {
    return items.poll();
  }

  /** The next thing that comes within {@code millis}; null when nothing does. */
  Item poll(long millis) throws InterruptedException {
    return items.poll(millis, TimeUnit.MILLISECONDS);
  }

  boolean isOpen() {
    return !socket.isClosed();
  }

  private void read() {
    try (InputStream in = new BufferedInputStream(socket.getInputStream())) {
      while (true) {
        String line = line(in);
        if (line == null) {
          break;
        }
        answer(in, line);
      }
      items.add(new Item.End("eof-without-last-chunk"));
    } catch (IOException e) {
      items.add(new Item.End("eof-without-last-chunk"));
    }
  }

  private void answer(InputStream in, String statusLine) throws IOException {
    Head head = head(in, statusLine);
    if (head.status() == 100) {
      return;
    }
    if ("chunked".equals(head.header("transfer-encoding"))) {
      items.add(new Item.Begin(head));
      chunks(in);
      return;
    }
    String length = head.header("content-length");
    byte[] body =
        headOnly || length == null ? new byte[0] : in.readNBytes(Integer.parseInt(length));
    items.add(new Item.Whole(head, body));
  }

  private void chunks(InputStream in) throws IOException {
    while (true) {
      String size = line(in);
      if (size == null) {
        throw new EOFException();
      }
      if (size.startsWith("HTTP/1.1 ")) {
        answer(in, size);
        continue;
      }
      int length = Integer.parseInt(size.trim(), 16);
      byte[] bytes = in.readNBytes(length);
      if (bytes.length < length || line(in) == null) {
        throw new EOFException();
      }
      if (length == 0) {
        items.add(new Item.End("last-chunk"));
        return;
      }
      items.add(new Item.Chunk(bytes));
    }
  }

  private static Head head(InputStream in, String statusLine) throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
    }
    return new Head(Integer.parseInt(statusLine.split(" ", 3)[1]), headers);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int c = in.read(); c >= 0; c = in.read()) {
      if (c == '\n') {
        String text = out.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
      out.write(c);
    }
    return out.size() == 0 ? null : out.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
