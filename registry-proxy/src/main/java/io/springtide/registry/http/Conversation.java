package io.springtide.registry.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One connection's side of its requests; lives on the connection's event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails ends the connection.
final class Conversation extends SimpleChannelInboundHandler<HttpObject> {
  private final IdleConnections idle;
  private final Consumer<Request> again;
  private final ServerAddress origin;
  private final Timeouts timeouts;
  private ChannelHandlerContext context;
  private Request request;
  private boolean answered;
  private boolean onKeptConnection;
  private boolean keepAlive;
  private Pace pace;
  private Future<?> headDeadline;

  /**
   * @param idle where the connection waits between two requests
   * @param again sends a request on a new connection
   */
  Conversation(
      IdleConnections idle, Consumer<Request> again, ServerAddress origin, Timeouts timeouts) {
    this.idle = idle;
    this.again = again;
    this.origin = origin;
    this.timeouts = timeouts;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  void start(Request next, boolean kept) {
    request = next;
    answered = false;
    onKeptConnection = kept;
    keepAlive = false;
    if (!context.channel().isActive()) {
      broken(new IOException("connection to " + origin.authority() + " closed"));
      return;
    }
    String target = next.uri().getRawPath().isEmpty() ? "/" : next.uri().getRawPath();
    if (next.uri().getRawQuery() != null) {
      target += "?" + next.uri().getRawQuery();
    }
    DefaultFullHttpRequest message =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, next.method(), target, Unpooled.wrappedBuffer(next.body()));
    message.headers().set(next.headers());
    if (next.body().length > 0) {
      message.headers().set(HttpHeaderNames.CONTENT_LENGTH, next.body().length);
    }
    message.headers().set(HttpHeaderNames.HOST, origin.authority());
    message.headers().set(HttpHeaderNames.USER_AGENT, "springtide-registry-proxy");
    // Never forwarded from a client: what we store must be the bytes that the digest names.
    message.headers().set(HttpHeaderNames.ACCEPT_ENCODING, "identity");
    context.channel().config().setAutoRead(true);
    // The pace is watched only from the head on: this ends a head that comes byte by byte.
    headDeadline =
        context
            .executor()
            .schedule(
                () ->
                    broken(
                        new IOException(
                            "no answer" + from() + timeouts.stall().toMillis() + " ms")),
                timeouts.stall().toMillis(),
                TimeUnit.MILLISECONDS);
    context
        .writeAndFlush(message)
        .addListener(
            f -> {
              if (!f.isSuccess()) {
                broken(
                    new IOException(
                        "cannot send to " + origin.authority() + ": " + Why.of(f.cause())));
              }
            });
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
    if (request == null) {
      ctx.close(); // the server says something that was not asked for
      return;
    }
    if (part.decoderResult().isFailure()) {
      broken(
          new IOException(
              "bad answer from " + origin.authority() + ": " + part.decoderResult().cause()));
      return;
    }
    if (part instanceof HttpResponse response) {
      if (response.status().code() / 100 == 1) {
        return;
      }
      answered = true;
      headDeadline.cancel(false);
      pace = new Pace(timeouts.minBytes(), timeouts.stall().toNanos(), System.nanoTime());
      keepAlive = HttpUtil.isKeepAlive(response);
      request.listener().head(response.status().code(), response.headers(), new Handle(request));
    }
    if (request != null && answered && part instanceof HttpContent content) {
      int count = content.content().readableBytes();
      if (count > 0) {
        request.listener().data(content.content());
      }
      if (request != null && part instanceof LastHttpContent) {
        ResponseListener done = request.listener();
        request = null;
        if (keepAlive) {
          ctx.channel().config().setAutoRead(true);
          idle.keep(origin, ctx.channel());
        } else {
          ctx.close();
        }
        done.end();
      } else if (request != null && pace.tooSlow(count, System.nanoTime())) {
        broken(
            new IOException(
                "fewer than "
                    + timeouts.minRate()
                    + " bytes a second"
                    + from()
                    + timeouts.stall().toMillis()
                    + " ms"));
      }
    }
  }

  private String from() {
    return " from " + origin.authority() + " for ";
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (request != null && answered) {
      request.listener().batch();
    }
    ctx.fireChannelReadComplete();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof IdleStateEvent) {
      if (request == null) {
        idle.forget(origin, ctx.channel());
        ctx.close();
      } else if (ctx.channel().config().isAutoRead()) {
        broken(new IOException("no byte" + from() + timeouts.stall().toMillis() + " ms"));
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    idle.forget(origin, ctx.channel());
    broken(new IOException("connection to " + origin.authority() + " closed"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    broken(
        new IOException(
            "connection to " + origin.authority() + " failed: " + Why.of(cause), cause));
  }

  private void broken(IOException why) {
    Request lost = request;
    request = null;
    if (headDeadline != null) {
      headDeadline.cancel(false);
    }
    context.close();
    if (lost == null) {
      return;
    }
    if (onKeptConnection && !answered) {
      // The server may close a kept connection just as we use it; GET and HEAD may be sent again
      // (RFC 9110, 9.2.2).
      again.accept(lost);
    } else {
      lost.listener().failed(why);
    }
  }

  /**
   * Acts only while {@code mine} is the request under way: the connection may serve another one
   * later.
   */
  private final class Handle implements ServerExchange {
    private final Request mine;

    Handle(Request mine) {
      this.mine = mine;
    }

    @Override
    public void cancel() {
      onLoop(
          () -> {
            request = null;
            headDeadline.cancel(false);
            context.close();
          });
    }

    @Override
    public void pause() {
      onLoop(() -> context.channel().config().setAutoRead(false));
    }

    @Override
    public void resume() {
      onLoop(
          () -> {
            if (pace != null) {
              pace.restart(System.nanoTime());
            }
            context.channel().config().setAutoRead(true);
          });
    }

    private void onLoop(Runnable action) {
      if (context.executor().inEventLoop()) {
        ifMine(action);
      } else {
        context.executor().execute(() -> ifMine(action));
      }
    }

    @SuppressWarnings("ReferenceEquality") // This very request, not one like it.
    private void ifMine(Runnable action) {
      if (request == mine) {
        action.run();
      }
    }
  }
}
