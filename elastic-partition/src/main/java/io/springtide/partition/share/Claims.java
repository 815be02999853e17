package io.springtide.partition.share;

import io.springtide.partition.answer.Placement;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.Trial;
import io.springtide.partition.place.Placer;
import java.util.ArrayList;
import java.util.List;

/**
 * Tries what an eviction would bring: takes victims out and places the claimants with the code that
 * places in earnest.
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
    try (Trial trial = new Trial(cluster)) {
      victims.forEach(victim -> trial.takeOut(victim.instance()));
      return placeAll();
    }
  }

  /** Places what fits and leaves it booked, for the trial around it to take back. */
  List<Placement> placeAll() {
    List<Placement> placed = new ArrayList<>();
    for (Claim claim : claims) {
      placer.place(claim.job(), claim.instances(), now, placed);
    }
    return placed;
  }
}
