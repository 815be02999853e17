package io.springtide.partition;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Room that was reclaimed and is kept for its claimant before anyone else may have it, its former
 * holder included. The time to live starts when the room is there, not when the eviction is
 * ordered: a slow stop must not cost the claimant its room.
 */
final class Nominations {
  /** {@code count} instances of {@code job} on {@code host}. */
  static final class Nomination {
    final int host;
    final JobState job;
    int count;
    Instant roomSince;

    Nomination(int host, JobState job, int count) {
      this.host = host;
      this.job = job;
      this.count = count;
    }
  }

  private final TreeMap<Integer, List<Nomination>> byHost = new TreeMap<>();

  boolean isEmpty() {
    return byHost.isEmpty();
  }

  void add(int host, JobState job, int count) {
    List<Nomination> there = byHost.computeIfAbsent(host, h -> new ArrayList<>());
    for (Nomination n : there) {
      if (n.job == job) {
        n.count += count;
        return;
      }
    }
    there.add(new Nomination(host, job, count));
  }

  /** What is kept on {@code host} for others than {@code subject}, in dimension {@code d}. */
  long keptForOthers(int host, Subject subject, int d) {
    List<Nomination> there = byHost.get(host);
    if (there == null) {
      return 0;
    }
    long kept = 0;
    for (Nomination n : there) {
      if (n.job.self != subject) {
        int i = n.job.need(d);
        kept += i < 0 ? 0 : n.job.need[i] * n.count;
      }
    }
    return kept;
  }

  /** Hosts where room is kept for {@code subject}, and for how many. */
  Map<Integer, Integer> of(Subject subject) {
    Map<Integer, Integer> hosts = new TreeMap<>();
    byHost.forEach(
        (host, there) -> {
          for (Nomination n : there) {
            if (n.job.self == subject) {
              hosts.merge(host, n.count, Integer::sum);
            }
          }
        });
    return hosts;
  }

  int countFor(Subject subject) {
    return of(subject).values().stream().mapToInt(Integer::intValue).sum();
  }

  List<Nomination> on(int host) {
    return byHost.getOrDefault(host, List.of());
  }

  /** The claimant has taken room for one instance on {@code host}, nominated or not. */
  void taken(int host, Subject subject) {
    List<Nomination> there = byHost.get(host);
    if (there == null) {
      return;
    }
    for (Nomination n : there) {
      if (n.job.self == subject) {
        n.count--;
        break;
      }
    }
    there.removeIf(n -> n.count == 0);
    if (there.isEmpty()) {
      byHost.remove(host);
    }
  }

  void forget(Subject subject) {
    byHost.values().forEach(there -> there.removeIf(n -> n.job.self == subject));
    byHost.values().removeIf(List::isEmpty);
  }

  void forgetHost(int host) {
    byHost.remove(host);
  }

  /** Lets go of room that stood ready for longer than {@code timeToLive}. */
  void expire(Instant now, Duration timeToLive, java.util.function.Predicate<Nomination> ready) {
    for (Iterator<List<Nomination>> hosts = byHost.values().iterator(); hosts.hasNext(); ) {
      List<Nomination> there = hosts.next();
      there.removeIf(
          n -> {
            if (n.roomSince == null && ready.test(n)) {
              n.roomSince = now;
            }
            return n.roomSince != null && n.roomSince.plus(timeToLive).isBefore(now);
          });
      if (there.isEmpty()) {
        hosts.remove();
      }
    }
  }

  /** Everything as it is now, for {@link #restore}. */
  Map<Integer, List<Nomination>> save() {
    Map<Integer, List<Nomination>> saved = new TreeMap<>();
    byHost.forEach(
        (host, there) -> saved.put(host, new ArrayList<>(there.stream().map(this::copy).toList())));
    return saved;
  }

  void restore(Map<Integer, List<Nomination>> saved) {
    byHost.clear();
    byHost.putAll(saved);
  }

  private Nomination copy(Nomination n) {
    Nomination copy = new Nomination(n.host, n.job, n.count);
    copy.roomSince = n.roomSince;
    return copy;
  }
}
