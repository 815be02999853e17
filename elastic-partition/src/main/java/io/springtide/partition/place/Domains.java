package io.springtide.partition.place;

import io.springtide.partition.answer.Reason;
import io.springtide.partition.books.AttributeFilter;
import io.springtide.partition.books.DomainRule;
import io.springtide.partition.books.HostTable;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import java.util.List;

/**
 * The state of a job's {@link DomainRule}s while instances are placed: which values take part in a
 * spread, the lowest count over them, and what one more instance would do. Values are those of
 * usable hosts in the job's pools that its hard filters allow, offers aside: learned from offers
 * alone, a rack that has made no offer yet would be overlooked.
 */
public final class Domains {
  /** What a value costs that a hard rule forbids; sums of it stay far from overflow. */
  static final long FORBIDDEN = 1L << 54;

  private final HostTable hosts;
  private final Feasibility feasibility;
  private JobState job;
  private boolean[][] takesPart = new boolean[0][];
  private int[] lowest = new int[0];

  /** How many of the values that take part are at the lowest count. */
  private int[] atLowest = new int[0];

  private int[][] counts = new int[0][];

  /**
   * What one more instance costs by rule and value, at {@code value + 1}; see {@link #costOf}. Only
   * filled between {@link #price} and the next {@link #open}.
   */
  long[][] cost = new long[0][];

  private boolean priced;

  Domains(HostTable hosts, Feasibility feasibility) {
    this.hosts = hosts;
    this.feasibility = feasibility;
  }

  void open(JobState of, List<PoolState> pools) {
    job = of;
    priced = false;
    int rules = job.domains.size();
    counts = new int[rules][];
    lowest = new int[rules];
    atLowest = new int[rules];
    takesPart = new boolean[rules][];
    int values = 0;
    for (int r = 0; r < rules; r++) {
      DomainRule rule = job.domains.get(r);
      counts[r] = job.self.counts(rule.attribute, hosts.attributes);
      if (rule.spreads()) {
        takesPart[r] = new boolean[hosts.attributes.valueCount(rule.attribute)];
        values += takesPart[r].length;
      }
    }
    if (values == 0) {
      return;
    }
    markTakingPart(pools, values);
    for (int r = 0; r < rules; r++) {
      findLowest(r);
    }
  }

  /**
   * Looks at hosts until every value is known to take part: in a large pool few of them.
   *
   * @param values how many there are of all rules that spread
   */
  private void markTakingPart(List<PoolState> pools, int values) {
    int unseen = values;
    for (PoolState pool : pools) {
      for (int i = 0; i < pool.size && unseen > 0; i++) {
        int h = pool.members[i];
        if (feasibility.usable(h) && filtersAllow(h)) {
          for (int r = 0; r < takesPart.length; r++) {
            int value = hosts.attributes.value(job.domains.get(r).attribute, h);
            if (takesPart[r] != null && value >= 0 && !takesPart[r][value]) {
              takesPart[r][value] = true;
              unseen--;
            }
          }
        }
      }
    }
  }

  /** Fills {@link #cost}, which {@link #added} then keeps true. */
  void price() {
    int rules = counts.length;
    if (cost.length < rules) {
      cost = new long[rules][];
    }
    for (int r = 0; r < rules; r++) {
      int values = values(r);
      if (cost[r] == null || cost[r].length < values) {
        cost[r] = new long[values];
      }
      price(r, values);
    }
    priced = true;
  }

  /** How many prices rule {@code r} has: one for each value, and that of having none. */
  int values(int r) {
    return hosts.attributes.valueCount(job.domains.get(r).attribute) + 1;
  }

  int ruleOfFewestValues() {
    int fewest = 0;
    for (int r = 1; r < counts.length; r++) {
      fewest = values(r) < values(fewest) ? r : fewest;
    }
    return fewest;
  }

  private void price(int r, int values) {
    for (int v = 0; v < values; v++) {
      cost[r][v] = costOf(r, v - 1);
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

  public Reason hardOn(int h) {
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
   * broken in the upper half, how full the value is already in the lower (less is more even); or
   * {@link #FORBIDDEN}.
   */
  private long costOf(int r, int value) {
    DomainRule rule = job.domains.get(r);
    if (rule.hard() && hard(r, value) != null) {
      return FORBIDDEN;
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

  /**
   * An instance was added where rule {@code r}'s attribute is {@code value}.
   *
   * @return whether that has made other values cost less
   */
  boolean added(int r, int value) {
    if (value < 0) {
      return false;
    }
    boolean rose =
        takesPart[r] != null
            && takesPart[r][value]
            && counts[r][value] - 1 == lowest[r]
            && --atLowest[r] == 0;
    if (rose) {
      findLowest(r);
    }
    if (priced && rose) {
      price(r, values(r));
    } else if (priced) {
      cost[r][value + 1] = costOf(r, value);
    }
    return rose;
  }

  private void findLowest(int r) {
    if (takesPart[r] == null) {
      return;
    }
    int low = Integer.MAX_VALUE;
    int many = 0;
    for (int v = 0; v < takesPart[r].length; v++) {
      if (takesPart[r][v] && counts[r][v] <= low) {
        many = counts[r][v] < low ? 1 : many + 1;
        low = counts[r][v];
      }
    }
    lowest[r] = many == 0 ? 0 : low;
    atLowest[r] = many;
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
