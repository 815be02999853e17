package io.springtide.executor.loop;

import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;

/**
 * The one thread that owns the executor's state. Steps run one after the other and never block;
 * what takes time happens elsewhere and comes back as a step.
 */
public interface ExecutorLoop extends Executor {
  /** Runs a step after all that were given before. */
  @Override
  void execute(Runnable step);

  /** Runs a step when {@code delay} has passed. */
  Timer after(Duration delay, Runnable step);

  /** Time since some fixed moment; never goes back. */
  Duration now();

  /** Brings an outcome back onto the loop: exactly one of value and error is given, or neither. */
  default <T> void when(
      CompletionStage<T> stage, BiConsumer<? super T, ? super Throwable> continuation) {
    stage.whenComplete((value, error) -> execute(() -> continuation.accept(value, cause(error))));
  }

  /** An outcome's error, out of what the stages of a future wrap it in. */
  static Throwable cause(Throwable error) {
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }

  /** A scheduled step. */
  interface Timer {
    /** Cancels it; without effect if it has run already. Only on the loop's thread. */
    void cancel();
  }
}
