package io.springtide.harness.emulator.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpContentDecompressor;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** An HTTP/1.1 server on loopback. Its group of threads belongs to the caller. */
public final class HttpDoor implements AutoCloseable {

  /** A request body above this is answered 413 and the connection closed. */
  private static final int MAX_BODY = 64 << 20;

  private final Channel server;
  private final ChannelGroup connections;

  private HttpDoor(Channel server, ChannelGroup connections) {
    this.server = server;
    this.connections = connections;
  }

  /**
   * Opens a door.
   *
   * @param port {@link KeptPort}, if it is to be opened there again
   * @param sent counts the chunks of event streams that were sent
   * @param handler takes each request, on one of the group's threads
   * @throws IOException when the port cannot be bound
   */
  public static HttpDoor open(
      EventLoopGroup group, int port, LongAdder sent, Consumer<Exchange> handler)
      throws IOException {
    ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    ChannelFuture bound =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    connections.add(channel);
                    channel
                        .pipeline()
                        .addLast(new HttpServerCodec(8192, 65536, 65536))
                        .addLast(new HttpServerKeepAliveHandler())
                        .addLast(new HttpContentDecompressor(MAX_BODY))
                        .addLast(new HttpObjectAggregator(MAX_BODY))
                        .addLast(new Requests(handler, sent));
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("cannot bind 127.0.0.1:" + port, bound.cause());
    }
    return new HttpDoor(bound.channel(), connections);
  }

  public int port() {
    return ((InetSocketAddress) server.localAddress()).getPort();
  }

  /** Breaks all connections and frees the port, as the end of a process does. */
  @Override
  public void close() {
    server.close().awaitUninterruptibly();
    connections.close().awaitUninterruptibly();
  }
}
