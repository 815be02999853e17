package io.springtide.partition.books;

import io.springtide.partition.model.Allocation;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Names;
import io.springtide.partition.model.Resources;
import io.springtide.partition.model.Version;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All that the engine knows, dense and mutable, and the two primitive moves: book and unbook. */
public final class Cluster {
  public final Dimensions dimensions;
  public final HostTable hosts;
  public final AllocationTable allocations;
  public final Nominations nominations;
  public final TreeMap<String, PoolState> pools = new TreeMap<>();
  public final TreeMap<String, GroupNode> groups = new TreeMap<>();

  /** The newest version of each job. */
  public final Map<String, JobState> jobs = new HashMap<>();

  /** By job and revision, the versions before the newest that instances may still be placed as. */
  public final Map<String, Map<Long, JobState>> earlier = new HashMap<>();

  final Map<String, Subject> subjects = new HashMap<>();

  /** Jobs that keep away from some host. */
  final java.util.Set<Subject> avoiding = new java.util.HashSet<>();

  /** Instances whose eviction is ordered and that still hold their room. */
  public final java.util.Set<String> evicting = new java.util.HashSet<>();

  /** Instances that end without an eviction and still hold their room. */
  public final java.util.Set<String> ending = new java.util.HashSet<>();

  public int poolCount;

  /** Of the innermost {@link Trial} that is open, or null. What is only tried uses up no offer. */
  Journal journal;

  public Cluster() {
    dimensions = new Dimensions();
    hosts = new HostTable(dimensions);
    allocations = new AllocationTable();
    nominations = new Nominations();
  }

  /** The tables of a copy; see {@link Copy}. */
  Cluster(
      Dimensions dimensions,
      HostTable hosts,
      AllocationTable allocations,
      Nominations nominations) {
    this.dimensions = dimensions;
    this.hosts = hosts;
    this.allocations = allocations;
    this.nominations = nominations;
  }

  /** The newest version of a job, by which its priority and rights go whatever it was placed as. */
  public JobState newest(JobState job) {
    return job.current ? job : jobs.getOrDefault(job.demand.id(), job);
  }

  /** The version of a job; null if that job or revision is not known. */
  public JobState version(Version version) {
    JobState newest = jobs.get(version.job());
    return newest == null || newest.demand.revision() == version.revision()
        ? newest
        : earlier.getOrDefault(version.job(), Map.of()).get(version.revision());
  }

  /** Whether the job may run on borrowed room. */
  public boolean mayBorrow(JobState job) {
    return newest(job).demand.reclaimable();
  }

  /** Which of the jobs of a group goes first: the highest. */
  public int priority(JobState job) {
    return newest(job).demand.priority();
  }

  /** Whether what holds that row's room is on its way out, and no rule moves it. */
  public boolean leaves(int row) {
    return allocations.job[row].remains || leaves(allocations.id[row]);
  }

  /** Whether an instance is on its way out, and still holds its room. */
  public boolean leaves(String instance) {
    return evicting.contains(instance) || ending.contains(instance);
  }

  /** Has a job keep away from a host, or no longer; a host that is not there is no error. */
  public void avoid(String job, String host, boolean avoids) {
    int h = hosts.find(host);
    if (h >= 0) {
      Subject self = subject(job);
      self.avoid(h, avoids);
      avoiding(self);
    }
  }

  /** A host goes: nobody keeps away from what comes in its place. */
  public void forgetAvoided(int h) {
    for (Subject subject : List.copyOf(avoiding)) {
      subject.avoid(h, false);
      avoiding(subject);
    }
  }

  private void avoiding(Subject subject) {
    if (subject.avoidedTotal > 0) {
      avoiding.add(subject);
    } else {
      avoiding.remove(subject);
    }
  }

  public Subject subject(String name) {
    return subjects.computeIfAbsent(name, Subject::new);
  }

