package io.springtide.registry.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The kernel interface to use: epoll where it is there, else the JDK's selectors. Both have
 * sendfile.
 */
public enum Transport {
  EPOLL(EpollIoHandler::newFactory, EpollServerSocketChannel.class, EpollSocketChannel.class),
  NIO(NioIoHandler::newFactory, NioServerSocketChannel.class, NioSocketChannel.class);

  @SuppressWarnings("ImmutableEnumChecker") // A method that makes a new one each time.
  private final Supplier<IoHandlerFactory> handlers;

  private final Class<? extends ServerChannel> serverChannel;
  private final Class<? extends SocketChannel> channel;

  Transport(
      Supplier<IoHandlerFactory> handlers,
      Class<? extends ServerChannel> serverChannel,
      Class<? extends SocketChannel> channel) {
    this.handlers = handlers;
    this.serverChannel = serverChannel;
    this.channel = channel;
  }

  public static Transport best() {
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  Class<? extends SocketChannel> channel() {
    return channel;
  }

  /** {@code threads} daemon threads; the caller owns the group and shuts it down. */
  public EventLoopGroup group(String name, int threads) {
    return new MultiThreadIoEventLoopGroup(
        threads, new DefaultThreadFactory(name, true), handlers.get());
  }

  /**
   * Listens; {@code each} furnishes the pipeline of a connection that comes.
   *
   * @param backlog connections that may wait to be taken
   * @throws IOException if it cannot listen there
   */
  public Channel listen(
      EventLoopGroup loops, InetSocketAddress where, int backlog, Consumer<Channel> each)
      throws IOException {
    ChannelFuture opened =
        new ServerBootstrap()
            .group(loops)
            .channel(serverChannel)
            .option(ChannelOption.SO_BACKLOG, backlog)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    each.accept(channel);
                  }
                })
            .bind(where)
            .awaitUninterruptibly();
    if (!opened.isSuccess()) {
      throw new IOException(
          "cannot listen on " + where + ": " + Why.of(opened.cause()), opened.cause());
    }
    return opened.channel();
  }
}
