package io.springtide.executor.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * A running container: a main process and what belongs to it. Every method may be called at any
 * time and more than once; asking an ended process to end is no error.
 */
public interface Container {
  /** The engine's id, or the process id. */
  String id();

  /** Completes when the main process has ended. Never fails. */
  CompletionStage<Exit> exited();

  /** Asks the main process to end: SIGTERM, or what its image says instead. */
  CompletionStage<Void> terminate();

  /** SIGKILL to all of it. */
  CompletionStage<Void> kill();

  /** Frees everything but its output. It must have ended. */
  CompletionStage<Void> remove();

  /**
   * Runs a command inside.
   *
   * @return its exit code; fails when it takes longer than {@code timeout} or cannot be run
   */
  CompletionStage<Integer> exec(List<String> command, Duration timeout);

  /** Its own network address; empty when it has the host's or is reached through it. */
  Optional<String> address();

  /** What it uses now; empty when that is not known. */
  CompletionStage<Optional<Usage>> usage();
}
