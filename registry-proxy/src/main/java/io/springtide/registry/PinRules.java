package io.springtide.registry;

import io.springtide.registry.store.Catalog.Place;
import java.util.List;

/**
 * Repositories whose content stays: {@code <upstream>/<repository>} patterns in which {@code *}
 * stands for anything.
 */
record PinRules(List<Wildcard> patterns) {
  boolean pinned(Place place) {
    return patterns.stream().anyMatch(pattern -> pattern.matches(place.toString()));
  }
}
