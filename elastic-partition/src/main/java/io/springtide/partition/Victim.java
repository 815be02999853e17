package io.springtide.partition;

import java.util.Comparator;

/** An instance on borrowed room that may be evicted. */
@SuppressWarnings("ArrayRecordComponent")
record Victim(String instance, JobState job, int host, Label label, long since, int[] ports) {
  /** Lowest priority first, then the youngest. */
  static final Comparator<Victim> CHEAPEST_FIRST =
      Comparator.comparingInt((Victim v) -> v.job.demand.priority())
          .thenComparing(Comparator.comparingLong(Victim::since).reversed())
          .thenComparing(Victim::instance);

  static Victim of(AllocationTable table, int row) {
    return new Victim(
        table.id[row],
        table.job[row],
        table.host[row],
        table.labelOf(row),
        table.since[row],
        table.ports[row]);
  }
}
