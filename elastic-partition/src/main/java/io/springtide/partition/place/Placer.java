package io.springtide.partition.place;

import io.springtide.partition.answer.Placement;
import io.springtide.partition.books.AllocationTable;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.Dimensions;
import io.springtide.partition.books.HostTable;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.books.PortSet;
import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.FitPolicy;
import io.springtide.partition.model.Label;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts instances of one job on hosts of one pool. The hosts are looked at once for the whole batch;
 * those that fit are sorted into classes of equal values in the attributes that the job's rules
 * look at, each class a heap with the host that the fit policy likes best on top. Each instance
 * then takes the best of the tops ({@link Choice}), so a thousand equal instances cost little more
 * than one: {@code O(hosts + instances × (values + log classes + log hosts))}, the values being
 * those of the rule that has the fewest.
 *
 * <p>Better is, in this order: not touching the buffer; fewer soft constraints broken; evener over
 * the attributes to spread over; where the pool spreads, fewer of the job's own on the host; the
 * fit policy; the lower host id.
 */
public final class Placer {
  private static final int MAX_BROKEN = 255;

  /** In a pool that spreads, above how empty a host is: how many of the job's own it has. */
  private static final int MAX_OWN = 255;

  private static final int EMPTINESS_BITS = HostClasses.FIT_BITS - 9;

  private final Cluster cluster;
  private final QuotaRoom quotaRoom;
  private final HostTable hosts;
  private final Feasibility feasibility;
  private final Domains domains;
  private final HostClasses classes = new HostClasses();
  private final Choice choice;

  /** Where only some hosts of a pool need be looked at first; usually none. */
  public final Map<PoolState, Window> windows = new HashMap<>();

  private int[] scanned = new int[0];

  /** Places only what fits inside guarantees. */
  public boolean guaranteedOnly;

  public Placer(Cluster cluster, Feasibility feasibility) {
    this.cluster = cluster;
    quotaRoom = new QuotaRoom(cluster);
    this.hosts = cluster.hosts;
    this.feasibility = feasibility;
    this.domains = new Domains(hosts, feasibility);
    choice = new Choice(classes, domains);
  }

  /**
   * Places as many of {@code instances} as may be, through the job's pools in its order.
   *
   * @param placements gets what was placed, or null if nobody wants to know
   * @return how many were placed: always the first ones of the list
   */
  public int place(JobState job, List<String> instances, long now, List<Placement> placements) {
    List<PoolState> pools = cluster.poolsOf(job);
    int placed = 0;
    int before;
    do {
      before = placed;
      for (PoolState pool : pools) {
        while (placed < instances.size()) {
          int some = placeIn(job, pool, pools, instances, placed, now, placements);
          placed += some;
          if (some == 0 || !job.nearItself) {
            break;
          }
        }
      }
      // Placing some can make room for others: in a later pool it evens out a spread, and a
      // guarantee in use is no longer withheld from lending.
    } while (placed > before
        && placed < instances.size()
        && (job.movesWithItself() || cluster.mayBorrow(job)));
    return placed;
  }

  /** How many may be added in a pool, by label: guaranteed, borrowed, burst. */
  public long[] allowed(JobState job, PoolState pool, long wanted) {
    return quotaRoom.byLabel(job, pool, wanted, guaranteedOnly, feasibility);
  }

  /** The hard rules over domains, for one host at a time; call once before asking. */
  public Domains domains(JobState job) {
    domains.open(job, cluster.poolsOf(job));
    return domains;
  }

  /** Places one instance, as guaranteed, on a host that is known to take it. */
  public void placeOn(
      JobState job, PoolState pool, int h, String instance, long now, List<Placement> placements) {
    book(job, pool, h, instance, Label.GUARANTEED, now, placements);
    job.group.charge(job.each, pool.index, Label.GUARANTEED, 1);
  }

  private int placeIn(
      JobState job,
      PoolState pool,
      List<PoolState> pools,
      List<String> instances,
      int from,
      long now,
      List<Placement> placements) {
    int wanted = job.nearItself ? 1 : instances.size() - from;
    long[] allowed = allowed(job, pool, wanted);
    int total = (int) (allowed[0] + allowed[1] + allowed[2]);
    if (total == 0) {
      return 0;
    }
    domains.open(job, pools);
    Batch batch = new Batch(job, pool, instances, from, total, allowed, now, placements);
    if (!cluster.nominations.isEmpty()) {
      onNominated(batch);
    }
    Window window = windows.isEmpty() ? null : windows.get(pool);
    if (!batch.done() && window != null && window.serves(job)) {
      scan(job, pool, window.members, window.size, false);
      onScanned(batch);
      if (!batch.done()) {
        window.tooSmall();
      }
    }
    if (!batch.done()) {
      scan(job, pool, pool.members, pool.size, !pool.pool.buffer().equals(Buffer.NONE));
      onScanned(batch);
    }
    for (Label label : AllocationTable.LABELS) {
      if (batch.placedAs(label) > 0) {
        job.group.charge(job.each, pool.index, label, batch.placedAs(label));
      }
    }
    return batch.placed;
  }

  private void onScanned(Batch batch) {
    domains.price();
    choice.open();
    while (!batch.done() && classes.candidates() > 0) {
      int segment = choice.best(batch.label() == Label.BORROWED);
      if (segment == Choice.NONE) {
        return;
      }
      take(batch, segment);
    }
  }

  /** Room that was reclaimed for this job is taken before any other. */
  private void onNominated(Batch batch) {
    JobState job = batch.job;
    for (var kept : cluster.nominations.of(job.self).entrySet()) {
      int h = kept.getKey();
      for (int n = 0; n < kept.getValue() && !batch.done(); n++) {
        if (hosts.pool[h] != batch.pool
            || feasibility.onHost(job, h) != null
            || domains.hardOn(h) != null) {
          break;
        }
        book(batch, h);
        for (int r = 0; r < job.domains.size(); r++) {
          domains.added(r, hosts.attributes.value(job.domains.get(r).attribute, h));
        }
      }
    }
  }

