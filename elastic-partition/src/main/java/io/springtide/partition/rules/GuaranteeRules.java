package io.springtide.partition.rules;

import io.springtide.partition.books.Account;
import io.springtide.partition.books.AllocationTable;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.GroupNode;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Refuses to take a guarantee away under work that is not reclaimable: it can be neither demoted
 * nor moved, so it would silently block whom the guarantee is given to.
 */
public final class GuaranteeRules {
  private final Cluster cluster;

  GuaranteeRules(Cluster cluster) {
    this.cluster = cluster;
  }

  /**
   * Checks a group's document against what its own jobs, and those of the group above, hold.
   *
   * @throws InvalidModelException if either would have less than what is not reclaimable holds
   */
  void check(Group group) {
    GroupNode self = cluster.groups.get(group.path());
    if (self != null) {
      Set<String> pools = new TreeSet<>(self.group.quotas().keySet());
      for (String pool : pools) {
        requireRoom(self, pool, guarantee(group, pool), guarantees(self, pool, null, null));
      }
    }
    GroupNode parent = cluster.groups.get(group.parent());
    if (parent != null) {
      for (String pool : group.quotas().keySet()) {
        Map<String, Long> handedOn = guarantees(parent, pool, group.path(), group);
        requireRoom(parent, pool, guarantee(parent.group, pool), handedOn);
      }
    }
  }

  /** The guarantees below {@code parent}, {@code changed} in the place of the one at its path. */
  private static Map<String, Long> guarantees(
      GroupNode parent, String pool, String path, Group changed) {
    Map<String, Long> sum = new HashMap<>();
    for (GroupNode child : parent.children.values()) {
      if (!child.group.path().equals(path)) {
        add(sum, guarantee(child.group, pool));
      }
    }
    if (changed != null) {
      add(sum, guarantee(changed, pool));
    }
    return sum;
  }

  private static void add(Map<String, Long> sum, Resources guarantee) {
    guarantee.dimensions().forEach((d, amount) -> sum.merge(d, amount, Long::sum));
  }

  private static Resources guarantee(Group group, String pool) {
    Quota quota = group.quotas().get(pool);
    return quota == null ? Resources.ZERO : quota.guarantee();
  }

  private void requireRoom(
      GroupNode group, String name, Resources guarantee, Map<String, Long> handedOn) {
    PoolState pool = cluster.pools.get(name);
    if (pool == null || !pool.pool.committed()) {
      return;
    }
    Account account = group.account(pool.index);
    if (account == null) {
      return;
    }
    for (int d = 0; d < account.ownGuaranteed.length; d++) {
      String dimension = cluster.dimensions.name(d);
      long next = guarantee.amount(dimension) - handedOn.getOrDefault(dimension, 0L);
      boolean less = next < group.ownGuarantee(pool.index, d);
      if (!less || next >= account.ownGuaranteed[d]) {
        continue;
      }
      TreeSet<String> jobs = new TreeSet<>();
      long held = held(group, pool, d, jobs);
      if (held > next) {
        throw new InvalidModelException(
            "quotas." + name + ".guarantee",
            "jobs that are not reclaimable hold "
                + Resources.written(dimension, held)
                + " "
                + dimension
                + " of what group "
                + group.group.path()
                + " is guaranteed for its own jobs in "
                + name
                + ", and would be left "
                + Resources.written(dimension, Math.max(0, next))
                + ": "
                + jobs,
            "make those jobs reclaimable or smaller, or move them to other pools, first");
      }
    }
  }

  /** What the group's own jobs that are not reclaimable hold guaranteed; gathers their ids. */
  private long held(GroupNode group, PoolState pool, int d, TreeSet<String> jobs) {
    AllocationTable table = cluster.allocations;
    long held = 0;
    for (int row = 0; row < table.rows(); row++) {
      JobState job = table.job[row];
      if (job != null
          && job.group == group
          && table.labelOf(row) == Label.GUARANTEED
          && cluster.hosts.pool[table.host[row]] == pool
          && !cluster.leaves(table.id[row])
          && !cluster.mayBorrow(job)
          && job.each.position(d) >= 0) {
        held += job.need[job.each.position(d)];
        jobs.add(job.demand.id());
      }
    }
    return held;
  }
}
