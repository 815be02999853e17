package io.springtide.partition;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All that the engine knows, dense and mutable, and the two primitive moves: book and unbook. */
final class Cluster {
  final Dimensions dimensions = new Dimensions();
  final HostTable hosts = new HostTable(dimensions);
  final AllocationTable allocations = new AllocationTable();
  final Nominations nominations = new Nominations();
  final TreeMap<String, PoolState> pools = new TreeMap<>();
  final TreeMap<String, GroupNode> groups = new TreeMap<>();
  final Map<String, JobState> jobs = new HashMap<>();
  final Map<String, Subject> subjects = new HashMap<>();

  /** Instances whose eviction is ordered and that still hold their room. */
  final java.util.Set<String> evicting = new java.util.HashSet<>();

  /** Instances that end without an eviction and still hold their room. */
  final java.util.Set<String> ending = new java.util.HashSet<>();

  int poolCount;

  Subject subject(String name) {
    return subjects.computeIfAbsent(name, Subject::new);
  }

  /** The pools that the job may use, in its order; those that do not exist are left out. */
  List<PoolState> poolsOf(JobState job) {
    List<PoolState> order = new ArrayList<>();
    if (!job.demand.pools().isEmpty()) {
      for (String name : job.demand.pools()) {
        PoolState pool = pools.get(name);
        if (pool != null && job.group.group.quotas().containsKey(name)) {
          order.add(pool);
        }
      }
      return order;
    }
    for (String name : job.group.group.quotas().keySet()) {
      if (pools.containsKey(name)) {
        order.add(pools.get(name));
      }
    }
    order.sort(
        (a, b) -> {
          int kind = a.pool.kind().compareTo(b.pool.kind());
          return kind != 0 ? kind : Long.compare(a.pool.microsPerHour(), b.pool.microsPerHour());
        });
    return order;
  }

  /** How many more instances fit below every limit of the group and the groups above. */
  long roomInLimits(JobState job, int pool) {
    long room = Long.MAX_VALUE;
    for (GroupNode node = job.group; node != null && room > 0; node = node.parent) {
      Account account = node.account(pool);
      if (account == null || account.quota == null) {
        return 0;
      }
      room = Math.min(room, roomBelow(job, account.ceiling, account.used));
      room = Math.min(room, roomBelow(job, node.totalCeiling, node.totalUsed));
    }
    return room;
  }

  /** How many more instances fit wholly inside the group's own guarantee. */
  long roomInGuarantee(JobState job, PoolState pool) {
    if (!pool.pool.committed()) {
      return 0;
    }
    Account account = job.group.account(pool.index);
    if (account == null) {
      return 0;
    }
    long room = Long.MAX_VALUE;
    for (int i = 0; i < job.dims.length; i++) {
      int d = job.dims[i];
      long guarantee = scaled(pool, d, job.group.ownGuarantee(pool.index, d));
      long free = guarantee - Dimensions.at(account.ownGuaranteed, d);
      room = Math.min(room, Math.max(0, free) / job.need[i]);
    }
    return room;
  }

  /** Whether no group keeps anything of its guarantee in the pool from being lent. */
  boolean lendsAll(PoolState pool) {
    for (GroupNode node : groups.values()) {
      Account account = node.account(pool.index);
      if (account != null && account.quota != null && !account.lendsAll()) {
        return false;
      }
    }
    return true;
  }

  /** How many more instances may be borrowed without touching what is never lent. */
  long roomToBorrow(JobState job, PoolState pool, Feasibility feasibility) {
    if (lendsAll(pool)) {
      return Long.MAX_VALUE;
    }
    long room = Long.MAX_VALUE;
    for (int i = 0; i < job.dims.length; i++) {
      int d = job.dims[i];
      long free = 0;
      for (int m = 0; m < pool.size; m++) {
        int h = pool.members[m];
        if (feasibility.usable(h)) {
          free += Math.max(0, hosts.left[d][h]);
        }
      }
      for (GroupNode node : groups.values()) {
        if (node.parent == null) {
          free -= Math.max(0, node.reserve(pool.index, d));
        }
      }
      room = Math.min(room, Math.max(0, free) / job.need[i]);
    }
    return room;
  }

  /**
   * What is left of a guarantee while the pool has lost so many hosts that it cannot honour all of
   * them: every group's in the same proportion.
   */
  long scaled(PoolState pool, int d, long guarantee) {
    if (guarantee == 0) {
      return 0;
    }
    refresh(pool);
    long promised = Dimensions.at(pool.promised, d);
    long capacity = Dimensions.at(pool.capacity, d);
    return promised <= capacity ? guarantee : (long) ((double) guarantee * capacity / promised);
  }

