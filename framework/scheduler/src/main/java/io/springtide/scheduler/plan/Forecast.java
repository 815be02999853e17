package io.springtide.scheduler.plan;

import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.turn.AgentBook;
import io.springtide.scheduler.turn.Ledger;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/**
 * A question what changes would bring about, with all that it takes to answer it: nothing of it is
 * the core's any more. The answer can take a second where there is much; working it out is left to
 * whoever asked, so that the core decides on.
 */
public final class Forecast implements Supplier<Outcome> {
  private final List<Change> snapshot;
  private final Ledger books;
  private final CoreConfig config;
  private final AgentBook agents;
  private final Instant now;
  private final List<Event.Command> changes;
  private final long version;

  public Forecast(
      State real,
      Ledger books,
      AgentBook agents,
      CoreConfig config,
      Instant now,
      List<Event.Command> changes,
      long version) {
    this.snapshot = real.snapshot();
    this.books = books.copy();
    this.agents = agents.copy();
    this.config = config;
    this.now = now;
    this.changes = changes;
    this.version = version;
  }

  /**
   * Works it out, on the caller's thread; once.
   *
   * @return what would be, or the refusal of the first change that would be refused
   */
  @Override
  public Outcome get() {
    return new Rehearsal(snapshot, books, agents, config, now).of(changes, version);
  }
}
