package io.springtide.scheduler.round;

import io.springtide.partition.answer.Demotion;
import io.springtide.partition.model.Label;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.turn.Ledger;
import io.springtide.scheduler.turn.QueueingHints;
import io.springtide.scheduler.turn.Turn;
import java.util.List;
import java.util.Optional;

/**
 * Follows guarantees that move: what a guarantee has become too small for is borrowed from now on,
 * what it has room for again is guaranteed. Each is a durable change of the task, so a successor
 * finds the same labels.
 */
final class Relabelling {
  private final State state;
  private final Ledger ledger;
  private final QueueingHints hints;

  Relabelling(State state, Ledger ledger, QueueingHints hints) {
    this.state = state;
    this.ledger = ledger;
    this.hints = hints;
  }

  Relabelled settle(Turn turn) {
    List<Demotion> demotions = ledger.demote();
    for (Demotion demotion : demotions) {
      label(demotion.instance(), Label.BORROWED, Optional.of(demotion.why()), turn);
    }
    List<String> promotions = ledger.promote();
    for (String id : promotions) {
      label(id, Label.GUARANTEED, Optional.empty(), turn);
    }
    return new Relabelled(demotions, promotions);
  }

  private void label(String id, Label label, Optional<String> why, Turn turn) {
    Instance instance = state.instance(id).orElseThrow();
    Task task = instance.task().orElseThrow().labelled(label, why);
    // The engine has changed its books already.
    ledger.placed(id, task);
    turn.put(instance.with(instance.state(), Optional.of(task), turn.now()));
    hints.room(task.pool());
    hints.quota(instance.job());
  }
}
