package io.springtide.scheduler.state;

import java.util.List;

/**
 * What becomes durable together.
 *
 * @param version of the state after it: one more than the last
 * @param changes of the state
 * @param audit lines that say who asked for it, as texts that the core does not know: with the
 *     changes they outlive the process that was asked
 */
public record Commit(long version, List<Change> changes, List<String> audit) {
  public Commit {
    changes = List.copyOf(changes);
    audit = List.copyOf(audit);
  }

  /** One that nobody asked for. */
  public static Commit of(long version, List<Change> changes) {
    return new Commit(version, changes, List.of());
  }
}
