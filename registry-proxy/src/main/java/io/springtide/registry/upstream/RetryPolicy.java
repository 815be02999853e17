package io.springtide.registry.upstream;

import io.netty.handler.codec.DateFormatter;
import java.util.Date;
import java.util.Optional;

/**
 * How patiently an upstream is asked again: attempts without progress are bounded and back off
 * exponentially.
 *
 * @param beforeFirstByte attempts after the first while no reader has anything yet: few, so that a
 *     client can go elsewhere
 * @param midway attempts in a row without progress once readers depend on this fill
 * @param firstDelayMillis doubled each time, up to {@code maxDelayMillis}
 * @param maxAskedMillis what an upstream may ask for by Retry-After; for one that asks for more
 *     nobody waits
 */
public record RetryPolicy(
    int beforeFirstByte,
    int midway,
    long firstDelayMillis,
    long maxDelayMillis,
    long maxAskedMillis) {
  public static final RetryPolicy DEFAULT = new RetryPolicy(3, 10, 100, 5_000, 60_000);

  /**
   * The delay before the next attempt, after {@code fruitless} in a row; empty when it is time to
   * give up.
   *
   * @param asked milliseconds that the upstream asked for, as {@link #asked} says; 0 for none
   */
  public Optional<Long> delay(int fruitless, boolean begun, long asked) {
    if (fruitless >= (begun ? midway : beforeFirstByte) || asked > maxAskedMillis) {
      return Optional.empty();
    }
    long own = Math.min(maxDelayMillis, firstDelayMillis << Math.min(fruitless, 20));
    return Optional.of(Math.max(asked, own));
  }

  /**
   * The milliseconds that a Retry-After header asks for, in seconds or as a date (RFC 9110,
   * 10.2.3).
   *
   * @param header null if there is none: 0
   */
  @SuppressWarnings("JavaUtilDate") // Netty's parser of the three forms of HTTP dates.
  public static long asked(String header, long nowMillis) {
    if (header == null) {
      return 0;
    }
    if (header.matches("[0-9]{1,9}")) {
      return Long.parseLong(header) * 1000;
    }
    Date date = DateFormatter.parseHttpDate(header);
    return date == null ? 0 : Math.max(0, date.getTime() - nowMillis);
  }
}
