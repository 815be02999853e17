package io.springtide.server.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.DetectorConnectionFactory;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;

/**
 * Tells whoever speaks plain HTTP to an address with TLS that it has TLS. Nothing of the request is
 * read: it may hold a token, and everybody on the way has seen it.
 */
final class TlsOnly extends DetectorConnectionFactory {
  TlsOnly(SslConnectionFactory secure) {
    super(secure);
  }

  @Override
  protected void nextProtocol(Connector connector, EndPoint endPoint, ByteBuffer begun) {
    byte[] body =
        new Problem(
                400,
                "TLS is spoken here",
                "the request came without TLS",
                "",
                "ask by https://; a token that was sent may have been read on the way: replace it")
            .document()
            .toString()
            .getBytes(StandardCharsets.UTF_8);
    byte[] head =
        ("HTTP/1.1 400 Bad Request\r\nContent-Type: "
                + Problem.TYPE
                + "\r\nContent-Length: "
                + body.length
                + "\r\nConnection: close\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    endPoint.write(
        Callback.from(endPoint::close, failure -> endPoint.close()),
        ByteBuffer.wrap(head),
        ByteBuffer.wrap(body));
  }
}
