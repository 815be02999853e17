package io.springtide.scheduler.task;

import static io.springtide.scheduler.state.InstanceState.DETACHED;
import static io.springtide.scheduler.state.InstanceState.PENDING;
import static io.springtide.scheduler.state.InstanceState.RUNNING;
import static io.springtide.scheduler.state.InstanceState.STAGING;
import static io.springtide.scheduler.state.InstanceState.STARTING;
import static io.springtide.scheduler.state.InstanceState.STOPPING;
import static io.springtide.scheduler.state.InstanceState.UNREACHABLE;
import static io.springtide.scheduler.task.InstanceInput.DROPPED;
import static io.springtide.scheduler.task.InstanceInput.ENDING;
import static io.springtide.scheduler.task.InstanceInput.FINISHED;
import static io.springtide.scheduler.task.InstanceInput.KILLED;
import static io.springtide.scheduler.task.InstanceInput.LAUNCH;
import static io.springtide.scheduler.task.InstanceInput.ORPHANED;
import static io.springtide.scheduler.task.InstanceInput.OVERDUE;
import static io.springtide.scheduler.task.InstanceInput.RAN;
import static io.springtide.scheduler.task.InstanceInput.SILENT;
import static io.springtide.scheduler.task.InstanceInput.STAGED;
import static io.springtide.scheduler.task.InstanceInput.STARTED;
import static io.springtide.scheduler.task.InstanceInput.STOP;
import static io.springtide.scheduler.task.InstanceInput.VANISHED;

import io.springtide.scheduler.state.InstanceState;
import java.util.EnumMap;
import java.util.Map;

/** The life of an instance: by its state and what happens, what follows. */
final class InstanceTable {
  /** What follows. */
  enum Act {
    /** Nothing: late, repeated or meant for an attempt that is over. */
    IGNORE,
    /** It moves on, with the task it has. */
    MOVE,
    /** Its task is killed. */
    KILL,
    /** Its attempt is over, by no fault: the next may follow at once. */
    RETRY,
    /** Its attempt is over by a fault: the next follows after the back-off. */
    BACK_OFF,
    /** Its attempt is over, what it runs perhaps not: it goes back to its host. */
    RETURN,
    /** Its attempt ended well: a batch instance is finished, a service starts again. */
    COMPLETE,
    /** Its attempt ended badly: a batch instance has failed, a service starts again. */
    FAIL,
    /** Its task has ended as wanted: what its goal says follows. */
    END,
    /** It goes. */
    LEAVE
  }

  /**
   * A cell.
   *
   * @param next the state afterwards; where {@link Act} depends on kind or goal, the usual one
   */
  record Step(InstanceState next, Act act) {}

  private static final Map<InstanceState, Map<InstanceInput, Step>> CELLS =
      new EnumMap<>(InstanceState.class);

  static {
    on(PENDING, LAUNCH, STAGING, Act.MOVE);
    on(PENDING, OVERDUE, PENDING, Act.RETRY);
    on(PENDING, STOP, PENDING, Act.LEAVE);

    on(STAGING, STAGED, STAGING, Act.MOVE);
    on(STAGING, STARTED, STARTING, Act.MOVE);
    on(STARTING, STARTED, STARTING, Act.MOVE);
    on(UNREACHABLE, STAGED, STAGING, Act.MOVE);
    on(UNREACHABLE, STARTED, STARTING, Act.MOVE);
    for (InstanceState state : new InstanceState[] {STAGING, STARTING, RUNNING, UNREACHABLE}) {
      on(state, RAN, RUNNING, Act.MOVE);
      on(state, ENDING, state == UNREACHABLE ? RUNNING : state, Act.MOVE);
      on(state, FINISHED, InstanceState.FINISHED, Act.COMPLETE);
      on(state, InstanceInput.FAILED, InstanceState.FAILED, Act.FAIL);
      on(state, KILLED, PENDING, Act.BACK_OFF);
      on(state, DROPPED, PENDING, Act.BACK_OFF);
      // Before it has run, a lost task is backed off, so that it is not launched in a tight loop.
      on(
          state,
          VANISHED,
          PENDING,
          state == RUNNING || state == UNREACHABLE ? Act.RETRY : Act.BACK_OFF);
      on(state, ORPHANED, DETACHED, Act.RETURN);
      on(state, SILENT, UNREACHABLE, Act.MOVE);
      on(state, STOP, STOPPING, Act.KILL);
    }
    on(UNREACHABLE, OVERDUE, PENDING, Act.RETRY);

    on(DETACHED, LAUNCH, STAGING, Act.MOVE);
    on(DETACHED, OVERDUE, PENDING, Act.RETRY);
    on(DETACHED, STOP, PENDING, Act.END);

    for (InstanceInput sign : new InstanceInput[] {STAGED, STARTED, RAN, ENDING, SILENT}) {
      on(STOPPING, sign, STOPPING, Act.MOVE);
    }
    for (InstanceInput end :
        new InstanceInput[] {
          FINISHED, InstanceInput.FAILED, KILLED, DROPPED, VANISHED, ORPHANED, OVERDUE
        }) {
      on(STOPPING, end, PENDING, Act.END);
    }

    on(InstanceState.FINISHED, STOP, InstanceState.FINISHED, Act.LEAVE);
    on(InstanceState.FAILED, STOP, InstanceState.FAILED, Act.LEAVE);
  }

  private InstanceTable() {}

  static Step step(InstanceState state, InstanceInput input) {
    Step step = CELLS.getOrDefault(state, Map.of()).get(input);
    return step == null ? new Step(state, Act.IGNORE) : step;
  }

  private static void on(InstanceState state, InstanceInput input, InstanceState next, Act act) {
    CELLS
        .computeIfAbsent(state, s -> new EnumMap<>(InstanceInput.class))
        .put(input, new Step(next, act));
  }
}
