package io.springtide.server.document;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Names;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.scheduler.view.ClusterView.GroupView;
import io.springtide.scheduler.view.ClusterView.HostView;
import io.springtide.scheduler.view.ClusterView.Used;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How groups are: for each pool what is guaranteed, used, borrowed, lent and allowed, each group
 * with all below it. Nobody borrows from somebody: what all borrow in a pool takes first the room
 * that is nobody's guarantee, and what is beyond that is lent by those who do not use all of their
 * guarantees, each in proportion to what it lends.
 */
public final class GroupStatus {
  private static final Set<HostCondition> AWAY =
      Set.of(HostCondition.PROVISIONING, HostCondition.LOST, HostCondition.RELEASED);

  private final ClusterView view;

  /** What is lent, by group, pool and dimension. */
  private final Map<String, Map<String, SortedMap<String, Long>>> lent = new HashMap<>();

  private GroupStatus(ClusterView view) {
    this.view = view;
  }

  /** Counts once, for as many groups as are shown: groups and hosts, but no instances. */
  public static GroupStatus of(ClusterView view) {
    GroupStatus status = new GroupStatus(view);
    Map<String, Resources> capacity = new HashMap<>();
    for (HostView host : view.hosts().values()) {
      if (!AWAY.contains(host.host().condition())) {
        capacity.merge(host.host().pool(), host.host().capacity(), Resources::plusAtMost);
      }
    }
    Set<String> pools = new TreeSet<>();
    view.groups().values().forEach(group -> pools.addAll(group.group().quotas().keySet()));
    for (String pool : pools) {
      for (String dimension : status.guaranteedDimensions(pool)) {
        status.lend(pool, dimension, capacity.getOrDefault(pool, Resources.ZERO));
      }
    }
    return status;
  }

  private Set<String> guaranteedDimensions(String pool) {
    Set<String> dimensions = new TreeSet<>();
    for (GroupView group : view.groups().values()) {
      Quota quota = group.group().quotas().get(pool);
      if (quota != null) {
        dimensions.addAll(quota.lendable().dimensions().keySet());
      }
    }
    return dimensions;
  }

  private void lend(String pool, String dimension, Resources capacity) {
    Map<String, Long> lends = new HashMap<>();
    long guaranteed = 0;
    long borrowed = 0;
    long all = 0;
    for (GroupView group : view.groups().values()) {
      String path = group.group().path();
      long here = lendable(group, pool, dimension);
      lends.put(path, here);
      if (!view.groups().containsKey(Names.parentOf(path))) {
        guaranteed += amount(quota(group, pool).guarantee(), dimension);
        borrowed += amount(used(group, pool).borrowed(), dimension);
        all += here;
      }
    }
    long nobodys = Math.max(0, amount(capacity, dimension) - guaranteed);
    long total = Math.min(all, Math.max(0, borrowed - nobodys));
    if (total == 0) {
      return;
    }
    for (Map.Entry<String, Long> one : lends.entrySet()) {
      long part =
          BigInteger.valueOf(total)
              .multiply(BigInteger.valueOf(one.getValue()))
              .divide(BigInteger.valueOf(all))
              .longValue();
      if (part > 0) {
        lent.computeIfAbsent(one.getKey(), path -> new HashMap<>())
            .computeIfAbsent(pool, name -> new TreeMap<>())
            .put(dimension, part);
      }
    }
  }

  /** What it does not use of what it lends. */
  private long lendable(GroupView group, String pool, String dimension) {
    Quota quota = quota(group, pool);
    long unused =
        amount(quota.guarantee(), dimension) - amount(used(group, pool).guaranteed(), dimension);
    return Math.max(0, Math.min(amount(quota.lendable(), dimension), unused));
  }

  private static Quota quota(GroupView group, String pool) {
    return group.group().quotas().getOrDefault(pool, Quota.limitedTo(new Limit(new TreeMap<>())));
  }

  private static Used used(GroupView group, String pool) {
    return group.used().getOrDefault(pool, Used.NOTHING);
  }

  /** The group's document, with its status. */
  public ObjectNode document(GroupView group) {
    ObjectNode node = ReadDocuments.group(group);
    ObjectNode pools = node.putObject("status").putObject("pools");
    Set<String> names = new TreeSet<>(group.group().quotas().keySet());
    names.addAll(group.used().keySet());
    for (String pool : names) {
      ObjectNode one = pools.putObject(pool);
      Quota quota = quota(group, pool);
      Used used = used(group, pool);
      one.set("guarantee", ResourceDocument.write(quota.guarantee()));
      one.set("used", ResourceDocument.write(used.all()));
      one.set("borrowed", ResourceDocument.write(used.borrowed()));
      one.set("lent", ResourceDocument.write(lent(group.group().path(), pool)));
      if (group.group().quotas().containsKey(pool)) {
        one.set("limit", ResourceDocument.write(quota.limit()));
      }
    }
    return node;
  }

  private Resources lent(String group, String pool) {
    SortedMap<String, Long> amounts =
        new TreeMap<>(lent.getOrDefault(group, Map.of()).getOrDefault(pool, new TreeMap<>()));
    return new Resources(
        taken(amounts, "cpus"),
        taken(amounts, "memoryMiB"),
        taken(amounts, "diskMiB"),
        taken(amounts, "gpus"),
        amounts);
  }

  private static long taken(SortedMap<String, Long> amounts, String dimension) {
    Long amount = amounts.remove(dimension);
    return amount == null ? 0 : amount;
  }

  private static long amount(Resources resources, String dimension) {
    return resources.amount(dimension);
  }
}
