package io.springtide.testing;

import java.time.Duration;

/**
 * How long a test waits for something that must come before it says that it did not. A wait ends
 * with its condition, so a long limit costs a test that passes nothing, and a short one makes it
 * fail on a machine that has other things to do.
 *
 * <p>{@code -Dspringtide.patience=3} makes all limits three times as long.
 */
public final class Patience {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final String PROPERTY = "springtide.patience";

  private Patience() {}

  /** The limit for one step: an answer, an event, an end. */
  public static Duration limit() {
    return of(LIMIT);
  }

  /** {@link #limit} in whole seconds. */
  public static long seconds() {
    return limit().toSeconds();
  }

  /** {@link #limit} in milliseconds. */
  public static int millis() {
    return Math.toIntExact(limit().toMillis());
  }

  /**
   * The limit for something that takes longer than a step.
   *
   * @param quiet what would be generous on a machine that does nothing else
   */
  public static Duration of(Duration quiet) {
    return Duration.ofMillis((long) (quiet.toMillis() * factor()));
  }

  private static double factor() {
    String text = System.getProperty(PROPERTY, "1");
    double factor;
    try {
      factor = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      factor = Double.NaN;
    }
    if (!(factor > 0 && factor <= 1000)) {
      throw new IllegalArgumentException(
          "-D" + PROPERTY + "=" + text + ": write a number above 0, such as 3");
    }
    return factor;
  }
}
