package io.springtide.partition.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Hosts of one place and one price class.
 *
 * @param name a name, see {@link Names}
 * @param kind owned, prepaid or on-demand
 * @param zone IDC or VPC; empty where it does not matter
 * @param selector attributes that put a host into this pool at first sight of its agent; empty: an
 *     on-demand pool takes only what was ordered for it, another what no other pool's selector
 *     names
 * @param minHosts hosts never given back, 0 or more
 * @param maxHosts hosts never exceeded, orders included; at least {@code minHosts}
 * @param buffer capacity kept empty and ready
 * @param placement which of the fitting hosts is taken
 * @param microsPerHour price of one host in millionths of the currency per hour, 0 or more
 * @param idleAfter how long the pool stands above need and buffer before it shrinks
 * @param billingIncrement what the cloud bills in one piece
 * @param budgetMicrosPerHour ceiling of what all hosts may cost per hour, in millionths
 * @param template what can be ordered; empty where hosts cannot be ordered
 * @param shared scalars that all hosts of the pool share, such as the bandwidth of the link to it:
 *     instances in the pool never take more of one together, and hosts need not have any
 */
public record Pool(
    String name,
    PoolKind kind,
    String zone,
    Map<String, String> selector,
    int minHosts,
    int maxHosts,
    Buffer buffer,
    FitPolicy placement,
    long microsPerHour,
    Duration idleAfter,
    Duration billingIncrement,
    OptionalLong budgetMicrosPerHour,
    Optional<HostTemplate> template,
    SortedMap<String, Long> shared) {
  public static final int MAX_HOSTS = 100_000;

  /** More than this nothing costs: a quarter of what a long holds, so that sums are safe. */
  public static final long MOST_COST = Long.MAX_VALUE / 4;

  public Pool {
    Names.requireName("name", name);
    requireNonNull(kind);
    requireNonNull(zone);
    requireNonNull(placement);
    selector = Collections.unmodifiableMap(new TreeMap<>(selector));
    if (minHosts < 0) {
      throw new InvalidModelException("hosts.min", minHosts + " is negative", "write 0 or more");
    }
    if (maxHosts < minHosts || maxHosts > MAX_HOSTS) {
      throw new InvalidModelException(
          "hosts.max",
          maxHosts + " is not between hosts.min (" + minHosts + ") and " + MAX_HOSTS,
          "write a number in that range");
    }
    if (microsPerHour < 0) {
      throw new InvalidModelException("pricePerHour", "a price is not negative", "write 0 or more");
    }
    if (idleAfter.isNegative()) {
      throw new InvalidModelException("idleAfter", "a time is not negative", "such as 10m");
    }
    if (billingIncrement.isNegative()) {
      throw new InvalidModelException("billingIncrement", "a time is not negative", "such as 1h");
    }
    if (template.isPresent() && kind == PoolKind.OWNED) {
      throw new InvalidModelException(
          "template",
          "hosts of an owned pool cannot be ordered",
          "leave the template out, or make the pool prepaid or on-demand");
    }
    requireNonNull(budgetMicrosPerHour);
    shared = checkedShared(shared);
  }

  /** The same pool whose hosts share {@code next}. */
  public Pool sharing(SortedMap<String, Long> next) {
    return new Pool(
        name,
        kind,
        zone,
        selector,
        minHosts,
        maxHosts,
        buffer,
        placement,
        microsPerHour,
        idleAfter,
        billingIncrement,
        budgetMicrosPerHour,
        template,
        next);
  }

  private static SortedMap<String, Long> checkedShared(SortedMap<String, Long> shared) {
    TreeMap<String, Long> copy = new TreeMap<>();
    shared.forEach(
        (scalar, amount) -> {
          String field = "shared." + scalar;
          if (Resources.BUILT_IN.contains(scalar)) {
            throw new InvalidModelException(
                field, "hosts do not share " + scalar, "name a scalar, such as crossLinkMbps");
          }
          if (amount < 0 || amount > Resources.MAX_AMOUNT) {
            throw new InvalidModelException(
                field, amount + " is no amount", "write 0 to " + Resources.MAX_AMOUNT);
          }
          copy.put(scalar, amount);
        });
    return Collections.unmodifiableSortedMap(copy);
  }

  /** Whether guarantees, borrowing and reclaim exist here. */
  public boolean committed() {
    return kind != PoolKind.ON_DEMAND;
  }

  /**
   * What so many hosts cost per hour, in millionths, {@link #MOST_COST} at most: a price from
   * before there was a highest one must not wrap around.
   */
  public long costOf(int hosts) {
    return hosts == 0 ? 0 : Math.min(microsPerHour, MOST_COST / hosts) * hosts;
  }
}
