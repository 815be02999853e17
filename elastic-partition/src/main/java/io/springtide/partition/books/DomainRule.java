package io.springtide.partition.books;

/** All that a job's max-per and spread constraints say of one attribute other than the host. */
public final class DomainRule {
  public static final int UNBOUNDED = Integer.MAX_VALUE;

  public final int attribute;
  public int hardMax = UNBOUNDED;
  public int softMax = UNBOUNDED;
  public int hardSkew = UNBOUNDED;
  public int softSkew = UNBOUNDED;

  DomainRule(int attribute) {
    this.attribute = attribute;
  }

  public boolean spreads() {
    return hardSkew < UNBOUNDED || softSkew < UNBOUNDED;
  }

  public boolean hard() {
    return hardMax < UNBOUNDED || hardSkew < UNBOUNDED;
  }
}
