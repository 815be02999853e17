package io.springtide.partition.rules;

import io.springtide.partition.books.Account;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.Committed;
import io.springtide.partition.books.GroupNode;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.util.Map;
import java.util.OptionalLong;

/** What a group's document must keep to, seen with the groups around it and the pools. */
public final class GroupRules {
  private final Cluster cluster;

  public GroupRules(Cluster cluster) {
    this.cluster = cluster;
  }

  public void check(Group group) {
    checkTree(group);
    checkTotal(group);
    new GuaranteeRules(cluster).check(group);
    group.quotas().keySet().forEach(pool -> checkCommitted(group, pool));
  }

  /** Guarantees above the total limit could never be used whole. */
  private static void checkTotal(Group group) {
    Resources sum = Resources.ZERO;
    for (Quota quota : group.quotas().values()) {
      sum = sum.plusAtMost(quota.guarantee());
    }
    for (Map.Entry<String, Long> e : group.totalLimit().dimensions().entrySet()) {
      long guaranteed = sum.amount(e.getKey());
      if (guaranteed > e.getValue()) {
        throw new InvalidModelException(
            "totalLimit." + Limit.field(e.getKey()),
            Resources.written(e.getKey(), e.getValue())
                + " is below the guarantees of all pools together, "
                + Resources.written(e.getKey(), guaranteed),
            "raise it, leave it out, or lower the guarantees");
      }
    }
  }

  /** Everything but capacities and total limits, which were not always looked at. */
  public void checkTree(Group group) {
    GroupNode parent = null;
    if (!group.parent().isEmpty()) {
      parent = cluster.groups.get(group.parent());
      if (parent == null) {
        throw new InvalidModelException(
            "path",
            "group " + group.parent() + " above " + group.path() + " does not exist",
            "create it first");
      }
    }
    for (Map.Entry<String, Quota> e : group.quotas().entrySet()) {
      String field = "quotas." + e.getKey();
      PoolState pool = cluster.pools.get(e.getKey());
      if (pool == null) {
        throw new InvalidModelException(
            field, "pool " + e.getKey() + " does not exist", "create it, or take the quota out");
      }
      if (!pool.pool.committed() && !e.getValue().guarantee().isZero()) {
        throw new InvalidModelException(
            field + ".guarantee",
            "pool " + e.getKey() + " is on-demand: nothing can be guaranteed there",
            "leave the guarantee out and set a limit");
      }
      if (parent != null) {
        withinParent(field, e.getKey(), e.getValue(), group, parent);
      }
    }
    if (parent != null) {
      below("totalLimit", group.totalLimit(), parent.group.totalLimit(), parent.group.path());
    }
    GroupNode self = cluster.groups.get(group.path());
    if (self != null) {
      self.children.values().forEach(child -> holdsChild(group, child.group));
      for (String pool : group.quotas().keySet()) {
        Resources sum = guarantees(self, pool, null);
        within(
            "quotas." + pool + ".guarantee",
            sum,
            group.quotas().get(pool).guarantee(),
            "the groups below are guaranteed more in " + pool,
            "raise it, or lower theirs");
      }
    }
  }

  public void apply(Group group) {
    GroupNode node = cluster.groups.get(group.path());
    if (node == null) {
      GroupNode parent = cluster.groups.get(group.parent());
      node = new GroupNode(parent, group);
      cluster.groups.put(group.path(), node);
      if (parent != null) {
        parent.children.put(group.path(), node);
      }
    }
    for (String dropped : node.group.quotas().keySet()) {
      PoolState pool = cluster.pools.get(dropped);
      if (pool != null && !group.quotas().containsKey(dropped)) {
        Account account = node.openAccount(pool.index);
        account.describe(Quota.limitedTo(Limit.of(0, 0)), cluster.dimensions);
        pool.promisesStale = true;
      }
    }
    node.group = group;
    node.totalCeiling = cluster.dimensions.ceiling(group.totalLimit());
    for (Map.Entry<String, Quota> e : group.quotas().entrySet()) {
      PoolState pool = cluster.pools.get(e.getKey());
      node.openAccount(pool.index).describe(e.getValue(), cluster.dimensions);
      pool.promisesStale = true;
    }
    cluster.hosts.dimensionsGrew();
  }

