package io.springtide.partition.share;

import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.books.AllocationTable;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.Nominated;
import io.springtide.partition.books.Nominations;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.books.Trial;
import io.springtide.partition.grow.Growth;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.SharingPolicy;
import io.springtide.partition.place.Feasibility;
import io.springtide.partition.place.Placer;
import io.springtide.partition.place.QuotaRoom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Gives groups back what they are guaranteed by evicting work on borrowed room. All claimants of a
 * round are served together; an eviction is only ordered if a trial shows that a placement follows
 * from it; what turns out not to be needed is given back. The room is nominated for the claimants.
 *
 * <p>Only claims within a guarantee evict, and only borrowed work is evicted, so no chain of
 * evictions can come back to where it began: borrowers never evict each other.
 */
public final class Reclaim {
  private final Cluster cluster;
  private final QuotaRoom quotaRoom;
  private final Feasibility feasibility;
  private final Feasibility offered;
  private final Placer placer;
  private final Shares shares;
  private final BufferRefill refill;
  private SharingPolicy policy = SharingPolicy.DEFAULT;
  private final Map<String, Instant> claimedSince = new HashMap<>();
  private final Map<String, Instant> evictedAt = new HashMap<>();
  private final Map<String, List<Instant>> lostByJob = new HashMap<>();

  /**
   * @param view how the engine sees what is free to take at once
   */
  public Reclaim(Cluster cluster, Growth growth, Feasibility.View view) {
    this.cluster = cluster;
    quotaRoom = new QuotaRoom(cluster);
    refill = new BufferRefill(cluster, growth);
    offered = new Feasibility(cluster.hosts, cluster.nominations, view);
    feasibility = new Feasibility(cluster.hosts, cluster.nominations, Feasibility.View.RECORDS);
    placer = new Placer(cluster, feasibility);
    placer.guaranteedOnly = true;
    shares = new Shares(cluster);
  }

  public void policy(SharingPolicy next) {
    policy = next;
  }

  SharingPolicy policy() {
    return policy;
  }

  public void copyMemory(Reclaim from) {
    policy = from.policy;
    claimedSince.putAll(from.claimedSince);
    evictedAt.putAll(from.evictedAt);
    from.lostByJob.forEach((job, times) -> lostByJob.put(job, new ArrayList<>(times)));
  }

  public List<Eviction> round(List<Pending> pending, Instant now) {
    expire(now);
    List<Claims.Claim> claims = claims(pending, now);
    List<Eviction> evictions =
        new ArrayList<>(claims.isEmpty() ? List.of() : forClaims(claims, now));
    List<Victim> forBuffers =
        refill.victims(
            () -> candidates(now, false),
            policy.reclaimWithin(),
            policy.evictionsPerRound() - evictions.size(),
            now);
    evictions.addAll(order(new Choice(forBuffers, List.of(), Set.of()), List.of(), now));
    return evictions;
  }

  /** Who goes, what is placed then, and what of it would be placed anyway. */
  private record Choice(List<Victim> victims, List<Placement> placed, Set<String> anyway) {
    static final Choice NOBODY = new Choice(List.of(), List.of(), Set.of());
  }

  private List<Eviction> forClaims(List<Claims.Claim> claims, Instant now) {
    boolean urgent = claims.stream().anyMatch(c -> urgent(c, now));
    Claims tried = new Claims(cluster, placer, claims, now.toEpochMilli());
    // Room that frees anyway counts as free, except for a claim that has waited too long already.
    Set<String> ending = urgent ? Set.of() : ending();
    Choice choice;
    try (Trial trial = new Trial(cluster)) {
      ending.forEach(trial::takeOut);
      choice = choose(claims, tried, urgent, now);
    }
    return order(choice, claims, now);
  }

  private Choice choose(List<Claims.Claim> claims, Claims tried, boolean urgent, Instant now) {
    int wanted = claims.stream().mapToInt(c -> c.instances().size()).sum();
    List<Placement> unaided = tried.without(List.of());
    if (unaided.size() >= wanted) {
      return Choice.NOBODY;
    }
    Candidates candidates = candidates(now, urgent);
    if (candidates.size() == 0) {
      return Choice.NOBODY;
    }
    List<Victim> victims =
        new VictimSearch(cluster, feasibility, placer, tried, claims, policy.evictionsPerRound())
            .find(candidates, unaided.size());
    List<Placement> placed = tried.without(victims);
    if (placed.size() <= unaided.size()) {
      return Choice.NOBODY;
    }
    Set<String> anyway = new HashSet<>();
    unaided.forEach(p -> anyway.add(p.instance()));
    return new Choice(victims, placed, anyway);
  }

  /** What is on its way out without having been evicted; the evicted's room is nominated. */
  private Set<String> ending() {
    Set<String> ending = new TreeSet<>(cluster.ending);
    ending.removeAll(cluster.evicting);
    return ending;
  }

  private void expire(Instant now) {
    cluster.nominations.expire(now, policy.nominationTtl(), this::where);
    evictedAt.values().removeIf(at -> at.plus(policy.coolDown()).isBefore(now));
    lostByJob.values().forEach(l -> l.removeIf(at -> at.plus(policy.coolDown()).isBefore(now)));
    lostByJob.values().removeIf(List::isEmpty);
  }

