package io.springtide.registry.answer;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.springtide.registry.client.ClientExchange;
import io.springtide.registry.store.Digest;

/** The headers that describe content. */
final class BlobHeaders {
  private BlobHeaders() {}

  static HttpHeaders of(Digest digest, String mediaType) {
    return new DefaultHttpHeaders()
        .set(HttpHeaderNames.CONTENT_TYPE, mediaType)
        .set("Docker-Content-Digest", digest.toString())
        .set(HttpHeaderNames.ETAG, etag(digest))
        .set(HttpHeaderNames.ACCEPT_RANGES, HttpHeaderValues.BYTES);
  }

  /** Begins an answer whose length is told by its end. */
  static void sayChunked(ClientExchange client, Digest digest) {
    HttpHeaders headers = of(digest, "application/octet-stream");
    headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    client.head(HttpResponseStatus.OK, headers);
  }

  static String etag(Digest digest) {
    return "\"" + digest + "\"";
  }

  /** Whether the client has the content already (RFC 9110, 13.1.2: weak comparison). */
  static boolean known(ClientExchange client, Digest digest) {
    String etag = etag(digest);
    for (String header : client.request().headers().getAll(HttpHeaderNames.IF_NONE_MATCH)) {
      for (String item : header.split(",", -1)) {
        String tag = item.strip();
        if (tag.equals("*") || (tag.startsWith("W/") ? tag.substring(2) : tag).equals(etag)) {
          return true;
        }
      }
    }
    return false;
  }
}
