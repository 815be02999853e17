package io.springtide.harness.demo;

import java.time.Duration;
import java.util.Locale;

/** Time since its making. */
final class Stopwatch {
  private final long begun = System.nanoTime();

  Duration time() {
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  /** Seconds with one decimal, right-aligned. */
  String elapsed() {
    return String.format(Locale.ROOT, "%6.1f s", time().toMillis() / 1000.0);
  }
}
