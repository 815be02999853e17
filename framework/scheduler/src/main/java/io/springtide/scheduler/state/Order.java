package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.HostTemplate;
import io.springtide.scheduler.config.Durations;
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
  /** The most hosts of one order: no cloud is asked for more at once. */
  public static final int MOST_HOSTS = 1_000;

  public Order {
    requireNonNull(token);
    requireNonNull(pool);
    requireNonNull(template);
    requireNonNull(since);
  }

  /** The order with no stamp after {@code now}. */
  Order notAfter(Instant now) {
    return new Order(token, pool, template, count, Durations.earlier(since, now));
  }

  /** The token of a framework's n-th order. */
  public static String token(String frameworkId, long n) {
    return frameworkId + "-" + n;
  }

  /** Whether that framework has ordered with this token. */
  public static boolean isOurs(String token, String frameworkId) {
    String prefix = frameworkId + "-";
    return !frameworkId.isEmpty()
        && token.startsWith(prefix)
        && token.substring(prefix.length()).matches("[0-9]{1,18}");
  }

  /** How many a cloud is asked for: orders of earlier releases may be larger than any can be. */
  public int asked() {
    return Math.min(count, MOST_HOSTS);
  }

  /** Where the hosts come from that it brings. */
  public Origin origin() {
    return new Origin(token, pool, template);
  }
}
