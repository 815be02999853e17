package io.springtide.harness.emulator.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http.FullHttpRequest;
import java.io.IOException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands whole requests to a door, and tells open streams when their connection breaks. */
@SuppressWarnings("FutureReturnValueIgnored") // A close that fails is the end as well.
final class Requests extends SimpleChannelInboundHandler<FullHttpRequest> {

  private static final Logger log = LoggerFactory.getLogger(Requests.class);

  private final Consumer<Exchange> handler;
  private final CopyOnWriteArrayList<Runnable> onClose = new CopyOnWriteArrayList<>();

  private final LongAdder sent;

  Requests(Consumer<Exchange> handler, LongAdder sent) {
    this.handler = handler;
    this.sent = sent;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    Exchange exchange = new Exchange(context, request, onClose, sent);
    if (request.decoderResult().isFailure()) {
      exchange.text(400, "Failed to decode the request");
      context.close();
    } else {
      handler.accept(exchange);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    onClose.forEach(Runnable::run);
    onClose.clear();
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof IOException || cause instanceof CodecException) {
      log.debug("connection broke: {}", cause.toString());
    } else {
      log.warn("a request could not be handled", cause);
    }
    context.close();
  }
}
