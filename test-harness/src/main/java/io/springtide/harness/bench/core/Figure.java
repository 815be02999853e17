package io.springtide.harness.bench.core;

/**
 * What was measured, beside what is wanted.
 *
 * @param name what it is and its unit, such as {@code loneUpdateMicros}
 * @param value the median of many calls, or the mean where a whole is divided by its parts
 * @param p99 of the samples
 * @param samples how many there were
 * @param target {@code value} is not to be above it
 * @param met whether it is not
 */
record Figure(String name, double value, double p99, int samples, double target, boolean met) {
  /** Of many calls, each a sample. */
  static Figure ofCalls(String name, Samples samples, double target) {
    return of(name, samples.median(), samples, target);
  }

  /** Of equal parts of a whole: what is dear now and then counts for what it costs. */
  static Figure ofParts(String name, Samples samples, double target) {
    return of(name, samples.mean(), samples, target);
  }

  private static Figure of(String name, double value, Samples samples, double target) {
    return new Figure(
        name,
        rounded(value),
        rounded(samples.percentile(99)),
        samples.count(),
        target,
        value <= target);
  }

  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }
}
