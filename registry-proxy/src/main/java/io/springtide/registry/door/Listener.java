package io.springtide.registry.door;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.timeout.IdleStateHandler;
import io.springtide.registry.client.ClientGate;
import io.springtide.registry.config.ProxyConfig;
import io.springtide.registry.http.Transport;
import io.springtide.registry.metrics.ProxyMetrics;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The door for clients. Closing it ends every connection that came through it. */
public final class Listener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Listener.class);

  /**
   * Header and request line limits: generous for tokens, small enough that 10,000 connections
   * cannot fill the heap.
   */
  private static final int MAX_LINE = 8192;

  private static final int MAX_HEADERS = 32 << 10;
  private static final int MAX_BODY = 1 << 20;

  /** dockerd opens a connection for each request; a thousand hosts do so in the same second. */
  private static final int BACKLOG = 8192;

  private static final int IDLE_SECONDS = 120;

  private final EventLoopGroup loops;
  private Channel bound;

  private Listener(EventLoopGroup loops) {
    this.loops = loops;
  }

  /** Listens; {@code threads} serve all connections. */
  public static Listener open(
      ProxyConfig config,
      Transport transport,
      int threads,
      Front front,
      ClientGate gate,
      ProxyMetrics metrics)
      throws IOException {
    Optional<SslContext> tls = tls(config);
    Listener listener = new Listener(transport.group("serve", threads));
    Consumer<Channel> each =
        channel -> {
          Connection connection = new Connection(front, gate, metrics);
          channel.pipeline().addLast(new Dawdlers(config.timeouts()));
          tls.ifPresent(context -> channel.pipeline().addLast(context.newHandler(channel.alloc())));
          channel
              .pipeline()
              .addLast(new IdleStateHandler(true, 0, 0, IDLE_SECONDS, TimeUnit.SECONDS))
              .addLast(new HttpServerCodec(MAX_LINE, MAX_HEADERS, 8192))
              .addLast(new WholeRequests(MAX_BODY, connection::answering))
              .addLast(connection);
        };
    try {
      listener.bound = transport.listen(listener.loops, config.listen(), BACKLOG, each);
    } catch (IOException e) {
      listener.close();
      throw e;
    }
    log.info("listening on {} ({})", listener.address(), transport);
    return listener;
  }

  private static Optional<SslContext> tls(ProxyConfig config) throws IOException {
    if (config.tls().isEmpty()) {
      return Optional.empty();
    }
    ProxyConfig.Tls files = config.tls().get();
    return Optional.of(
        SslContextBuilder.forServer(files.certificates().toFile(), files.key().toFile()).build());
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) bound.localAddress();
  }

  /** Blocks until somebody closes it. */
  public void awaitClose() {
    bound.closeFuture().awaitUninterruptibly();
  }

  @Override
  public void close() {
    if (bound != null) {
      bound.close().awaitUninterruptibly();
    }
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
