package io.springtide.registry.answer;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.springtide.registry.client.ClientExchange;
import io.springtide.registry.fill.HashedStart;
import io.springtide.registry.http.AnswerSize;
import io.springtide.registry.http.Coding;
import io.springtide.registry.http.ResponseListener;
import io.springtide.registry.http.ServerExchange;
import io.springtide.registry.store.Digest;
import io.springtide.registry.upstream.BlobSource;
import io.springtide.registry.upstream.ContentFailure;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Hands a blob on from upstream to one client without storing it, no faster than the client reads:
 * what remains when the disk is full. It is hashed on the way, from where a fill had to stop, and
 * its last bytes are held back until the hash is right.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails ends the connection.
final class RelayBody implements ResponseListener {
  /** Bytes that wait for the client, counted here: a promise is kept before Netty counts it off. */
  private static final int MAX_UNSENT = 512 << 10;

  private final ClientExchange client;
  private final Digest digest;

  /** Of the content: where the source is asked to begin, and what the client has already. */
  private final long from;

  private final long sent;
  private final MessageDigest hash;
  private long size;

  /** Whether the head of the answer is said, with {@link #size} in it. */
  private final boolean said;

  private ServerExchange exchange;
  private ByteBuf held;

  /** Where in the content the next byte from upstream belongs. */
  private long at;

  private boolean over;
  private long unsent;
  private boolean paused;

  private RelayBody(ClientExchange client, Digest digest, HashedStart known, long sent, long size) {
    this.client = client;
    this.digest = digest;
    this.from = known.bytes();
    this.hash = known.hash();
    this.sent = sent;
    this.size = size;
    this.said = size >= 0;
  }

  /** All of it; the head of the answer is said when the upstream has begun to answer. */
  static void send(ClientExchange client, BlobSource source, Digest digest) {
    open(source, new RelayBody(client, digest, new HashedStart(0, digest.newHash()), 0, -1));
  }

  /**
   * The end of an answer whose head is said.
   *
   * @param known what came before, at most as far as {@code sent}
   * @param sent where in the content to go on for the client
   * @param size of the whole content, as the head of the answer says it
   */
  static void goOn(
      ClientExchange client,
      BlobSource source,
      Digest digest,
      HashedStart known,
      long sent,
      long size) {
    open(source, new RelayBody(client, digest, known, sent, size));
  }

  private static void open(BlobSource source, RelayBody body) {
    body.client.source("relay");
    body.client.whenClosed(body::clientGone);
    source.open(body.from, 0, body);
  }

  @Override
  public void head(int status, HttpHeaders headers, ServerExchange exchange) {
    client.onLoop(() -> begin(status, headers, exchange));
  }

  private void begin(int status, HttpHeaders headers, ServerExchange exchange) {
    this.exchange = exchange;
    if (over) {
      exchange.cancel();
      return;
    }
    if (status != 200 && !(status == 206 && from > 0)) {
      exchange.cancel();
      give(ContentFailure.ofStatus(status, digest.toString()));
      return;
    }
    at = status == 206 ? from : 0;
    Optional<Long> length = AnswerSize.length(headers);
    boolean encoded = Coding.of(headers).isPresent();
    if (encoded || (length.isEmpty() && size < 0 && !client.takesChunks())) {
      exchange.cancel();
      give(
          new ContentFailure(
              ContentFailure.Kind.UNAVAILABLE,
              encoded
                  ? "somebody on the way encodes " + digest
                  : "upstream does not say the size of " + digest));
      return;
    }
    long whole = length.map(bytes -> at + bytes).orElse(size);
    if (said && whole != size) {
      exchange.cancel();
      give(
          new ContentFailure(
              ContentFailure.Kind.CORRUPT, "the size of " + digest + " changed upstream"));
      return;
    }
    size = whole;
    if (!said) {
      sayHead();
    }
  }

  private void sayHead() {
    if (size < 0) {
      BlobHeaders.sayChunked(client, digest);
    } else {
      HttpHeaders answer = BlobHeaders.of(digest, "application/octet-stream");
      answer.set(HttpHeaderNames.CONTENT_LENGTH, size);
      client.head(HttpResponseStatus.OK, answer);
    }
  }

  @Override
  public void data(ByteBuf bytes) {
    ByteBuf kept = bytes.retain();
    client.onLoop(() -> pass(kept));
  }

  private void pass(ByteBuf bytes) {
    if (over) {
      bytes.release();
      return;
    }
    long begin = at;
    at += bytes.readableBytes();
    hash.update(bytes.slice().skipBytes(part(bytes, from - begin)).nioBuffer());
    bytes.skipBytes(part(bytes, sent - begin));
    if (!bytes.isReadable()) {
      bytes.release();
      return;
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

  /** As many of {@code bytes} as lie before {@code offset}. */
  private static int part(ByteBuf bytes, long offset) {
    return (int) Math.max(0, Math.min(offset, bytes.readableBytes()));
  }

  private void write(ByteBuf bytes) {
    int count = bytes.readableBytes();
    unsent += count;
    client
        .send(new DefaultHttpContent(bytes))
        .addListener(
            f -> {
              unsent -= count;
              if (!f.isSuccess()) {
                clientGone();
                client.abort();
                return;
              }
              client.sent(count);
              if (paused && unsent <= MAX_UNSENT / 2 && !over) {
                paused = false;
                exchange.resume();
              }
            });
  }

  @Override
  public void end() {
    client.onLoop(this::finish);
  }

  private void finish() {
    if (over) {
      return;
    }
    boolean whole = (size < 0 || at == size) && Digest.of(digest.algorithm(), hash).equals(digest);
    if (!whole) {
      give(
          new ContentFailure(
              ContentFailure.Kind.CORRUPT, "upstream sent other bytes for " + digest));
      return;
    }
    over = true;
    if (held != null) {
      write(held);
      held = null;
    }
    client.last();
  }

  @Override
  public void failed(IOException why) {
    client.onLoop(() -> give(ContentFailure.from(why)));
  }

  private void give(ContentFailure failure) {
    if (over) {
      return;
    }
    clientGone();
    client.fail(failure, "BLOB_UNKNOWN");
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
