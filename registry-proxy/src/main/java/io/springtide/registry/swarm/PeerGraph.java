package io.springtide.registry.swarm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The tracker's part: who is whose neighbour. Each peer that joins is given a few at random, most
 * of them in its own rack and a few elsewhere: a random graph of about twice that degree, in which
 * every piece is few steps from everybody (Kraken builds the same by limiting connections).
 */
public final class PeerGraph {
  private final SwarmRules rules;
  private final SplittableRandom random;
  private final Map<Integer, String> racks = new LinkedHashMap<>();
  private final Map<String, List<Integer>> byRack = new LinkedHashMap<>();
  private final List<Integer> all = new ArrayList<>();
  private final Map<Integer, Set<Integer>> neighbours = new LinkedHashMap<>();

  public PeerGraph(SwarmRules rules, long seed) {
    this.rules = rules;
    this.random = new SplittableRandom(seed);
  }

  /** Adds a peer; returns its neighbours, whose neighbour it is from now on. */
  public Set<Integer> join(int peer, String rack) {
    if (racks.putIfAbsent(peer, rack) != null) {
      return neighbours(peer);
    }
    Set<Integer> mine = new LinkedHashSet<>();
    neighbours.put(peer, mine);
    List<Integer> near = byRack.computeIfAbsent(rack, r -> new ArrayList<>());
    choose(near, rules.neighbours() - rules.remoteNeighbours(), mine);
    choose(all, rules.neighbours(), mine);
    mine.forEach(other -> neighbours.get(other).add(peer));
    near.add(peer);
    all.add(peer);
    return Set.copyOf(mine);
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
    String rack = racks.remove(peer);
    if (rack == null) {
      return Set.of();
    }
    Set<Integer> mine = neighbours.remove(peer);
    mine.forEach(other -> neighbours.get(other).remove(peer));
    byRack.get(rack).remove((Integer) peer);
    all.remove((Integer) peer);
    return Set.copyOf(mine);
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
    return Set.copyOf(neighbours.getOrDefault(peer, Set.of()));
  }
}
