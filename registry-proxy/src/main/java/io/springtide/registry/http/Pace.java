package io.springtide.registry.http;

/**
 * Notices a sender that is too slow: in each window of time a body must bring a minimum of bytes,
 * or end. Silence is covered by another time-out. Times are nanoseconds of any one clock.
 */
final class Pace {
  private final long minBytes;
  private final long window;
  private long since;
  private long bytes;

  /**
   * @param minBytes in each window; 0 for any number
   * @param window in nanoseconds
   */
  Pace(long minBytes, long window, long now) {
    this.minBytes = minBytes;
    this.window = window;
    this.since = now;
  }

  /** {@code count} bytes came; true if too few came in the window that ends with them. */
  boolean tooSlow(int count, long now) {
    bytes += count;
    if (now - since < window) {
      return false;
    }
    boolean slow = bytes < minBytes;
    since = now;
    bytes = 0;
    return slow;
  }

  /** We did not want any bytes meanwhile: the window begins anew. */
  void restart(long now) {
    since = now;
    bytes = 0;
  }
}
