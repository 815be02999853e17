package io.springtide.executor;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The life of an instance's task, as a table: (state, event) → (state, actions). Pure; {@link
 * TaskRun} carries the actions out, in order.
 *
 * <p>What the table protects is promise 5: on every way from HEALTHY to the end of the process by
 * our hand, the withdrawal from discovery has been confirmed (or waited for as long as is
 * reasonable) before the first signal.
 */
final class TaskLife {
  enum State {
    /** The runtime fetches, creates and starts. */
    PREPARING,
    /** The main process runs; nothing is known of its health yet, or nothing is asked. */
    RUNNING,
    /** Its health check passes; it is announced. */
    HEALTHY,
    /** Its health check fails; it is withdrawn from discovery. */
    UNHEALTHY,
    /** To be killed before it has started. */
    ABORTING,
    /** To be killed; it is being taken out of discovery. */
    WITHDRAWING,
    /** Draining: clients that still know it finish. */
    DRAINING,
    /** SIGTERM was sent. */
    TERMINATING,
    /** SIGKILL was sent. */
    KILLING,
    /** It has ended; what it leaves behind is removed. */
    REMOVING,
    /** Final. */
    ENDED
  }

  enum Event {
    /** The runtime has started it. */
    STARTED,
    /** The runtime could not start it. */
    START_FAILED,
    /** Health: well, for the first time or again. */
    PASSED,
    /** Health: not well. */
    FAILED,
    /** Health: has failed too often, and the framework decides what follows. */
    CONDEMNED,
    /**
     * It is to end: the framework says so, or its health check where the framework does not decide.
     */
    KILL,
    /** Discovery has let go of it. */
    WITHDRAWN,
    /** The drain time is over. */
    DRAINED,
    /** The grace time is over, and it has not ended. */
    GRACE_OVER,
    /** The main process has ended. */
    EXITED,
    /** What it left behind is gone. */
    REMOVED
  }

  enum Action {
    TELL_RUNNING,
    TELL_HEALTH,
    TELL_KILLING,
    TELL_END,
    WATCH_HEALTH,
    UNWATCH_HEALTH,
    ANNOUNCE,
    UNANNOUNCE,
    /** Comes back as WITHDRAWN. */
    WITHDRAW,
    /** Comes back as DRAINED. */
    DRAIN,
    /** A second kill may bring a shorter grace. */
    HURRY,
    CANCEL_START,
    /** Comes back as EXITED, or as GRACE_OVER. */
    TERMINATE,
    /** Comes back as EXITED, or, to be tried again, as GRACE_OVER. */
    FORCE,
    /** Comes back as REMOVED. */
    REMOVE
  }

  record Step(State next, List<Action> actions) {}

  private static final Map<State, Map<Event, Step>> TABLE = new EnumMap<>(State.class);

  static {
    at(State.PREPARING)
        .on(Event.STARTED, State.RUNNING, Action.TELL_RUNNING, Action.WATCH_HEALTH)
        .on(Event.START_FAILED, State.ENDED, Action.TELL_END)
        .on(Event.KILL, State.ABORTING, Action.TELL_KILLING, Action.CANCEL_START);
    at(State.ABORTING)
        .on(Event.STARTED, State.KILLING, Action.FORCE)
        .on(Event.START_FAILED, State.ENDED, Action.TELL_END);

    at(State.RUNNING).on(Event.PASSED, State.HEALTHY, Action.TELL_HEALTH, Action.ANNOUNCE);
    at(State.RUNNING).on(Event.FAILED, State.UNHEALTHY, Action.TELL_HEALTH);
    at(State.HEALTHY).on(Event.FAILED, State.UNHEALTHY, Action.UNANNOUNCE, Action.TELL_HEALTH);
    at(State.UNHEALTHY).on(Event.PASSED, State.HEALTHY, Action.TELL_HEALTH, Action.ANNOUNCE);
    at(State.UNHEALTHY).on(Event.CONDEMNED, State.UNHEALTHY, Action.TELL_HEALTH);
    for (State up : List.of(State.RUNNING, State.HEALTHY, State.UNHEALTHY)) {
      at(up)
          .on(
              Event.KILL,
              State.WITHDRAWING,
              Action.UNWATCH_HEALTH,
              Action.TELL_KILLING,
              Action.WITHDRAW)
          .on(Event.EXITED, State.REMOVING, Action.WITHDRAW, Action.UNWATCH_HEALTH, Action.REMOVE);
    }

    at(State.WITHDRAWING)
        .on(Event.WITHDRAWN, State.DRAINING, Action.DRAIN)
        .on(Event.KILL, State.WITHDRAWING, Action.HURRY)
        .on(Event.EXITED, State.REMOVING, Action.REMOVE);
    at(State.DRAINING)
        .on(Event.DRAINED, State.TERMINATING, Action.TERMINATE)
        .on(Event.KILL, State.DRAINING, Action.HURRY)
        .on(Event.EXITED, State.REMOVING, Action.REMOVE);
    at(State.TERMINATING)
        .on(Event.GRACE_OVER, State.KILLING, Action.FORCE)
        .on(Event.KILL, State.TERMINATING, Action.HURRY)
        .on(Event.EXITED, State.REMOVING, Action.REMOVE);
    at(State.KILLING)
        .on(Event.GRACE_OVER, State.KILLING, Action.FORCE)
        .on(Event.EXITED, State.REMOVING, Action.REMOVE);
    // Once more: somebody, or a late answer, may have put it back meanwhile.
    at(State.REMOVING).on(Event.REMOVED, State.ENDED, Action.WITHDRAW, Action.TELL_END);
  }

  private TaskLife() {}

  /** What an event does in a state. What the table does not name changes nothing. */
  static Step step(State state, Event event) {
    var step = TABLE.getOrDefault(state, Map.of()).get(event);
    return step == null ? new Step(state, List.of()) : step;
  }

  private static Row at(State state) {
    return new Row(TABLE.computeIfAbsent(state, s -> new EnumMap<>(Event.class)));
  }

  private record Row(Map<Event, Step> cells) {
    Row on(Event event, State next, Action... actions) {
      if (cells.put(event, new Step(next, List.of(actions))) != null) {
        throw new AssertionError("two cells for " + event);
      }
      return this;
    }
  }
}
