package io.springtide.registry.door;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import java.util.function.BooleanSupplier;

/**
 * Makes whole requests of their parts. What Netty would answer by itself (go on, too large) waits
 * for its turn: a client that sends ahead would find it in the middle of another answer.
 */
final class WholeRequests extends HttpObjectAggregator {
  /** What a request is marked with whose body is larger than we take. */
  static final class TooLarge extends Exception {
    private static final long serialVersionUID = 1;

    TooLarge() {
      super("the body is too large", null, false, false);
    }
  }

  private final BooleanSupplier answering;

  /** {@code answering}: whether an answer is under way or owed on this connection. */
  WholeRequests(int maxBody, BooleanSupplier answering) {
    super(maxBody);
    this.answering = answering;
  }

  @Override
  protected Object newContinueResponse(HttpMessage start, int maxBody, ChannelPipeline pipeline) {
    // Not told to go on, a client sends its body a moment later all the same (RFC 9110, 10.1.1).
    return answering.getAsBoolean() ? null : super.newContinueResponse(start, maxBody, pipeline);
  }

  @Override
  protected void handleOversizedMessage(ChannelHandlerContext ctx, HttpMessage oversized) {
    HttpRequest request = (HttpRequest) oversized;
    DefaultFullHttpRequest marked =
        new DefaultFullHttpRequest(
            request.protocolVersion(),
            request.method(),
            request.uri(),
            Unpooled.EMPTY_BUFFER,
            request.headers(),
            new DefaultHttpHeaders());
    marked.setDecoderResult(DecoderResult.failure(new TooLarge()));
    ctx.fireChannelRead(marked);
  }
}
