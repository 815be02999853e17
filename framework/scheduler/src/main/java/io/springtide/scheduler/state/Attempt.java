package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.scheduler.config.Durations;
import io.springtide.scheduler.told.TaskState;
import java.time.Instant;

/**
 * How an attempt ended.
 *
 * @param taskId its task
 * @param host where it was
 * @param state its last state
 * @param reason name of Mesos' reason; empty: none
 * @param message what the engine or the agent said; cut after {@link #MAX_MESSAGE} characters
 * @param at when we learnt of it
 */
public record Attempt(
    String taskId, String host, TaskState state, String reason, String message, Instant at) {
  public static final int MAX_MESSAGE = 500;

  public Attempt {
    requireNonNull(taskId);
    requireNonNull(host);
    requireNonNull(state);
    requireNonNull(reason);
    requireNonNull(at);
    message = message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE);
  }

  /** How it ended, in words for a person: the message, or where there is none state and reason. */
  public String words() {
    String named = reason.isEmpty() ? state.name() : state + " (" + reason + ")";
    return message.isEmpty() ? named : message;
  }

  /** The attempt with no stamp after {@code now}. */
  Attempt notAfter(Instant now) {
    return new Attempt(taskId, host, state, reason, message, Durations.earlier(at, now));
  }
}
