package io.springtide.scheduler;

import static java.util.Objects.requireNonNull;

/** A task and the agent that it was launched on. */
public record TaskRef(String taskId, String agentId) {
  public TaskRef {
    requireNonNull(taskId);
    requireNonNull(agentId);
  }
}
