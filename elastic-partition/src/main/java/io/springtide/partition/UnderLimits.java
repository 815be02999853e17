package io.springtide.partition;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Makes room below a limit that groups beside the claimant's have filled with borrowed work: a
 * guarantee is worth nothing while a limit above it is used up by what was only lent.
 */
final class UnderLimits {
  private final Cluster cluster;
  private final Claims trial;
  private final JobState job;
  private final int wanted;
  private final List<Victim> taken = new ArrayList<>();

  UnderLimits(Cluster cluster, Claims trial, JobState job, int wanted) {
    this.cluster = cluster;
    this.trial = trial;
    this.job = job;
    this.wanted = wanted;
  }

  /**
   * Takes out the cheapest that hold up a limit of the job's group or of a group above, in a pool
   * where the job still has a guarantee.
   *
   * @param budget how many may be taken at most
   * @return what was taken out, and needed for it
   */
  List<Victim> makeRoom(Candidates candidates, int budget) {
    for (PoolState pool : cluster.poolsOf(job)) {
      long claim = Math.min(wanted, cluster.roomInGuarantee(job, pool));
      if (claim <= cluster.roomInLimits(job, pool.index)) {
        continue;
      }
      int before = taken.size();
      for (GroupNode node = job.group; node != null; node = node.parent) {
        takeBelow(node, pool, claim, candidates, budget);
      }
      long room = Math.min(claim, cluster.roomInLimits(job, pool.index));
      // In reverse, what turns out not to be needed; all of it where nothing was reached.
      for (int i = taken.size() - 1; i >= before; i--) {
        Victim victim = taken.get(i);
        trial.putBack(victim);
        if (room > 0 && cluster.roomInLimits(job, pool.index) < room) {
          trial.takeOut(victim);
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
    for (Iterator<Victim> order = candidates.order(); order.hasNext(); ) {
      boolean inPool = Cluster.roomBelow(job, account.ceiling, account.used) < claim;
      boolean inAll = Cluster.roomBelow(job, node.totalCeiling, node.totalUsed) < claim;
      if (taken.size() >= budget || (!inPool && !inAll)) {
        return;
      }
      Victim victim = order.next();
      boolean helps = inAll || cluster.hosts.pool[victim.host()] == pool;
      if (helps
          && victim.job().group.isWithin(node)
          && cluster.allocations.find(victim.instance()) >= 0) {
        trial.takeOut(victim);
        taken.add(victim);
      }
    }
  }
}
