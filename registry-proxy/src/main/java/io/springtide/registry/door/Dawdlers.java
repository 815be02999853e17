package io.springtide.registry.door;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.util.concurrent.Future;
import io.springtide.registry.http.Timeouts;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection whose client sends its request, or reads its answer, so slowly that it could
 * hold what it holds for ever. First in the pipeline: it sees what the network sees.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails ends the connection.
final class Dawdlers extends ChannelDuplexHandler {
  private final long windowMillis;
  private final long minBytes;
  private Future<?> requestDeadline;
  private Future<?> readingCheck;

  /** What was being sent at the last check, and how much of it was gone. */
  private Object sending;

  private long sent;

  Dawdlers(Timeouts timeouts) {
    windowMillis = timeouts.stall().toMillis();
    minBytes = timeouts.minBytes();
  }

  /** A whole request has arrived. */
  void requestIsWhole() {
    if (requestDeadline != null) {
      requestDeadline.cancel(false);
      requestDeadline = null;
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object bytes) {
    if (requestDeadline == null && minBytes > 0) {
      requestDeadline =
          ctx.executor().schedule(() -> giveUp(ctx), windowMillis, TimeUnit.MILLISECONDS);
    }
    ctx.fireChannelRead(bytes);
  }

  private void giveUp(ChannelHandlerContext ctx) {
    requestDeadline = null;
    // While we do not read (the client sent far ahead), its request cannot become whole.
    if (ctx.channel().config().isAutoRead()) {
      ctx.close();
    }
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    ctx.flush();
    if (readingCheck == null && minBytes > 0 && current(ctx) != null) {
      watch(ctx);
    }
  }

  private void watch(ChannelHandlerContext ctx) {
    ChannelOutboundBuffer waiting = ctx.channel().unsafe().outboundBuffer();
    sending = waiting.current();
    sent = waiting.currentProgress();
    readingCheck = ctx.executor().schedule(() -> check(ctx), windowMillis, TimeUnit.MILLISECONDS);
  }

  /** A message that is completed within a window counts as progress, however small it is. */
  private void check(ChannelHandlerContext ctx) {
    readingCheck = null;
    Object current = current(ctx);
    if (current == null) {
      return;
    }
    boolean same = current == sending;
    if (same && ctx.channel().unsafe().outboundBuffer().currentProgress() - sent < minBytes) {
      // By a reset: an orderly close would wait until the client has read what is buffered.
      if (ctx.channel().config() instanceof SocketChannelConfig socket) {
        socket.setSoLinger(0);
      }
      ctx.close();
      return;
    }
    watch(ctx);
  }

  /** The message that waits for the client to read; null if none does. */
  private static Object current(ChannelHandlerContext ctx) {
    ChannelOutboundBuffer waiting = ctx.channel().unsafe().outboundBuffer();
    return waiting == null ? null : waiting.current();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    requestIsWhole();
    if (readingCheck != null) {
      readingCheck.cancel(false);
    }
    ctx.fireChannelInactive();
  }
}
