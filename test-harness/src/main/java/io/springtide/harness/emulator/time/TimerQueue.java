package io.springtide.harness.emulator.time;

import java.time.Instant;
import java.util.PriorityQueue;

/** Tasks by due time, then by order of arrival. Not safe for threads. */
final class TimerQueue {

  private final PriorityQueue<Entry> entries = new PriorityQueue<>();
  private long sequence;

  Entry add(Instant due, Runnable task) {
    Entry entry = new Entry(due, sequence++, task);
    entries.add(entry);
    return entry;
  }

  /** When the next task is due, or null when there is none. */
  Instant nextDue() {
    while (!entries.isEmpty() && entries.peek().task == null) {
      entries.poll();
    }
    return entries.isEmpty() ? null : entries.peek().due;
  }

  /** Takes the next task if it is due at {@code now}, else null. */
  Runnable poll(Instant now) {
    Instant due = nextDue();
    return due == null || due.isAfter(now) ? null : entries.poll().task;
  }

  /** One task; its place in the order never changes. */
  static final class Entry implements Comparable<Entry> {
    private final Instant due;
    private final long sequence;
    private volatile Runnable task;

    private Entry(Instant due, long sequence, Runnable task) {
      this.due = due;
      this.sequence = sequence;
      this.task = task;
    }

    void cancel() {
      task = null;
    }

    @Override
    public int compareTo(Entry other) {
      int byDue = due.compareTo(other.due);
      return byDue != 0 ? byDue : Long.compare(sequence, other.sequence);
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(sequence);
    }
  }
}
