package io.springtide.partition.share;

import java.util.Arrays;

/**
 * Weighted max-min over dominant shares. The water level rises; each claimant's dominant share
 * rises with it in proportion to its weight, until its wish is filled or a resource that it needs
 * runs out. Claimants are sorted by the level at which they are full, so the whole costs {@code
 * O(R·G log G)} (progressive filling of Ghodsi et al., Dominant Resource Fairness, NSDI 2011).
 */
final class WaterFilling {
  /** Absorbs rounding in the last bits of a product; far below one unit even when summed. */
  private static final double ROUNDING = 1e-6;

  private WaterFilling() {}

  /**
   * What each claimant gets.
   *
   * @param wish by claimant and dimension
   * @param weight by claimant, above 0
   * @param available by dimension; below zero counts zero
   * @param capacity by dimension: what shares are shares of
   * @return by claimant and dimension, rounded down; sums stay within {@code available}
   */
  static long[][] fill(long[][] wish, double[] weight, long[] available, long[] capacity) {
    int claimants = wish.length;
    int dims = available.length;
    double[] dominant = new double[claimants];
    Integer[] order = new Integer[claimants];
    double[] slope = new double[dims];
    int[] users = new int[dims];
    double[] left = new double[dims];
    for (int d = 0; d < dims; d++) {
      left[d] = Math.max(0, available[d]);
    }
    boolean[] done = new boolean[claimants];
    double[] filled = new double[claimants];
    for (int c = 0; c < claimants; c++) {
      order[c] = c;
      for (int d = 0; d < dims; d++) {
        if (wish[c][d] > 0) {
          // Of what a pool does not have at all, nobody gets anything.
          dominant[c] =
              Math.max(dominant[c], capacity[d] > 0 ? (double) wish[c][d] / capacity[d] : 1e300);
        }
      }
      if (dominant[c] == 0 || dominant[c] >= 1e300) {
        done[c] = true;
        continue;
      }
      for (int d = 0; d < dims; d++) {
        if (wish[c][d] > 0) {
          slope[d] += wish[c][d] * weight[c] / dominant[c];
          users[d]++;
        }
      }
    }
    Arrays.sort(order, (a, b) -> Double.compare(dominant[a] / weight[a], dominant[b] / weight[b]));
    double level = 0;
    int next = 0;
    while (true) {
      while (next < claimants && done[order[next]]) {
        next++;
      }
      if (next == claimants) {
        break;
      }
      int first = order[next];
      double full = dominant[first] / weight[first];
      double dry = Double.POSITIVE_INFINITY;
      int which = -1;
      for (int d = 0; d < dims; d++) {
        if (users[d] > 0) {
          double at = level + left[d] / slope[d];
          if (at < dry) {
            dry = at;
            which = d;
          }
        }
      }
      boolean fills = full <= dry * (1 + 1e-12);
      double to = fills ? full : dry;
      for (int d = 0; d < dims; d++) {
        if (users[d] > 0) {
          left[d] = Math.max(0, left[d] - slope[d] * (to - level));
        }
      }
      level = to;
      for (int i = next; i < claimants; i++) {
        int c = order[i];
        boolean ends = fills ? i == next : wish[c][which] > 0;
        if (!done[c] && ends) {
          done[c] = true;
          filled[c] = fills ? 1 : Math.min(1, level * weight[c] / dominant[c]);
          for (int d = 0; d < dims; d++) {
            if (wish[c][d] > 0) {
              slope[d] -= wish[c][d] * weight[c] / dominant[c];
              users[d]--;
            }
          }
        }
        if (fills) {
          break;
        }
      }
    }
    long[][] given = new long[claimants][dims];
    for (int c = 0; c < claimants; c++) {
      for (int d = 0; d < dims; d++) {
        given[c][d] =
            filled[c] == 1 ? wish[c][d] : (long) Math.floor(filled[c] * wish[c][d] + ROUNDING);
      }
    }
    return given;
  }
}
