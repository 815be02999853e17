package io.springtide.scheduler.task;

import io.springtide.scheduler.job.FailurePolicy;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.StopPolicy;
import io.springtide.scheduler.state.Attempt;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Remains;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.task.InstanceTable.Act;
import io.springtide.scheduler.task.InstanceTable.Step;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import io.springtide.scheduler.turn.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What status updates, timers and goals do to an instance: the table's acts, carried out. */
public final class Updates {
  /** An attempt that ran for less says that the fault is still there. */
  private static final Duration SOUND = Duration.ofSeconds(10);

  /** Attempts in a row that may die with their executor before the instance is held off. */
  private static final int MOST_RETURNS = 3;

  private final State state;
  private final Kills kills;
  private final Wardens wardens;
  private final Ignored ignored;
  private final PoisonHosts poison;

  public Updates(State state, Kills kills, Wardens wardens, Ignored ignored, PoisonHosts poison) {
    this.state = state;
    this.kills = kills;
    this.wardens = wardens;
    this.ignored = ignored;
    this.poison = poison;
  }

  /** An update of the instance's current task. */
  public void on(Instance instance, TaskUpdate update, Turn turn) {
    Task task = instance.task().orElseThrow();
    if (!TaskTable.believes(task.state(), update.state())) {
      ignored.task(task.state(), update.state());
      return;
    }
    InstanceInput input = InstanceInput.of(update);
    step(instance, input, task.after(update, turn.now()), update, turn);
    if (input == InstanceInput.ORPHANED) {
      wardens.executorDied(task, turn);
    }
  }

  /** Something other than an update. */
  public void on(Instance instance, InstanceInput input, String why, Turn turn) {
    Task task = instance.task().orElse(null);
    TaskUpdate none =
        task == null
            ? null
            : new TaskUpdate(
                task.id(), task.agentId(), task.state(), "", why, Optional.empty(), "");
    step(instance, input, task, none, turn);
  }

  /** Ends an attempt whose health check has failed too often; the next follows after a back-off. */
  void condemn(Instance instance, String why, Turn turn) {
    FailurePolicy policy = policy(instance);
    int failures = wasSound(instance, policy, turn.now()) ? 1 : instance.failures() + 1;
    poison.failed(instance, why, turn.now());
    Instance ending =
        instance
            .withFailures(failures, turn.now().plus(policy.delayAfter(failures)))
            .with(Goal.REPLACE, why);
    turn.put(ending);
    on(ending, InstanceInput.STOP, why, turn);
  }

  private void step(
      Instance instance, InstanceInput input, Task task, TaskUpdate update, Turn turn) {
    Optional<JobSpec> spec = spec(instance);
    judge(instance, input, update, turn.now());
    act(instance, input, task, update, turn);
    boolean lost = instance.state() == InstanceState.DETACHED || input == InstanceInput.ORPHANED;
    if (lost && spec.isPresent() && spec.get().runtime().survivesExecutor()) {
      remember(instance, spec.get(), turn);
    }
  }

  /** What its attempt's end says of its host. */
  private void judge(Instance instance, InstanceInput input, TaskUpdate update, Instant now) {
    Act act = InstanceTable.step(instance.state(), input).act();
    boolean finished = act == Act.COMPLETE && batch(instance);
    boolean fault = act == Act.FAIL || act == Act.COMPLETE || act == Act.BACK_OFF;
    if (finished) {
      poison.worked(instance.job(), instance.task().orElseThrow().host());
    } else if (fault
        && input != InstanceInput.VANISHED
        && !update.reason().equals(TaskUpdate.INVALID_OFFERS)) {
      poison.failed(instance, update.message(), now);
    }
  }

  /** Its executor is lost: unless it waits for its return, its container becomes remains. */
  private void remember(Instance lost, JobSpec spec, Turn turn) {
    Task task = lost.task().orElseThrow();
    boolean waits =
        state
            .instanceOfTask(task.id())
            .filter(now -> now.state() == InstanceState.DETACHED)
            .isPresent();
    if (!waits && state.host(task.host()).isPresent()) {
      turn.put(Remains.of(lost, spec, turn.now()));
    }
  }