  /** Collects the hosts that fit, those of a buffered pool apart by whether they are empty. */
  private void scan(JobState job, PoolState pool, int[] members, int size, boolean buffered) {
    classes.open(job, hosts, size);
    scanned = members;
    int ready = 0;
    int empty = 0;
    boolean pack = pool.pool.placement() == FitPolicy.PACK;
    if (pack) {
      Opening.refresh(pool, hosts);
    }
    long[] leftCpus = hosts.left[Dimensions.CPUS];
    long[] leftMemory = hosts.left[Dimensions.MEMORY];
    long cpus = cpus(job) > 0 ? cpus(job) : Long.MIN_VALUE;
    long memory = memory(job) > 0 ? memory(job) : Long.MIN_VALUE;
    for (int position = 0; position < size; position++) {
      int h = members[position];
      if (buffered && feasibility.usable(h)) {
        ready++;
        empty += hosts.instances[h] == 0 ? 1 : 0;
      }
      // In a pool that is nearly full, most hosts are out already by what is first looked at.
      boolean full = leftCpus[h] < cpus || leftMemory[h] < memory;
      if (!full && feasibility.onHost(job, h) == null) {
        classes.add(h, key(job, h, position, pack), buffered);
      }
    }
    classes.close();
    classes.openable = buffered ? empty - pool.pool.buffer().of(ready) : Integer.MAX_VALUE;
  }

  private long key(JobState job, int h, int position, boolean pack) {
    long broken = job.softOnHost ? Math.min(MAX_BROKEN, feasibility.softBroken(job, h)) : 0;
    double cpus = (hosts.left[Dimensions.CPUS][h] - cpus(job)) * hosts.inverseCpus[h];
    double memory = (hosts.left[Dimensions.MEMORY][h] - memory(job)) * hosts.inverseMemory[h];
    boolean strandsGpus = !job.gpus && hosts.left[Dimensions.GPUS][h] > 0;
    long fit =
        pack
            ? scaled(
                hosts.instances[h] == 0
                    ? Fit.opened(hosts.opening[h], strandsGpus)
                    : Fit.packed(cpus, memory, strandsGpus),
                4,
                HostClasses.FIT_BITS - 2)
            : apart(job, h, strandsGpus) | scaled(Fit.spread(cpus, memory), 1, EMPTINESS_BITS);
    return HostClasses.key(broken, fit, position);
  }

  private static long scaled(double like, int most, int bits) {
    return (long) (Math.max(0, Math.min(most - 1e-6, like)) * (1L << bits));
  }

  /** Where work is spread, a job's own instances are kept apart first of all. */
  private static long apart(JobState job, int h, boolean strandsGpus) {
    long own = job.self.total == 0 ? 0 : Math.min(MAX_OWN, job.self.hosts.get(h));
    return ((strandsGpus ? MAX_OWN + 1L : 0) | own) << EMPTINESS_BITS;
  }

  private static long cpus(JobState job) {
    return job.demand.each().cpuMillis();
  }

  private static long memory(JobState job) {
    return job.demand.each().memoryMiB();
  }

  private void take(Batch batch, int segment) {
    JobState job = batch.job;
    int position = HostClasses.position(classes.top[segment]);
    int h = scanned[position];
    boolean wasEmpty = (segment & 1) == 1;
    book(batch, h);
    int c = segment >> 1;
    for (int r = 0; r < classes.rules; r++) {
      if (domains.added(r, classes.value[c * classes.rules + r] - 1)) {
        choice.fell(r);
      }
    }
    boolean stays = feasibility.onHost(job, h) == null;
    boolean pack = batch.pool.pool.placement() == FitPolicy.PACK;
    long key = stays ? key(job, h, position, pack) : 0;
    if (wasEmpty) {
      classes.openable--;
      classes.pop(segment);
      if (stays) {
        classes.push(segment - 1, key);
        choice.changed(segment - 1);
      }
    } else if (stays) {
      classes.replaceTop(segment, key);
    } else {
      classes.pop(segment);
    }
    choice.changed(segment);
  }

  /** Books the batch's next instance; its group is charged once, when the batch is done. */
  private void book(Batch batch, int h) {
    Label label = batch.label();
    book(batch.job, batch.pool, h, batch.next(), label, batch.now, batch.placements);
    batch.placed(label);
  }

  private void book(
      JobState job,
      PoolState pool,
      int h,
      String instance,
      Label label,
      long now,
      List<Placement> placements) {
    int[] ports = job.ports ? choosePorts(job, h) : AllocationTable.NO_PORTS;
    cluster.book(instance, job, h, label, now, ports);
    if (placements != null) {
      String host = hosts.spec[h].id();
      placements.add(new Placement(instance, host, pool.pool.name(), label, listed(ports)));
    }
  }

  private int[] choosePorts(JobState job, int h) {
    List<Integer> fixed = job.demand.fixedPorts();
    int[] ports = new int[fixed.size() + job.demand.dynamicPorts()];
    for (int i = 0; i < fixed.size(); i++) {
      ports[i] = fixed.get(i);
    }
    PortSet free = feasibility.freePorts(job, h);
    (fixed.isEmpty() ? free : free.minus(fixed)).lowest(ports, fixed.size());
    return ports;
  }

  private static List<Integer> listed(int[] ports) {
    Integer[] list = new Integer[ports.length];
    for (int i = 0; i < ports.length; i++) {
      list[i] = ports[i];
    }
    return List.of(list);
  }
}
