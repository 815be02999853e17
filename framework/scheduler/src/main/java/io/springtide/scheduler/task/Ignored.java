package io.springtide.scheduler.task;

import static java.util.Objects.requireNonNull;

import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.told.TaskState;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts what the tables have nothing for: news that is late, repeated, or about an attempt that is
 * over. Much of one kind says that something is not as the tables take it to be.
 */
public final class Ignored {
  /** Whose news it was. */
  public enum About {
    /** An instance: {@link InstanceTable}. */
    INSTANCE,
    /** An instance's task: {@link TaskTable}. */
    TASK,
    /** A host's warden: {@link TaskTable}. */
    WARDEN,
    /** The end of a task that nobody waits for: an earlier attempt of an instance or a warden. */
    EARLIER_ATTEMPT
  }

  /**
   * An empty cell.
   *
   * @param state in which it was; empty for an {@link About#EARLIER_ATTEMPT}
   * @param input what was said of it, or wanted
   */
  public record Cell(About about, String state, String input) implements Comparable<Cell> {
    private static final Comparator<Cell> ORDER =
        Comparator.comparing(Cell::about).thenComparing(Cell::state).thenComparing(Cell::input);

    public Cell {
      requireNonNull(about);
      requireNonNull(state);
      requireNonNull(input);
    }

    @Override
    public int compareTo(Cell other) {
      return ORDER.compare(this, other);
    }
  }

  private final SortedMap<Cell, Long> counts = new TreeMap<>();
  private Map<Cell, Long> shown = Map.of();

  void instance(InstanceState state, InstanceInput input) {
    count(About.INSTANCE, state.name(), input.name());
  }

  void task(TaskState known, TaskState reported) {
    count(About.TASK, known.name(), reported.name());
  }

  void warden(TaskState known, TaskState reported) {
    count(About.WARDEN, known.name(), reported.name());
  }

  public void earlierAttempt(TaskState reported) {
    count(About.EARLIER_ATTEMPT, "", reported.name());
  }

  private void count(About about, String state, String input) {
    counts.merge(new Cell(about, state, input), 1L, Long::sum);
    shown = null;
  }

  /** How often each cell was met since this core began, in order; those never met are left out. */
  public Map<Cell, Long> counts() {
    if (shown == null) {
      shown = Collections.unmodifiableMap(new TreeMap<>(counts));
    }
    return shown;
  }
}
