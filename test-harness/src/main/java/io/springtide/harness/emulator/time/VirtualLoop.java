package io.springtide.harness.emulator.time;

import java.time.Duration;
import java.time.Instant;

/**
 * A loop whose clock only moves when it is told to. What is due runs on the thread that hands a
 * task in or moves the clock; one thread at a time, so tasks from other threads (an HTTP door) are
 * in order as well.
 */
public final class VirtualLoop implements Loop {

  private final TimerQueue queue = new TimerQueue();
  private Instant now;
  private boolean draining;

  public VirtualLoop(Instant start) {
    this.now = start;
  }

  @Override
  public synchronized Instant now() {
    return now;
  }

  @Override
  public synchronized void execute(Runnable task) {
    queue.add(now, task);
    drain();
  }

  @Override
  public synchronized Timer after(Duration delay, Runnable task) {
    TimerQueue.Entry entry = queue.add(now.plus(delay), task);
    return entry::cancel;
  }

  /** Moves the clock forward, timer by timer, and runs what comes due. */
  public synchronized void advance(Duration time) {
    advanceTo(now.plus(time));
  }

  /** Moves the clock to {@code target} if that is later, timer by timer. */
  public synchronized void advanceTo(Instant target) {
    for (Instant due = queue.nextDue();
        due != null && !due.isAfter(target);
        due = queue.nextDue()) {
      now = due.isAfter(now) ? due : now;
      drain();
    }
    now = target.isAfter(now) ? target : now;
  }

  private void drain() {
    if (draining) {
      return;
    }
    draining = true;
    try {
      for (Runnable task = queue.poll(now); task != null; task = queue.poll(now)) {
        task.run();
      }
    } finally {
      draining = false;
    }
  }
}
