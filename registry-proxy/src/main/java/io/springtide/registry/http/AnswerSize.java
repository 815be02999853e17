package io.springtide.registry.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;

/** What an upstream's answer says of the size of its content. */
public final class AnswerSize {
  private AnswerSize() {}

  /**
   * Its Content-Length, if it has a sound one; none of content that somebody on the way encoded,
   * where it is the length of the code.
   */
  public static Optional<Long> length(HttpHeaders headers) {
    if (Coding.of(headers).isPresent()) {
      return Optional.empty();
    }
    String value = headers.get(HttpHeaderNames.CONTENT_LENGTH);
    return value != null && value.matches("[0-9]{1,18}")
        ? Optional.of(Long.parseLong(value))
        : Optional.empty();
  }

  /**
   * The total of {@code Content-Range: bytes <from>-<last>/<total>}, if it is the range asked for
   * and runs to the end.
   */
  public static Optional<Long> total(HttpHeaders headers, long from) {
    String range = headers.get(HttpHeaderNames.CONTENT_RANGE);
    if (range == null
        || Coding.of(headers).isPresent()
        || !range.matches("bytes [0-9]{1,18}-[0-9]{1,18}/[0-9]{1,18}")) {
      return Optional.empty();
    }
    String[] parts = range.substring("bytes ".length()).split("[-/]", -1);
    long total = Long.parseLong(parts[2]);
    boolean asked = Long.parseLong(parts[0]) == from && Long.parseLong(parts[1]) == total - 1;
    return asked ? Optional.of(total) : Optional.empty();
  }
}
