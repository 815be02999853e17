package io.springtide.mesos;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;

/**
 * Reads the answers of one connection: head, pieces of the body, end. Tells exactly once, and last,
 * that the connection is over.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails ends the connection.
abstract class AnswerHandler extends SimpleChannelInboundHandler<HttpObject> {
  private ChannelHandlerContext context;
  private boolean over;
  private boolean interim;

  /** The status line and headers of an answer. */
  abstract void head(HttpResponse head) throws IOException;

  /** The next piece of its body; owned by the caller. */
  abstract void piece(ByteBuf piece) throws IOException;

  /** The answer is complete. */
  abstract void end() throws IOException;

  /** Nothing more comes; {@code reason} is a sentence for the log. */
  abstract void over(String reason);

  /** Ends the connection from this side; {@link #over} follows at once. */
  final void hangUp(String reason) {
    finish(reason);
    context.close();
  }

  @Override
  public final void handlerAdded(ChannelHandlerContext context) {
    this.context = context;
  }

  @Override
  protected final void channelRead0(ChannelHandlerContext context, HttpObject part) {
    if (over) {
      return;
    }
    try {
      if (part.decoderResult().isFailure()) {
        throw new IOException("not HTTP: " + part.decoderResult().cause().getMessage());
      }
      if (part instanceof HttpResponse head) {
        interim = head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
        if (!interim) {
          head(head);
        }
      }
      if (interim) {
        return; // 100 and the like: the answer itself is still to come
      }
      if (!over && part instanceof HttpContent content && content.content().isReadable()) {
        piece(content.content());
      }
      if (!over && part instanceof LastHttpContent) {
        end();
      }
    } catch (IOException e) {
      hangUp(Why.of(e));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    finish("the connection was closed by the other side");
  }

  @Override
  @SuppressWarnings("deprecation") // Deprecated on ChannelHandler, not on ChannelInboundHandler.
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    hangUp("the connection broke: " + Why.of(cause));
  }

  final void finish(String reason) {
    if (!over) {
      over = true;
      over(reason);
    }
  }
}
