package io.springtide.partition.place;

/**
 * How a pool's fit policy rates a host that fits: lower is better. What would be left there is
 * given per dimension as a share of the host, from 0 to 1.
 */
final class Fit {
  /**
   * How much it counts, beside how little is left, that it is left evenly: what is left of one
   * dimension alone serves nobody. Above that, skewed demand on equal hosts would be spread.
   */
  private static final double EVENNESS = 3;

  /** Hosts with free GPUs come after all others for work that needs none. */
  private static final double STRANDED_GPUS = 2;

  /** So that emptying hosts goes on: an empty one is used when no other fits. */
  private static final double EMPTY = 1;

  private static final double BELOW_ONE = 0.999;

  private Fit() {}

  /** Best fit and evenly, on a host in use: from 0 to below 4. */
  static double packed(double cpus, double memory, boolean strandsGpus) {
    double left = cpus + memory + EVENNESS * Math.abs(cpus - memory);
    return left * (BELOW_ONE / (1 + EVENNESS)) + (strandsGpus ? STRANDED_GPUS : 0);
  }

  /** On an empty host, when it is its turn to be opened, see {@link Opening}: from 1 to below 4. */
  static double opened(double opening, boolean strandsGpus) {
    return EMPTY + opening * BELOW_ONE + (strandsGpus ? STRANDED_GPUS : 0);
  }

  /** The emptiest first: from 0 to below 1. */
  static double spread(double cpus, double memory) {
    return (2 - cpus - memory) * (BELOW_ONE / 2);
  }
}
