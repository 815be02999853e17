package io.springtide.partition.share;

import io.springtide.partition.answer.Placement;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.books.Trial;
import io.springtide.partition.place.Domains;
import io.springtide.partition.place.Feasibility;
import io.springtide.partition.place.Placer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Collects victims host by host, in the order in which they are offered, until a host has enough
 * for an instance of the claiming job; then takes the fewest of that host's victims that will do.
 */
final class HostByHost {
  /** Up to this many victims on a host, every set of them is tried, the smallest first. */
  private static final int EXACT = 8;

  /** Bits of the int that stands for a set of victims. */
  private static final int MASKED = 30;

  private final Cluster cluster;
  private final Feasibility feasibility;
  private final Placer placer;
  private final JobState job;
  private final Set<PoolState> pools;
  private final Map<Integer, List<Victim>> collected = new HashMap<>();

  HostByHost(Cluster cluster, Feasibility feasibility, Placer placer, JobState job) {
    this.cluster = cluster;
    this.feasibility = feasibility;
    this.placer = placer;
    this.job = job;
    this.pools = new HashSet<>(cluster.poolsOf(job));
  }

  /**
   * One more victim may go. If its host now has room, victims go to {@code chosen} and instances
   * from {@code left} to {@code placed}; both are booked out and in.
   */
  void offer(
      Victim victim, List<String> left, List<Victim> chosen, List<Placement> placed, int budget) {
    int h = victim.host();
    PoolState pool = cluster.hosts.pool[h];
    if (!feasibility.usable(h) || !pools.contains(pool)) {
      return;
    }
    List<Victim> here = collected.computeIfAbsent(h, x -> new ArrayList<>());
    here.add(victim);
    // What the chosen set frees too much may, with further victims, fit one more instance.
    boolean more;
    do {
      more = !left.isEmpty() && serve(h, here, left, chosen, placed, budget);
    } while (more);
  }

  /** Takes the fewest of a host's victims that make room for an instance, if any do. */
  private boolean serve(
      int h,
      List<Victim> here,
      List<String> left,
      List<Victim> chosen,
      List<Placement> placed,
      int budget) {
    if (here.isEmpty() || (here.size() <= MASKED && !roomWith(h, here, (1 << here.size()) - 1))) {
      return false;
    }
    List<Victim> some = fewest(h, here);
    if (some.isEmpty() || chosen.size() + some.size() > budget) {
      return false;
    }
    try (Trial trial = new Trial(cluster)) {
      some.forEach(victim -> trial.takeOut(victim.instance()));
      PoolState pool = cluster.hosts.pool[h];
      int before = placed.size();
      Domains domains = placer.domains(job);
      while (!left.isEmpty() && allows(h, pool, domains)) {
        placer.placeOn(job, pool, h, left.get(0), some.get(0).since(), placed);
        left.remove(0);
        domains = placer.domains(job);
      }
      if (placed.size() == before) {
        return false;
      }
      trial.keep();
    }
    chosen.addAll(some);
    here.removeAll(some);
    return true;
  }

  private boolean allows(int h, PoolState pool, Domains domains) {
    return feasibility.onHost(job, h) == null
        && domains.hardOn(h) == null
        && placer.allowed(job, pool, 1)[0] > 0;
  }

  private List<Victim> fewest(int h, List<Victim> here) {
    if (here.size() <= EXACT) {
      for (int count = 1; count <= here.size(); count++) {
        for (int mask = 1; mask < 1 << here.size(); mask++) {
          if (Integer.bitCount(mask) == count && roomWith(h, here, mask)) {
            List<Victim> some = pick(here, mask);
            if (serves(h, some)) {
              return some;
            }
          }
        }
      }
      return List.of();
    }
    List<Victim> some = new ArrayList<>(here);
    if (!serves(h, some)) {
      return List.of();
    }
    for (int i = some.size() - 1; i >= 0; i--) {
      List<Victim> fewer = new ArrayList<>(some);
      fewer.remove(i);
      if (serves(h, fewer)) {
        some = fewer;
      }
    }
    return some;
  }

  private boolean serves(int h, List<Victim> some) {
    try (Trial trial = new Trial(cluster)) {
      some.forEach(victim -> trial.takeOut(victim.instance()));
      return allows(h, cluster.hosts.pool[h], placer.domains(job));
    }
  }

  /** A quick look at amounts only, before anything is tried. */
  private boolean roomWith(int h, List<Victim> here, int mask) {
    for (int i = 0; i < job.dims.length; i++) {
      long room = feasibility.room(job, h, job.dims[i]);
      for (int v = 0; v < here.size(); v++) {
        if ((mask & (1 << v)) != 0) {
          JobState its = here.get(v).job();
          int n = its.each.position(job.dims[i]);
          room += n < 0 ? 0 : its.need[n];
        }
      }
      if (room < job.need[i]) {
        return false;
      }
    }
    return true;
  }

  private static List<Victim> pick(List<Victim> here, int mask) {
    List<Victim> some = new ArrayList<>();
    for (int i = 0; i < here.size(); i++) {
      if ((mask & (1 << i)) != 0) {
        some.add(here.get(i));
      }
    }
    return some;
  }
}
