package io.springtide.partition.model;

/**
 * Capacity of a pool kept empty and ready, as whole hosts or as a share of the pool: exactly one of
 * the two is above zero, or neither.
 *
 * @param hosts whole hosts, 0 or more
 * @param percent share of the pool's ready hosts in percent, 0 to 100
 */
public record Buffer(int hosts, int percent) {
  public static final Buffer NONE = new Buffer(0, 0);

  public Buffer {
    if (hosts < 0) {
      throw new InvalidModelException("hosts", hosts + " is negative", "write 0 or more hosts");
    }
    if (percent < 0 || percent > 100) {
      throw new InvalidModelException("percent", percent + " is no percentage", "write 0 to 100");
    }
    if (hosts > 0 && percent > 0) {
      throw new InvalidModelException(
          "", "a buffer is hosts or percent, not both", "leave one of the two out");
    }
  }

  /** Hosts that a pool of {@code size} ready hosts keeps empty, rounded up. */
  public int of(int size) {
    return hosts > 0 ? Math.min(hosts, size) : (int) (((long) size * percent + 99) / 100);
  }
}
