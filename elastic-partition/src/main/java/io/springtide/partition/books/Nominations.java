package io.springtide.partition.books;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Room that was reclaimed and is kept for its claimant before anyone else may have it, its former
 * holder included. The time to live starts when Mesos offers the room back, not when the eviction
 * is ordered: a slow stop must not cost the claimant its room. Room that is free and that Mesos
 * gives to somebody else is let go too, later; so is that of a host that takes no work.
 */
public final class Nominations {
  /** {@code count} instances of {@code job} on {@code host}. */
  public static final class Nomination {
    public final int host;
    public JobState job;
    public int count;

    /** Since when the room is free by our records. */
    Instant freeSince;

    /** Since when the claimant could have it. */
    Instant roomSince;

    Nomination(int host, JobState job, int count) {
      this.host = host;
      this.job = job;
      this.count = count;
    }
  }

  /** In place of a pool's index: all of them. */
  public static final int ALL_POOLS = -1;

  private final TreeMap<Integer, List<Nomination>> byHost = new TreeMap<>();

  /** Those whose job must be apart from others by more than the host; null when not known. */
  private List<Nomination> wide;

  Nominations() {}

  Nominations(Nominations from, Function<JobState, JobState> jobs) {
    byHost.putAll(from.save());
    all().forEach(n -> n.job = jobs.apply(n.job));
  }

  public boolean isEmpty() {
    return byHost.isEmpty();
  }

  public void add(int host, JobState job, int count) {
    wide = null;
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
  public long keptForOthers(int host, Subject subject, int d) {
    List<Nomination> there = byHost.get(host);
    if (there == null) {
      return 0;
    }
    long kept = 0;
    for (Nomination n : there) {
      if (n.job.self != subject) {
        int i = n.job.each.position(d);
        kept += i < 0 ? 0 : n.job.need[i] * n.count;
      }
    }
    return kept;
  }

  /** What is kept in {@code pool} for others than {@code subject}, in dimension {@code d}. */
  public long keptForOthersIn(PoolState pool, Subject subject, int d, HostTable hosts) {
    long kept = 0;
    for (int host : byHost.keySet()) {
      kept += hosts.pool[host] == pool ? keptForOthers(host, subject, d) : 0;
    }
    return kept;
  }

  /**
   * What is used below {@code node}, with what is kept there for others than {@code subject}.
   *
   * @param pool index of a pool, or {@link #ALL_POOLS}
   */
  public long[] heldBelow(GroupNode node, int pool, Subject subject, long[] used, HostTable hosts) {
    long[] sum = used.clone();
    for (Map.Entry<Integer, List<Nomination>> e : byHost.entrySet()) {
      if (pool != ALL_POOLS && hosts.pool[e.getKey()].index != pool) {
        continue;
      }
      for (Nomination n : e.getValue()) {
        if (n.job.self != subject && n.job.group.isWithin(node)) {
          sum = Account.add(sum, n.job.each, n.count);
        }
      }
    }
    return sum;
  }

  /** What is kept in {@code pool} for jobs of {@code group} other than {@code subject}. */
  public long[] keptForOthersOf(GroupNode group, PoolState pool, Subject subject, HostTable hosts) {
    long[] sum = new long[Dimensions.GPUS + 1];
    for (Map.Entry<Integer, List<Nomination>> e : byHost.entrySet()) {
      for (Nomination n : hosts.pool[e.getKey()] == pool ? e.getValue() : List.<Nomination>of()) {
        if (n.job.group == group && n.job.self != subject) {
          sum = Account.add(sum, n.job.each, n.count);
        }
      }
    }
    return sum;
  }

  /** Hosts where room is kept for {@code subject}, and for how many. */
  public Map<Integer, Integer> of(Subject subject) {
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

  public int countFor(Subject subject) {
    return of(subject).values().stream().mapToInt(Integer::intValue).sum();
  }

  /** All, host by host. */
  public List<Nomination> all() {
    List<Nomination> all = new ArrayList<>();
    byHost.values().forEach(all::addAll);
    return all;
  }

  /** Those whose job must be apart from others by rack, zone or whatever but the host. */
  public List<Nomination> wide() {
    if (wide == null) {
      wide = all().stream().filter(n -> n.job.wideApart).toList();
    }
    return wide;
  }

  public List<Nomination> on(int host) {
    return byHost.getOrDefault(host, List.of());
  }

  /** The claimant has taken room for one instance on {@code host}, nominated or not. */
  void taken(int host, Subject subject) {
    wide = null;
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

  /**
   * A job has new versions: what was kept for one of them is for what that is now.
   *
   * @param earlier by revision; what was kept for one that is not there is for the newest
   */
  public void follow(JobState newest, Map<Long, JobState> earlier) {
    wide = null;
    for (Nomination n : all()) {
      if (n.job.self == newest.self) {
        n.job = earlier.getOrDefault(n.job.demand.revision(), newest);
      }
    }
  }

  public void forget(Subject subject) {
    wide = null;
    byHost.values().forEach(there -> there.removeIf(n -> n.job.self == subject));
    byHost.values().removeIf(List::isEmpty);
  }

  public void forgetHost(int host) {
    wide = null;
    byHost.remove(host);
  }

  /** Where the room of a nomination is. */
  public enum Room {
    /** On a host that takes no work. */
    GONE,
    /** Still held by the evicted. */
    HELD,
    /** Free, and not offered to us. */
    FREE,
    /** The claimant's to take. */
    OFFERED
  }

  /** Lets go of room that was the claimant's to take for longer than {@code timeToLive}. */
  public void expire(Instant now, Duration timeToLive, Function<Nomination, Room> where) {
    wide = null;
    for (Iterator<List<Nomination>> hosts = byHost.values().iterator(); hosts.hasNext(); ) {
      List<Nomination> there = hosts.next();
      there.removeIf(n -> over(n, now, timeToLive, where.apply(n)));
      if (there.isEmpty()) {
        hosts.remove();
      }
    }
  }

  private static boolean over(Nomination n, Instant now, Duration timeToLive, Room room) {
    if (room == Room.FREE || room == Room.OFFERED) {
      n.freeSince = n.freeSince == null ? now : n.freeSince;
    }
    if (room == Room.OFFERED) {
      n.roomSince = n.roomSince == null ? now : n.roomSince;
    }
    return room == Room.GONE
        || (n.roomSince != null && n.roomSince.plus(timeToLive).isBefore(now))
        || (n.freeSince != null && n.freeSince.plus(timeToLive.multipliedBy(3)).isBefore(now));
  }

  /** Everything as it is now, for {@link #restore}. */
  Map<Integer, List<Nomination>> save() {
    Map<Integer, List<Nomination>> saved = new TreeMap<>();
    byHost.forEach(
        (host, there) -> saved.put(host, new ArrayList<>(there.stream().map(this::copy).toList())));
    return saved;
  }

  void restore(Map<Integer, List<Nomination>> saved) {
    wide = null;
    byHost.clear();
    byHost.putAll(saved);
  }

  private Nomination copy(Nomination n) {
    Nomination copy = new Nomination(n.host, n.job, n.count);
    copy.freeSince = n.freeSince;
    copy.roomSince = n.roomSince;
    return copy;
  }
}
