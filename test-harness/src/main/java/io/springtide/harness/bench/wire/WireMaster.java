package io.springtide.harness.bench.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.springtide.mesos.RecordIo;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;

/**
 * As little of a master as measures a client: it answers SUBSCRIBE with SUBSCRIBED and every other
 * call with 202, on one thread, and hands each call on. Real HTTP, chunked, on loopback.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A lost write shows as a run that does not end.
final class WireMaster implements AutoCloseable {
  private static final ByteBuf ACCEPTED = bytes("HTTP/1.1 202 Accepted", "Content-Length: 0");
  private static final ByteBuf STREAM =
      bytes(
          "HTTP/1.1 200 OK",
          "Content-Type: application/x-protobuf",
          "Mesos-Stream-Id: bench",
          "Transfer-Encoding: chunked");
  private static final byte[] CRLF = {'\r', '\n'};

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Channel door;
  private final Consumer<Call> calls;
  private Channel stream;
  private Runnable writable = () -> {};

  /**
   * @param calls takes each call but SUBSCRIBE, on the master's thread, before it is answered
   */
  WireMaster(Consumer<Call> calls) {
    this.calls = calls;
    door =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.TCP_NODELAY, true)
            // A real master queues without bound; this much keeps the socket from running dry.
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(1 << 20, 2 << 20))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(new HttpRequestDecoder())
                        .addLast(new HttpObjectAggregator(1 << 20))
                        .addLast(new Answers());
                  }
                })
            .bind("127.0.0.1", 0)
            .syncUninterruptibly()
            .channel();
  }

  String url() {
    return "http://127.0.0.1:" + ((InetSocketAddress) door.localAddress()).getPort();
  }

  /** The master's thread: all that follows is called there. */
  EventLoop loop() {
    return door.eventLoop();
  }

  /** The chunk that holds one record with {@code event}. */
  static ByteBuf chunk(Event event) {
    ByteBuf record = Unpooled.buffer();
    RecordIo.encode(event, record);
    ByteBuf chunk = Unpooled.buffer(record.readableBytes() + 16);
    chunk.writeCharSequence(Integer.toHexString(record.readableBytes()), StandardCharsets.US_ASCII);
    return chunk.writeBytes(CRLF).writeBytes(record).writeBytes(CRLF);
  }

  void write(ByteBuf chunk) {
    stream.write(chunk);
  }

  void flush() {
    stream.flush();
  }

  boolean isWritable() {
    return stream.isWritable();
  }

  /** Runs {@code task} each time that the stream takes more again. */
  void whenWritable(Runnable task) {
    writable = task;
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private static ByteBuf bytes(String... head) {
    String text = String.join("\r\n", head) + "\r\n\r\n";
    return Unpooled.unreleasableBuffer(
        Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII).asReadOnly());
  }

  private final class Answers extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request)
        throws InvalidProtocolBufferException {
      Call call = Call.parseFrom(request.content().nioBuffer());
      if (call.getType() == Call.Type.SUBSCRIBE) {
        stream = context.channel();
        stream.write(STREAM.duplicate());
        stream.writeAndFlush(chunk(WireMessages.subscribed()));
      } else {
        context.write(ACCEPTED.duplicate());
        calls.accept(call);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
      if (stream != null && stream != context.channel()) {
        stream.flush();
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      if (context.channel() == stream && stream.isWritable()) {
        writable.run();
      }
    }
  }
}
