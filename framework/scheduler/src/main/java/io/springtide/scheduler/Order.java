package io.springtide.scheduler;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.HostTemplate;
import java.time.Instant;

/**
 * Hosts asked of a cloud whose answer is still to come; durable before it is sent, and sent again
 * with the same token until it is answered.
 *
 * @param token never used for another order
 * @param pool for which
 * @param template what is asked for
 * @param count how many, 1 or more
 * @param since when it was decided
 */
public record Order(String token, String pool, HostTemplate template, int count, Instant since) {
  public Order {
    requireNonNull(token);
    requireNonNull(pool);
    requireNonNull(template);
    requireNonNull(since);
  }

  /** The order with no stamp after {@code now}. */
  Order notAfter(Instant now) {
    return new Order(token, pool, template, count, Anchor.earlier(since, now));
  }
}
