package io.springtide.partition.place;

import io.springtide.partition.books.Dimensions;
import io.springtide.partition.books.HostTable;
import io.springtide.partition.books.PoolState;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * In which order the empty hosts of a packing pool are opened: the largest first, so that few do.
 * But of sizes that few hosts have, half are opened when nothing else fits any more: whatever needs
 * a host that large, and comes later, would otherwise find all of them begun.
 */
public final class Opening {
  /** A size is rare if hosts that are as large or larger are less than this part of the pool. */
  private static final int RARE = 10;

  private static final double KEPT = 0.5;

  private Opening() {}

  /** Rates the pool's hosts anew, if any have come, gone or changed. */
  static void refresh(PoolState pool, HostTable hosts) {
    if (!pool.unrated) {
      return;
    }
    pool.unrated = false;
    double[] size = sizes(pool, hosts);
    double[] sorted = size.clone();
    Arrays.sort(sorted);
    double largest = pool.size == 0 ? 0 : sorted[pool.size - 1];
    double rare = pool.size == 0 ? 0 : sorted[pool.size - 1 - pool.size / RARE];
    Map<Double, Integer> met = new HashMap<>();
    for (int m = 0; m < pool.size; m++) {
      // Every other one of a size, by their ids.
      boolean kept = size[m] > rare && met.merge(size[m], 1, Integer::sum) % 2 == 1;
      double after = largest == 0 ? 0 : (1 - size[m] / largest) * KEPT;
      hosts.opening[pool.members[m]] = after + (kept ? KEPT : 0);
    }
  }

  /** Of each host, its parts of the largest there is in each dimension, together. */
  private static double[] sizes(PoolState pool, HostTable hosts) {
    double[] size = new double[pool.size];
    for (int d : new int[] {Dimensions.CPUS, Dimensions.MEMORY, Dimensions.GPUS}) {
      double most = 0;
      for (int m = 0; m < pool.size; m++) {
        most = Math.max(most, hosts.size(pool.members[m], d));
      }
      for (int m = 0; most > 0 && m < pool.size; m++) {
        size[m] += hosts.size(pool.members[m], d) / most;
      }
    }
    return size;
  }
}
