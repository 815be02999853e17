package io.springtide.mesos;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;

/** One call on a connection of its own, and its whole answer: what operators do now and then. */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails ends the connection.
final class OneCall extends AnswerHandler {
  /** Whom it tells; one of the two, once. */
  interface Listener {
    void answered(int status, HttpHeaders headers, byte[] body);

    /** No answer; {@code sent} says whether the call may have left. */
    void failed(boolean sent, String reason);
  }

  private final int maxAnswerBytes;
  private final Listener listener;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private HttpResponse head;
  private boolean sent;
  private boolean told;
  private Timer.Cancel patience = Timer.Cancel.NOTHING;

  private OneCall(int maxAnswerBytes, Listener listener) {
    this.maxAnswerBytes = maxAnswerBytes;
    this.listener = listener;
  }

  static void send(
      Wire wire,
      Timer timer,
      Endpoint endpoint,
      Request request,
      MessageLite message,
      Duration answerTimeout,
      int maxAnswerBytes,
      Listener listener) {
    OneCall call = new OneCall(maxAnswerBytes, listener);
    ChannelFuture connecting = wire.connect(endpoint, call);
    call.patience =
        timer.after(
            answerTimeout,
            () -> {
              call.finish("no answer for " + answerTimeout.toMillis() + " ms");
              connecting.channel().close();
            });
    connecting.addListener(
        future -> {
          if (!future.isSuccess()) {
            call.finish("cannot connect to " + endpoint + ": " + Why.of(future.cause()));
            return;
          }
          call.sent = true;
          ByteBuf out = wire.allocator().directBuffer(request.size(message));
          request.write(message, out);
          connecting.channel().writeAndFlush(out);
        });
  }

  @Override
  void head(HttpResponse head) {
    this.head = head;
  }

  @Override
  void piece(ByteBuf piece) throws IOException {
    if (body.size() + piece.readableBytes() > maxAnswerBytes) {
      throw new IOException("the answer is larger than " + maxAnswerBytes + " bytes");
    }
    piece.readBytes(body, piece.readableBytes());
  }

  @Override
  void end() {
    if (!told && head.status().code() >= 200) {
      told = true;
      patience.cancel();
      listener.answered(head.status().code(), head.headers(), body.toByteArray());
      hangUp("answered");
    }
  }

  @Override
  void over(String reason) {
    if (!told) {
      told = true;
      patience.cancel();
      listener.failed(sent, reason);
    }
  }
}
