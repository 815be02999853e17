package io.springtide.partition;

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
 * <p>Of too many, the youngest break the rule, and no more of them than are too many. Whatever is
 * tried, the books are left as they were.
 */
final class Standing {
  private static final String TRIAL = "\uffff";

  /** After so many in a row that no host would take, the others are not tried. */
  private static final int FAILURES = 10;

  private final Cluster cluster;
  private final Feasibility feasibility;
  private final Placer placer;

  Standing(Cluster cluster) {
    this.cluster = cluster;
    feasibility = new Feasibility(cluster.hosts, cluster.nominations, Feasibility.View.RECORDS);
    placer = new Placer(cluster, feasibility);
  }

  List<Breach> breaches(
      JobState job, List<String> instances, Set<String> older, int waiting, int most) {
    List<Victim> held = new ArrayList<>();
    for (String instance : instances) {
      int row = cluster.allocations.find(instance);
      if (row >= 0 && !cluster.leaves(instance)) {
        held.add(Victim.of(cluster, row));
      }
    }
    held.sort(Comparator.comparingLong(Victim::since).reversed().thenComparing(Victim::instance));
    return cluster.trying(
        () -> {
          Map<Victim, Reason> broken = broken(job, held, older);
          return broken.isEmpty() ? List.of() : tried(job, broken, waiting, most);
        });
  }

  private Map<Victim, Reason> broken(JobState job, List<Victim> held, Set<String> older) {
    List<PoolState> pools = cluster.poolsOf(job);
    Map<Victim, Reason> broken = new LinkedHashMap<>();
    for (Victim victim : held) {
      int h = victim.host();
      Reason reason = feasibility.filtered(job, h);
      if (!pools.contains(cluster.hosts.pool[h])) {
        reason = Reason.NO_POOL;
      }
      if (reason == null && older.contains(victim.instance())) {
        takeOut(victim);
        reason = feasibility.rules(job, h);
        reason = reason == null ? placer.domains(job).hardOn(h) : reason;
        if (reason == null) {
          putBack(victim);
        }
      } else if (reason != null) {
        takeOut(victim);
      }
      if (reason != null) {
        broken.put(victim, reason);
      }
    }
    broken.keySet().forEach(this::putBack);
    return broken;
  }

  /** Moves one after the other on trial, after what waits already. */
  private List<Breach> tried(JobState job, Map<Victim, Reason> broken, int waiting, int most) {
    List<Breach> breaches = new ArrayList<>();
    List<String> placed = new ArrayList<>();
    List<Victim> out = new ArrayList<>();
    for (int i = 0; i < waiting && place(job, placed); i++) {}
    int moves = 0;
    int failures = 0;
    for (Map.Entry<Victim, Reason> one : broken.entrySet()) {
      Victim victim = one.getKey();
      boolean movable = false;
      if (moves < most && failures < FAILURES) {
        takeOut(victim);
        movable = place(job, placed);
        if (movable) {
          out.add(victim);
          moves++;
          failures = 0;
        } else {
          putBack(victim);
          failures++;
        }
      }
      breaches.add(
          new Breach(
              victim.instance(),
              one.getValue(),
              cluster.hosts.spec[victim.host()].id(),
              cluster.hosts.pool[victim.host()].pool.name(),
              movable));
    }
    placed.forEach(id -> cluster.unbook(cluster.allocations.find(id)));
    out.forEach(this::putBack);
    return breaches;
  }

  private boolean place(JobState job, List<String> placed) {
    String id = TRIAL + placed.size();
    if (placer.place(job, List.of(id), 0, null) == 0) {
      return false;
    }
    placed.add(id);
    return true;
  }

  private void takeOut(Victim victim) {
    cluster.unbook(cluster.allocations.find(victim.instance()));
  }

  private void putBack(Victim victim) {
    int h = victim.host();
    cluster.book(
        victim.instance(), victim.job(), h, victim.label(), victim.since(), victim.ports());
    victim.job().group.charge(victim.job().each, cluster.hosts.pool[h].index, victim.label(), 1);
  }
}
