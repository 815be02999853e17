package io.springtide.registry.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;

/** Hands an answer's body on to another listener, until {@link #shut}; its head is the filter's. */
public abstract class Filtered implements ResponseListener {
  private final ResponseListener next;
  private boolean shut;

  protected Filtered(ResponseListener next) {
    this.next = next;
  }

  /** Who hears of it in the end. */
  protected final ResponseListener next() {
    return next;
  }

  /** Nothing more is handed on. */
  protected final void shut() {
    shut = true;
  }

  /** Gives up {@code exchange}, whose answer is none for the one who waits. */
  protected final void refuse(ServerExchange exchange, IOException why) {
    shut = true;
    exchange.cancel();
    next.failed(why);
  }

  @Override
  public final void data(ByteBuf bytes) {
    if (!shut) {
      next.data(bytes);
    }
  }

  @Override
  public final void batch() {
    if (!shut) {
      next.batch();
    }
  }

  @Override
  public final void end() {
    if (!shut) {
      next.end();
    }
  }

  @Override
  public final void failed(IOException why) {
    if (!shut) {
      broken();
      next.failed(why);
    }
  }

  /** The answer broke off, or never came: told before it is handed on. */
  protected void broken() {}
}
