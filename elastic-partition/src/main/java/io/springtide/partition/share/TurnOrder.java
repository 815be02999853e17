package io.springtide.partition.share;

import java.util.ArrayList;
import java.util.List;

/** Orders jobs so that the running sum of what they need stays near one shape. */
final class TurnOrder {
  /** Above this many jobs the given order is as good a mixture as any, and ordering costs more. */
  private static final int MOST = 2_000;

  private TurnOrder() {}

  /** Greedy: next is always the job that brings cpus and memory closest to the overall mixture. */
  static List<WaitingJob> balanced(List<WaitingJob> turns) {
    if (turns.size() < 3 || turns.size() > MOST) {
      return turns;
    }
    double cpus = 1;
    double memory = 1;
    for (WaitingJob turn : turns) {
      cpus += cpus(turn) * turn.left().size();
      memory += memory(turn) * turn.left().size();
    }
    List<WaitingJob> left = new ArrayList<>(turns);
    List<WaitingJob> order = new ArrayList<>(turns.size());
    double sumCpus = 0;
    double sumMemory = 0;
    while (!left.isEmpty()) {
      int best = 0;
      double least = Double.POSITIVE_INFINITY;
      for (int i = 0; i < left.size(); i++) {
        WaitingJob turn = left.get(i);
        double off =
            Math.abs(
                (sumCpus + cpus(turn) * turn.left().size()) / cpus
                    - (sumMemory + memory(turn) * turn.left().size()) / memory);
        if (off < least) {
          least = off;
          best = i;
        }
      }
      WaitingJob next = left.remove(best);
      sumCpus += cpus(next) * next.left().size();
      sumMemory += memory(next) * next.left().size();
      order.add(next);
    }
    return order;
  }

  private static double cpus(WaitingJob turn) {
    return turn.job.demand.each().cpuMillis();
  }

  private static double memory(WaitingJob turn) {
    return turn.job.demand.each().memoryMiB();
  }
}
