package io.springtide.registry.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaders;
import io.springtide.registry.http.ResponseListener;
import io.springtide.registry.http.ServerExchange;
import io.springtide.registry.swarm.Pieces;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.function.BooleanSupplier;

/**
 * The pieces of one blob in their order, to whoever waits for the bytes, however they arrive. They
 * stand already where the listener would put them.
 */
final class InOrder {
  private static final int CHUNK = 256 << 10;

  private final Pieces pieces;
  private final ResponseListener listener;
  private final BooleanSupplier over;
  private int handedOn;

  /**
   * {@code over}: whether the listener wants no more, which it may say in the middle of a piece.
   */
  InOrder(Pieces pieces, ResponseListener listener, BooleanSupplier over) {
    this.pieces = pieces;
    this.listener = listener;
    this.over = over;
  }

  void head(HttpHeaders headers, ServerExchange exchange) {
    listener.head(200, headers, exchange);
  }

  /** How many were handed on. */
  int pieces() {
    return handedOn;
  }

  /** Whether that was all of it. */
  boolean isComplete() {
    return handedOn == pieces.count();
  }

  /** Hands the next piece on, which stands in {@code file} and is right. */
  void next(FileChannel file) throws IOException {
    ByteBuf buffer = PooledByteBufAllocator.DEFAULT.buffer(CHUNK);
    try {
      long at = pieces.offset(handedOn);
      long end = at + pieces.length(handedOn);
      while (at < end && !over.getAsBoolean()) {
        buffer.clear();
        int read = buffer.writeBytes(file, at, (int) Math.min(CHUNK, end - at));
        if (read <= 0) {
          throw new IOException("the file ends at byte " + at);
        }
        at += read;
        listener.inPlace(buffer);
      }
    } finally {
      buffer.release();
    }
    if (over.getAsBoolean()) {
      return; // the fill found it wrong, or could not keep it
    }
    handedOn++;
    if (isComplete()) {
      listener.end();
    } else {
      listener.batch();
    }
  }

  void failed(IOException why) {
    listener.failed(why);
  }
}
