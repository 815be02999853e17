package io.springtide.registry.rule;

import io.springtide.registry.store.Catalog.Place;
import java.util.List;

/**
 * Repositories whose content stays: {@code <upstream>/<repository>} patterns in which {@code *}
 * stands for anything.
 */
public record PinRules(List<Wildcard> patterns) {
  public boolean pinned(Place place) {
    return patterns.stream().anyMatch(pattern -> pattern.matches(place.toString()));
  }
}
