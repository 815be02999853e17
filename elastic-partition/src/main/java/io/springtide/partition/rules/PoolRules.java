package io.springtide.partition.rules;

import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.Committed;
import io.springtide.partition.books.GroupNode;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** What a pool's document must keep to, seen with what is in the pool already. */
public final class PoolRules {
  /** Of one host: a million per hour, so that the sum over all hosts of a pool stays in range. */
  public static final long MAX_MICROS_PER_HOUR = 1_000_000_000_000L;

  private static final Duration LONGEST = Duration.ofDays(366);

  private final Cluster cluster;

  PoolRules(Cluster cluster) {
    this.cluster = cluster;
  }

  /**
   * Refuses what cannot be.
   *
   * @param known the pool as it is, or null
   */
  void check(Pool pool, PoolState known) {
    if (pool.microsPerHour() > MAX_MICROS_PER_HOUR) {
      throw new InvalidModelException(
          "pricePerHour", "no host costs more than a million per hour", "write less");
    }
    if (pool.budgetMicrosPerHour().orElse(0) < 0) {
      throw new InvalidModelException(
          "budgetPerHour", "a budget is not negative", "write 0 or more, or leave it out");
    }
    requireShort("idleAfter", pool.idleAfter(), "10m");
    requireShort("billingIncrement", pool.billingIncrement(), "1h");
    if (known != null) {
      requireKind(pool, known);
      requireRoomForPromises(pool, known);
    }
  }

  private static void requireShort(String field, Duration time, String example) {
    if (time.compareTo(LONGEST) > 0) {
      throw new InvalidModelException(
          field, "longer than " + LONGEST.toDays() + " days", "such as " + example);
    }
  }

  /** What runs keeps its label, and the labels of the two kinds of pools are not the same. */
  private void requireKind(Pool pool, PoolState known) {
    if (pool.committed() == known.pool.committed()) {
      return;
    }
    for (GroupNode node : cluster.groups.values()) {
      Quota quota = node.group.quotas().get(pool.name());
      if (quota != null && !quota.guarantee().isZero()) {
        throw new InvalidModelException(
            "kind",
            "group " + node.group.path() + " has a guarantee in pool " + pool.name(),
            "take the guarantee out before the pool becomes on-demand");
      }
    }
    for (int m = 0; m < known.size; m++) {
      if (cluster.hosts.instances[known.members[m]] > 0) {
        throw new InvalidModelException(
            "kind",
            "host " + cluster.hosts.spec[known.members[m]].id() + " holds instances",
            "drain the pool's hosts first, or make another pool");
      }
    }
  }

  /** A change of the document must not break promises that it could keep before. */
  private void requireRoomForPromises(Pool pool, PoolState known) {
    if (!pool.committed() || known.size == 0) {
      return;
    }
    Committed committed = new Committed(cluster);
    Resources before = committed.in(known, known.pool);
    Resources after = committed.in(known, pool);
    Map<String, Long> promised = new TreeMap<>();
    for (GroupNode node : cluster.groups.values()) {
      Quota quota = node.parent == null ? node.group.quotas().get(pool.name()) : null;
      if (quota != null) {
        quota.guarantee().dimensions().forEach((d, amount) -> promised.merge(d, amount, Long::sum));
      }
    }
    promised.forEach(
        (dimension, amount) -> {
          if (before.amount(dimension) >= amount && after.amount(dimension) < amount) {
            boolean shared =
                pool.shared().containsKey(dimension) || known.pool.shared().containsKey(dimension);
            throw new InvalidModelException(
                shared ? "shared." + dimension : "hosts.min",
                "groups are guaranteed "
                    + Resources.written(dimension, amount)
                    + " "
                    + dimension
                    + " in pool "
                    + pool.name(),
                "lower their guarantees first, or leave the pool as large as it is");
          }
        });
  }
}
