package io.springtide.registry.swarm;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The tracker's part: who is whose neighbour. Each peer that joins is given a few at random, most
 * of them near it (in its rack, else its zone) and a few anywhere: a random graph of about twice
 * that degree, in which every piece is few steps from everybody (Kraken builds the same by limiting
 * connections).
 */
public final class PeerGraph {
  private final SwarmRules rules;
  private final SplittableRandom random;
  private final Map<Integer, List<String>> places = new LinkedHashMap<>();
  private final Map<String, List<Integer>> byPlace = new LinkedHashMap<>();
  private final List<Integer> all = new ArrayList<>();
  private final Map<Integer, Set<Integer>> neighbours = new LinkedHashMap<>();

  public PeerGraph(SwarmRules rules, long seed) {
    this.rules = rules;
    this.random = new SplittableRandom(seed);
  }

  /**
   * Adds a peer; returns its neighbours, whose neighbour it is from now on.
   *
   * @param around names of the places that it is in, the smallest first: its switch, its rack, its
   *     zone
   */
  public Set<Integer> join(int peer, List<String> around) {
    if (places.putIfAbsent(peer, List.copyOf(around)) != null) {
      return neighbours(peer);
    }
    Set<Integer> mine = new LinkedHashSet<>();
    neighbours.put(peer, mine);
    for (String place : around) {
      choose(
          byPlace.getOrDefault(place, List.of()),
          rules.neighbours() - rules.remoteNeighbours(),
          mine);
    }
    choose(all, rules.neighbours(), mine);
    mine.forEach(other -> neighbours.get(other).add(peer));
    around.forEach(place -> byPlace.computeIfAbsent(place, p -> new ArrayList<>()).add(peer));
    all.add(peer);
    return view(mine);
  }

  /**
   * Adds up to {@code wanted} in all from {@code candidates}, of several drawn the one with the
   * fewest neighbours.
   */
  private void choose(List<Integer> candidates, int wanted, Set<Integer> into) {
    for (int draws = 0;
        into.size() < wanted && draws < 4 * wanted && !candidates.isEmpty();
        draws++) {
      int best = candidates.get(random.nextInt(candidates.size()));
      for (int i = 0; i < 2; i++) {
        int other = candidates.get(random.nextInt(candidates.size()));
        if (neighbours.get(other).size() < neighbours.get(best).size()) {
          best = other;
        }
      }
      into.add(best);
    }
  }

  /**
   * Removes a peer; returns who was its neighbour. Those left with few are given others: see {@link
   * #refill}.
   */
  public Set<Integer> leave(int peer) {
    List<String> around = places.remove(peer);
    if (around == null) {
      return Set.of();
    }
    Set<Integer> mine = neighbours.remove(peer);
    mine.forEach(other -> neighbours.get(other).remove(peer));
    for (String place : around) {
      List<Integer> there = byPlace.get(place);
      there.remove((Integer) peer);
      if (there.isEmpty()) {
        byPlace.remove(place);
      }
    }
    all.remove((Integer) peer);
    return view(mine);
  }

  /** Gives a peer that has too few neighbours new ones; returns only those. */
  public Set<Integer> refill(int peer) {
    Set<Integer> mine = neighbours.get(peer);
    if (mine == null || mine.size() >= rules.neighbours()) {
      return Set.of();
    }
    Set<Integer> before = new LinkedHashSet<>(mine);
    choose(all, rules.neighbours(), mine);
    mine.remove(peer);
    Set<Integer> added = new LinkedHashSet<>(mine);
    added.removeAll(before);
    added.forEach(other -> neighbours.get(other).add(peer));
    return added;
  }

  public Set<Integer> neighbours(int peer) {
    return view(neighbours.getOrDefault(peer, Set.of()));
  }

  /** A copy in the order of the original: the same seed gives the same run in every JVM. */
  private static Set<Integer> view(Set<Integer> set) {
    return Collections.unmodifiableSet(new LinkedHashSet<>(set));
  }
}
