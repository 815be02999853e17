package io.springtide.registry;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
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

  static String etag(Digest digest) {
    return "\"" + digest + "\"";
  }
}
