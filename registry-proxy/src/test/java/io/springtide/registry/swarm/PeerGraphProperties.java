package io.springtide.registry.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Whoever joins and leaves: neighbourhood is mutual, small, and holds all together. */
class PeerGraphProperties {
  @Property(tries = 50)
  void everybodyIsReachableAndNeighbourhoodIsMutual(
      @ForAll long seed,
      @ForAll @IntRange(min = 2, max = 300) int peers,
      @ForAll List<@IntRange(max = 299) Integer> leaving) {
    PeerGraph graph = new PeerGraph(SwarmRules.DEFAULT, seed);
    Set<Integer> present = new LinkedHashSet<>();
    for (int peer = 0; peer < peers; peer++) {
      graph.join(peer, List.of("rack" + peer / 40, "zone" + peer / 120));
      present.add(peer);
    }
    for (int peer : leaving) {
      if (present.size() > 1 && present.remove(peer)) {
        graph.leave(peer).forEach(graph::refill);
      }
    }
    for (int peer : present) {
      assertThat(graph.neighbours(peer)).doesNotContain(peer).isSubsetOf(present);
      graph.neighbours(peer).forEach(other -> assertThat(graph.neighbours(other)).contains(peer));
    }
    assertThat(reachable(graph, present.iterator().next())).isEqualTo(present);
  }

  @Property(tries = 10)
  void theDegreeStaysSmall(@ForAll long seed) {
    PeerGraph graph = new PeerGraph(SwarmRules.DEFAULT, seed);
    int sum = 0;
    for (int peer = 0; peer < 1000; peer++) {
      graph.join(peer, List.of("rack" + peer / 40, "zone" + peer / 120));
    }
    for (int peer = 0; peer < 1000; peer++) {
      sum += graph.neighbours(peer).size();
      assertThat(graph.neighbours(peer)).hasSizeBetween(1, 40);
    }
    assertThat(sum / 1000.0).isBetween(8.0, 10.0);
  }

  private static Set<Integer> reachable(PeerGraph graph, int start) {
    Set<Integer> seen = new HashSet<>(Set.of(start));
    Deque<Integer> next = new ArrayDeque<>(seen);
    while (!next.isEmpty()) {
      for (int other : graph.neighbours(next.poll())) {
        if (seen.add(other)) {
          next.add(other);
        }
      }
    }
    return seen;
  }
}
