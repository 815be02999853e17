package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.scheduler.config.Durations;
import java.time.Instant;

/**
 * A task of ours that nobody wants any more, an earlier attempt that came back for instance: killed
 * until it ends.
 *
 * @param taskId the task
 * @param agentId where it is; empty if the master did not say
 * @param since when it appeared
 */
public record Stray(String taskId, String agentId, Instant since) {
  public Stray {
    requireNonNull(taskId);
    requireNonNull(agentId);
    requireNonNull(since);
  }

  /** The stray with no stamp after {@code now}. */
  Stray notAfter(Instant now) {
    return new Stray(taskId, agentId, Durations.earlier(since, now));
  }
}
