package io.springtide.mesos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Answers the first request of each connection with bytes as they were given, in pieces of a given
 * size, and then leaves the connection open or closes it. One answer after the other; the last one
 * again for whoever comes later.
 */
final class BytesServer implements AutoCloseable {
  private final ServerSocket door;
  private final List<byte[]> answers;
  private final int piece;
  private final boolean closes;
  private final AtomicInteger asked = new AtomicInteger();
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final Thread thread;

  BytesServer(int piece, boolean closes, byte[]... answers) throws IOException {
    this.answers = List.of(answers);
    this.piece = piece;
    this.closes = closes;
    door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    thread = new Thread(this::serve, "bytes-server");
    thread.setDaemon(true);
    thread.start();
  }

  Endpoint endpoint() {
    return new Endpoint("127.0.0.1", door.getLocalPort(), false);
  }

  /** How many connections have sent a request. */
  int asked() {
    return asked.get();
  }

  private void serve() {
    while (!door.isClosed()) {
      try {
        Socket socket = door.accept();
        open.add(socket);
        socket.setTcpNoDelay(true);
        readRequest(socket.getInputStream());
        int number = asked.getAndIncrement();
        write(socket.getOutputStream(), answers.get(Math.min(number, answers.size() - 1)));
        if (closes) {
          socket.close();
        }
      } catch (IOException e) {
        // The client hung up, which some answers deserve, or the test is over.
      }
    }
  }

  private static void readRequest(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        return;
      }
      head.append((char) next);
    }
    String lower = head.toString().toLowerCase(java.util.Locale.ROOT);
    int at = lower.indexOf("content-length:");
    if (at >= 0) {
      String rest = lower.substring(at + "content-length:".length());
      in.readNBytes(Integer.parseInt(rest.substring(0, rest.indexOf('\r')).strip()));
    }
  }

  private void write(OutputStream out, byte[] answer) throws IOException {
    for (int from = 0; from < answer.length; from += piece) {
      out.write(answer, from, Math.min(piece, answer.length - from));
      out.flush();
    }
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    door.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
