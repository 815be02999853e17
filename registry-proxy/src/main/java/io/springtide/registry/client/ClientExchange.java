package io.springtide.registry.client;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.springtide.registry.http.TokenBucket;
import io.springtide.registry.upstream.ContentFailure;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request of a connection, from its arrival until its answer is written or given up. Lives on
 * the event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails ends the connection.
public final class ClientExchange extends ClientRequest {
  private static final Logger log = LoggerFactory.getLogger(ClientExchange.class);

  /** Told when the exchange is over. */
  public interface Ending {
    void over(ClientExchange exchange, int status);
  }

  private final ChannelHandlerContext context;
  private final ClientGate.Client identity;
  private final Optional<TokenBucket> byteBucket;
  private final long began;
  private final Ending ending;
  private String source = "none";
  private long sent;
  private int status;
  private Optional<DefaultHttpResponse> head = Optional.empty();
  private boolean begun;
  private boolean cut;
  private boolean over;
  private Runnable cleanUp = () -> {};
  private Runnable afterwards = () -> {};

  public ClientExchange(
      ChannelHandlerContext context,
      FullHttpRequest request,
      ClientGate.Client identity,
      Optional<TokenBucket> byteBucket,
      long began,
      Ending ending) {
    super(request);
    this.context = context;
    this.identity = identity;
    this.byteBucket = byteBucket;
    this.began = began;
    this.ending = ending;
  }

  public ChannelHandlerContext context() {
    return context;
  }

  public ClientGate.Client identity() {
    return identity;
  }

  public Optional<TokenBucket> byteBucket() {
    return byteBucket;
  }

  public long began() {
    return began;
  }

  /** Where the content came from, for the counters and the log. */
  public void source(String name) {
    source = name;
  }

  public String source() {
    return source;
  }

  public void sent(long bytes) {
    sent += bytes;
  }

  public long sent() {
    return sent;
  }

  /** Runs on the connection's event loop, at once if this is it. */
  public void onLoop(Runnable action) {
    if (context.executor().inEventLoop()) {
      guarded(action);
    } else {
      context.executor().execute(() -> guarded(action));
    }
  }

  /**
   * Goes on, on the loop, with what is asked of others, unless this is over by then; refuses if it
   * fails.
   */
  public <T> void whenThere(CompletableFuture<T> what, String notFoundCode, Consumer<T> then) {
    what.whenComplete(
        (found, error) ->
            onLoop(
                () -> {
                  if (over) {
                    return;
                  }
                  if (error != null) {
                    refuse(ContentFailure.from(error), notFoundCode);
                  } else {
                    then.accept(found);
                  }
                }));
  }

  /** A defect of ours must cost the client its connection, not leave it waiting for ever. */
  private void guarded(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      log.error("{} {} was given up", request().method(), request().uri(), e);
      abort();
    }
  }

  /**
   * Starts an answer whose body follows; its headers must say its length, or that it is chunked. It
   * leaves with the first part of the body: until then the answer may still become another one.
   */
  public void head(HttpResponseStatus status, HttpHeaders headers) {
    this.status = status.code();
    head = Optional.of(new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, common(headers)));
  }

  /** Sends a part of the body. */
  public ChannelFuture send(Object part) {
    head.ifPresent(context::write);
    head = Optional.empty();
    begun = true;
    return context.writeAndFlush(part);
  }

  /** Whether the client may have some of the answer already. */
  public boolean hasBegun() {
    return begun;
  }

  /** Ends an answer that {@link #head} began. */
  public void last() {
    send(LastHttpContent.EMPTY_LAST_CONTENT)
        .addListener(f -> finish(keepsAlive() && f.isSuccess()));
  }

  /** A whole small answer. For HEAD the body's length is told, and the body left out. */
  public void answer(HttpResponseStatus status, HttpHeaders headers, byte[] body) {
    this.status = status.code();
    HttpHeaders all = common(headers);
    if (status.code() != 304) {
      all.set(HttpHeaderNames.CONTENT_LENGTH, body.length);
    }
    boolean withBody = !isHead() && status.code() != 304;
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            withBody ? Unpooled.wrappedBuffer(body) : Unpooled.EMPTY_BUFFER,
            all,
            new DefaultHttpHeaders());
    sent += withBody ? body.length : 0;
    head = Optional.empty();
    send(response).addListener(f -> finish(keepsAlive() && f.isSuccess()));
  }

  public void json(HttpResponseStatus status, byte[] body) {
    answer(
        status,
        new DefaultHttpHeaders()
            .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON),
        body);
  }

  /** An error of the distribution specification. */
  public void error(int status, String code, String message) {
    error(status, code, message, new DefaultHttpHeaders());
  }

  public void error(int status, String code, String message, HttpHeaders headers) {
    source = "error";
    headers.set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
    answer(
        HttpResponseStatus.valueOf(status),
        headers,
        ErrorBody.of(code, message).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Answers with the status of a failure. Clients go to the origin on a 5xx, so it is only for what
   * the origin may do better.
   */
  public void refuse(ContentFailure failure, String notFoundCode) {
    switch (failure.kind()) {
      case NOT_FOUND -> error(404, notFoundCode, failure.getMessage());
      case DENIED -> error(403, "DENIED", failure.getMessage());
      case OVERLOADED ->
          error(
              503,
              "TOOMANYREQUESTS",
              failure.getMessage(),
              new DefaultHttpHeaders().set(HttpHeaderNames.RETRY_AFTER, 5));
      case UNAVAILABLE, NO_ROOM -> error(503, "UNAVAILABLE", failure.getMessage());
      case CORRUPT -> error(502, "UNAVAILABLE", failure.getMessage());
    }
  }

  /**
   * The answer cannot be given, or not to its end. One that has begun ends short of what its header
   * said, never as if it were whole; else the client is told why.
   */
  public void fail(ContentFailure why, String notFoundCode) {
    if (over) {
      return;
    }
    if (begun) {
      cut = true;
      finish(false);
    } else {
      refuse(why, notFoundCode);
    }
  }

  /** As {@link #fail}, where there is nothing to say but that it failed. */
  public void abort() {
    fail(
        new ContentFailure(ContentFailure.Kind.UNAVAILABLE, "the answer could not be given"),
        "BLOB_UNKNOWN");
  }

  /** Whether the answer ended short of what its head said. */
  public boolean isCut() {
    return cut;
  }

  /** What to clean up if the client goes away in the middle of the answer. */
  public void whenClosed(Runnable action) {
    cleanUp = action;
  }

  /** What to do when it is over, in whatever way. */
  public void whenOver(Runnable action) {
    afterwards = action;
  }

  /** The client went away. */
  public void connectionClosed() {
    if (!over) {
      cleanUp.run();
      cut = true;
      finish(false);
    }
  }

  public boolean isOver() {
    return over;
  }

  private void finish(boolean keep) {
    if (over) {
      return;
    }
    over = true;
    if (!keep) {
      context.close();
    }
    afterwards.run();
    ending.over(this, status);
  }

  private HttpHeaders common(HttpHeaders headers) {
    headers.set("Docker-Distribution-Api-Version", "registry/2.0");
    headers.set(
        HttpHeaderNames.CONNECTION,
        keepsAlive() ? HttpHeaderValues.KEEP_ALIVE : HttpHeaderValues.CLOSE);
    parameter("ns").filter(NAMESPACE).ifPresent(ns -> headers.set("OCI-Namespace", ns));
    return headers;
  }
}
