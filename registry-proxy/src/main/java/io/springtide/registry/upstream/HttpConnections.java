package io.springtide.registry.upstream;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * HTTP/1.1 client connections, kept alive between requests, one request at a time each. HTTP/1.1 on
 * purpose: parallel blobs get a congestion window each, and their bytes can be handed on in large
 * chunks.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails ends the connection.
public final class HttpConnections implements AutoCloseable {
  /** Large reads: a fill is bound by the cost per read, not by memory. */
  private static final int READ_SIZE = 256 << 10;

  private static final int MAX_IDLE_PER_ORIGIN = 16;

  private final EventLoopGroup loops;
  private final Bootstrap bootstrap;
  private final SslContext tls;
  private final Timeouts timeouts;
  private final Map<Origin, Deque<Channel>> idle = new ConcurrentHashMap<>();

  /** Owns {@code loops} from now on. */
  public HttpConnections(
      Transport transport, EventLoopGroup loops, SslContext tls, Timeouts timeouts) {
    this.loops = loops;
    this.tls = tls;
    this.timeouts = timeouts;
    this.bootstrap =
        new Bootstrap()
            .group(loops)
            .channel(transport.channel())
            .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.toIntExact(timeouts.connect().toMillis()))
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_SIZE));
  }

  /**
   * Sends a request; the listener is called on one of the event loops.
   *
   * @param body empty for none; a request with a body may be sent twice too, so it must be one that
   *     does no harm then
   */
  public void send(
      HttpMethod method, URI uri, HttpHeaders headers, byte[] body, ResponseListener listener) {
    Origin origin = Origin.of(uri);
    Request request = new Request(method, uri, headers, body, listener);
    Channel kept = takeIdle(origin);
    if (kept != null) {
      kept.eventLoop().execute(() -> start(kept, request, true));
      return;
    }
    connect(origin, request);
  }

  /**
   * As {@link #send}, for answers of at most {@code limit} bytes. Fails with an {@link IOException}
   * only.
   */
  public CompletableFuture<Reply> ask(
      HttpMethod method, URI uri, HttpHeaders headers, byte[] body, int limit) {
    Gathering gathering = new Gathering(limit);
    send(method, uri, headers, body, gathering);
    return gathering.reply();
  }

  private void connect(Origin origin, Request request) {
    if (loops.isShuttingDown()) {
      request.listener.failed(new IOException("the proxy is stopping"));
      return;
    }
    bootstrap
        .clone()
        .handler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                if (origin.tls()) {
                  SslHandler handler =
                      tls.newHandler(channel.alloc(), origin.host(), origin.port());
                  handler.setHandshakeTimeoutMillis(timeouts.connect().toMillis());
                  channel.pipeline().addLast(handler);
                }
                channel
                    .pipeline()
                    .addLast(
                        new IdleStateHandler(
                            timeouts.stall().toMillis(), 0, 0, TimeUnit.MILLISECONDS))
                    .addLast(new HttpClientCodec(8192, 64 << 10, READ_SIZE))
                    .addLast("conversation", new Conversation(origin));
              }
            })
        .connect(origin.host(), origin.port())
        .addListener(
            (io.netty.channel.ChannelFuture connected) -> {
              if (connected.isSuccess()) {
                start(connected.channel(), request, false);
              } else {
                request.listener.failed(
                    new IOException(
                        "cannot connect to "
                            + origin.authority()
                            + ": "
                            + connected.cause().getMessage()));
              }
            });
  }

  private static void start(Channel channel, Request request, boolean kept) {
    channel.pipeline().get(Conversation.class).start(request, kept);
  }

  private Channel takeIdle(Origin origin) {
    Deque<Channel> channels = idle.get(origin);
    if (channels == null) {
      return null;
    }
    synchronized (channels) {
      for (Channel channel = channels.pollLast(); channel != null; channel = channels.pollLast()) {
        if (channel.isActive()) {
          return channel;
        }
      }
    }
    return null;
  }

  private void keep(Origin origin, Channel channel) {
    Deque<Channel> channels = idle.computeIfAbsent(origin, o -> new ArrayDeque<>());
    synchronized (channels) {
      if (channels.size() < MAX_IDLE_PER_ORIGIN) {
        channels.addLast(channel);
        return;
      }
    }
    channel.close();
  }

  private void forget(Origin origin, Channel channel) {
    Deque<Channel> channels = idle.get(origin);
    if (channels != null) {
      synchronized (channels) {
        channels.remove(channel);
      }
    }
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @SuppressWarnings("ArrayRecordComponent") // Compared by identity alone.
  private record Request(
      HttpMethod method, URI uri, HttpHeaders headers, byte[] body, ResponseListener listener) {}

  /** One connection's side of its requests; lives on the connection's event loop. */
  private final class Conversation extends SimpleChannelInboundHandler<HttpObject> {
    private final Origin origin;
    private ChannelHandlerContext context;
    private Request request;
    private boolean answered;
    private boolean onKeptConnection;
    private boolean keepAlive;
    private Pace pace;
    private Future<?> headDeadline;

    Conversation(Origin origin) {
      this.origin = origin;
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
      String target = next.uri.getRawPath().isEmpty() ? "/" : next.uri.getRawPath();
      if (next.uri.getRawQuery() != null) {
        target += "?" + next.uri.getRawQuery();
      }
      DefaultFullHttpRequest message =
          new DefaultFullHttpRequest(
              HttpVersion.HTTP_1_1, next.method, target, Unpooled.wrappedBuffer(next.body));
      message.headers().set(next.headers);
      if (next.body.length > 0) {
        message.headers().set(HttpHeaderNames.CONTENT_LENGTH, next.body.length);
      }
      message.headers().set(HttpHeaderNames.HOST, origin.authority());
      message.headers().set(HttpHeaderNames.USER_AGENT, "springtide-registry-proxy");
      // Never forwarded from a client: what we store must be the bytes that the digest names.
      message.headers().set(HttpHeaderNames.ACCEPT_ENCODING, "identity");
      context.channel().config().setAutoRead(true);
      // A head that drips is read as slowly as it likes by nobody else.
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
                          "cannot send to " + origin.authority() + ": " + f.cause().getMessage()));
                }
              });
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
      if (request == null) {
        ctx.close(); // a server that talks unasked
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
        request.listener.head(response.status().code(), response.headers(), new Handle(request));
      }
      if (request != null && answered && part instanceof HttpContent content) {
        int count = content.content().readableBytes();
        if (count > 0) {
          request.listener.data(content.content());
        }
        if (request != null && part instanceof LastHttpContent) {
          ResponseListener done = request.listener;
          request = null;
          if (keepAlive) {
            ctx.channel().config().setAutoRead(true);
            keep(origin, ctx.channel());
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
        request.listener.batch();
      }
      ctx.fireChannelReadComplete();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof IdleStateEvent) {
        if (request == null) {
          forget(origin, ctx.channel());
          ctx.close();
        } else if (ctx.channel().config().isAutoRead()) {
          broken(new IOException("no byte" + from() + timeouts.stall().toMillis() + " ms"));
        }
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      forget(origin, ctx.channel());
      broken(new IOException("connection to " + origin.authority() + " closed"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      broken(
          new IOException(
              "connection to " + origin.authority() + " failed: " + cause.getMessage(), cause));
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
        connect(origin, lost);
      } else {
        lost.listener.failed(why);
      }
    }

    /**
     * Ours as long as {@code mine} is the request under way: the connection may serve another one
     * later.
     */
    private final class Handle implements Exchange {
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
}
