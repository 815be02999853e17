package io.springtide.partition;

import java.util.ArrayList;
import java.util.List;

/**
 * Tries what an eviction would bring: takes victims out, places the claimants with the code that
 * places in earnest, and puts everything back as it was.
 */
final class Claims {
  /** Waiting instances of one job. */
  record Claim(JobState job, List<String> instances) {}

  private final Cluster cluster;
  private final Placer placer;
  private final List<Claim> claims;
  private final long now;

  Claims(Cluster cluster, Placer guaranteedOnly, List<Claim> claims, long now) {
    this.cluster = cluster;
    this.placer = guaranteedOnly;
    this.claims = claims;
    this.now = now;
  }

  long now() {
    return now;
  }

  /** Placements of the claimants if {@code victims} were gone; nothing is changed. */
  List<Placement> without(List<Victim> victims) {
    return cluster.trying(() -> tryWithout(victims));
  }

  private List<Placement> tryWithout(List<Victim> victims) {
    victims.forEach(victim -> cluster.unbook(cluster.allocations.find(victim.instance())));
    List<Placement> placed = placeAll();
    placed.forEach(p -> cluster.unbook(cluster.allocations.find(p.instance())));
    victims.forEach(this::putBack);
    return placed;
  }

  /** Places what fits and leaves it booked; {@link #undo} takes it back. */
  List<Placement> placeAll() {
    List<Placement> placed = new ArrayList<>();
    for (Claim claim : claims) {
      placer.place(claim.job(), claim.instances(), now, placed);
    }
    return placed;
  }

  void undo(List<Placement> placed) {
    placed.forEach(p -> cluster.unbook(cluster.allocations.find(p.instance())));
  }

  void takeOut(Victim victim) {
    cluster.unbook(cluster.allocations.find(victim.instance()));
  }

  void putBack(Victim victim) {
    cluster.book(
        victim.instance(),
        victim.job(),
        victim.host(),
        victim.label(),
        victim.since(),
        victim.ports());
    victim
        .job()
        .group
        .charge(victim.job().each, cluster.hosts.pool[victim.host()].index, victim.label(), 1);
  }
}
