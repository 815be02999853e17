package io.springtide.registry.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Collects an answer of at most {@code limit} bytes; a larger one, or one that ends early, is an
 * {@link IOException}.
 */
public final class Gathering implements ResponseListener {
  private final CompletableFuture<Reply> reply = new CompletableFuture<>();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final int limit;
  private int status;
  private HttpHeaders headers;
  private ServerExchange exchange;

  public Gathering(int limit) {
    this.limit = limit;
  }

  public CompletableFuture<Reply> reply() {
    return reply;
  }

  @Override
  public void head(int status, HttpHeaders headers, ServerExchange exchange) {
    this.status = status;
    this.headers = headers;
    this.exchange = exchange;
  }

  @Override
  public void data(ByteBuf bytes) {
    if (body.size() + bytes.readableBytes() > limit) {
      exchange.cancel();
      reply.completeExceptionally(new IOException("answer is larger than " + limit + " bytes"));
      return;
    }
    byte[] part = new byte[bytes.readableBytes()];
    bytes.readBytes(part);
    body.writeBytes(part);
  }

  @Override
  public void end() {
    try {
      reply.complete(whole());
    } catch (IOException e) {
      reply.completeExceptionally(new IOException("the answer cannot be read: " + Why.of(e), e));
    }
  }

  /** Nobody was asked to encode anything: what was encoded on the way is undone here. */
  private Reply whole() throws IOException {
    Optional<Coding> coding = Coding.of(headers);
    if (coding.isEmpty() || body.size() == 0) {
      return new Reply(status, headers, body.toByteArray());
    }
    byte[] plain;
    try (InputStream decoded = coding.get().decoded(new ByteArrayInputStream(body.toByteArray()))) {
      plain = decoded.readNBytes(limit + 1);
    }
    if (plain.length > limit) {
      throw new IOException("it is larger than " + limit + " bytes");
    }
    HttpHeaders ofPlain = new DefaultHttpHeaders().set(headers);
    ofPlain.remove(HttpHeaderNames.CONTENT_ENCODING).remove(HttpHeaderNames.CONTENT_LENGTH);
    return new Reply(status, ofPlain, plain);
  }

  @Override
  public void failed(IOException why) {
    reply.completeExceptionally(why);
  }
}
