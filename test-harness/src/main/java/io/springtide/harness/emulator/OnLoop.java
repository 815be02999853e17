package io.springtide.harness.emulator;

import io.springtide.harness.emulator.time.Loop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Does on the loop what other threads ask for, and waits until it is done. */
final class OnLoop {

  private static final Duration ANSWER = Duration.ofSeconds(30);

  private final Loop loop;

  OnLoop(Loop loop) {
    this.loop = loop;
  }

  void run(Runnable task) {
    get(
        () -> {
          task.run();
          return null;
        });
  }

  /**
   * What {@code task} gives; what it throws is thrown here.
   *
   * @throws IllegalStateException when the loop does not come to it within 30 s
   */
  <T> T get(Supplier<T> task) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            answer.complete(task.get());
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    try {
      return answer.get(ANSWER.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("the emulator's loop does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
