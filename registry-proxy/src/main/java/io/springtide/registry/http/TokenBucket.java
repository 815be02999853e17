package io.springtide.registry.http;

/**
 * Holds a rate: grants come at once while the bucket lasts, later ones are told how long to wait.
 * Thread-safe.
 */
public final class TokenBucket {
  private final double perNano;
  private final double capacity;
  private double tokens;
  private long last;

  /** {@code perSecond} tokens a second, of which one second's worth may come at once. */
  public TokenBucket(long perSecond, long now) {
    this.perNano = perSecond / 1e9;
    this.capacity = perSecond;
    this.tokens = perSecond;
    this.last = now;
  }

  /**
   * Takes {@code count} tokens, into debt if need be; returns the nanoseconds until the debt is
   * paid.
   */
  public long take(long count, long now) {
    return take(count, now, Long.MAX_VALUE);
  }

  /**
   * As {@link #take(long, long)}, but takes nothing if that would be more than {@code most}
   * nanoseconds: whoever is turned away does not pay.
   */
  public synchronized long take(long count, long now, long most) {
    tokens = Math.min(capacity, tokens + Math.max(0, now - last) * perNano);
    last = Math.max(last, now);
    double left = tokens - count;
    long wait = left >= 0 ? 0 : (long) Math.ceil(-left / perNano);
    if (wait <= most) {
      tokens = left;
    }
    return wait;
  }

  /** {@code count} tokens that were taken were not used. */
  public synchronized void giveBack(long count) {
    tokens = Math.min(capacity, tokens + count);
  }

  /** Whether nothing was taken for so long that forgetting the bucket changes nothing. */
  public synchronized boolean full(long now) {
    return tokens + Math.max(0, now - last) * perNano >= capacity;
  }
}
