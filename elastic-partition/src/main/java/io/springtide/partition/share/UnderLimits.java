package io.springtide.partition.share;

import io.springtide.partition.books.Account;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.GroupNode;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.books.Trial;
import io.springtide.partition.place.QuotaRoom;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes room below a limit that groups beside the claimant's have filled with borrowed work, and in
 * what a pool's hosts share: a guarantee is worth nothing while a limit above it, or the link of
 * the pool, is used up by what was only lent.
 */
final class UnderLimits {
  private final Cluster cluster;
  private final QuotaRoom quotaRoom;
  private final Trial trial;
  private final JobState job;
  private final int wanted;
  private final List<Victim> taken = new ArrayList<>();

  UnderLimits(Cluster cluster, Trial trial, JobState job, int wanted) {
    this.cluster = cluster;
    quotaRoom = new QuotaRoom(cluster);
    this.trial = trial;
    this.job = job;
    this.wanted = wanted;
  }

  /**
   * Takes out the cheapest that hold up a limit of the job's group or of a group above, or what the
   * hosts share, in a pool where the job still has a guarantee.
   *
   * @param budget how many may be taken at most
   * @return what was taken out, and needed for it
   */
  List<Victim> makeRoom(Candidates candidates, int budget) {
    for (PoolState pool : cluster.poolsOf(job)) {
      long claim = Math.min(wanted, quotaRoom.inGuarantee(job, pool));
      if (claim <= room(pool)) {
        continue;
      }
      int before = taken.size();
      for (GroupNode node = job.group; node != null; node = node.parent) {
        takeBelow(node, pool, claim, candidates, budget);
      }
      takeSharing(pool, claim, candidates, budget);
      long room = Math.min(claim, room(pool));
      // Puts back, last first, the victims that are not needed: all of them if none made room.
      for (int i = taken.size() - 1; i >= before; i--) {
        Victim victim = taken.get(i);
        trial.putBack(victim.held());
        if (room > 0 && room(pool) < room) {
          trial.takeOut(victim.instance());
        } else {
          taken.remove(i);
        }
      }
    }
    return taken;
  }

  private void takeBelow(
      GroupNode node, PoolState pool, long claim, Candidates candidates, int budget) {
    Account account = node.account(pool.index);
    if (account == null || account.quota == null) {
      return;
    }
    Candidates.Order order = candidates.order();
    for (Victim victim = order.next(); victim != null; victim = order.next()) {
      boolean inPool = QuotaRoom.below(job, account.ceiling, account.used) < claim;
      boolean inAll = QuotaRoom.below(job, node.totalCeiling, node.totalUsed) < claim;
      if (taken.size() >= budget || (!inPool && !inAll)) {
        return;
      }
      boolean helps = inAll || cluster.hosts.pool[victim.host()] == pool;
      if (helps
          && victim.job().group.isWithin(node)
          && cluster.allocations.find(victim.instance()) >= 0) {
        take(victim, order);
      }
    }
  }

  private void takeSharing(PoolState pool, long claim, Candidates candidates, int budget) {
    Candidates.Order order = candidates.order();
    for (Victim victim = order.next(); victim != null; victim = order.next()) {
      if (taken.size() >= budget || quotaRoom.inShared(job, pool) >= claim) {
        return;
      }
      if (cluster.hosts.pool[victim.host()] == pool
          && sharesWith(victim.job(), pool)
          && cluster.allocations.find(victim.instance()) >= 0) {
        take(victim, order);
      }
    }
  }

  /** Whether both take of the same that the pool's hosts share. */
  private boolean sharesWith(JobState other, PoolState pool) {
    for (int d : job.dims) {
      if (pool.shares(d) && other.each.position(d) >= 0) {
        return true;
      }
    }
    return false;
  }

  private void take(Victim victim, Candidates.Order order) {
    trial.takeOut(victim.instance());
    taken.add(victim);
    order.changed();
  }

  /** How many more the limits, and what the pool's hosts share, allow. */
  private long room(PoolState pool) {
    return Math.min(quotaRoom.inLimits(job, pool.index), quotaRoom.inShared(job, pool));
  }
}
