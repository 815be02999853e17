package io.springtide.scheduler.round;

import io.springtide.partition.answer.Demotion;
import java.util.List;

/**
 * Whose labels have followed a guarantee.
 *
 * @param demotions guaranteed instances that are borrowed from now on, and why
 * @param promotions ids of borrowed instances that are guaranteed from now on
 */
public record Relabelled(List<Demotion> demotions, List<String> promotions) {
  public Relabelled {
    demotions = List.copyOf(demotions);
    promotions = List.copyOf(promotions);
  }
}
