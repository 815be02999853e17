package io.springtide.scheduler.state;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Where the state outlives the process: an ordered log of commits. A store follows what it is given
 * ({@link Shadow}) and cuts its log by snapshots of its own; nobody waits for them.
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
   * Appends one commit, with a version that is one more than the last.
   *
   * @return done when it is durable
   */
  CompletionStage<Void> commit(Commit commit);

  /**
   * What is durable now, while commits go on: a list that stays as it is. Nobody who commits waits
   * for it.
   */
  CompletionStage<Loaded> current();

  @Override
  void close();
}
