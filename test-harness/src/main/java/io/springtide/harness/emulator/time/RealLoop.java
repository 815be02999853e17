package io.springtide.harness.emulator.time;

import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A loop on a thread of its own, by the wall clock. */
public final class RealLoop implements Loop, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RealLoop.class);

  private final TimerQueue queue = new TimerQueue();
  private final Instant startWall = Instant.now();
  private final long startNanos = System.nanoTime();
  private final Thread thread;
  private boolean closed;

  public RealLoop(String name) {
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** The wall clock at the start plus what the monotonic clock says has passed. */
  @Override
  public Instant now() {
    return startWall.plusNanos(System.nanoTime() - startNanos);
  }

  @Override
  public void execute(Runnable task) {
    after(Duration.ZERO, task);
  }

  @Override
  public Timer after(Duration delay, Runnable task) {
    synchronized (queue) {
      TimerQueue.Entry entry = queue.add(now().plus(delay), task);
      queue.notifyAll();
      return entry::cancel;
    }
  }

  private void run() {
    for (Runnable task = take(); task != null; task = take()) {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        // A loop that died silently would look like a master that hangs.
        log.error("a task of the emulator failed", e);
      }
    }
  }

  private Runnable take() {
    synchronized (queue) {
      while (!closed) {
        Instant now = now();
        Runnable task = queue.poll(now);
        if (task != null) {
          return task;
        }
        Instant due = queue.nextDue();
        try {
          if (due == null) {
            queue.wait();
          } else {
            queue.wait(Math.max(1, Duration.between(now, due).toMillis()));
          }
        } catch (InterruptedException e) {
          return null;
        }
      }
      return null;
    }
  }

  @Override
  public void close() {
    synchronized (queue) {
      closed = true;
      queue.notifyAll();
    }
    if (Thread.currentThread() == thread) {
      return;
    }
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
