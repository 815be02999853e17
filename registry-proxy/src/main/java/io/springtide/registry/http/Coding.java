package io.springtide.registry.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/**
 * What an answer says somebody did to its content (Content-Encoding, RFC 9110, 8.4). We never ask
 * for any, but a middlebox may do it all the same; and some stores say it of layers that are
 * compressed files by themselves, so only the digest tells whether it is to be undone.
 *
 * @param name in lower case, as the header has it
 */
public record Coding(String name) {
  /** The coding of an answer; empty where its bytes are the content itself. */
  public static Optional<Coding> of(HttpHeaders headers) {
    String value = String.join(",", headers.getAll(HttpHeaderNames.CONTENT_ENCODING));
    String name = value.strip().toLowerCase(Locale.ROOT);
    return name.isEmpty() || name.contentEquals(HttpHeaderValues.IDENTITY)
        ? Optional.empty()
        : Optional.of(new Coding(name));
  }

  /**
   * Undoes it.
   *
   * @throws IOException if {@code code} is not such code, or the coding is not one that we can undo
   */
  public InputStream decoded(InputStream code) throws IOException {
    return switch (name) {
      case "gzip", "x-gzip" -> new GZIPInputStream(code, 64 << 10);
      case "deflate" -> new InflaterInputStream(code);
      default -> throw new IOException("its content is encoded as '" + name + "'");
    };
  }
}