  /** The pools that the job may use, in its order; those that do not exist are left out. */
  public List<PoolState> poolsOf(JobState job) {
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
        Comparator.comparing((PoolState p) -> p.pool.kind())
            .thenComparingDouble(p -> microsPerHourOfOne(job, p)));
    return order;
  }

  /** What the part of a bought host costs that one instance takes. */
  private double microsPerHourOfOne(JobState job, PoolState pool) {
    if (pool.pool.template().isEmpty()) {
      return pool.pool.microsPerHour();
    }
    Resources host = pool.pool.template().get().resources();
    double part = 0;
    for (int i = 0; i < job.dims.length; i++) {
      long has = host.amount(dimensions.name(job.dims[i]));
      if (!pool.shares(job.dims[i])) {
        part = Math.max(part, has > 0 ? (double) job.need[i] / has : Double.POSITIVE_INFINITY);
      }
    }
    return pool.pool.microsPerHour() == 0 ? 0 : pool.pool.microsPerHour() * part;
  }

  /** Whether no group keeps anything of its guarantee in the pool from being lent. */
  public boolean lendsAll(PoolState pool) {
    refresh(pool);
    return pool.lendsAll;
  }

  /**
   * What is left of a guarantee while the pool has lost so many hosts that it cannot honour all of
   * them: every group's in the same proportion.
   */
  public long scaled(PoolState pool, int d, long guarantee) {
    if (guarantee == 0) {
      return 0;
    }
    refresh(pool);
    long promised = Dimensions.at(pool.promised, d);
    long capacity = Dimensions.at(pool.capacity, d);
    return promised <= capacity ? guarantee : part(guarantee, capacity, promised);
  }

  /**
   * What is kept back from lending in a group and below: never lent and not used by its owner. Of a
   * guarantee that a pool cannot honour no more is kept back than is left of it.
   */
  public long reserve(GroupNode node, PoolState pool, int d) {
    long below = 0;
    for (GroupNode child : node.children.values()) {
      below += reserve(child, pool, d);
    }
    Account account = node.account(pool.index);
    if (account == null) {
      return below;
    }
    long neverLent = scaled(pool, d, Dimensions.at(account.neverLent, d));
    return Math.max(below, neverLent - Dimensions.at(account.guaranteed, d));
  }

  /** {@code amount × part / whole}, rounded down; nearly so where the product is beyond a long. */
  public static long part(long amount, long part, long whole) {
    boolean fits = Math.multiplyHigh(amount, part) == 0 && amount * part >= 0;
    return fits ? amount * part / whole : (long) ((double) amount * part / whole);
  }

  /** Sums the pool's capacity and promises again if hosts or groups have changed. */
  public void refresh(PoolState pool) {
    if (pool.stale) {
      sumCapacity(pool);
      pool.stale = false;
    }
    if (pool.promisesStale) {
      sumPromises(pool);
      pool.promisesStale = false;
    }
  }

  private void sumCapacity(PoolState pool) {
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
    for (int d = 0; d < pool.capacity.length; d++) {
      if (pool.shares(d)) {
        pool.capacity[d] = pool.shared(d);
      }
    }
  }

  private void sumPromises(PoolState pool) {
    pool.promised = new long[dimensions.count()];
    pool.lendsAll = true;
    for (GroupNode node : groups.values()) {
      Account account = node.account(pool.index);
      if (account == null || account.quota == null) {
        continue;
      }
      pool.lendsAll &= account.lendsAll();
      for (int d = 0; node.parent == null && d < pool.promised.length; d++) {
        pool.promised[d] += Dimensions.at(account.guarantee, d);
      }
    }
  }

  /** Books room; the group is charged by the caller, once for a whole batch. */
  public int book(String instance, JobState job, int h, Label label, long since, int[] ports) {
    PoolState pool = hosts.pool[h];
    pool.used = Account.add(pool.used, job.each, 1);
    for (int i = 0; i < job.dims.length; i++) {
      hosts.left[job.dims[i]][h] -= job.need[i];
      if (journal == null) {
        hosts.offer[job.dims[i]][h] -= job.need[i];
      }
    }
    hosts.instances[h]++;
    if (job.exclusive) {
      hosts.exclusive[h] = job.self;
    }
    hosts.takePorts(h, ports, journal == null);
    for (Subject subject : job.member) {
      subject.add(h, 1, hosts.attributes);
    }
    job.allocations++;
    if (!nominations.isEmpty()) {
      nominations.taken(h, job.self);
    }
    if (journal != null) {
      journal.moved(() -> takeOut(instance));
    }
    return allocations.add(instance, job, h, label, since, ports, hosts.head);
  }

  /** Takes out what an instance holds, from its group's account too. */
  void takeOut(String instance) {
    unbook(allocations.find(instance));
  }

  /** Books what was taken out, as it was, and charges its group. */
  void putBack(Held held) {
    JobState job = held.job();
    book(held.instance(), job, held.host(), held.label(), held.since(), held.ports());
    job.group.charge(job.each, hosts.pool[held.host()].index, held.label(), 1);
  }

  void unbook(int row) {
    if (journal != null) {
      Held held = allocations.held(row);
      journal.moved(() -> putBack(held));
    }
    JobState job = allocations.job[row];
    int h = allocations.host[row];
    Label label = allocations.labelOf(row);
    hosts.pool[h].used = Account.add(hosts.pool[h].used, job.each, -1);
    for (int i = 0; i < job.dims.length; i++) {
      // The offer is left alone: Mesos offers the room again in its own time.
      hosts.left[job.dims[i]][h] += job.need[i];
    }
    hosts.instances[h]--;
    for (Subject subject : job.member) {
      subject.add(h, -1, hosts.attributes);
    }
    hosts.givePorts(h, allocations.ports[row]);
    if (job.remains) {
      job.self.addRemains(h, -1);
    } else {
      job.group.charge(job.each, hosts.pool[h].index, label, -1);
    }
    allocations.remove(row, hosts.head);
    if (job.exclusive) {
      hosts.exclusive[h] = allocations.exclusiveOn(hosts.head[h]);
    }
    job.allocations--;
    if (journal == null) {
      retire(job);
    }
  }

  /** Forgets an old version of a job once nothing runs in it, nor is to. */
  public void retire(JobState job) {
    if (!job.current && !job.kept && job.allocations == 0) {
      job.group.jobs--;
      for (NearRule near : job.nears) {
        if (near.repels()) {
          near.target().repelledBy.remove(near.repulsion());
        }
      }
    }
  }

  /** Books what exists already; it is not questioned: of a revision unknown here as the newest. */
  public void allocate(Allocation allocation) {
    int h = hosts.find(allocation.host());
    JobState known = version(new Version(allocation.job(), allocation.revision()));
    JobState job = known == null ? jobs.get(allocation.job()) : known;
    if (h < 0) {
      throw new InvalidModelException(
          "host", "host " + allocation.host() + " is not known", "put it first");
    }
    if (job == null) {
      throw new InvalidModelException(
          "job", "job " + allocation.job() + " is not known", "put it first");
    }
    int[] ports = allocation.ports().stream().mapToInt(Integer::intValue).toArray();
    long since = allocation.since().toEpochMilli();
    book(allocation.instance(), job, h, allocation.label(), since, ports);
    job.group.charge(job.each, hosts.pool[h].index, allocation.label(), 1);
  }

  /** Books what a lost executor may have left of a job: room and ports, and no quota. */
  public void keep(String id, String job, String host, Resources size, List<Integer> ports) {
    int h = hosts.find(host);
    if (h < 0) {
      throw new InvalidModelException("host", "host " + host + " is not known", "put it first");
    }
    Subject self = subject(job);
    JobDemand demand =
        new JobDemand(job, Names.parentOf(job), size, List.of(), 0, List.of(), List.of(), 0, false);
    JobState state = new JobState(demand, null, self, new Subject[0], dimensions);
    hosts.dimensionsGrew();
    // Neither guaranteed, so that nobody demotes it, nor borrowed, so that nobody evicts it.
    book(id, state, h, Label.BURST, 0, ports.stream().mapToInt(Integer::intValue).toArray());
    self.addRemains(h, 1);
  }

  public void release(String instance) {
    int row = allocations.find(instance);
    if (row >= 0) {
      unbook(row);
      evicting.remove(instance);
      ending.remove(instance);
    }
  }
}
