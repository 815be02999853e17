package io.springtide.mesos;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The only way in which this package lets time pass, so that tests can pass it themselves. Tasks
 * run on the client's event loop.
 */
@FunctionalInterface
interface Timer {
  /** Runs {@code task} after {@code delay}, unless it is cancelled before. */
  Cancel after(Duration delay, Runnable task);

  /** Takes a task back; does nothing if it has run, or has been taken back. */
  @FunctionalInterface
  interface Cancel {
    Cancel NOTHING = () -> {};

    void cancel();
  }

  /** Real time. */
  static Timer on(EventLoop loop) {
    return (delay, task) -> {
      Future<?> scheduled = loop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      return () -> scheduled.cancel(false);
    };
  }
}
