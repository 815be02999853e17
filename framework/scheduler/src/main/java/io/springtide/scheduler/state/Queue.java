package io.springtide.scheduler.state;

import io.springtide.partition.model.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The instances that wait for any place, by job and revision, and apart those whose back-off is not
 * over. An index over the state, so that nobody looks at every instance to find who waits.
 */
final class Queue {
  /** What waits of a version, by index; the ids are listed again only after a change. */
  private static final class Line {
    private final String job;
    private final TreeSet<Integer> indices = new TreeSet<>();
    private List<String> ids;

    private Line(String job) {
      this.job = job;
    }

    private List<String> ids() {
      if (ids == null) {
        ids = indices.stream().map(index -> job + "#" + index).toList();
      }
      return ids;
    }
  }

  private final SortedMap<Version, Line> lines = new TreeMap<>();
  private final NavigableMap<Instant, Set<Instance>> resting = new TreeMap<>();
  private final Map<String, Instance> rests = new HashMap<>();

  /** Whether an instance waits for any place, its back-off apart. */
  static boolean belongs(Instance instance) {
    return instance.state() == InstanceState.PENDING
        && instance.goal() == Goal.RUN
        && instance.task().isEmpty();
  }

  void add(Instance instance) {
    if (instance.notBefore().isAfter(instance.since())) {
      rests.put(instance.id(), instance);
      resting.computeIfAbsent(instance.notBefore(), at -> new java.util.HashSet<>()).add(instance);
    } else {
      enter(instance);
    }
  }

  private void enter(Instance instance) {
    Line line = lines.computeIfAbsent(instance.wants(), v -> new Line(v.job()));
    line.indices.add(instance.index());
    line.ids = null;
  }

  void remove(Instance instance) {
    Instance rested = rests.remove(instance.id());
    if (rested != null) {
      Set<Instance> there = resting.get(rested.notBefore());
      there.remove(rested);
      if (there.isEmpty()) {
        resting.remove(rested.notBefore());
      }
    }
    lines.computeIfPresent(
        instance.wants(),
        (version, line) -> {
          if (line.indices.remove(instance.index())) {
            line.ids = null;
          }
          return line.indices.isEmpty() ? null : line;
        });
  }

  /** Lets those in whose back-off is over, and returns them. */
  List<Instance> wake(Instant now) {
    List<Instance> awake = new ArrayList<>();
    while (!resting.isEmpty() && !resting.firstKey().isAfter(now)) {
      for (Instance instance : resting.pollFirstEntry().getValue()) {
        rests.remove(instance.id());
        enter(instance);
        awake.add(instance);
      }
    }
    return awake;
  }

  boolean isEmpty() {
    return lines.isEmpty();
  }

  Set<Version> versions() {
    return lines.keySet();
  }

  List<String> of(Version version) {
    Line line = lines.get(version);
    return line == null ? List.of() : line.ids();
  }
}
