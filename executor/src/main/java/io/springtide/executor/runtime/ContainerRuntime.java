package io.springtide.executor.runtime;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Something that runs containers on this host. Methods return at once; stages complete on any
 * thread. A stage that fails does so with a {@link RuntimeFailure}, whose message is for the user
 * who submitted the job.
 */
public interface ContainerRuntime extends AutoCloseable {
  /** As jobs name it: {@code docker}, {@code process}. */
  String name();

  /** Whether containers can be run now. Never fails: a runtime that is not ready says why. */
  CompletionStage<Readiness> probe();

  /**
   * Removes what earlier executors of this framework on this host left behind, except what this one
   * has started.
   *
   * @return a line about each thing that was removed, once nothing is left; a failure if something
   *     is
   */
  CompletionStage<List<String>> removeLeftovers();

  /** Gets a container going: fetches what it needs, creates it and starts it. */
  Start start(ContainerSetup setup);

  /**
   * Detaches: closes connections and threads. Containers that can live without their executor do;
   * others end with it.
   */
  @Override
  void close();
}
