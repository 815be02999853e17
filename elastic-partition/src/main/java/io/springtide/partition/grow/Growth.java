package io.springtide.partition.grow;

import io.springtide.partition.answer.HostOrder;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Reason;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.Nominated;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.books.Trial;
import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.partition.place.Feasibility;
import io.springtide.partition.place.Placer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How many hosts to buy. The instances that wait are placed, by the code that places them in
 * earnest, on what is free by our records and on hosts in flight; for what is left, hypothetical
 * hosts of the allowed pools' templates are added, as few as will do. Then everything is taken back
 * and the hypothetical hosts that were needed are the order. Since the same code decides, work that
 * its quota or a constraint forbids buys nothing.
 */
public final class Growth {
  private static final Duration FIRST_BACK_OFF = Duration.ofMinutes(1);
  private static final Duration LONGEST_BACK_OFF = Duration.ofMinutes(30);
  private static final String HYPOTHETICAL = "\uffff";

  private final Cluster cluster;
  private final Placer placer;
  private final Feasibility feasibility;
  private Resources overhead = Resources.ZERO;

  public Growth(Cluster cluster) {
    this.cluster = cluster;
    this.feasibility = new Feasibility(cluster.hosts, cluster.nominations, Feasibility.View.FUTURE);
    this.placer = new Placer(cluster, feasibility);
  }

  /** What executor and warden will take of a host that is not there yet. */
  public void overhead(Resources next) {
    overhead = next;
  }

  public Resources overhead() {
    return overhead;
  }

  public List<HostOrder> orders(List<Pending> pending, Instant now) {
    try (Trial trial = new Trial(cluster)) {
      Hypothetical more = new Hypothetical(trial, now);
      for (PoolState pool : cluster.pools.values()) {
        more.add(pool, Math.max(0, pool.pool.minHosts() - hostsOf(pool)));
      }
      Nominated nominated = new Nominated(cluster.nominations);
      for (Pending waiting : inOrder(pending)) {
        JobState job = cluster.version(waiting.version());
        // Reclaim is making room for these.
        int kept = nominated.take(job.self, waiting.count());
        more.serve(job, waiting.instances().subList(kept, waiting.count()));
      }
      for (PoolState pool : cluster.pools.values()) {
        more.add(pool, Math.max(0, missingBuffer(pool)));
      }
      return more.orders();
    }
  }

  /**
   * The cloud had no stock: the pool backs off, for a time that doubles with each refusal. Further
   * refusals during the back-off come from orders sent before it, and change nothing.
   */
  public void outOfStock(PoolState pool, Instant now) {
    if (backsOff(pool, now)) {
      return;
    }
    Duration wait = FIRST_BACK_OFF.multipliedBy(1L << Math.min(10, pool.refusedInARow));
    pool.refusedInARow++;
    pool.askAgainAt = now.plus(wait.compareTo(LONGEST_BACK_OFF) > 0 ? LONGEST_BACK_OFF : wait);
  }

  /** The cloud has delivered. During a back-off that was an order sent before stock ran out. */
  public static void inStock(PoolState pool, Instant now) {
    if (!backsOff(pool, now)) {
      pool.refusedInARow = 0;
      pool.askAgainAt = null;
    }
  }

  private static boolean backsOff(PoolState pool, Instant now) {
    return pool.askAgainAt != null && now.isBefore(pool.askAgainAt);
  }

  /** Whether maximum and budget allow another host, whatever the cloud has in stock. */
  public boolean hasRoom(PoolState pool) {
    return refusal(pool, Instant.MAX) == null;
  }

  /** Why the pool may not grow by another host, or null. */
  public Reason refusal(PoolState pool, Instant now) {
    Pool of = pool.pool;
    int hosts = hostsOf(pool);
    if (of.template().isEmpty() || hosts >= of.maxHosts()) {
      return Reason.POOL_MAX;
    }
    if (of.budgetMicrosPerHour().isPresent()
        && of.costOf(hosts + 1) > of.budgetMicrosPerHour().getAsLong()) {
      return Reason.BUDGET;
    }
    return backsOff(pool, now) ? Reason.OUT_OF_STOCK : null;
  }

