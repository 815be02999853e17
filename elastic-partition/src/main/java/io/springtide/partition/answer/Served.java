package io.springtide.partition.answer;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The outcome of placing all that waits.
 *
 * @param placements one for each instance that found a place
 * @param refusals by job, why the rest of its instances found none
 */
public record Served(List<Placement> placements, Map<String, List<Refusal>> refusals) {
  public Served {
    placements = List.copyOf(placements);
    refusals = Collections.unmodifiableMap(new TreeMap<>(refusals));
  }
}
