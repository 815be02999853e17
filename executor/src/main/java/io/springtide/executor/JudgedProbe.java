package io.springtide.executor;

import io.springtide.executor.health.Probe;
import io.springtide.executor.health.Unjudged;
import io.springtide.executor.loop.ExecutorLoop;
import io.springtide.executor.runtime.ContainerRuntime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Asks the engine whether it is there before a failure counts. Without it no command can be run
 * inside, and a mapped port may be shut: the container itself may be as well as ever, and nothing
 * is killed because of a silence (promise 4).
 */
final class JudgedProbe implements Probe {
  private static final Duration ENGINE_ANSWERS = Duration.ofMillis(500);

  private final ExecutorLoop loop;
  private final Probe probe;
  private final ContainerRuntime runtime;
  private final boolean seen;
  private final Function<Throwable, CompletionStage<Void>> askEngine = this::askEngine;

  /**
   * @param seen whether clients see a failure too
   */
  JudgedProbe(ExecutorLoop loop, Probe probe, ContainerRuntime runtime, boolean seen) {
    this.loop = loop;
    this.probe = probe;
    this.runtime = runtime;
    this.seen = seen;
  }

  @Override
  public CompletionStage<Void> ask() {
    return probe.ask().exceptionallyComposeAsync(askEngine, loop);
  }

  private CompletionStage<Void> askEngine(Throwable failure) {
    var unwell = ExecutorLoop.cause(failure);
    var verdict = new CompletableFuture<Void>();
    Runnable silent =
        () ->
            verdict.completeExceptionally(
                new Unjudged(unwell.getMessage() + "; the engine does not answer", seen));
    var late = loop.after(ENGINE_ANSWERS, silent);
    loop.when(
        runtime.probe(),
        (readiness, error) -> {
          late.cancel();
          if (readiness.ready()) {
            verdict.completeExceptionally(unwell);
          } else {
            silent.run();
          }
        });
    return verdict;
  }
}
