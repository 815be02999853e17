package io.springtide.registry;

import io.netty.buffer.ByteBuf;
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
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails ends the connection.
final class RelayBody implements ResponseListener {
  /** Bytes that wait for the client, counted here: a promise is kept before Netty counts it off. */
  private static final int MAX_UNSENT = 512 << 10;

  private final Turn turn;
  private final Digest digest;
  private final long from;
  private final long size;
  private boolean headWritten;
  private final MessageDigest hash;
  private Exchange exchange;
  private ByteBuf held;
  private long skip;
  private long expected = -1;
  private long received;
  private boolean over;
  private long unsent;
  private boolean paused;

  private RelayBody(Turn turn, Digest digest, long from, long size) {
    this.turn = turn;
    this.digest = digest;
    this.from = from;
    this.size = size;
    this.headWritten = size >= 0;
    this.hash = from == 0 ? digest.newHash() : null;
  }

  /** All of it; the head of the answer is written when the upstream has said how much it is. */
  static void send(Turn turn, BlobSource source, Digest digest) {
    send(turn, source, digest, 0, -1);
  }

  /**
   * The end of an answer that is under way.
   *
   * @param from where in the content to go on
   * @param size of the whole content, which the client was told
   */
  static void goOn(Turn turn, BlobSource source, Digest digest, long from, long size) {
    send(turn, source, digest, from, size);
  }

  private static void send(Turn turn, BlobSource source, Digest digest, long from, long size) {
    turn.source("relay");
    RelayBody body = new RelayBody(turn, digest, from, size);
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
    if (headWritten && expected + (status == 206 ? from : 0) != size) {
      exchange.cancel();
      give(new Refusal(Refusal.Kind.CORRUPT, "the size of " + digest + " changed upstream"));
      return;
    }
    if (expected > 0) {
      writeHead();
    } // else it would be a whole answer: it waits for the verdict
  }

  private void writeHead() {
    if (!headWritten) {
      headWritten = true;
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
    if (unsent > MAX_UNSENT && !paused) {
      paused = true;
      exchange.pause();
    }
  }

  private void write(ByteBuf bytes) {
    int count = bytes.readableBytes();
    unsent += count;
    turn.context()
        .writeAndFlush(new DefaultHttpContent(bytes))
        .addListener(
            f -> {
              unsent -= count;
              if (!f.isSuccess()) {
                clientGone();
                turn.abort();
                return;
              }
              turn.sent(count);
              if (paused && unsent <= MAX_UNSENT / 2 && !over) {
                paused = false;
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
      give(new Refusal(Refusal.Kind.CORRUPT, "upstream sent other bytes for " + digest));
      return;
    }
    over = true;
    writeHead();
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
    clientGone();
    if (headWritten) {
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
