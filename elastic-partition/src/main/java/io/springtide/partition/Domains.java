package io.springtide.partition;

import java.util.List;

/**
 * The state of a job's {@link DomainRule}s while instances are placed: which values take part in a
 * spread, the lowest count over them, and what one more instance would do. Values are those of
 * usable hosts in the job's pools that its hard filters allow, offers aside: learned from offers
 * alone, a rack that has made no offer yet would be overlooked.
 */
final class Domains {
  private final HostTable hosts;
  private final Feasibility feasibility;
  private JobState job;
  private boolean[][] takesPart = new boolean[0][];
  private int[] lowest = new int[0];
  private int[][] counts = new int[0][];

  Domains(HostTable hosts, Feasibility feasibility) {
    this.hosts = hosts;
    this.feasibility = feasibility;
  }

  void open(JobState of, List<PoolState> pools) {
    job = of;
    int rules = job.domains.size();
    counts = new int[rules][];
    lowest = new int[rules];
    takesPart = new boolean[rules][];
    boolean spreads = false;
    for (int r = 0; r < rules; r++) {
      DomainRule rule = job.domains.get(r);
      counts[r] = job.self.counts(rule.attribute, hosts);
      if (rule.spreads()) {
        takesPart[r] = new boolean[hosts.attributes.valueCount(rule.attribute)];
        spreads = true;
      }
    }
    if (!spreads) {
      return;
    }
    for (PoolState pool : pools) {
      for (int i = 0; i < pool.size; i++) {
        int h = pool.members[i];
        if (feasibility.usable(h) && filtersAllow(h)) {
          for (int r = 0; r < rules; r++) {
            int value = hosts.attributes.value(job.domains.get(r).attribute, h);
            if (takesPart[r] != null && value >= 0) {
              takesPart[r][value] = true;
            }
          }
        }
      }
    }
    for (int r = 0; r < rules; r++) {
      lowest[r] = lowest(r);
    }
  }

  /** The reason why no instance may be added where rule {@code r}'s attribute is {@code value}. */
  Reason hard(int r, int value) {
    DomainRule rule = job.domains.get(r);
    if (!rule.hard()) {
      return null;
    }
    if (value < 0) {
      return rule.hardMax < DomainRule.UNBOUNDED ? Reason.MAX_PER : Reason.SPREAD;
    }
    if (counts[r][value] >= rule.hardMax) {
      return Reason.MAX_PER;
    }
    if (rule.hardSkew < DomainRule.UNBOUNDED && counts[r][value] + 1 - lowest[r] > rule.hardSkew) {
      return Reason.SPREAD;
    }
    return null;
  }

  Reason hardOn(int h) {
    for (int r = 0; r < counts.length; r++) {
      Reason reason = hard(r, hosts.attributes.value(job.domains.get(r).attribute, h));
      if (reason != null) {
        return reason;
      }
    }
    return null;
  }

  /**
   * What one more instance costs where rule {@code r}'s attribute is {@code value}: soft rules
   * broken in the upper half, how full the value is already in the lower (less is more even); or -1
   * if a hard rule forbids it.
   */
  long cost(int r, int value) {
    DomainRule rule = job.domains.get(r);
    if (rule.hard() && hard(r, value) != null) {
      return -1;
    }
    boolean spread = value >= 0 && takesPart[r] != null;
    return ((long) softBroken(rule, r, value) << 32) | (spread ? counts[r][value] : 0);
  }

  private int softBroken(DomainRule rule, int r, int value) {
    if (value < 0) {
      return rule.softMax < DomainRule.UNBOUNDED || rule.softSkew < DomainRule.UNBOUNDED ? 1 : 0;
    }
    int broken = counts[r][value] >= rule.softMax ? 1 : 0;
    if (rule.softSkew < DomainRule.UNBOUNDED && counts[r][value] + 1 - lowest[r] > rule.softSkew) {
      broken++;
    }
    return broken;
  }

  /** An instance was added where rule {@code r}'s attribute is {@code value}. */
  void added(int r, int value) {
    counts[r] = job.self.counts(job.domains.get(r).attribute, hosts);
    if (value >= 0 && takesPart[r] != null && counts[r][value] - 1 == lowest[r]) {
      lowest[r] = lowest(r);
    }
  }

  private int lowest(int r) {
    if (takesPart[r] == null) {
      return 0;
    }
    int low = Integer.MAX_VALUE;
    for (int v = 0; v < takesPart[r].length; v++) {
      if (takesPart[r][v] && counts[r][v] < low) {
        low = counts[r][v];
      }
    }
    return low == Integer.MAX_VALUE ? 0 : low;
  }

  private boolean filtersAllow(int h) {
    for (int i = 0; i < job.filters.size(); i++) {
      AttributeFilter filter = job.filters.get(i);
      if (!filter.soft && !filter.allows(h, hosts)) {
        return false;
      }
    }
    return true;
  }
}
