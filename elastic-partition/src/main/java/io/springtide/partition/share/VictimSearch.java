package io.springtide.partition.share;

import io.springtide.partition.answer.Placement;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.Trial;
import io.springtide.partition.place.Feasibility;
import io.springtide.partition.place.Placer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds whom to evict for the claims of a round: among few candidates by trying every set, the
 * smallest first; else greedily, group by group and host by host, and what turns out not to be
 * needed is given back.
 */
final class VictimSearch {
  /** Up to this many candidates, every set of victims is tried, the smallest first. */
  private static final int EXACT = 8;

  /** Up to this many looks at hosts, victims are given back on trial with all placed anew. */
  private static final long LOOKS = 1_000_000;

  private final Cluster cluster;
  private final Feasibility feasibility;
  private final Placer placer;
  private final Claims tried;
  private final List<Claims.Claim> claims;
  private final int budget;

  VictimSearch(
      Cluster cluster,
      Feasibility feasibility,
      Placer placer,
      Claims tried,
      List<Claims.Claim> claims,
      int budget) {
    this.cluster = cluster;
    this.feasibility = feasibility;
    this.placer = placer;
    this.tried = tried;
    this.claims = claims;
    this.budget = budget;
  }

  /**
   * Whom to evict.
   *
   * @param unaided how many claimants find a place without any eviction
   */
  List<Victim> find(Candidates candidates, int unaided) {
    return candidates.size() <= EXACT
        ? smallest(inTurn(candidates), unaided)
        : many(candidates, unaided);
  }

  /**
   * Host by host; and where that leaves a claim unserved that all victims together would serve, as
   * when those on other hosts of its rack keep it out, everybody but whom is not needed.
   */
  private List<Victim> many(Candidates candidates, int unaided) {
    List<Victim> some = greedy(candidates);
    int wanted = claims.stream().mapToInt(c -> c.instances().size()).sum();
    if ((long) candidates.size() * claims.size() * cluster.hosts.size() > LOOKS) {
      return some;
    }
    int served = some.isEmpty() ? unaided : tried.without(some).size();
    List<Victim> all = served < wanted ? inTurn(candidates) : List.of();
    int most = all.isEmpty() ? served : tried.without(all).size();
    if (most <= served) {
      return some;
    }
    List<Victim> needed = giveBack(all, most);
    return needed.size() <= budget ? needed : some;
  }

  /** In the order in which they would go, one after the other. */
  private List<Victim> inTurn(Candidates candidates) {
    List<Victim> inTurn = new ArrayList<>();
    try (Trial trial = new Trial(cluster)) {
      Candidates.Order order = candidates.order();
      for (Victim victim = order.next(); victim != null; victim = order.next()) {
        trial.takeOut(victim.instance());
        order.changed();
        inTurn.add(victim);
      }
    }
    return inTurn;
  }

  /** The smallest set of victims that serves as many claimants as all of them would. */
  private List<Victim> smallest(List<Victim> candidates, int unaided) {
    int most = tried.without(candidates).size();
    if (most <= unaided) {
      return List.of();
    }
    int all = 1 << candidates.size();
    for (int count = 1; count <= candidates.size(); count++) {
      for (int mask = 1; mask < all; mask++) {
        if (Integer.bitCount(mask) != count || count > budget) {
          continue;
        }
        List<Victim> some = pick(candidates, mask);
        if (tried.without(some).size() >= most) {
          return some;
        }
      }
    }
    return mostWithin(candidates, unaided);
  }

  /** Where the budget of the round is too small for all: what serves most within it. */
  private List<Victim> mostWithin(List<Victim> candidates, int unaided) {
    List<Victim> best = List.of();
    int served = unaided;
    for (int mask = 1; mask < 1 << candidates.size(); mask++) {
      if (Integer.bitCount(mask) <= budget) {
        List<Victim> some = pick(candidates, mask);
        int count = tried.without(some).size();
        if (count > served || (count == served && some.size() < best.size())) {
          served = count;
          best = some;
        }
      }
    }
    return best;
  }

  private static List<Victim> pick(List<Victim> candidates, int mask) {
    List<Victim> some = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      if ((mask & (1 << i)) != 0) {
        some.add(candidates.get(i));
      }
    }
    return some;
  }

  /** Host by host in the order of victims, then gives back what is not needed. */
  @SuppressWarnings("try") // Opened to be closed.
  private List<Victim> greedy(Candidates candidates) {
    List<Victim> chosen = new ArrayList<>();
    int most;
    try (Trial trial = new Trial(cluster)) {
      List<Placement> placed = tried.placeAll();
      Set<String> served = new HashSet<>();
      placed.forEach(p -> served.add(p.instance()));
      for (Claims.Claim claim : claims) {
        List<String> left =
            new ArrayList<>(claim.instances().stream().filter(i -> !served.contains(i)).toList());
        serve(claim.job(), left, candidates, chosen, placed);
      }
      most = placed.size();
    }
    return giveBack(chosen, most);
  }

  /** Serves one claim; whom that takes goes to {@code chosen} and is gone. */
  private void serve(
      JobState job,
      List<String> left,
      Candidates candidates,
      List<Victim> chosen,
      List<Placement> placed) {
    try (Trial trial = new Trial(cluster)) {
      int before = placed.size();
      List<Victim> beside =
          new UnderLimits(cluster, trial, job, left.size())
              .makeRoom(candidates, budget - chosen.size());
      if (!beside.isEmpty()) {
        chosen.addAll(beside);
        int fit = placer.place(job, left, tried.now(), placed);
        left.subList(0, fit).clear();
      }
      HostByHost search = new HostByHost(cluster, feasibility, placer, job);
      Candidates.Order order = candidates.order();
      for (Victim victim = order.next(); victim != null; victim = order.next()) {
        if (left.isEmpty() || chosen.size() >= budget) {
          break;
        }
        if (cluster.allocations.find(victim.instance()) >= 0) {
          int gone = chosen.size();
          search.offer(victim, left, chosen, placed, budget);
          if (chosen.size() > gone) {
            order.changed();
          }
        }
      }
      if (placed.size() > before) {
        trial.keep();
      } else {
        chosen.removeAll(beside);
      }
    }
  }

  private List<Victim> giveBack(List<Victim> chosen, int most) {
    List<Victim> needed = new ArrayList<>(chosen);
    if ((long) chosen.size() * claims.size() * cluster.hosts.size() > LOOKS) {
      // Each host's victims are already the fewest that will do there.
      return needed;
    }
    for (int i = needed.size() - 1; i >= 0; i--) {
      List<Victim> fewer = new ArrayList<>(needed);
      fewer.remove(i);
      if (tried.without(fewer).size() >= most) {
        needed = fewer;
      }
    }
    return needed;
  }
}
