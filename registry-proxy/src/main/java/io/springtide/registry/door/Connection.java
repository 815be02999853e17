package io.springtide.registry.door;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.timeout.IdleStateEvent;
import io.springtide.registry.client.ClientExchange;
import io.springtide.registry.client.ClientGate;
import io.springtide.registry.http.TokenBucket;
import io.springtide.registry.metrics.ProxyMetrics;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** One client's connection: its requests are answered one after the other, in their order. */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails ends the connection.
final class Connection extends ChannelInboundHandlerAdapter {
  private static final Logger access = LoggerFactory.getLogger("access");
  private static final Logger log = LoggerFactory.getLogger(Connection.class);

  /** A client that sends more requests ahead than this is not read from until some are answered. */
  private static final int MAX_AHEAD = 16;

  /** Peers ask this all the time: answers are counted, but logged only on demand. */
  private static final Set<String> CHATTER = Set.of("tracker", "piece");

  private static final ClientGate.Client NOBODY = new ClientGate.Client("-", java.util.List.of());

  private final Front front;
  private final ClientGate gate;
  private final ProxyMetrics metrics;
  private final Deque<FullHttpRequest> ahead = new ArrayDeque<>();
  private ClientExchange current;
  private String address = "-";

  Connection(Front front, ClientGate gate, ProxyMetrics metrics) {
    this.front = front;
    this.gate = gate;
    this.metrics = metrics;
  }

  /** Whether an answer is under way or owed. */
  boolean answering() {
    return current != null;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (ctx.channel().remoteAddress() instanceof InetSocketAddress remote) {
      address = remote.getAddress().getHostAddress();
    }
    ctx.fireChannelActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ctx.pipeline().get(Dawdlers.class).requestIsWhole();
    ahead.add((FullHttpRequest) message);
    if (ahead.size() >= MAX_AHEAD) {
      ctx.channel().config().setAutoRead(false);
    }
    if (current == null) {
      next(ctx);
    }
  }

  private void next(ChannelHandlerContext ctx) {
    FullHttpRequest request = ahead.poll();
    if (request == null) {
      return;
    }
    ctx.channel().config().setAutoRead(true);
    long now = System.nanoTime();
    Route route = Route.of(path(request.uri()));
    boolean open = route.isOpen();
    Optional<ClientGate.Client> admitted =
        open ? Optional.of(NOBODY) : gate.admit(request.headers(), address);
    ClientGate.Client known = admitted.orElse(NOBODY);
    Optional<TokenBucket> bytes = open ? Optional.empty() : gate.byteBucket(known, now);
    ClientExchange client =
        new ClientExchange(
            ctx, request, known, bytes, now, (over, status) -> ended(ctx, over, status));
    current = client;
    if (request.decoderResult().isFailure()) {
      malformed(client, request.decoderResult().cause());
    } else if (!client.queryIsReadable()) {
      client.error(400, "UNSUPPORTED", "the query cannot be decoded");
    } else if (admitted.isEmpty()) {
      client.error(
          401,
          "UNAUTHORIZED",
          "a user of this proxy must log in",
          new DefaultHttpHeaders()
              .set(HttpHeaderNames.WWW_AUTHENTICATE, "Basic realm=\"springtide\""));
    } else {
      long delay = open ? 0 : gate.requestDelay(known, now);
      if (delay == 0) {
        front.answer(client, route);
      } else if (delay > ClientGate.MAX_DELAY_NANOS) {
        client.error(429, "TOOMANYREQUESTS", "more requests than this client may make");
      } else {
        ctx.executor()
            .schedule(
                () -> {
                  if (!client.isOver()) {
                    front.answer(client, route);
                  }
                },
                delay,
                TimeUnit.NANOSECONDS);
      }
    }
  }

  private static void malformed(ClientExchange client, Throwable cause) {
    if (cause instanceof WholeRequests.TooLarge) {
      client.error(413, "SIZE_INVALID", "the body is too large");
      return; // the connection can go on: where the next request begins is known
    }
    if (cause instanceof TooLongHttpLineException) {
      client.error(414, "UNSUPPORTED", "the request line is too long");
    } else if (cause instanceof TooLongHttpHeaderException) {
      client.error(431, "UNSUPPORTED", "the headers are too large");
    } else {
      client.error(400, "UNSUPPORTED", "not a request that I understand");
    }
    client.context().close();
  }

  private static String path(String uri) {
    int query = uri.indexOf('?');
    return query < 0 ? uri : uri.substring(0, query);
  }

  private void ended(ChannelHandlerContext ctx, ClientExchange client, int status) {
    Level level = CHATTER.contains(client.source()) ? Level.DEBUG : Level.INFO;
    if (access.isEnabledForLevel(level)) {
      access
          .atLevel(level)
          .log(
              "{} {} {} {} {} {} {}ms {}{}",
              address,
              client.identity().name(),
              client.request().method(),
              client.request().uri(),
              status,
              client.sent(),
              TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - client.began()),
              client.source(),
              client.isCut() ? " cut" : "");
    }
    metrics.request(client.source(), client.sent());
    client.request().release();
    current = null;
    if (ctx.channel().isActive()) {
      next(ctx);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    // A client that stopped reading holds a file open: it is dropped as well. One that waits for
    // us, whose fill is queued behind others, is not the one who is idle.
    if (event instanceof IdleStateEvent && !(answering() && nothingToRead(ctx))) {
      ctx.close();
    }
  }

  private static boolean nothingToRead(ChannelHandlerContext ctx) {
    ChannelOutboundBuffer waiting = ctx.channel().unsafe().outboundBuffer();
    return waiting != null && waiting.isEmpty();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (current != null) {
      current.connectionClosed();
    }
    for (FullHttpRequest request = ahead.poll(); request != null; request = ahead.poll()) {
      request.release();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    log.debug("connection of {} failed", address, cause);
    ctx.close();
  }
}
