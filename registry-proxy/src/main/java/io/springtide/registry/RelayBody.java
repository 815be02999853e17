package io.springtide.registry;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.springtide.registry.store.Digest;
import io.springtide.registry.upstream.BlobSource;
import io.springtide.registry.upstream.Exchange;
import io.springtide.registry.upstream.ResponseListener;
import java.io.IOException;
import java.security.MessageDigest;

/**
 * Hands a blob on from upstream to one client without storing it, no faster than the client reads:
 * what remains when the disk is full. Sent from its start it is hashed on the way, and its last
 * byte is held back until the hash is right.
 */
final class RelayBody implements ResponseListener {
  private final Turn turn;
  private final Channel channel;
  private final Digest digest;
  private final long from;
  private final boolean headWritten;
  private final MessageDigest hash;
  private Exchange exchange;
  private ByteBuf held;
  private long skip;
  private long expected = -1;
  private long received;
  private boolean over;

  private RelayBody(Turn turn, Digest digest, long from, boolean headWritten) {
    this.turn = turn;
    this.channel = turn.context().channel();
    this.digest = digest;
    this.from = from;
    this.headWritten = headWritten;
    this.hash = from == 0 ? digest.newHash() : null;
  }

  /**
   * @param from where in the content to go on
   * @param headWritten whether the client already has the head of its answer
   */
  static void send(Turn turn, BlobSource source, Digest digest, long from, boolean headWritten) {
    turn.source("relay");
    RelayBody body = new RelayBody(turn, digest, from, headWritten);
    turn.whenClosed(body::clientGone);
    source.open(from, 0, body);
  }

  @Override
  public void head(int status, HttpHeaders headers, Exchange exchange) {
    turn.onLoop(() -> begin(status, headers, exchange));
  }

  private void begin(int status, HttpHeaders headers, Exchange exchange) {
    this.exchange = exchange;
    if (over) {
      exchange.cancel();
      return;
    }
    if (status != 200 && !(status == 206 && from > 0)) {
      exchange.cancel();
      give(Refusal.ofStatus(status, digest.toString()));
      return;
    }
    skip = status == 200 ? from : 0;
    String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
    if (length == null || !length.matches("[0-9]{1,18}")) {
      exchange.cancel();
      give(new Refusal(Refusal.Kind.UNAVAILABLE, "upstream does not say the size of " + digest));
      return;
    }
    expected = Long.parseLong(length);
    if (!headWritten) {
      HttpHeaders answer = BlobHeaders.of(digest, "application/octet-stream");
      answer.set(HttpHeaderNames.CONTENT_LENGTH, expected);
      turn.head(HttpResponseStatus.OK, answer);
    }
  }

  @Override
  public void data(ByteBuf bytes) {
    ByteBuf kept = bytes.retain();
    turn.onLoop(() -> pass(kept));
  }

  private void pass(ByteBuf bytes) {
    if (over) {
      bytes.release();
      return;
    }
    received += bytes.readableBytes();
    int step = (int) Math.min(skip, bytes.readableBytes());
    bytes.skipBytes(step);
    skip -= step;
    if (hash != null) {
      hash.update(bytes.nioBuffer());
    }
    if (held != null) {
      write(held);
    }
    held = bytes;
    if (!channel.isWritable()) {
      exchange.pause();
    }
  }

  private void write(ByteBuf bytes) {
    turn.sent(bytes.readableBytes());
    turn.context()
        .writeAndFlush(new DefaultHttpContent(bytes))
        .addListener(
            f -> {
              if (!f.isSuccess()) {
                clientGone();
                turn.abort();
              } else if (exchange != null && channel.isWritable()) {
                exchange.resume();
              }
            });
  }

  @Override
  public void end() {
    turn.onLoop(this::finish);
  }

  private void finish() {
    if (over) {
      return;
    }
    boolean whole =
        received == expected
            && (hash == null || Digest.of(digest.algorithm(), hash).equals(digest));
    if (!whole) {
      clientGone();
      turn.abort();
      return;
    }
    over = true;
    if (held != null) {
      write(held);
      held = null;
    }
    turn.last();
  }

  @Override
  public void failed(IOException why) {
    turn.onLoop(() -> give(Refusal.from(why)));
  }

  private void give(Refusal refusal) {
    if (over) {
      return;
    }
    boolean begun = headWritten || expected >= 0;
    clientGone();
    if (begun) {
      turn.abort();
    } else {
      turn.refuse(refusal, "BLOB_UNKNOWN");
    }
  }

  private void clientGone() {
    if (over) {
      return;
    }
    over = true;
    if (held != null) {
      held.release();
      held = null;
    }
    if (exchange != null) {
      exchange.cancel();
    }
  }
}
