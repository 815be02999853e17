package io.springtide.harness.bench.core;

import java.util.Arrays;

/** Measurements of one kind; their order does not matter. */
final class Samples {
  private double[] values = new double[64];
  private int count;

  void add(double value) {
    if (count == values.length) {
      values = Arrays.copyOf(values, 2 * count);
    }
    values[count++] = value;
  }

  int count() {
    return count;
  }

  double median() {
    return percentile(50);
  }

  double mean() {
    return Arrays.stream(values, 0, count).average().orElse(0);
  }

  /** The smallest value that so many percent of all do not exceed; 0 if there is none. */
  double percentile(int percent) {
    if (count == 0) {
      return 0;
    }
    double[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    return sorted[Math.max(0, (int) Math.ceil(percent / 100.0 * count) - 1)];
  }
}
