package io.springtide.mesos;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * One subscription: a connection of its own, a SUBSCRIBE, and the records that come in answer, for
 * as long as they come. Nothing else is ever sent here: Mesos would answer in the middle of the
 * stream.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails ends the connection.
final class EventStream {
  private static final int MAX_REFUSAL_BYTES = 64 << 10;

  /** Whom a stream tells. {@code refused} or {@code ended} comes exactly once, and last. */
  interface Listener {
    /** The subscription was answered 200. */
    void opened(HttpHeaders headers);

    /** The next record; valid during the call only. */
    void record(ByteBuf record) throws RecordIo.MalformedException;

    /** The subscription was answered with another status, and asking again would not help. */
    void refused(int status, HttpHeaders headers, String body);

    /**
     * The stream is over, or never came to be: it was not answered in time, or the other side is
     * not ready yet; {@code reason} is a sentence for the log.
     */
    void ended(String reason);
  }

  private final Answers answers;
  private final Channel channel;
  private boolean paused;

  private EventStream(Answers answers, Channel channel) {
    this.answers = answers;
    this.channel = channel;
  }

  /** Connects and subscribes; the listener hears of everything later than this call. */
  static EventStream open(
      ClientThreads threads,
      WireOptions options,
      Endpoint endpoint,
      Request request,
      MessageLite subscribe,
      Listener listener) {
    Wire wire = threads.wire();
    Answers answers = new Answers(options.maxRecordBytes(), listener);
    ChannelFuture connected = wire.connect(endpoint, answers);
    connected.addListener(
        future -> {
          if (!future.isSuccess()) {
            String reason = "cannot connect to " + endpoint + ": " + Why.of(future.cause());
            // Later, even if it failed at once: the caller must know its stream first.
            wire.loop().execute(() -> answers.finish(reason));
            return;
          }
          ByteBuf out = wire.allocator().directBuffer(request.size(subscribe));
          request.write(subscribe, out);
          connected.channel().writeAndFlush(out);
        });
    answers.patience =
        threads
            .timer()
            .after(
                options.answerTimeout(),
                () -> {
                  answers.finish("no answer for " + options.answerTimeout().toMillis() + " ms");
                  connected.channel().close();
                });
    return new EventStream(answers, connected.channel());
  }

  /** Stops reading: the other side's records wait in the sockets' buffers. */
  void pause() {
    paused = true;
    channel.config().setAutoRead(false);
  }

  boolean isPaused() {
    return paused;
  }

  void resume() {
    paused = false;
    channel.config().setAutoRead(true);
  }

  /** Closes the connection; the listener hears nothing more. */
  void close() {
    answers.silence();
    channel.close();
  }

  private static final class Answers extends AnswerHandler {
    private final RecordIo.Decoder decoder;
    private final StringBuilder refusal = new StringBuilder();
    private Listener listener;
    private HttpResponse refused;
    private Timer.Cancel patience = Timer.Cancel.NOTHING;

    Answers(int maxRecordBytes, Listener listener) {
      this.decoder = new RecordIo.Decoder(maxRecordBytes);
      this.listener = listener;
    }

    void silence() {
      patience.cancel();
      listener = null;
    }

    @Override
    void head(HttpResponse head) {
      if (head.status().code() == 200) {
        patience.cancel();
        if (listener != null) {
          listener.opened(head.headers());
        }
      } else {
        refused = head;
      }
    }

    @Override
    void piece(ByteBuf piece) throws IOException {
      if (refused != null) {
        int room = MAX_REFUSAL_BYTES - refusal.length();
        refusal.append(
            piece.toString(
                piece.readerIndex(),
                Math.min(room, piece.readableBytes()),
                StandardCharsets.UTF_8));
        return;
      }
      decoder.decode(
          piece,
          record -> {
            if (listener != null) {
              listener.record(record);
            }
          });
    }

    @Override
    void end() throws IOException {
      if (refused == null) {
        throw new IOException(
            decoder.isWithinRecord()
                ? "the other side ended the stream within a record"
                : "the other side ended the stream");
      }
      int status = refused.status().code();
      if (status == 404 || status >= 500) {
        // 503: recovering, or no leader elected; 404: starting, its routes are not there yet.
        hangUp("answered " + status + " " + refusal);
        return;
      }
      Listener told = listener;
      silence();
      if (told != null) {
        told.refused(status, refused.headers(), refusal.toString());
      }
      hangUp("refused");
    }

    @Override
    void over(String reason) {
      Listener told = listener;
      silence();
      if (told != null) {
        told.ended(reason);
      }
    }
  }
}
