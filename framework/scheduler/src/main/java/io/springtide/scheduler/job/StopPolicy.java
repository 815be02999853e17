package io.springtide.scheduler.job;

import io.springtide.scheduler.config.Durations;
import java.time.Duration;

/**
 * How an instance is stopped on purpose: withdrawn, drained, SIGTERM, SIGKILL.
 *
 * @param drain from the withdrawal to SIGTERM, 0 or more
 * @param grace from SIGTERM to SIGKILL, 0 or more
 */
public record StopPolicy(Duration drain, Duration grace) {
  public static final StopPolicy DEFAULT =
      new StopPolicy(Duration.ofSeconds(5), Duration.ofSeconds(10));

  public StopPolicy {
    Durations.requireNotNegative("drain", drain);
    Durations.requireNotNegative("grace", grace);
  }
}
