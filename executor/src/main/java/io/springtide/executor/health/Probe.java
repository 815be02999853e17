package io.springtide.executor.health;

import java.util.concurrent.CompletionStage;

/** Asks once whether something is well. */
@FunctionalInterface
public interface Probe {
  /** Completes normally if it is; fails, with a message for people, if it is not. */
  CompletionStage<Void> ask();
}
