package io.springtide.partition.answer;

import java.util.List;

/**
 * The outcome of placing: what found a place, in the given order of instances, and why the rest did
 * not.
 *
 * @param placements one for each instance that found a place
 * @param refusals empty if all did; else the reasons, the one that matters most first
 */
public record Placed(List<Placement> placements, List<Refusal> refusals) {
  public Placed {
    placements = List.copyOf(placements);
    refusals = List.copyOf(refusals);
  }
}
