package io.springtide.registry.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * Collects an answer of at most {@code limit} bytes; a larger one, or one that ends early, is an
 * {@link IOException}.
 */
final class Gathering implements ResponseListener {
  private final CompletableFuture<Reply> reply = new CompletableFuture<>();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final int limit;
  private int status;
  private HttpHeaders headers;
  private Exchange exchange;

  Gathering(int limit) {
    this.limit = limit;
  }

  CompletableFuture<Reply> reply() {
    return reply;
  }

  @Override
  public void head(int status, HttpHeaders headers, Exchange exchange) {
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
    reply.complete(new Reply(status, headers, body.toByteArray()));
  }

  @Override
  public void failed(IOException why) {
    reply.completeExceptionally(why);
  }
}
