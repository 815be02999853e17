package io.springtide.executor.loop;

import io.springtide.testing.Patience;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;

/**
 * The loop in a test's hands: time passes only when the test says so. Steps that real threads give
 * it (an HTTP answer, a process's end) run when the test waits for what they lead to.
 */
public final class VirtualLoop implements ExecutorLoop {
  private static final Duration PATIENCE = Patience.limit();

  private record Coming(Duration at, long order, Runnable step) {}

  private final LinkedBlockingQueue<Runnable> given = new LinkedBlockingQueue<>();
  private final PriorityQueue<Coming> coming =
      new PriorityQueue<>(Comparator.comparing(Coming::at).thenComparing(Coming::order));
  private final AtomicInteger underWay = new AtomicInteger();
  private Duration now = Duration.ZERO;
  private long order;

  @Override
  public void execute(Runnable step) {
    given.add(step);
  }

  @Override
  public <T> void when(
      CompletionStage<T> stage, BiConsumer<? super T, ? super Throwable> continuation) {
    underWay.incrementAndGet();
    ExecutorLoop.super.when(
        stage,
        (value, error) -> {
          // On the loop: what follows from it has begun before it counts as over.
          continuation.accept(value, error);
          underWay.decrementAndGet();
        });
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

  /**
   * Runs steps as they come in until nothing is under way: whatever was begun with {@link #when}
   * has its outcome, and so has what followed from that.
   */
  public void quiet() {
    await("everything that was begun to end", () -> underWay.get() == 0);
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
