package io.springtide.partition.place;

import io.springtide.partition.answer.Placement;
import io.springtide.partition.books.AllocationTable;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.model.Label;
import java.util.List;

/** Instances of one job on their way into one pool. */
final class Batch {
  final JobState job;
  final PoolState pool;
  final long now;
  final List<Placement> placements;
  private final int[] placedAs = new int[AllocationTable.LABELS.length];
  int placed;
  private final List<String> instances;
  private final int from;
  private final int total;
  private final long[] allowed;

  Batch(
      JobState job,
      PoolState pool,
      List<String> instances,
      int from,
      int total,
      long[] allowed,
      long now,
      List<Placement> placements) {
    this.job = job;
    this.pool = pool;
    this.instances = instances;
    this.from = from;
    this.total = total;
    this.allowed = allowed;
    this.now = now;
    this.placements = placements;
  }

  @SuppressWarnings("EnumOrdinal") // Counted for each instance that is placed.
  int placedAs(Label label) {
    return placedAs[label.ordinal()];
  }

  /** The next one is placed. */
  @SuppressWarnings("EnumOrdinal")
  void placed(Label label) {
    placedAs[label.ordinal()]++;
    placed++;
  }

  boolean done() {
    return placed == total;
  }

  String next() {
    return instances.get(from + placed);
  }

  /** What the next one is: guaranteed as long as there is room for it, then borrowed or burst. */
  Label label() {
    if (placedAs[0] < allowed[0]) {
      return Label.GUARANTEED;
    }
    return placedAs[1] < allowed[1] ? Label.BORROWED : Label.BURST;
  }
}