  private Nominations.Room where(Nominations.Nomination n) {
    if (!feasibility.usable(n.host)) {
      return Nominations.Room.GONE;
    }
    AllocationTable table = cluster.allocations;
    for (int row = cluster.hosts.head[n.host]; row >= 0; row = table.next[row]) {
      if (cluster.evicting.contains(table.id[row])) {
        return Nominations.Room.HELD;
      }
    }
    return offered.onHost(n.job, n.host) == null ? Nominations.Room.OFFERED : Nominations.Room.FREE;
  }

  /** What waits within a guarantee and has no room nominated yet; highest priority first. */
  private List<Claims.Claim> claims(List<Pending> pending, Instant now) {
    List<Claims.Claim> claims = new ArrayList<>();
    Set<String> claiming = new HashSet<>();
    Nominated nominated = new Nominated(cluster.nominations);
    for (Pending waiting : pending) {
      JobState job = cluster.version(waiting.version());
      int kept = nominated.take(job.self, waiting.count());
      long room = 0;
      for (PoolState pool : cluster.poolsOf(job)) {
        room += Math.min(waiting.count(), quotaRoom.inGuarantee(job, pool));
      }
      int count = (int) Math.min(waiting.count(), room);
      if (count > kept) {
        claims.add(new Claims.Claim(job, waiting.instances().subList(kept, count)));
        claiming.add(waiting.job());
        claimedSince.putIfAbsent(waiting.job(), now);
      }
    }
    claimedSince.keySet().retainAll(claiming);
    claims.sort(
        Comparator.comparingInt((Claims.Claim c) -> -cluster.priority(c.job()))
            .thenComparing(c -> c.job().demand.version()));
    return claims;
  }

  private boolean urgent(Claims.Claim claim, Instant now) {
    Instant since = claimedSince.get(claim.job().demand.id());
    return Duration.between(since, now).compareTo(policy.reclaimWithin()) >= 0;
  }

  /** Borrowed work that may be evicted now. */
  private Candidates candidates(Instant now, boolean urgent) {
    Candidates candidates = new Candidates(cluster, shares);
    AllocationTable table = cluster.allocations;
    long oldEnough = now.minus(policy.minimumRun()).toEpochMilli();
    Map<String, Integer> left = new HashMap<>();
    for (int row = 0; row < table.rows(); row++) {
      JobState job = table.job[row];
      if (job == null
          || table.labelOf(row) != Label.BORROWED
          || !cluster.mayBorrow(job)
          || cluster.leaves(table.id[row])) {
        continue;
      }
      boolean spared = table.since[row] > oldEnough || evictedAt.containsKey(table.id[row]);
      if (urgent || (!spared && mayLose(cluster.newest(job), left))) {
        candidates.add(row);
      }
    }
    return candidates;
  }

  private boolean mayLose(JobState job, Map<String, Integer> left) {
    if (job.demand.evictable() == Integer.MAX_VALUE) {
      return true;
    }
    String id = job.demand.id();
    int may =
        left.computeIfAbsent(
            id, j -> job.demand.evictable() - lostByJob.getOrDefault(j, List.of()).size());
    left.put(id, may - 1);
    return may > 0;
  }

  /** Orders the evictions and nominates, for what they make place for, the room that it gets. */
  private List<Eviction> order(Choice choice, List<Claims.Claim> claims, Instant now) {
    Map<String, JobState> claimants = new LinkedHashMap<>();
    claims.forEach(c -> c.instances().forEach(i -> claimants.put(i, c.job())));
    Map<Integer, Deque<JobState>> takers = new HashMap<>();
    for (Placement p : choice.placed) {
      takers
          .computeIfAbsent(cluster.hosts.find(p.host()), h -> new ArrayDeque<>())
          .add(claimants.get(p.instance()));
    }
    Set<Integer> hosts = new HashSet<>();
    List<Eviction> evictions = new ArrayList<>();
    for (Victim victim : choice.victims) {
      hosts.add(victim.host());
      // A rule over racks or zones may need an eviction on a host other than the one that is
      // filled.
      JobState other = claims.isEmpty() ? null : claims.get(0).job();
      Deque<JobState> here = takers.get(victim.host());
      // Victims are attributed to the host's claimants in turn; those left over to the last one.
      JobState taker = here == null ? other : here.size() > 1 ? here.poll() : here.peek();
      evictions.add(evict(victim, taker, now));
    }
    for (Placement p : choice.placed) {
      int h = cluster.hosts.find(p.host());
      boolean madeFree = hosts.contains(h) || !choice.anyway.contains(p.instance());
      if (madeFree && !evictions.isEmpty()) {
        cluster.nominations.add(h, claimants.get(p.instance()), 1);
      }
    }
    return evictions;
  }

  private Eviction evict(Victim victim, JobState claimant, Instant now) {
    cluster.evicting.add(victim.instance());
    evictedAt.put(victim.instance(), now);
    lostByJob.computeIfAbsent(victim.job().demand.id(), j -> new ArrayList<>()).add(now);
    return new Eviction(
        victim.instance(),
        victim.job().demand.id(),
        victim.job().group.group.path(),
        cluster.hosts.spec[victim.host()].id(),
        cluster.hosts.pool[victim.host()].pool.name(),
        claimant == null ? Eviction.BUFFER : claimant.demand.id());
  }
}
