package io.springtide.harness.sim.images;

import java.io.PrintStream;

/**
 * How far a long run is: a bar that moves on a terminal, a line now and then elsewhere. A short run
 * says nothing. Standard output stays for the result.
 */
final class ProgressLine implements AutoCloseable {
  private static final long SILENT_NANOS = 1_000_000_000L;
  private static final long BAR_NANOS = 200_000_000L;
  private static final long LINE_NANOS = 10_000_000_000L;
  private static final int WIDTH = 40;

  private final PrintStream out;
  private final boolean terminal;
  private final long began = System.nanoTime();
  private long said = began;
  private boolean shown;

  ProgressLine(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** {@code share} of the whole, 0 to 1, is done. */
  void share(double share) {
    long now = System.nanoTime();
    if (now - began < SILENT_NANOS || now - said < (terminal ? BAR_NANOS : LINE_NANOS)) {
      return;
    }
    said = now;
    shown = true;
    long seconds = (now - began) / 1_000_000_000L;
    int percent = (int) (100 * share);
    if (terminal) {
      int full = (int) (WIDTH * share);
      out.printf(
          "\r[%s%s] %3d %%  %d s", "#".repeat(full), "-".repeat(WIDTH - full), percent, seconds);
    } else {
      out.printf("sim images: %d %% of the pieces arrived, %d s%n", percent, seconds);
    }
    out.flush();
  }

  /** Leaves no half line behind. */
  @Override
  public void close() {
    if (terminal && shown) {
      out.print("\r" + " ".repeat(WIDTH + 20) + "\r");
      out.flush();
    }
  }
}
