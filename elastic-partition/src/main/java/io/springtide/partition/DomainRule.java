package io.springtide.partition;

/** All that a job's max-per and spread constraints say of one attribute other than the host. */
final class DomainRule {
  static final int UNBOUNDED = Integer.MAX_VALUE;

  final int attribute;
  int hardMax = UNBOUNDED;
  int softMax = UNBOUNDED;
  int hardSkew = UNBOUNDED;
  int softSkew = UNBOUNDED;

  DomainRule(int attribute) {
    this.attribute = attribute;
  }

  boolean spreads() {
    return hardSkew < UNBOUNDED || softSkew < UNBOUNDED;
  }

  boolean hard() {
    return hardMax < UNBOUNDED || hardSkew < UNBOUNDED;
  }
}
