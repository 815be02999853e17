package io.springtide.partition.share;

import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.Held;
import io.springtide.partition.books.JobState;
import java.util.Comparator;

/** An instance on borrowed room that may be evicted. */
record Victim(Held held, int priority) {
  /** Lowest priority first, then the youngest. */
  static final Comparator<Victim> CHEAPEST_FIRST =
      Comparator.comparingInt(Victim::priority)
          .thenComparing(Comparator.comparingLong(Victim::since).reversed())
          .thenComparing(Victim::instance);

  static Victim of(Cluster cluster, int row) {
    Held held = cluster.allocations.held(row);
    return new Victim(held, cluster.priority(held.job()));
  }

  String instance() {
    return held.instance();
  }

  JobState job() {
    return held.job();
  }

  int host() {
    return held.host();
  }

  long since() {
    return held.since();
  }
}
