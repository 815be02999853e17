package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.Version;
import io.springtide.scheduler.config.Durations;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One replica of a job, as it is kept.
 *
 * @param job the job's id
 * @param index its number within the job, 0 or more
 * @param revision the revision of its job that its next attempt runs; while its goal is to run, its
 *     current attempt runs that one too
 * @param state where its life is
 * @param goal what is to become of it
 * @param why its goal is no longer to run, for a person; empty while it is
 * @param task its current attempt: present while the state has one; and, while the state is {@code
 *     DETACHED} or {@code PENDING}, the ended attempt to whose host it is to return
 * @param restarts attempts that were followed by another
 * @param failures failures in a row, for the back-off
 * @param retries attempts of a batch instance that failed and were followed by another
 * @param notBefore no attempt earlier than this
 * @param since when {@code state} began
 * @param history the last attempts that ended, oldest first
 */
public record Instance(
    String job,
    int index,
    long revision,
    InstanceState state,
    Goal goal,
    String why,
    Optional<Task> task,
    int restarts,
    int failures,
    int retries,
    Instant notBefore,
    Instant since,
    List<Attempt> history) {
  /** Older attempts are forgotten. */
  public static final int MAX_HISTORY = 10;

  public Instance {
    requireNonNull(job);
    requireNonNull(state);
    requireNonNull(goal);
    requireNonNull(why);
    requireNonNull(task);
    requireNonNull(notBefore);
    requireNonNull(since);
    history = List.copyOf(history);
    if (state.hasTask() && task.isEmpty()) {
      throw new IllegalArgumentException(job + "#" + index + " is " + state + " without a task");
    }
  }

  public static Instance wanted(String job, int index, long revision, Instant now) {
    return new Instance(
        job,
        index,
        revision,
        InstanceState.PENDING,
        Goal.RUN,
        "",
        Optional.empty(),
        0,
        0,
        0,
        now,
        now,
        List.of());
  }

  /** What its next attempt runs. */
  public Version wants() {
    return new Version(job, revision);
  }

  /** {@code <job>#<index>}. */
  public String id() {
    return job + "#" + index;
  }

  /** What an attempt of it is called, by the attempt's number. */
  public String taskId(long attempt) {
    return job + "." + index + "." + attempt;
  }

  public Instance with(InstanceState next, Optional<Task> nextTask, Instant now) {
    return new Instance(
        job,
        index,
        revision,
        next,
        goal,
        why,
        nextTask,
        restarts,
        failures,
        retries,
        notBefore,
        next == state ? since : now,
        history);
  }

  /** The instance with a goal, and the reason for it where that is not to run. */
  public Instance with(Goal next, String reason) {
    return new Instance(
        job, index, revision, state, next, reason, task, restarts, failures, retries, notBefore,
        since, history);
  }

  /** The instance, its next attempt of that revision. */
  public Instance wanting(long next) {
    return new Instance(
        job, index, next, state, goal, why, task, restarts, failures, retries, notBefore, since,
        history);
  }

  /** The instance with no stamp after {@code now}, and a rest that ends by {@code latest}. */
  Instance notAfter(Instant now, Instant latest) {
    return new Instance(
        job,
        index,
        revision,
        state,
        goal,
        why,
        task.map(one -> one.notAfter(now)),
        restarts,
        failures,
        retries,
        Durations.earlier(notBefore, latest),
        Durations.earlier(since, now),
        history.stream().map(attempt -> attempt.notAfter(now)).toList());
  }

  public Instance withFailures(int count, Instant earliest) {
    return new Instance(
        job, index, revision, state, goal, why, task, restarts, count, retries, earliest, since,
        history);
  }

  /** The instance, after one more attempt that failed and is followed by another. */
  public Instance retried() {
    return new Instance(
        job,
        index,
        revision,
        state,
        goal,
        why,
        task,
        restarts,
        failures,
        retries + 1,
        notBefore,
        since,
        history);
  }

  public Instance restarted() {
    return new Instance(
        job,
        index,
        revision,
        state,
        goal,
        why,
        task,
        restarts + 1,
        failures,
        retries,
        notBefore,
        since,
        history);
  }

  public Instance remembering(Attempt attempt) {
    List<Attempt> all = new ArrayList<>(history);
    all.add(attempt);
    List<Attempt> last = all.subList(Math.max(0, all.size() - MAX_HISTORY), all.size());
    return new Instance(
        job, index, revision, state, goal, why, task, restarts, failures, retries, notBefore, since,
        last);
  }

  /** The last attempt that ended, as far as it is remembered. */
  public Optional<Attempt> last() {
    return history.isEmpty() ? Optional.empty() : Optional.of(history.get(history.size() - 1));
  }

  /** Whether it waits for its own host. */
  public boolean returns() {
    return (state == InstanceState.PENDING || state == InstanceState.DETACHED)
        && goal == Goal.RUN
        && task.isPresent();
  }
}
