package io.springtide.registry.client;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What a client asks, as far as one whole request says it. */
abstract class ClientRequest {
  /** What may stand in a header of ours as the value of {@code ?ns=}. */
  public static final Predicate<String> NAMESPACE =
      Pattern.compile("[A-Za-z0-9.:-]{1,255}").asMatchPredicate();

  private final FullHttpRequest request;
  private final Optional<Map<String, List<String>>> parameters;

  ClientRequest(FullHttpRequest request) {
    this.request = request;
    this.parameters = parameters(request.uri());
  }

  private static Optional<Map<String, List<String>>> parameters(String uri) {
    try {
      return Optional.of(new QueryStringDecoder(uri).parameters());
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // percent signs that encode nothing
    }
  }

  public final FullHttpRequest request() {
    return request;
  }

  public final byte[] body() {
    return ByteBufUtil.getBytes(request.content());
  }

  public final boolean isHead() {
    return request.method().equals(HttpMethod.HEAD);
  }

  public final boolean queryIsReadable() {
    return parameters.isPresent();
  }

  public final Optional<String> parameter(String name) {
    return parameters.map(all -> all.get(name)).map(values -> values.get(0));
  }

  /** Whether the client understands a body in chunks, whose length is not told first. */
  public final boolean takesChunks() {
    return request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) >= 0;
  }

  /** Whether it may ask for more on the same connection. */
  final boolean keepsAlive() {
    return HttpUtil.isKeepAlive(request);
  }

  public final Optional<String> header(CharSequence name) {
    return Optional.ofNullable(request.headers().get(name));
  }
}
