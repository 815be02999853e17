package io.springtide.scheduler.state;

import java.util.List;

/**
 * The durable state beside the core: who keeps the log follows it, commit by commit, and can so say
 * what all of it comes to without asking the core, which decides on meanwhile. Follows by the same
 * code that a restore uses. Not thread-safe.
 */
public final class Shadow {
  private final State state = new State();

  /** Follows what has become durable. */
  public void follow(List<Change> changes) {
    changes.forEach(state::apply);
  }

  /** Changes that give this state when applied to nothing: a list that stays as it is. */
  public List<Change> changes() {
    return state.snapshot();
  }
}
