package io.springtide.partition.share;

import io.springtide.partition.books.JobState;
import java.util.List;

/** What is left waiting of one version of a job. */
final class WaitingJob {
  /** The golden ratio: any number of its multiples, modulo one, are evenly spaced. */
  private static final double GOLDEN = 0.618_033_988_749_894_9;

  final JobState job;
  private final int priority;
  final List<String> instances;
  int from;
  private int begun;
  private long total;
  private long phase;

  WaitingJob(JobState job, int priority, List<String> instances) {
    this.job = job;
    this.priority = priority;
    this.instances = instances;
  }

  /** Spreads what is left over {@code rounds}, the {@code n}-th job at a phase of its own. */
  void begin(int n, int rounds) {
    begun = from;
    total = left().size();
    phase = (long) (n * GOLDEN % 1 * rounds);
  }

  /** How many should go in this round, so that all jobs come to their end together. */
  int due(int round, int rounds) {
    return (int) ((total * (round + 1) + phase) / rounds) - (from - begun);
  }

  int priority() {
    return priority;
  }

  List<String> left() {
    return instances.subList(from, instances.size());
  }
}
