package io.springtide.mesos;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslContext;
import io.springtide.testing.Patience;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A master or agent of whom the test plays the part: it hands out each request, and answers what
 * the test says, when the test says it.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A failed write shows as an answer that never comes.
final class ScriptedServer implements AutoCloseable {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final BlockingQueue<Exchange> requests = new LinkedBlockingQueue<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final Set<Channel> open = ConcurrentHashMap.newKeySet();
  private final Channel door;
  private final boolean tls;

  ScriptedServer() {
    this(Optional.empty());
  }

  ScriptedServer(Optional<SslContext> tls) {
    this.tls = tls.isPresent();
    door =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    int connection = connections.incrementAndGet();
                    open.add(channel);
                    channel.closeFuture().addListener(f -> open.remove(channel));
                    tls.ifPresent(t -> channel.pipeline().addLast(t.newHandler(channel.alloc())));
                    channel
                        .pipeline()
                        .addLast(new HttpServerCodec())
                        .addLast(new HttpObjectAggregator(16 << 20))
                        .addLast(
                            new SimpleChannelInboundHandler<FullHttpRequest>() {
                              @Override
                              protected void channelRead0(
                                  ChannelHandlerContext context, FullHttpRequest request) {
                                requests.add(new Exchange(connection, channel, request));
                              }

                              @Override
                              public void exceptionCaught(
                                  ChannelHandlerContext context, Throwable cause) {
                                context.close();
                              }
                            });
                  }
                })
            .bind("127.0.0.1", 0)
            .syncUninterruptibly()
            .channel();
  }

  Endpoint endpoint() {
    return new Endpoint("127.0.0.1", ((InetSocketAddress) door.localAddress()).getPort(), tls);
  }

  /** The next request of any connection. */
  Exchange take() throws InterruptedException {
    Exchange next = requests.poll(Patience.seconds(), TimeUnit.SECONDS);
    assertThat(next).as("a request within 10 s").isNotNull();
    return next;
  }

  boolean hasRequest() {
    return !requests.isEmpty();
  }

  int openConnections() {
    return open.size();
  }

  /** As kill -9: no last chunk, only the end of every connection; new ones are refused. */
  void die() {
    door.close().syncUninterruptibly();
    open.forEach(channel -> channel.close().syncUninterruptibly());
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** One request, and how to answer it. */
  static final class Exchange {
    final int connection;
    final String method;
    final String path;
    final HttpHeaders headers;
    final byte[] body;
    private final Channel channel;

    private Exchange(int connection, Channel channel, FullHttpRequest request) {
      this.connection = connection;
      this.channel = channel;
      method = request.method().name();
      path = request.uri();
      headers = request.headers().copy();
      body = ByteBufUtil.getBytes(request.content());
    }

    <M> M read(Parser<M> parser) throws InvalidProtocolBufferException {
      return parser.parseFrom(body);
    }

    /** A whole answer. */
    void answer(int status, String text, String... headers) {
      ByteBuf content = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
      answer(status, content, headers);
    }

    void answer(int status, ByteBuf content, String... headers) {
      DefaultFullHttpResponse response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), content);
      response.headers().set("Content-Length", content.readableBytes());
      for (int i = 0; i < headers.length; i += 2) {
        response.headers().set(headers[i], headers[i + 1]);
      }
      channel.writeAndFlush(response).syncUninterruptibly();
    }

    void accept() {
      answer(202, "");
    }

    /** 200 and the beginning of an endless answer. */
    Stream stream(String... headers) {
      DefaultHttpResponse head =
          new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
      head.headers().set("Content-Type", "application/x-protobuf");
      head.headers().set("Transfer-Encoding", "chunked");
      for (int i = 0; i < headers.length; i += 2) {
        head.headers().set(headers[i], headers[i + 1]);
      }
      channel.writeAndFlush(head).syncUninterruptibly();
      return new Stream(channel);
    }

    boolean closedByClient() throws InterruptedException {
      return channel.closeFuture().await(Patience.seconds(), TimeUnit.SECONDS);
    }

    /** Ends the connection, and returns when the client has noticed. */
    void hangUp() {
      ((SocketChannel) channel).shutdownOutput().syncUninterruptibly();
      channel.closeFuture().syncUninterruptibly();
    }
  }

  /** The answer to a SUBSCRIBE. */
  static final class Stream {
    private final Channel channel;

    private Stream(Channel channel) {
      this.channel = channel;
    }

    /** One record, as one chunk, as Mesos does. */
    Stream send(MessageLite event) {
      ByteBuf record = Unpooled.buffer();
      RecordIo.encode(event, record);
      return sendBytes(record);
    }

    Stream sendBytes(ByteBuf bytes) {
      channel.writeAndFlush(new DefaultHttpContent(bytes)).syncUninterruptibly();
      return this;
    }

    /** Queues a record without waiting for the socket to take it. */
    void push(MessageLite event) {
      ByteBuf record = Unpooled.buffer();
      RecordIo.encode(event, record);
      channel.writeAndFlush(new DefaultHttpContent(record));
    }

    boolean isWritable() {
      return channel.isWritable();
    }

    boolean isOpen() {
      return channel.isOpen();
    }

    /** The last chunk; the connection stays open, as a master leaves it. */
    void end() {
      channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT).syncUninterruptibly();
    }

    /** No last chunk, as a master that was killed. */
    void hangUp() {
      channel.close().syncUninterruptibly();
    }

    boolean closedByClient() throws InterruptedException {
      return channel.closeFuture().await(Patience.seconds(), TimeUnit.SECONDS);
    }
  }
}
