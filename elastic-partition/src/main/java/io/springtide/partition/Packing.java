package io.springtide.partition;

/** How the packing policy rates what would be left on a host. */
final class Packing {
  private Packing() {}

  /**
   * Lower is better: little left, as best fit wants it. What is left is given per dimension as a
   * share of the host.
   */
  static double leftover(double cpus, double memory) {
    return cpus + memory;
  }
}
