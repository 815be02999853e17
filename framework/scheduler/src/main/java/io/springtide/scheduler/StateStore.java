package io.springtide.scheduler;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Where the state outlives the process: an ordered log of commits, cut by snapshots.
 *
 * <p>Commits come from one thread; several commits may be under way at once, and become durable in
 * the order of their versions or not at all. A commit that fails, or is refused because another
 * leader has written, fails its stage and all later ones; its process must end, since nobody knows
 * what is durable.
 */
public interface StateStore extends AutoCloseable {
  /**
   * What is durable.
   *
   * @param version of the last commit, 0 before the first
   * @param changes which, applied in order to nothing, give the state
   */
  record Loaded(long version, List<Change> changes) {
    public static final Loaded EMPTY = new Loaded(0, List.of());

    public Loaded {
      changes = List.copyOf(changes);
    }
  }

  /** Reads what is durable, and from then on refuses the commits of earlier readers. */
  Loaded load();

  /**
   * Appends one commit.
   *
   * @param version one more than the last
   * @return done when it is durable
   */
  CompletionStage<Void> commit(long version, List<Change> changes);

  /**
   * Whether the log has grown so long beside the state that a snapshot should take its place. May
   * be asked on any thread; not while a snapshot is under way.
   */
  boolean snapshotDue();

  /**
   * Lets the whole state at that version stand for the log up to it. May be called, on any thread,
   * only when the commit of that version is durable; commits go on meanwhile.
   *
   * @param state never changed afterwards: it is written when there is time
   * @return done when it is written, or given up because the store was closed
   */
  CompletionStage<Void> snapshot(long version, List<Change> state);

  @Override
  void close();
}
