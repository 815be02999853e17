package io.springtide.partition.judge;

import io.springtide.partition.answer.Breach;
import io.springtide.partition.answer.Reason;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.Held;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.books.Trial;
import io.springtide.partition.place.Feasibility;
import io.springtide.partition.place.Placer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Judges what runs by its job's newest rules. Pools and attributes are judged always. Rules about
 * where others are (how many, how even, near, apart, alone) are judged only for what was placed
 * before the rules were: later, an instance that ends or a rack that joins is nobody's breach.
 *
 * <p>Of too many, the youngest break the rule, and no more of them than are too many.
 */
public final class Standing {
  private static final String TRIAL = "\uffff";

  /** After so many in a row that no host would take, the others are not tried. */
  private static final int FAILURES = 10;

  private final Cluster cluster;
  private final Feasibility feasibility;
  private final Placer placer;

  public Standing(Cluster cluster) {
    this.cluster = cluster;
    feasibility = new Feasibility(cluster.hosts, cluster.nominations, Feasibility.View.RECORDS);
    placer = new Placer(cluster, feasibility);
  }

  public List<Breach> breaches(
      JobState job, List<String> instances, Set<String> older, int waiting, int most) {
    List<Held> held = new ArrayList<>();
    List<String> leaving = new ArrayList<>();
    for (String instance : instances) {
      int row = cluster.allocations.find(instance);
      if (row >= 0 && cluster.leaves(instance)) {
        leaving.add(instance);
      } else if (row >= 0) {
        held.add(cluster.allocations.held(row));
      }
    }
    held.sort(Comparator.comparingLong(Held::since).reversed().thenComparing(Held::instance));
    Map<Held, Reason> broken = broken(job, held, leaving, older);
    return broken.isEmpty() ? List.of() : tried(job, broken, waiting, most);
  }

  private Map<Held, Reason> broken(
      JobState job, List<Held> held, List<String> leaving, Set<String> older) {
    List<PoolState> pools = cluster.poolsOf(job);
    Map<Held, Reason> broken = new LinkedHashMap<>();
    try (Trial trial = new Trial(cluster)) {
      // Instances that leave anyway count for no rule.
      leaving.forEach(trial::takeOut);
      for (Held one : held) {
        Reason reason =
            pools.contains(cluster.hosts.pool[one.host()])
                ? feasibility.filtered(job, one.host())
                : Reason.NO_POOL;
        // An instance that breaks a rule does not count against the next ones.
        if (reason != null) {
          trial.takeOut(one.instance());
        } else if (older.contains(one.instance())) {
          reason = besideOthers(job, one);
        }
        if (reason != null) {
          broken.put(one, reason);
        }
      }
    }
    return broken;
  }

  /** The rule about other instances that this one breaks, which then counts no more; or null. */
  private Reason besideOthers(JobState job, Held one) {
    try (Trial trial = new Trial(cluster)) {
      trial.takeOut(one.instance());
      Reason reason = feasibility.rules(job, one.host());
      reason = reason == null ? placer.domains(job).hardOn(one.host()) : reason;
      if (reason != null) {
        trial.keep();
      }
      return reason;
    }
  }

  /** Tries to place them elsewhere one by one, after the instances that wait already. */
  @SuppressWarnings("try") // Opened to be closed.
  private List<Breach> tried(JobState job, Map<Held, Reason> broken, int waiting, int most) {
    List<Breach> breaches = new ArrayList<>();
    try (Trial trial = new Trial(cluster)) {
      int placed = 0;
      while (placed < waiting && place(job, placed)) {
        placed++;
      }
      int moves = 0;
      int failures = 0;
      for (Map.Entry<Held, Reason> one : broken.entrySet()) {
        Held held = one.getKey();
        boolean movable = false;
        if (moves < most && failures < FAILURES) {
          movable = moves(job, held, placed + moves);
          moves += movable ? 1 : 0;
          failures = movable ? 0 : failures + 1;
        }
        breaches.add(
            new Breach(
                held.instance(),
                one.getValue(),
                cluster.hosts.spec[held.host()].id(),
                cluster.hosts.pool[held.host()].pool.name(),
                movable));
      }
    }
    return breaches;
  }

  private boolean moves(JobState job, Held held, int placed) {
    try (Trial trial = new Trial(cluster)) {
      trial.takeOut(held.instance());
      boolean moves = place(job, placed);
      if (moves) {
        trial.keep();
      }
      return moves;
    }
  }

  private boolean place(JobState job, int placed) {
    return placer.place(job, List.of(TRIAL + placed), 0, null) > 0;
  }
}
