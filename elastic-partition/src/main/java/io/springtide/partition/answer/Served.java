package io.springtide.partition.answer;

import io.springtide.partition.model.Version;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The outcome of placing all that waits.
 *
 * @param placements one for each instance that found a place
 * @param refusals by job and revision, why the rest of those instances found no place
 */
public record Served(List<Placement> placements, Map<Version, List<Refusal>> refusals) {
  public Served {
    placements = List.copyOf(placements);
    refusals = Collections.unmodifiableMap(new TreeMap<>(refusals));
  }
}
