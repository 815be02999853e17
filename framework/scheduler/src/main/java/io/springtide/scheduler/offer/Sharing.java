package io.springtide.scheduler.offer;

import io.springtide.partition.answer.Eviction;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.task.InstanceInput;
import io.springtide.scheduler.task.Updates;
import io.springtide.scheduler.turn.Ledger;
import io.springtide.scheduler.turn.Turn;
import java.time.Instant;

/**
 * Takes back what groups lent as soon as they want it themselves. Whom to evict, and that a
 * placement follows from it, is the engine's to say; here an eviction becomes a durable intent, and
 * only then a kill (promise 2). The evicted instance waits again, and remembers for whom it went.
 *
 * <p>Which room is kept for whom is not durable. A successor sees the evicted on their way out and
 * evicts nobody else for the same claim; who takes the room that they leave is then decided anew.
 */
public final class Sharing {
  private final State state;
  private final Ledger ledger;
  private final Updates updates;
  private final CoreConfig.Times times;
  private Instant nextLook = Instant.MIN;

  public Sharing(State state, Ledger ledger, Updates updates, CoreConfig.Times times) {
    this.state = state;
    this.ledger = ledger;
    this.updates = updates;
    this.times = times;
  }

  public void sweep(Turn turn) {
    if (turn.now().isBefore(nextLook)) {
      return;
    }
    nextLook = turn.now().plus(times.growEvery());
    // Also with nobody waiting: claims and kept room end with time.
    for (Eviction eviction : ledger.reclaim(state.waiting(), turn.now())) {
      state
          .instance(eviction.instance())
          .filter(instance -> instance.goal() == Goal.RUN)
          .ifPresent(instance -> evict(instance, eviction, turn));
    }
  }

  private void evict(Instance instance, Eviction eviction, Turn turn) {
    String why =
        "its borrowed room in "
            + eviction.pool()
            + " was reclaimed for "
            + eviction.claimant()
            + (eviction.claimant().equals(Eviction.BUFFER)
                ? ", which nothing else refills"
                : ", which is within its guarantee");
    Instance evicted = instance.with(Goal.REPLACE, why);
    turn.put(evicted);
    updates.on(evicted, InstanceInput.STOP, why, turn);
  }
}
