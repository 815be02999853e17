package io.springtide.harness.emulator.time;

import java.time.Duration;
import java.time.Instant;

/**
 * Where the whole emulated cluster runs: one task at a time, in order, with timers. Everything that
 * the master and the agents own is touched only inside of a loop's tasks.
 */
public interface Loop {

  /** The time now: of the wall clock, or the virtual one. */
  Instant now();

  /** Runs {@code task} after all that was handed in before; from any thread. */
  void execute(Runnable task);

  /** Runs {@code task} once, {@code delay} from now; from any thread. */
  Timer after(Duration delay, Runnable task);

  /** A task that waits for its time. */
  interface Timer {
    /** Keeps the task from running, unless it has begun. */
    void cancel();
  }
}
