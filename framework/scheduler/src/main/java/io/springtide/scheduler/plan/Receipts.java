package io.springtide.scheduler.plan;

import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.event.Outcome.Done;
import io.springtide.scheduler.state.Receipt;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.turn.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Commands that are done once, however often they are asked: what was done leaves a receipt, in the
 * same commit. What was refused leaves none, and may be asked again under its key.
 */
public final class Receipts {
  /** More are not kept: the oldest go. */
  public static final int MOST = 10_000;

  /** How long a repeat is known for one. */
  public static final Duration KEPT = Duration.ofHours(24);

  private static final Duration LOOK = Duration.ofMinutes(1);

  private final State state;
  private final Commands commands;
  private Instant nextLook = Instant.MIN;

  public Receipts(State state, Commands commands) {
    this.state = state;
    this.commands = commands;
  }

  public void on(Event.Once once, Turn turn) {
    turn.then(new Effect.Reply(once.requestId(), outcomeOf(once, turn)));
  }

  private Outcome outcomeOf(Event.Once once, Turn turn) {
    Optional<Receipt> receipt = state.receipt(once.asker(), once.key()).filter(r -> !past(r, turn));
    if (receipt.isPresent()) {
      return receipt.get().digest().equals(once.digest())
          ? new Done(receipt.get().version())
          : new Outcome.Refused(
              Outcome.Kind.CONFLICT,
              "Idempotency-Key",
              "this Idempotency-Key was used with another request",
              "use a new key for a new request");
    }
    Outcome outcome = commands.outcomeOf(once.command(), turn);
    if (outcome instanceof Done done) {
      turn.put(new Receipt(once.asker(), once.key(), once.digest(), done.version(), turn.now()));
      surplus().forEach(turn::remove);
    }
    return outcome;
  }

  private List<Receipt> surplus() {
    long surplus = Math.max(0, state.receipts().size() - MOST);
    return state.receipts().stream().limit(surplus).toList();
  }

  private static boolean past(Receipt receipt, Turn turn) {
    return Duration.between(receipt.at(), turn.now()).compareTo(KEPT) >= 0;
  }

  /** Forgets those that are past. */
  public void sweep(Turn turn) {
    if (turn.now().isBefore(nextLook)) {
      return;
    }
    nextLook = turn.now().plus(LOOK);
    state.receipts().stream().takeWhile(r -> past(r, turn)).toList().forEach(turn::remove);
  }
}
