package io.springtide.harness.e2e;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;

/** Waits for what comes about in another process, by asking again. */
final class Eventually {
  private static final long PAUSE_MILLIS = 100;

  private Eventually() {}

  /** Something that throws an AssertionError while it is not yet so. */
  interface Assertion {
    void check() throws Exception;
  }

  /** Returns once {@code assertion} holds; its last complaint is thrown after {@code timeout}. */
  static void within(Duration timeout, Assertion assertion) throws Exception {
    get(
        timeout,
        () -> {
          assertion.check();
          return null;
        });
  }

  /** Returns the first answer that {@code supplier} gives without complaint. */
  static <T> T get(Duration timeout, Callable<T> supplier) throws Exception {
    long end = System.nanoTime() + timeout.toNanos();
    while (true) {
      try {
        return supplier.call();
      } catch (AssertionError e) {
        if (System.nanoTime() > end) {
          return Assertions.fail("not within " + timeout.toSeconds() + " s: " + e.getMessage(), e);
        }
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
  }
}
