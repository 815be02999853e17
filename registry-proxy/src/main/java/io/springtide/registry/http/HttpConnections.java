package io.springtide.registry.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
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

  private final EventLoopGroup loops;
  private final Bootstrap bootstrap;
  private final SslContext tls;
  private final Timeouts timeouts;
  private final IdleConnections idle = new IdleConnections();

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

  /** Sends a request; its listener is called on one of the event loops. */
  public void send(Request request) {
    ServerAddress origin = ServerAddress.of(request.uri());
    idle.take(origin)
        .ifPresentOrElse(
            kept -> kept.eventLoop().execute(() -> start(kept, request, true)),
            () -> connect(origin, request));
  }

  /**
   * As {@link #send}, for answers of at most {@code limit} bytes. Fails with an {@link IOException}
   * only.
   */
  public CompletableFuture<Reply> ask(
      HttpMethod method, URI uri, HttpHeaders headers, byte[] body, int limit) {
    Gathering gathering = new Gathering(limit);
    send(new Request(method, uri, headers, body, gathering));
    return gathering.reply();
  }

  private void connect(ServerAddress origin, Request request) {
    if (loops.isShuttingDown()) {
      request.listener().failed(new IOException("the proxy is stopping"));
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
                    .addLast(
                        "conversation",
                        new Conversation(idle, again -> connect(origin, again), origin, timeouts));
              }
            })
        .connect(origin.host(), origin.port())
        .addListener(
            (io.netty.channel.ChannelFuture connected) -> {
              if (connected.isSuccess()) {
                start(connected.channel(), request, false);
              } else {
                request
                    .listener()
                    .failed(
                        new IOException(
                            "cannot connect to "
                                + origin.authority()
                                + ": "
                                + Why.of(connected.cause())));
              }
            });
  }

  private static void start(Channel channel, Request request, boolean kept) {
    channel.pipeline().get(Conversation.class).start(request, kept);
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
