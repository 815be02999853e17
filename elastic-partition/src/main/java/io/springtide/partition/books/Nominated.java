package io.springtide.partition.books;

import java.util.HashMap;
import java.util.Map;

/** Deals out among what waits the room that is kept for its jobs, each place once. */
public final class Nominated {
  private final Nominations nominations;
  private final Map<Subject, Integer> left = new HashMap<>();

  public Nominated(Nominations nominations) {
    this.nominations = nominations;
  }

  /** How many of {@code count} that wait have room kept for them. */
  public int take(Subject job, int count) {
    int all = left.computeIfAbsent(job, nominations::countFor);
    int taken = Math.min(all, count);
    left.put(job, all - taken);
    return taken;
  }
}
