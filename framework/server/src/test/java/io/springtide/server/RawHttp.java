package io.springtide.server;

import io.springtide.testing.Patience;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** HTTP by hand: what a well-behaved client would not let a test send. */
final class RawHttp {
  private static final int PATIENCE_MILLIS = Patience.millis();

  private RawHttp() {}

  /** An answer to one request on a connection of its own. */
  record Answer(int status, String head, byte[] body) {
    Optional<String> header(String name) {
      String start = name.toLowerCase(Locale.ROOT) + ":";
      return head.lines()
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
          .map(line -> line.substring(start.length()).trim())
          .findFirst();
    }

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /**
   * Sends a request.
   *
   * @param line such as {@code POST /v1/jobs}
   * @param headers such as {@code Host: localhost}, as they are
   */
  static Answer ask(int port, String line, byte[] body, String... headers) {
    return exchange(port, head(line, body, headers), body);
  }

  private static String head(String line, byte[] body, String... headers) {
    StringBuilder head = new StringBuilder(line).append(" HTTP/1.1\r\nConnection: close\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    if (body.length > 0) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    return head.append("\r\n").toString();
  }

  static Answer ask(int port, String line, String body, String... headers) {
    return ask(port, line, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  private static Answer exchange(int port, String head, byte[] body) {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return exchange(socket, head, body);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** As {@link #ask(int, String, byte[], String...)}, by a connection that is there. */
  static Answer ask(Socket socket, String line, String body, String... headers) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return exchange(socket, head(line, bytes, headers), bytes);
  }

  /** A connection by TLS, whatever certificate is shown. */
  static SSLSocket secure(int port) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Everybody()}, null);
      SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
      socket.setSoTimeout(PATIENCE_MILLIS);
      return socket;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static final class Everybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  private static Answer exchange(Socket socket, String head, byte[] body) {
    try {
      socket.setSoTimeout(PATIENCE_MILLIS);
      OutputStream out = socket.getOutputStream();
      out.write(head.getBytes(StandardCharsets.ISO_8859_1));
      out.write(body);
      out.flush();
      byte[] all = socket.getInputStream().readAllBytes();
      String text = new String(all, StandardCharsets.ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      if (end < 0) {
        throw new AssertionError("no answer, but '" + text + "'");
      }
      return new Answer(
          Integer.parseInt(text.substring(9, 12)),
          text.substring(0, end),
          Arrays.copyOfRange(all, end + 4, all.length));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
