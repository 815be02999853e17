package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

/** A task and the agent that it was launched on. */
public record TaskRef(String taskId, String agentId) {
  public TaskRef {
    requireNonNull(taskId);
    requireNonNull(agentId);
  }
}
