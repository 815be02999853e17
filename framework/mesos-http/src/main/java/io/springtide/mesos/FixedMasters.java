package io.springtide.mesos;

import java.util.List;
import java.util.Optional;

/** Masters that were named once and for all; each failure leads to the next of them. */
record FixedMasters(List<Endpoint> endpoints) implements MasterDetector {
  FixedMasters {
    endpoints = List.copyOf(endpoints);
  }

  @Override
  public Optional<Endpoint> candidate(int failures) {
    return Optional.of(endpoints.get(Math.floorMod(failures, endpoints.size())));
  }

  @Override
  public void start(Runnable changed) {}

  @Override
  public void close() {}
}