  public void remove(String path) {
    GroupNode node = cluster.groups.get(path);
    if (node == null) {
      return;
    }
    if (!node.children.isEmpty()) {
      throw new InvalidModelException(
          "path",
          "group " + path + " still has " + String.join(", ", node.children.keySet()) + " below",
          "remove those first");
    }
    if (node.jobs > 0) {
      throw new InvalidModelException(
          "path", "group " + path + " still has " + node.jobs + " jobs", "remove them first");
    }
    cluster.groups.remove(path);
    if (node.parent != null) {
      node.parent.children.remove(path);
    }
    cluster.pools.values().forEach(pool -> pool.promisesStale = true);
  }

  private void withinParent(String field, String pool, Quota quota, Group group, GroupNode parent) {
    Quota above = parent.group.quotas().get(pool);
    if (above == null) {
      throw new InvalidModelException(
          field,
          "group " + parent.group.path() + " above may not use pool " + pool,
          "give it a quota there first");
    }
    below(field + ".limit", quota.limit(), above.limit(), parent.group.path());
    Resources sum = guarantees(parent, pool, group.path()).plusAtMost(quota.guarantee());
    within(
        field + ".guarantee",
        sum,
        above.guarantee(),
        "the guarantees below group " + parent.group.path() + " exceed its own",
        "lower this guarantee or raise that of " + parent.group.path());
  }

  private static void holdsChild(Group group, Group child) {
    for (Map.Entry<String, Quota> e : child.quotas().entrySet()) {
      Quota own = group.quotas().get(e.getKey());
      if (own == null) {
        throw new InvalidModelException(
            "quotas." + e.getKey(),
            "group " + child.path() + " below has a quota in pool " + e.getKey(),
            "take that one out first");
      }
      below("quotas." + e.getKey() + ".limit", e.getValue().limit(), own.limit(), group.path());
    }
    below("totalLimit", child.totalLimit(), group.totalLimit(), group.path());
  }

  /** A limit that the group below does not name is bounded by the one above anyway. */
  private static void below(String field, Limit limit, Limit above, String group) {
    limit
        .dimensions()
        .forEach(
            (dimension, amount) -> {
              OptionalLong top = above.of(dimension);
              if (top.isPresent() && amount > top.getAsLong()) {
                throw new InvalidModelException(
                    field + "." + Limit.field(dimension),
                    Resources.written(dimension, amount)
                        + " is above the limit "
                        + Resources.written(dimension, top.getAsLong())
                        + " of group "
                        + group,
                    "lower it, or raise the limit of " + group);
              }
            });
  }

  private static Resources guarantees(GroupNode parent, String pool, String but) {
    Resources sum = Resources.ZERO;
    for (GroupNode child : parent.children.values()) {
      Quota quota = child.group.quotas().get(pool);
      if (quota != null && !child.group.path().equals(but)) {
        sum = sum.plusAtMost(quota.guarantee());
      }
    }
    return sum;
  }

  private static void within(
      String field, Resources sum, Resources most, String problem, String fix) {
    if (!most.covers(sum)) {
      throw new InvalidModelException(field, problem + ": " + sum + " of " + most, fix);
    }
  }

  /**
   * Guarantees are promises on hosts that are there, or that the pool's minimum says will be. A
   * pool that has had no host yet gives nothing to check against.
   */
  private void checkCommitted(Group group, String name) {
    PoolState pool = cluster.pools.get(name);
    if (!group.parent().isEmpty() || pool.size == 0) {
      return;
    }
    Resources sum = group.quotas().get(name).guarantee();
    for (GroupNode node : cluster.groups.values()) {
      if (node.parent == null && !node.group.path().equals(group.path())) {
        Quota quota = node.group.quotas().get(name);
        sum = quota == null ? sum : sum.plusAtMost(quota.guarantee());
      }
    }
    Resources committed = new Committed(cluster).in(pool, pool.pool);
    if (!committed.covers(sum)) {
      throw new InvalidModelException(
          "quotas." + name + ".guarantee",
          "with it the guarantees of pool " + name + " are " + sum + ", but it has " + committed,
          "lower it, or add hosts");
    }
  }
}
