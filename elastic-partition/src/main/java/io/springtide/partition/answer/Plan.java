package io.springtide.partition.answer;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a round does, or would do.
 *
 * @param demotions guaranteed instances that become borrowed, and why
 * @param promotions borrowed instances that become guaranteed
 * @param placements instances that find a place
 * @param refusals by job, why the rest waits
 * @param evictions borrowed work that must make way
 * @param orders hosts to order
 * @param releases hosts to give back
 * @param microsPerHourBefore what all hosts cost per hour before, in millionths
 * @param microsPerHourAfter what they cost once ordered hosts are there and released ones gone
 */
public record Plan(
    List<Demotion> demotions,
    List<String> promotions,
    List<Placement> placements,
    Map<String, List<Refusal>> refusals,
    List<Eviction> evictions,
    List<HostOrder> orders,
    List<String> releases,
    long microsPerHourBefore,
    long microsPerHourAfter) {
  public Plan {
    demotions = List.copyOf(demotions);
    promotions = List.copyOf(promotions);
    placements = List.copyOf(placements);
    refusals = Collections.unmodifiableMap(new TreeMap<>(refusals));
    evictions = List.copyOf(evictions);
    orders = List.copyOf(orders);
    releases = List.copyOf(releases);
  }
}
