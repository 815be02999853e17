package io.springtide.partition;

import java.util.Comparator;

/** An instance on borrowed room that may be evicted. */
@SuppressWarnings("ArrayRecordComponent")
record Victim(
    String instance, JobState job, int priority, int host, Label label, long since, int[] ports) {
  /** Lowest priority first, then the youngest. */
  static final Comparator<Victim> CHEAPEST_FIRST =
      Comparator.comparingInt(Victim::priority)
          .thenComparing(Comparator.comparingLong(Victim::since).reversed())
          .thenComparing(Victim::instance);

  static Victim of(Cluster cluster, int row) {
    AllocationTable table = cluster.allocations;
    return new Victim(
        table.id[row],
        table.job[row],
        cluster.newest(table.job[row]).demand.priority(),
        table.host[row],
        table.labelOf(row),
        table.since[row],
        table.ports[row]);
  }
}