  private void act(
      Instance instance, InstanceInput input, Task task, TaskUpdate update, Turn turn) {
    Step step = InstanceTable.step(instance.state(), input);
    Instant now = turn.now();
    switch (step.act()) {
      case IGNORE -> ignored.instance(instance.state(), input);
      case MOVE -> {
        turn.put(instance.with(step.next(), Optional.of(task), now));
        boolean backFromSilence =
            !instance.task().orElseThrow().state().alive() && task.state().alive();
        if (step.next() == InstanceState.STOPPING && backFromSilence) {
          // Its kill was lost with its agent: promise 1 bounds how long it may live on.
          kills.now(task.ref(), stop(instance), turn);
        }
      }
      case KILL -> {
        turn.put(instance.with(step.next(), Optional.of(task), now));
        kills.now(task.ref(), stop(instance), turn);
      }
      case RETRY -> again(over(instance, update, turn), 0, now, turn);
      case BACK_OFF -> backOff(instance, update, turn);
      case RETURN -> {
        boolean sound = wasSound(instance, policy(instance), now);
        if (!sound && instance.failures() + 1 >= MOST_RETURNS) {
          // Several executors in a row died while it started: it may be the cause, so it backs off.
          backOff(instance, update, turn);
          return;
        }
        int failures = sound ? 0 : instance.failures() + 1;
        Instance ended =
            over(instance, update, turn).restarted().withFailures(failures, instance.notBefore());
        boolean runsOn =
            spec(instance).map(spec -> spec.runtime().survivesExecutor()).orElse(false);
        InstanceState next = runsOn ? InstanceState.DETACHED : InstanceState.PENDING;
        // The task stays as the mark of where to return to; its room stays booked.
        turn.put(ended.with(next, Optional.of(task), now));
      }
      case COMPLETE -> {
        if (batch(instance)) {
          turn.put(
              over(instance, update, turn).with(InstanceState.FINISHED, Optional.empty(), now));
        } else {
          backOff(instance, update, turn);
        }
      }
      case FAIL -> {
        if (!batch(instance)) {
          backOff(instance, update, turn);
        } else if (mayRetry(instance)) {
          backOff(instance.retried(), update, turn);
        } else {
          turn.put(over(instance, update, turn).with(InstanceState.FAILED, Optional.empty(), now));
        }
      }
      case END -> {
        Instance ended = over(instance, update, turn);
        if (instance.goal() == Goal.LEAVE) {
          turn.remove(ended);
        } else if (input == InstanceInput.FINISHED && batch(instance)) {
          turn.put(ended.with(InstanceState.FINISHED, Optional.empty(), now));
        } else if (instance.goal() == Goal.FAIL) {
          turn.put(ended.with(InstanceState.FAILED, Optional.empty(), now));
        } else if (input == InstanceInput.FAILED && batch(instance) && !mayRetry(instance)) {
          // It was condemned, or had failed before our kill came: that counts as its failure.
          turn.put(ended.with(InstanceState.FAILED, Optional.empty(), now));
        } else {
          boolean failed = input == InstanceInput.FAILED && batch(instance);
          ended = failed ? ended.retried() : ended;
          Instant earliest = instance.notBefore().isAfter(now) ? instance.notBefore() : now;
          again(ended.with(Goal.RUN, ""), instance.failures(), earliest, turn);
        }
      }
      case LEAVE -> {
        if (instance.goal() == Goal.LEAVE) {
          turn.remove(instance);
        } else if (instance.goal() == Goal.FAIL) {
          turn.put(instance.with(InstanceState.FAILED, Optional.empty(), now));
        } else {
          again(instance.with(Goal.RUN, ""), instance.failures(), instance.notBefore(), turn);
        }
      }
    }
  }

  private void again(Instance instance, int failures, Instant notBefore, Turn turn) {
    Instance next = instance.state().hasTask() ? instance.restarted() : instance;
    turn.put(
        next.withFailures(failures, notBefore)
            .with(InstanceState.PENDING, Optional.empty(), turn.now()));
  }

  private void backOff(Instance instance, TaskUpdate update, Turn turn) {
    FailurePolicy policy = policy(instance);
    Instant now = turn.now();
    int failures = wasSound(instance, policy, now) ? 1 : instance.failures() + 1;
    again(over(instance, update, turn), failures, now.plus(policy.delayAfter(failures)), turn);
  }

  /** Whether its attempt ran for so long that earlier failures say nothing about the next. */
  private static boolean wasSound(Instance instance, FailurePolicy policy, Instant now) {
    Task task = instance.task().orElseThrow();
    Duration ran =
        task.state() == TaskState.RUNNING ? Duration.between(task.since(), now) : Duration.ZERO;
    Duration waited =
        instance.failures() == 0 ? Duration.ZERO : policy.delayAfter(instance.failures());
    return ran.compareTo(SOUND) >= 0 && ran.compareTo(waited.multipliedBy(2)) >= 0;
  }

  private FailurePolicy policy(Instance instance) {
    return state.job(instance.job()).map(job -> job.spec().failure()).orElse(FailurePolicy.DEFAULT);
  }

  /** The instance, remembering how its attempt ended. */
  private Instance over(Instance instance, TaskUpdate update, Turn turn) {
    instance.task().ifPresent(task -> kills.forget(task.id()));
    if (update == null || !instance.state().hasTask()) {
      return instance;
    }
    return instance.remembering(
        new Attempt(
            update.taskId(),
            instance.task().orElseThrow().host(),
            update.state(),
            update.reason(),
            message(instance, update),
            turn.now()));
  }

  /** The reason why we ended it, where there is one, else the executor's message. */
  private static String message(Instance instance, TaskUpdate update) {
    if (instance.why().isEmpty() || update.message().equals(instance.why())) {
      return update.message();
    }
    return update.message().isEmpty()
        ? instance.why()
        : instance.why() + " (" + update.message() + ")";
  }

  /** How it is stopped: as its job's newest document says, whatever it was launched with. */
  public StopPolicy stop(Instance instance) {
    return state.job(instance.job()).map(job -> job.spec().stop()).orElse(StopPolicy.DEFAULT);
  }

  private Optional<JobSpec> spec(Instance instance) {
    return state
        .job(instance.job())
        .flatMap(job -> job.specOf(instance.task().map(Task::revision).orElse(job.revision())));
  }

  /** Whether another attempt may follow one that failed. */
  private boolean mayRetry(Instance instance) {
    return state
        .job(instance.job())
        .filter(job -> instance.retries() < job.spec().batch().retries())
        .isPresent();
  }

  private boolean batch(Instance instance) {
    return state.job(instance.job()).filter(job -> job.spec().kind() == JobKind.BATCH).isPresent();
  }
}
