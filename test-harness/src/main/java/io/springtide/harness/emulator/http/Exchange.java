package io.springtide.harness.emulator.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** One request and the means to answer it, from any thread. */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails ends the connection.
public final class Exchange {

  private static final String TEXT = "text/plain; charset=utf-8";

  private final ChannelHandlerContext context;
  private final List<Runnable> onClose;
  private final LongAdder sent;
  private final String method;
  private final String path;
  private final String query;
  private final Map<String, List<String>> headers;
  private final byte[] body;

  Exchange(
      ChannelHandlerContext context,
      FullHttpRequest request,
      List<Runnable> onClose,
      LongAdder sent) {
    this.sent = sent;
    this.context = context;
    this.onClose = onClose;
    this.method = request.method().name();
    String uri = request.uri();
    int mark = uri.indexOf('?');
    this.path = mark < 0 ? uri : uri.substring(0, mark);
    this.query = mark < 0 ? "" : uri.substring(mark + 1);
    java.util.Map<String, List<String>> all =
        new java.util.TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    request.headers().names().forEach(name -> all.put(name, request.headers().getAll(name)));
    this.headers = all;
    this.body = new byte[request.content().readableBytes()];
    request.content().getBytes(request.content().readerIndex(), body);
  }

  public String method() {
    return method;
  }

  public String path() {
    return path;
  }

  /** The value of a query parameter; null when absent. */
  public String parameter(String name) {
    for (String pair : query.split("&", -1)) {
      if (pair.startsWith(name + "=")) {
        return pair.substring(name.length() + 1);
      }
    }
    return null;
  }

  /** The first header of that name; null when absent. */
  public String header(String name) {
    List<String> values = headers.get(name);
    return values == null || values.isEmpty() ? null : values.get(0);
  }

  public byte[] body() {
    return body;
  }

  /** Plain text; none when empty. */
  public void text(int status, String text) {
    send(
        status,
        text.isEmpty() && status < 400 ? "" : TEXT,
        text.getBytes(StandardCharsets.UTF_8),
        Map.of());
  }

  /** A whole answer; no Content-Type where {@code type} is empty. */
  public void send(int status, String type, byte[] content, Map<String, String> more) {
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(status),
            Unpooled.wrappedBuffer(content));
    date(response);
    more.forEach((name, value) -> response.headers().set(name, value));
    if (!type.isEmpty()) {
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
    }
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, content.length);
    if (onClose.isEmpty()) {
      context.writeAndFlush(response);
    } else {
      inTheMiddle(response);
    }
  }

  /** A call on the connection of a stream is answered in the middle of the stream, as in Mesos. */
  private void inTheMiddle(DefaultFullHttpResponse response) {
    StringBuilder head = new StringBuilder("HTTP/1.1 ").append(response.status()).append("\r\n");
    response
        .headers()
        .forEach(
            header ->
                head.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n"));
    ByteBuf whole = Unpooled.buffer();
    whole.writeCharSequence(head.append("\r\n"), StandardCharsets.ISO_8859_1);
    whole.writeBytes(response.content());
    response.release();
    // Past the encoder, which would take it for a chunk.
    ChannelHandlerContext codec = context.pipeline().context(HttpServerCodec.class);
    if (codec == null) {
      whole.release(); // the connection has gone
    } else {
      codec.writeAndFlush(whole);
    }
  }

  private static void date(HttpResponse response) {
    response
        .headers()
        .set(
            HttpHeaderNames.DATE,
            DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)));
  }

  /**
   * Begins an answer without an end; {@code closed} runs when the connection breaks first.
   *
   * @param more headers
   */
  public Chunks stream(String type, Map<String, String> more, Runnable closed) {
    DefaultHttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    date(response);
    response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, "chunked");
    more.forEach((name, value) -> response.headers().set(name, value));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
    context.writeAndFlush(response);
    onClose.add(closed);
    if (!context.channel().isActive()) {
      closed.run();
    }
    return new Chunks(closed);
  }

  /** The chunks of a streamed answer. */
  public final class Chunks {
    private final Runnable closed;
    private boolean ended;

    private Chunks(Runnable closed) {
      this.closed = closed;
    }

    /** Sends one chunk. */
    public synchronized void chunk(ByteBuf content) {
      if (ended) {
        content.release();
      } else {
        sent.increment();
        context.writeAndFlush(new DefaultHttpContent(content));
      }
    }

    /** Sends the last chunk; the connection stays open, and its end is no news any more. */
    public synchronized void end() {
      if (!ended) {
        ended = true;
        onClose.remove(closed);
        context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
      }
    }
  }
}
