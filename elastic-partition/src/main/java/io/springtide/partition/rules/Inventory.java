package io.springtide.partition.rules;

import io.springtide.partition.books.AllocationTable;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.GroupNode;
import io.springtide.partition.books.HostTable;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.books.Subject;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.partition.place.Placer;

/** Pools and hosts as they come, change and go. */
public final class Inventory {
  /** So that a host's position in its pool fits into a key; see {@link Placer}. */
  private static final int MAX_HOSTS_OF_A_POOL = 1_000_000;

  private final Cluster cluster;
  private final HostTable hosts;
  private final PoolRules rules;

  public Inventory(Cluster cluster) {
    this.cluster = cluster;
    hosts = cluster.hosts;
    rules = new PoolRules(cluster);
  }

  public void put(Pool pool) {
    rules.check(pool, cluster.pools.get(pool.name()));
    restore(pool);
  }

  /** Takes over a pool that was accepted once. */
  public void restore(Pool pool) {
    PoolState known = cluster.pools.get(pool.name());
    if (known == null) {
      PoolState fresh = new PoolState(cluster.poolCount++, pool, cluster.dimensions);
      cluster.pools.put(pool.name(), fresh);
      hosts.dimensionsGrew();
      return;
    }
    known.describe(pool, cluster.dimensions);
    hosts.dimensionsGrew();
    for (int m = 0; m < known.size; m++) {
      int h = known.members[m];
      // The pool's zone may have changed, and is an attribute of its hosts.
      recount(h, -1);
      hosts.describe(h, hosts.spec[h], known);
      recount(h, 1);
    }
  }

  public void removePool(String name) {
    PoolState pool = cluster.pools.get(name);
    if (pool == null) {
      return;
    }
    if (pool.size > 0) {
      throw new InvalidModelException(
          "name", "pool " + name + " still has " + pool.size + " hosts", "release them first");
    }
    for (GroupNode node : cluster.groups.values()) {
      if (node.group.quotas().containsKey(name)) {
        throw new InvalidModelException(
            "name",
            "group " + node.group.path() + " has a quota in pool " + name,
            "take the quota out first");
      }
    }
    cluster.pools.remove(name);
  }

  public void put(HostSpec host) {
    PoolState pool = cluster.pools.get(host.pool());
    if (pool == null) {
      throw new InvalidModelException(
          "pool",
          "pool " + host.pool() + " of host " + host.id() + " does not exist",
          "create it first");
    }
    int h = hosts.find(host.id());
    PoolState from = h < 0 ? null : hosts.pool[h];
    if (from != pool) {
      requireMayCome(host, h, pool);
    }
    cluster.dimensions.vector(host.capacity());
    hosts.dimensionsGrew();
    if (h < 0) {
      h = hosts.add(host);
      hosts.describe(h, host, pool);
      pool.add(h, hosts.spec);
    } else if (from == pool) {
      redescribe(h, host);
    } else {
      from.remove(h, hosts.spec);
      from.changed();
      cluster.nominations.forgetHost(h);
      hosts.describe(h, host, pool);
      pool.add(h, hosts.spec);
    }
    pool.changed();
  }

  private void requireMayCome(HostSpec host, int h, PoolState pool) {
    if (pool.size == MAX_HOSTS_OF_A_POOL) {
      throw new InvalidModelException(
          "pool", "pool " + host.pool() + " has " + pool.size + " hosts", "share them over pools");
    }
    if (h >= 0 && hosts.instances[h] > 0) {
      throw new InvalidModelException(
          "pool",
          "host " + host.id() + " holds instances and cannot move to pool " + host.pool(),
          "drain it first");
    }
  }

  private void redescribe(int h, HostSpec host) {
    boolean elsewhere = !hosts.spec[h].attributes().equals(host.attributes());
    if (elsewhere) {
      recount(h, -1);
    }
    hosts.describe(h, host, hosts.pool[h]);
    if (elsewhere) {
      recount(h, 1);
    }
  }

  /** Takes what runs on a host out of the counts by attribute, or puts it in. */
  private void recount(int h, int delta) {
    AllocationTable table = cluster.allocations;
    for (int row = hosts.head[h]; row >= 0; row = table.next[row]) {
      for (Subject subject : table.job[row].member) {
        subject.add(h, delta, hosts.attributes);
      }
    }
  }

  public void removeHost(String id) {
    int h = hosts.find(id);
    if (h < 0) {
      return;
    }
    while (hosts.head[h] >= 0) {
      cluster.release(cluster.allocations.id[hosts.head[h]]);
    }
    cluster.nominations.forgetHost(h);
    cluster.forgetAvoided(h);
    PoolState pool = hosts.pool[h];
    pool.remove(h, hosts.spec);
    pool.changed();
    hosts.remove(h);
  }

  public void offer(String host, Resources free, PortRanges freePorts) {
    int h = hosts.find(host);
    if (h < 0) {
      throw new InvalidModelException(
          "host", "host " + host + " is not known", "put it before its offers");
    }
    long[] amounts = cluster.dimensions.vector(free);
    hosts.dimensionsGrew();
    hosts.offer(h, amounts, freePorts);
  }
}
