package io.springtide.harness.sim.images;

import java.util.SplittableRandom;

/**
 * The hosts and their links. Rates in bits per second, times in nanoseconds.
 *
 * <p>The first {@code hosts} are there from the start, the rest join midway, as many as leave.
 */
final class Fleet {
  static final double GIGABIT = 1e9;
  static final double ORIGIN_UP = 10 * GIGABIT;
  static final double DOWN = GIGABIT;
  private static final int HOSTS_IN_RACK = 40;

  final int hosts;
  final double[] up;
  final long[] latency;
  final long[] joins;
  final long[] leaves;
  final String[] racks;

  /**
   * {@code expected}: about how long the distribution takes; those who leave and join do so in its
   * middle half.
   */
  Fleet(int hosts, double expected, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int leaving = hosts / 50;
    int all = hosts + leaving;
    this.hosts = hosts;
    this.up = new double[all];
    this.latency = new long[all];
    this.joins = new long[all];
    this.leaves = new long[all];
    this.racks = new String[all];
    for (int i = 0; i < all; i++) {
      up[i] = random.nextInt(20) == 0 ? GIGABIT / 10 : GIGABIT;
      latency[i] =
          250_000L + random.nextInt(750_001); // half of the way; both halves make 0.5 to 2 ms
      racks[i] = "rack" + (i < hosts ? i : random.nextInt(hosts)) / HOSTS_IN_RACK;
      joins[i] = i < hosts ? 0 : (long) (expected * (0.25 + 0.5 * random.nextDouble()));
      leaves[i] = Long.MAX_VALUE;
    }
    for (int left = 0; left < leaving; ) {
      int host = random.nextInt(hosts);
      if (leaves[host] == Long.MAX_VALUE) {
        leaves[host] = (long) (expected * (0.25 + 0.5 * random.nextDouble()));
        left++;
      }
    }
  }

  /**
   * The least time in which {@code bits} can reach everybody who is there from the start, in
   * seconds: the fluid bound of Kumar and Ross, max(F/u_origin, F/d_min, N·F/(u_origin + Σu)).
   */
  double bound(double bits) {
    double sum = ORIGIN_UP;
    for (int i = 0; i < hosts; i++) {
      sum += up[i];
    }
    return Math.max(bits / ORIGIN_UP, Math.max(bits / DOWN, hosts * bits / sum));
  }
}
