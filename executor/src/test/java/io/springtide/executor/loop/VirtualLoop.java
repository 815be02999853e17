package io.springtide.executor.loop;

import io.springtide.testing.Patience;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The loop in a test's hands: time passes only when the test says so. Steps that real threads give
 * it (an HTTP answer, a process's end) run when the test waits for what they lead to.
 */
public final class VirtualLoop implements Loop {
  private static final Duration PATIENCE = Patience.limit();

  private static final Duration QUIET = Duration.ofMillis(30);

  private record Coming(Duration at, long order, Runnable step) {}

  private final LinkedBlockingQueue<Runnable> given = new LinkedBlockingQueue<>();
  private final PriorityQueue<Coming> coming =
      new PriorityQueue<>(Comparator.comparing(Coming::at).thenComparing(Coming::order));
  private Duration now = Duration.ZERO;
  private long order;

  @Override
  public void execute(Runnable step) {
    given.add(step);
  }

  @Override
  public Timer after(Duration delay, Runnable step) {
    var it = new Coming(now.plus(delay), order++, step);
    coming.add(it);
    return () -> coming.remove(it);
  }

  @Override
  public Duration now() {
    return now;
  }

  /** Runs what is due now, timers included. */
  public void settle() {
    while (true) {
      Runnable step = given.poll();
      if (step == null && !coming.isEmpty() && coming.peek().at().compareTo(now) <= 0) {
        step = coming.poll().step();
      }
      if (step == null) {
        return;
      }
      step.run();
    }
  }

  /** Lets time pass, step by step. */
  public void pass(Duration time) {
    var until = now.plus(time);
    settle();
    while (!coming.isEmpty() && coming.peek().at().compareTo(until) <= 0) {
      now = coming.peek().at();
      settle();
    }
    now = until;
  }

  /** Runs steps as they come in until none has come for a little real time. */
  public void quiet() {
    settle();
    try {
      for (Runnable step = poll(QUIET); step != null; step = poll(QUIET)) {
        step.run();
        settle();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private Runnable poll(Duration patience) throws InterruptedException {
    return given.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Runs steps as they come in from real threads until something holds; no virtual time passes.
   *
   * @throws AssertionError when it does not within real patience
   */
  public void await(String what, BooleanSupplier holds) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    settle();
    while (!holds.getAsBoolean()) {
      try {
        Runnable step = given.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (step == null) {
          throw new AssertionError("waited in vain for: " + what);
        }
        step.run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting for: " + what, e);
      }
      settle();
    }
  }
}
