package io.springtide.mesos;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpContentDecompressor;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one I/O thread of a client and what its connections share. Everything in this package that is
 * not said to be thread-safe is touched on this thread only.
 */
final class Wire implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Wire.class);

  /** Chunks of the body come in pieces of at most this size. */
  private static final int MAX_PIECE_BYTES = 64 << 10;

  private final EventLoopGroup group;
  private final EventLoop loop;
  private final Duration connectTimeout;

  /**
   * One arena of 1 MiB chunks: the usual defaults keep 4 MiB for each thread and core, which an
   * executor that must stay small cannot afford.
   */
  private final ByteBufAllocator allocator =
      new PooledByteBufAllocator(true, 0, 1, 8192, 7, 0, 0, false);

  private final HostLookups lookups;
  private SslContext tls;
  private volatile Thread thread;

  Wire(String name, Duration connectTimeout) {
    this(name, connectTimeout, InetAddress::getAllByName);
  }

  Wire(String name, Duration connectTimeout, HostLookups.Lookup lookup) {
    this.connectTimeout = connectTimeout;
    lookups = new HostLookups(name + "-names", lookup);
    group =
        new MultiThreadIoEventLoopGroup(
            1,
            task -> {
              thread = new FastThreadLocalThread(task, name);
              thread.setDaemon(true);
              return thread;
            },
            NioIoHandler.newFactory());
    loop = group.next();
  }

  EventLoop loop() {
    return loop;
  }

  /**
   * Runs {@code task} on the loop, at once if this is the loop.
   *
   * @return false if the loop has ended: the task never runs
   */
  @CanIgnoreReturnValue
  boolean run(Runnable task) {
    try {
      if (loop.inEventLoop()) {
        task.run();
      } else {
        loop.execute(task);
      }
      return true;
    } catch (RejectedExecutionException ended) {
      log.debug("the client is closed", ended);
      return false;
    }
  }

  ByteBufAllocator allocator() {
    return allocator;
  }

  /** Opens a connection on which HTTP answers are decoded and handed to {@code handler}. */
  ChannelFuture connect(Endpoint endpoint, ChannelHandler handler) {
    return new Bootstrap()
        .group(loop)
        .resolver(lookups)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.ALLOCATOR, allocator)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) connectTimeout.toMillis())
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) throws SSLException {
                if (endpoint.tls()) {
                  channel
                      .pipeline()
                      .addLast(tls().newHandler(channel.alloc(), endpoint.host(), endpoint.port()));
                }
                channel
                    .pipeline()
                    .addLast(
                        new HttpResponseDecoder(
                            new HttpDecoderConfig().setMaxChunkSize(MAX_PIECE_BYTES)))
                    // We never ask for it, but what stands in between may compress.
                    .addLast(new HttpContentDecompressor(MAX_PIECE_BYTES))
                    .addLast(handler);
              }
            })
        .connect(address(endpoint));
  }

  /** An address is taken as it is; a name is looked up on the way. */
  private static InetSocketAddress address(Endpoint endpoint) {
    byte[] literal = NetUtil.createByteArrayFromIpAddressString(endpoint.host());
    if (literal == null) {
      return InetSocketAddress.createUnresolved(endpoint.host(), endpoint.port());
    }
    try {
      return new InetSocketAddress(InetAddress.getByAddress(literal), endpoint.port());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes are an address", e);
    }
  }

  /** Trusts whom the JVM trusts, and checks the name. */
  private SslContext tls() throws SSLException {
    if (tls == null) {
      tls = SslContextBuilder.forClient().endpointIdentificationAlgorithm("HTTPS").build();
    }
    return tls;
  }

  /** Closes every connection and ends the thread; waits for it, unless called on it. */
  @Override
  public void close() {
    lookups.close();
    var ended = group.shutdownGracefully(0, 5, TimeUnit.SECONDS);
    if (loop.inEventLoop()) {
      return;
    }
    ended.awaitUninterruptibly(10, TimeUnit.SECONDS);
    try {
      // The loop says that it has ended a moment before its thread does.
      Thread running = thread;
      if (running != null) {
        running.join(TimeUnit.SECONDS.toMillis(1));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
