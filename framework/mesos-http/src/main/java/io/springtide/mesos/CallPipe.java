package io.springtide.mesos;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.BiConsumer;

/**
 * Sends calls, in order, over one pipelined connection: the next goes out before the last is
 * answered. Several connections would be no faster and would let a master see ACCEPT and KILL, or
 * SUPPRESS and REVIVE, the wrong way round.
 *
 * <p>The connection opens with the first call and opens anew if it was closed while nothing was in
 * flight. If it is lost with calls in flight, the pipe is dead: nobody can tell which of them
 * arrived, and a new connection could overtake those still on their way.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails ends the connection.
final class CallPipe<C extends MessageLite> {
  private static final int BATCH_BYTES = 64 << 10;
  private static final int MAX_REFUSAL_BYTES = 64 << 10;

  /** Whom a pipe tells. */
  interface Listener<C> {
    /** The answer to the oldest call in flight. */
    void answered(C call, int status, String body);

    /** The pipe is dead; {@link #close(BiConsumer)} says what it still held. */
    void lost(String reason);
  }

  private final Wire wire;
  private final Timer timer;
  private final Endpoint endpoint;
  private final Request request;
  private final int maxInFlight;
  private final Duration answerTimeout;
  private final Listener<C> listener;

  private final Queue<C> waiting = new ArrayDeque<>();
  private final Queue<C> inFlight = new ArrayDeque<>();
  private Channel channel;
  private boolean connected;
  private boolean dead;
  private long answers;
  private boolean watched;
  private Timer.Cancel watch = Timer.Cancel.NOTHING;

  CallPipe(
      Wire wire,
      Timer timer,
      Endpoint endpoint,
      Request request,
      int maxInFlight,
      Duration answerTimeout,
      Listener<C> listener) {
    this.wire = wire;
    this.timer = timer;
    this.endpoint = endpoint;
    this.request = request;
    this.maxInFlight = maxInFlight;
    this.answerTimeout = answerTimeout;
    this.listener = listener;
  }

  /** Puts a call at the end of the line; {@link #pump} sends it. */
  void offer(C call) {
    waiting.add(call);
  }

  /** Sends as many waiting calls as may be in flight, in one write. */
  void pump() {
    if (dead || waiting.isEmpty() || inFlight.size() >= maxInFlight) {
      return;
    }
    if (channel == null) {
      connect();
    }
    if (!connected) {
      return;
    }
    ByteBuf batch = null;
    while (inFlight.size() < maxInFlight && !waiting.isEmpty()) {
      C call = waiting.remove();
      inFlight.add(call);
      if (batch == null) {
        batch = wire.allocator().directBuffer(Math.max(1024, request.size(call)));
      }
      request.write(call, batch);
      if (batch.readableBytes() >= BATCH_BYTES) {
        channel.write(batch);
        batch = null;
      }
    }
    if (batch != null) {
      channel.write(batch);
    }
    channel.flush();
    watch();
  }

  boolean isIdle() {
    return waiting.isEmpty() && inFlight.isEmpty();
  }

  /**
   * Closes the connection, and says of each call left whether it may have arrived, in the order in
   * which they were given.
   */
  void close(BiConsumer<C, CallListener.Fate> leftover) {
    close();
    for (C call = inFlight.poll(); call != null; call = inFlight.poll()) {
      leftover.accept(call, CallListener.Fate.UNKNOWN);
    }
    for (C call = waiting.poll(); call != null; call = waiting.poll()) {
      leftover.accept(call, CallListener.Fate.NOT_SENT);
    }
  }

  /** Closes the connection; the listener hears nothing more. */
  void close() {
    dead = true;
    watch.cancel();
    if (channel != null) {
      channel.close();
    }
  }

  private void connect() {
    Answers handler = new Answers();
    ChannelFuture connecting = wire.connect(endpoint, handler);
    channel = connecting.channel();
    connecting.addListener(
        future -> {
          if (future.isSuccess()) {
            connected = true;
            pump();
          } else {
            String reason = "cannot connect to " + endpoint + ": " + Why.of(future.cause());
            wire.loop().execute(() -> handler.finish(reason));
          }
        });
  }

  /** No progress within the answer timeout means that the connection is half open. */
  private void watch() {
    if (watched || inFlight.isEmpty() || dead) {
      return;
    }
    watched = true;
    long before = answers;
    watch =
        timer.after(
            answerTimeout,
            () -> {
              watched = false;
              if (!inFlight.isEmpty() && answers == before) {
                lose("a call was not answered within " + answerTimeout.toMillis() + " ms");
              } else {
                watch();
              }
            });
  }

  private void lose(String reason) {
    if (!dead) {
      close();
      listener.lost(reason);
    }
  }

  private final class Answers extends AnswerHandler {
    private final StringBuilder body = new StringBuilder();
    private int status;

    @Override
    void head(HttpResponse head) throws IOException {
      if (inFlight.isEmpty()) {
        throw new IOException("an answer to nothing");
      }
      status = head.status().code();
      body.setLength(0);
    }

    @Override
    void piece(ByteBuf piece) {
      int room = MAX_REFUSAL_BYTES - body.length();
      body.append(
          piece.toString(
              piece.readerIndex(), Math.min(room, piece.readableBytes()), StandardCharsets.UTF_8));
    }

    @Override
    void end() {
      if (dead) {
        return;
      }
      answers++;
      listener.answered(inFlight.remove(), status, body.toString());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      pump();
      context.fireChannelReadComplete();
    }

    @Override
    void over(String reason) {
      boolean wasConnected = connected;
      connected = false;
      channel = null;
      if (wasConnected && inFlight.isEmpty()) {
        // Closed while idle: harmless. What came in the meantime goes over a new connection.
        pump();
      } else {
        lose(reason);
      }
    }
  }
}
