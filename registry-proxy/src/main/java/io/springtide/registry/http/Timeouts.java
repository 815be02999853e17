package io.springtide.registry.http;

import java.time.Duration;

/**
 * How long to wait for the other side of a connection.
 *
 * @param connect to open a connection, name look-up included
 * @param stall without a byte of a body that is due, or for the head of a message
 * @param minRate bytes a second that a body must bring on the average of {@code stall}; 0 for any
 */
public record Timeouts(Duration connect, Duration stall, long minRate) {
  /** Bytes that a body must bring in each {@code stall}; 0 only for any. */
  public long minBytes() {
    return (long) Math.ceil(minRate * (stall.toMillis() / 1000.0));
  }
}
