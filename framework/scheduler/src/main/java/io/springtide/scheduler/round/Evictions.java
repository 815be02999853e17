package io.springtide.scheduler.round;

import io.springtide.partition.answer.Eviction;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.task.InstanceInput;
import io.springtide.scheduler.task.Updates;
import io.springtide.scheduler.turn.Turn;
import java.util.Optional;

/**
 * Takes back what groups lent as soon as they want it themselves. Whom to evict, and that a
 * placement follows from it, is the engine's to say; here an eviction becomes a durable intent, and
 * only then a kill (promise 2). The evicted instance waits again, and remembers for whom it went.
 *
 * <p>Which room is kept for whom is not durable. A successor sees the evicted on their way out and
 * evicts nobody else for the same claim; who takes the room that they leave is then decided anew.
 */
final class Evictions {
  private final State state;
  private final Updates updates;

  Evictions(State state, Updates updates) {
    this.state = state;
    this.updates = updates;
  }

  /** Returns whether it was told to go; one that is on its way out already is not. */
  boolean evict(Eviction eviction, Turn turn) {
    Optional<Instance> running =
        state.instance(eviction.instance()).filter(instance -> instance.goal() == Goal.RUN);
    if (running.isEmpty()) {
      return false;
    }
    String why =
        "its borrowed room in "
            + eviction.pool()
            + " was reclaimed for "
            + eviction.claimant()
            + (eviction.claimant().equals(Eviction.BUFFER)
                ? ", which nothing else refills"
                : ", which is within its guarantee");
    Instance evicted = running.get().with(Goal.REPLACE, why);
    turn.put(evicted);
    updates.on(evicted, InstanceInput.STOP, why, turn);
    return true;
  }
}
