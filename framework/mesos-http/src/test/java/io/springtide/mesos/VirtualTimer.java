package io.springtide.mesos;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.springtide.testing.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Time passes when the test says so; tasks run on the client's loop, in order of their time. */
final class VirtualTimer implements Timer {
  private EventLoop loop;
  private final List<Task> tasks = new ArrayList<>();
  private long now;
  private long sequence;

  private record Task(long at, long sequence, Runnable task) {}

  Timer on(EventLoop loop) {
    this.loop = loop;
    return this;
  }

  @Override
  public synchronized Cancel after(Duration delay, Runnable task) {
    Task scheduled = new Task(now + delay.toNanos(), sequence++, task);
    tasks.add(scheduled);
    notifyAll();
    return () -> cancel(scheduled);
  }

  private synchronized void cancel(Task task) {
    tasks.remove(task);
  }

  /** What is scheduled, nearest first. */
  List<Duration> pending() {
    settle();
    synchronized (this) {
      return tasks.stream()
          .sorted(Comparator.comparingLong(Task::at))
          .map(t -> Duration.ofNanos(t.at - now))
          .toList();
    }
  }

  /** Lets time pass, and returns when all that was due has run. */
  void advance(Duration by) {
    settle();
    long end;
    synchronized (this) {
      end = now + by.toNanos();
    }
    while (true) {
      Task next;
      synchronized (this) {
        next =
            tasks.stream()
                .filter(t -> t.at <= end)
                .min(Comparator.comparingLong(Task::at).thenComparingLong(Task::sequence))
                .orElse(null);
        now = next == null ? end : next.at;
        tasks.remove(next);
      }
      if (next == null) {
        return;
      }
      loop.submit(next.task).syncUninterruptibly();
    }
  }

  /** Waits until something is scheduled to happen this soon; how soon it is. */
  synchronized Duration awaitScheduled(Duration within) throws InterruptedException {
    long deadline = System.nanoTime() + Patience.limit().toNanos();
    while (tasks.stream().noneMatch(t -> t.at - now <= within.toNanos())) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      assertThat(left).as("something is scheduled within 10 s of real time").isPositive();
      wait(left);
    }
    return Duration.ofNanos(tasks.stream().mapToLong(t -> t.at - now).min().orElseThrow());
  }

  /** Waits until something is scheduled to happen this soon, and lets time pass until then. */
  void advanceToNext(Duration within) throws InterruptedException {
    advance(awaitScheduled(within));
  }

  /** Waits until the loop has done what it was at. */
  void settle() {
    loop.submit(() -> {}).syncUninterruptibly();
  }
}
