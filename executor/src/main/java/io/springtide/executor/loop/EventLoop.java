package io.springtide.executor.loop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop in real time: one thread for steps, timers and sockets, which sleeps until one of them
 * has something for it. To wake a thread of an idle machine costs more than most steps do, so what
 * a probe asks and what is made of its answer happen on the same one.
 */
public final class EventLoop implements ExecutorLoop, AutoCloseable {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final Logger log = LoggerFactory.getLogger(EventLoop.class);

  private final Selector selector;
  private final Thread thread = new Thread(this::run, "loop");
  private final Queue<Runnable> given = new ConcurrentLinkedQueue<>();
  private final PriorityQueue<Coming> coming = new PriorityQueue<>(); // the thread's
  private volatile boolean closed;

  /** A step that waits for its time. */
  private final class Coming implements Comparable<Coming>, Timer {
    private final long at; // of System.nanoTime
    private final Runnable step;

    Coming(long at, Runnable step) {
      this.at = at;
      this.step = step;
    }

    @Override
    public int compareTo(Coming other) {
      return Long.signum(at - other.at); // differences only: nanoTime may wrap around
    }

    @Override
    public void cancel() {
      coming.remove(this);
    }
  }

  /**
   * Starts the thread.
   *
   * @throws UncheckedIOException when the host has no more files to give
   */
  public EventLoop() {
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void execute(Runnable step) {
    given.add(step);
    if (!isHere()) {
      selector.wakeup();
    }
  }

  private boolean isHere() {
    return Thread.currentThread() == thread;
  }

  @Override
  public Timer after(Duration delay, Runnable step) {
    var it = new Coming(System.nanoTime() + delay.toNanos(), step);
    if (isHere()) {
      coming.add(it);
    } else {
      execute(() -> coming.add(it));
    }
    return it;
  }

  @Override
  public Duration now() {
    return Duration.ofNanos(System.nanoTime());
  }

  /**
   * Runs a step whenever a channel is ready for any of the operations, until the channel is closed.
   * Only on the loop's thread.
   *
   * @param channel not blocking
   * @param operations of {@link SelectionKey}; in place of those of an earlier call, as is the step
   */
  public void watch(SelectableChannel channel, int operations, Runnable ready)
      throws ClosedChannelException {
    channel.register(selector, operations, ready);
  }

  private void run() {
    try (selector) {
      while (!closed) {
        selector.select(key -> run((Runnable) key.attachment()), untilNext());
        runGiven();
        runDue();
      }
    } catch (IOException e) {
      log.error("the executor's loop cannot go on", e);
    }
  }

  /** In milliseconds, rounded up, at least 1; 0: for ever. */
  private long untilNext() {
    if (!given.isEmpty()) {
      selector.wakeup();
    }
    var next = coming.peek();
    return next == null
        ? 0
        : Math.max(1, (next.at - System.nanoTime() + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
  }

  private void runGiven() {
    for (Runnable step = given.poll(); step != null && !closed; step = given.poll()) {
      run(step);
    }
  }

  private void runDue() {
    long now = System.nanoTime();
    while (!closed && !coming.isEmpty() && coming.peek().at - now <= 0) {
      run(coming.poll().step);
      runGiven(); // what a timer's step gave comes before the next timer, as in a queue of all
    }
  }

  /** A fault in one task's step must not end a hundred others: it is logged only. */
  private static void run(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException fault) {
      log.error("a step failed; this is a defect", fault);
    }
  }

  /** Waiting steps are dropped. */
  @Override
  public void close() {
    closed = true;
    selector.wakeup();
  }
}
