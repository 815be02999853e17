package io.springtide.executor.runtime;

import java.util.concurrent.CompletionStage;

/** A container on its way up. */
public interface Start {
  /**
   * Completes when the main process runs. When it fails, nothing is left behind, as far as the
   * runtime can reach its engine.
   */
  CompletionStage<Container> container();

  /**
   * What is going on, for people: {@code pulling busybox: 3.1 of 8.0 MB}. Empty if there is nothing
   * to say.
   */
  String progress();

  /**
   * Gives up. {@link #container} then completes soon, mostly with a failure; it may still complete
   * with a container if that was faster.
   */
  void cancel();
}
