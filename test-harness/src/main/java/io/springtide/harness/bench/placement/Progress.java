package io.springtide.harness.bench.placement;

import java.io.PrintStream;
import java.util.function.LongSupplier;

/** Says on long work what it is at, a line every two seconds at most. */
final class Progress {
  private static final long PAUSE_NANOS = 2_000_000_000L;

  private final PrintStream to;
  private final LongSupplier nanos;
  private long saidAt;

  Progress(PrintStream to, LongSupplier nanos) {
    this.to = to;
    this.nanos = nanos;
    saidAt = nanos.getAsLong();
  }

  void at(String phase, int step, int steps) {
    long now = nanos.getAsLong();
    if (now - saidAt >= PAUSE_NANOS) {
      saidAt = now;
      to.println("placement: " + phase + " " + step + " of " + steps);
    }
  }
}