  /** Sums the pool's capacity and promises again if hosts or groups have changed. */
  void refresh(PoolState pool) {
    if (!pool.stale) {
      return;
    }
    pool.capacity = new long[dimensions.count()];
    for (int m = 0; m < pool.size; m++) {
      HostSpec host = hosts.spec[pool.members[m]];
      if (host.condition() != HostCondition.LOST && host.condition() != HostCondition.RELEASED) {
        long[] usable = hosts.usable(host);
        for (int d = 0; d < usable.length; d++) {
          pool.capacity[d] += usable[d];
        }
      }
    }
    pool.promised = new long[dimensions.count()];
    for (GroupNode node : groups.values()) {
      Account account = node.account(pool.index);
      if (node.parent == null && account != null && account.quota != null) {
        for (int d = 0; d < pool.promised.length; d++) {
          pool.promised[d] += Dimensions.at(account.guarantee, d);
        }
      }
    }
    pool.stale = false;
  }

  /** What was offered of a host before a trial touched it. */
  private record Offered(long[] amounts, PortRanges ports) {}

  private Map<Integer, Offered> beforeTrial;

  /** From now on what is booked is only tried: its offers come back with {@link #endTrial}. */
  void beginTrial() {
    beforeTrial = new HashMap<>();
  }

  /** Everything that was booked since {@link #beginTrial} is unbooked by now, and the reverse. */
  void endTrial() {
    beforeTrial.forEach(
        (h, offered) -> {
          for (int d = 0; d < offered.amounts().length; d++) {
            hosts.offer[d][h] = offered.amounts()[d];
          }
          hosts.portsOffered[h] = offered.ports();
        });
    beforeTrial = null;
  }

  private Offered offered(int h) {
    long[] amounts = new long[hosts.offer.length];
    for (int d = 0; d < amounts.length; d++) {
      amounts[d] = hosts.offer[d][h];
    }
    return new Offered(amounts, hosts.portsOffered[h]);
  }

  /** Books room; the group is charged by the caller, once for a whole batch. */
  int book(String instance, JobState job, int h, Label label, long since, int[] ports) {
    if (beforeTrial != null) {
      beforeTrial.computeIfAbsent(h, this::offered);
    }
    for (int i = 0; i < job.dims.length; i++) {
      hosts.left[job.dims[i]][h] -= job.need[i];
      hosts.offer[job.dims[i]][h] -= job.need[i];
    }
    hosts.instances[h]++;
    if (job.exclusive) {
      hosts.exclusive[h] = job.self;
    }
    if (ports != null && ports.length > 0) {
      takePorts(h, ports);
    }
    for (Subject subject : job.member) {
      subject.add(h, 1, hosts);
    }
    job.allocations++;
    if (!nominations.isEmpty()) {
      nominations.taken(h, job.self);
    }
    return allocations.add(instance, job, h, label, since, ports, hosts.head);
  }

  void unbook(int row) {
    JobState job = allocations.job[row];
    int h = allocations.host[row];
    Label label = LABELS[allocations.label[row]];
    for (int i = 0; i < job.dims.length; i++) {
      // The offer is left alone: Mesos offers the room again in its own time.
      hosts.left[job.dims[i]][h] += job.need[i];
    }
    hosts.instances[h]--;
    for (Subject subject : job.member) {
      subject.add(h, -1, hosts);
    }
    if (hosts.exclusive[h] == job.self && job.self.hosts.get(h) == 0) {
      hosts.exclusive[h] = null;
    }
    for (int port : allocations.ports[row]) {
      PortRanges one = PortRanges.of(port, port);
      if (hosts.spec[h].ports().contains(port)) {
        hosts.portsLeft[h] = hosts.portsLeft[h].plus(one);
      } else {
        hosts.portsOutside[h] = hosts.portsOutside[h].minus(one);
      }
    }
    job.group.charge(job, hosts.pool[h].index, label, -1);
    allocations.remove(row, hosts.head);
    job.allocations--;
    retire(job);
  }

  /** Forgets an old version of a job once nothing runs in it. */
  void retire(JobState job) {
    if (!job.current && job.allocations == 0) {
      job.group.jobs--;
      for (NearRule near : job.nears) {
        near.target().repelledBy.remove(near);
      }
    }
  }

  private void takePorts(int h, int[] ports) {
    List<Integer> inside = new ArrayList<>();
    List<Integer> outside = new ArrayList<>();
    for (int port : ports) {
      (hosts.spec[h].ports().contains(port) ? inside : outside).add(port);
    }
    hosts.portsLeft[h] = hosts.portsLeft[h].minus(inside);
    hosts.portsOffered[h] = hosts.portsOffered[h].minus(ports(ports));
    if (!outside.isEmpty()) {
      hosts.portsOutside[h] = hosts.portsOutside[h].plus(PortRanges.of(outside));
    }
  }

  private static List<Integer> ports(int[] ports) {
    List<Integer> list = new ArrayList<>(ports.length);
    for (int port : ports) {
      list.add(port);
    }
    return list;
  }

  private static long roomBelow(JobState job, long[] ceiling, long[] used) {
    long room = Long.MAX_VALUE;
    for (int i = 0; i < job.dims.length; i++) {
      long top = Dimensions.ceilingAt(ceiling, job.dims[i]);
      if (top != Long.MAX_VALUE) {
        long free = top - Dimensions.at(used, job.dims[i]);
        room = Math.min(room, Math.max(0, free) / job.need[i]);
      }
    }
    return room;
  }

  static final Label[] LABELS = Label.values();
}
