package io.springtide.registry.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;

/**
 * One answer as it arrives. Calls come one after the other: {@link #head} first, then {@link #data}
 * any number of times, then exactly one of {@link #end} and {@link #failed}; {@code failed} alone
 * if no answer came at all.
 */
public interface ResponseListener {
  void head(int status, HttpHeaders headers, ServerExchange exchange);

  /** {@code bytes} belong to the caller, who releases them afterwards. */
  void data(ByteBuf bytes);

  /**
   * As {@link #data}, of bytes that stand already where the listener would put them: a swarm writes
   * pieces as they come, and tells of them in their order.
   */
  default void inPlace(ByteBuf bytes) {
    data(bytes);
  }

  /** No more data is waiting at this moment: the time to tell others about a batch. */
  default void batch() {}

  /** The body came whole, as far as its framing says. */
  void end();

  /** The answer broke off, or never came. */
  void failed(IOException why);
}
