package io.springtide.mesos;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Carries events from the I/O thread to the thread on which callbacks run, so that a callback that
 * takes its time does not stop heartbeats and answers from being read. Bounded: says when it is
 * full, so that the I/O thread stops reading, and when half of it is free again.
 *
 * <p>A callback that throws ends the thread: {@code died} is told first, so that the connections
 * are closed and the process does not look alive; then the error goes to the thread's uncaught
 * exception handler.
 */
final class EventQueue implements AutoCloseable {
  private final int maxEvents;
  private final long maxBytes;
  private final Runnable roomAgain;
  private final Runnable died;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private Queue<Entry> arriving = new ArrayDeque<>();
  private boolean closed;

  private final AtomicInteger events = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicBoolean full = new AtomicBoolean();

  private record Entry(Runnable callback, int bytes, int events) {}

  EventQueue(String name, int maxEvents, long maxBytes, Runnable roomAgain, Runnable died) {
    this.maxEvents = maxEvents;
    this.maxBytes = maxBytes;
    this.roomAgain = roomAgain;
    this.died = died;
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Adds an event; it is taken even when the queue is full.
   *
   * @return whether the queue is full now: the caller stops reading until told that there is room
   */
  boolean event(Runnable callback, int size) {
    int count = events.incrementAndGet();
    long held = bytes.addAndGet(size);
    boolean isFull = count >= maxEvents || held >= maxBytes;
    if (isFull) {
      full.set(true);
    }
    add(new Entry(callback, size, 1));
    return isFull;
  }

  /** Adds something other than an event, in order with the events. */
  void notice(Runnable callback) {
    add(new Entry(callback, 0, 0));
  }

  private void add(Entry entry) {
    lock.lock();
    try {
      arriving.add(entry);
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    Queue<Entry> taken = new ArrayDeque<>();
    boolean alive = false;
    try {
      while (true) {
        taken = take(taken);
        if (taken == null) {
          alive = true;
          return;
        }
        for (Entry entry = taken.poll(); entry != null; entry = taken.poll()) {
          if (isClosed()) {
            alive = true;
            return;
          }
          entry.callback.run();
          settle(entry);
        }
      }
    } catch (InterruptedException e) {
      alive = isClosed();
      Thread.currentThread().interrupt();
    } finally {
      if (!alive) {
        died.run();
      }
    }
  }

  /** Swaps the empty queue for what has arrived; null when closed. */
  private Queue<Entry> take(Queue<Entry> empty) throws InterruptedException {
    lock.lock();
    try {
      while (arriving.isEmpty() && !closed) {
        arrived.await();
      }
      if (closed) {
        return null;
      }
      Queue<Entry> taken = arriving;
      arriving = empty;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void settle(Entry entry) {
    int count = events.addAndGet(-entry.events);
    long held = bytes.addAndGet(-entry.bytes);
    if (full.get()
        && count <= maxEvents / 2
        && held <= maxBytes / 2
        && full.compareAndSet(true, false)) {
      roomAgain.run();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** After this no further callback begins; waits for one that runs, unless called from it. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      arrived.signal();
    } finally {
      lock.unlock();
    }
    if (Thread.currentThread() != thread) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(10));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
