package io.springtide.scheduler.job;

/** What runs an instance on its host. */
public enum RuntimeKind {
  /** A container of the host's engine; it outlives its executor, until the next one removes it. */
  DOCKER,
  /** A command in the task's sandbox; it dies with its executor. */
  PROCESS;

  /** Whether what runs goes on running when its executor dies. */
  public boolean survivesExecutor() {
    return this == DOCKER;
  }
}