  /** Hosts that count for the pool's size and cost: all but those given back. */
  private int hostsOf(PoolState pool) {
    int count = 0;
    for (int m = 0; m < pool.size; m++) {
      count += cluster.hosts.spec[pool.members[m]].condition() == HostCondition.RELEASED ? 0 : 1;
    }
    return count;
  }

  private int missingBuffer(PoolState pool) {
    int alive = 0;
    int empty = 0;
    for (int m = 0; m < pool.size; m++) {
      int h = pool.members[m];
      if (feasibility.usable(h)) {
        alive++;
        empty += cluster.hosts.instances[h] == 0 ? 1 : 0;
      }
    }
    Buffer buffer = pool.pool.buffer();
    int wanted = buffer.hosts();
    if (buffer.percent() > 0) {
      // Hosts added for the buffer count into the pool that it is a percentage of.
      wanted = empty;
      while (buffer.of(alive + wanted - empty) > wanted && wanted - empty < Pool.MAX_HOSTS) {
        wanted++;
      }
    }
    return wanted - empty;
  }

  private List<Pending> inOrder(List<Pending> pending) {
    List<Pending> order = new ArrayList<>(pending);
    order.sort(
        Comparator.comparing((Pending p) -> -cluster.priority(cluster.version(p.version())))
            .thenComparing(Pending::version));
    return order;
  }

  /** Hypothetical hosts, which exist for one trial. */
  private final class Hypothetical {
    private final Trial trial;
    private final Instant now;
    private final Map<PoolState, List<Integer>> added =
        new TreeMap<>(Comparator.comparing((PoolState p) -> p.pool.name()));
    private int count;

    Hypothetical(Trial trial, Instant now) {
      this.trial = trial;
      this.now = now;
    }

    void serve(JobState job, List<String> instances) {
      List<String> left = place(job, instances);
      for (PoolState pool : cluster.poolsOf(job)) {
        while (!left.isEmpty() && refusal(pool, now) == null) {
          List<Integer> probe = add(pool, 1);
          List<String> after = place(job, left);
          int took = left.size() - after.size();
          left = after;
          if (took == 0) {
            drop(pool, probe);
            break;
          }
          if (!left.isEmpty()) {
            int estimate = (left.size() + took - 1) / took;
            List<Integer> more = add(pool, Math.max(0, estimate - 1));
            left = place(job, left);
            dropEmpty(pool, more);
          }
        }
      }
    }

    List<Integer> add(PoolState pool, int wanted) {
      List<Integer> rows = new ArrayList<>();
      Optional<HostTemplate> template = pool.pool.template();
      for (int i = 0; i < wanted && refusal(pool, now) == null; i++) {
        HostSpec host =
            new HostSpec(
                HYPOTHETICAL + (1_000_000 + count++),
                pool.pool.name(),
                HostCondition.PROVISIONING,
                template.orElseThrow().attributes(),
                template.get().resources(),
                overhead,
                PortRanges.of(1025, 65_535));
        rows.add(trial.addHost(host, pool));
      }
      added.computeIfAbsent(pool, p -> new ArrayList<>()).addAll(rows);
      return rows;
    }

    List<HostOrder> orders() {
      List<HostOrder> orders = new ArrayList<>();
      added.forEach(
          (pool, rows) -> {
            if (!rows.isEmpty()) {
              orders.add(new HostOrder(pool.pool.name(), rows.size()));
            }
          });
      return orders;
    }

    private List<String> place(JobState job, List<String> instances) {
      int placed = placer.place(job, instances, now.toEpochMilli(), null);
      return instances.subList(placed, instances.size());
    }

    private void dropEmpty(PoolState pool, List<Integer> rows) {
      drop(pool, rows.stream().filter(h -> cluster.hosts.instances[h] == 0).toList());
    }

    private void drop(PoolState pool, List<Integer> rows) {
      rows.forEach(trial::removeHost);
      added.get(pool).removeAll(rows);
    }
  }
}
