package io.springtide.partition;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Builds an engine's state anew from its documents, so that a preview can do as it likes. */
final class Copy {
  private final Cluster from;
  private final Engine to;
  private final Cluster cluster;

  Copy(Cluster from, Engine to, Cluster cluster) {
    this.from = from;
    this.to = to;
    this.cluster = cluster;
  }

  void run() {
    for (PoolState pool : from.pools.values()) {
      to.restorePool(pool.pool);
      PoolState copy = cluster.pools.get(pool.pool.name());
      copy.surplusSince = pool.surplusSince;
      copy.surplusFloor = pool.surplusFloor;
      copy.sparseSince = pool.sparseSince;
      copy.sparseFloor = pool.sparseFloor;
      copy.bufferShortSince = pool.bufferShortSince;
      copy.askAgainAt = pool.askAgainAt;
      copy.refusedInARow = pool.refusedInARow;
    }
    from.groups.values().forEach(node -> to.restoreGroup(node.group));
    for (int h = 0; h < from.hosts.size(); h++) {
      if (from.hosts.spec[h] != null) {
        to.putHost(from.hosts.spec[h]);
      }
    }
    jobs();
    offers();
    from.nominations.save().values().forEach(there -> there.forEach(this::nominate));
    cluster.evicting.addAll(from.evicting);
    cluster.ending.addAll(from.ending);
  }

  private void jobs() {
    Map<JobState, List<Allocation>> held = new HashMap<>();
    List<JobState> old = new ArrayList<>();
    AllocationTable table = from.allocations;
    for (int row = 0; row < table.rows(); row++) {
      JobState job = table.job[row];
      if (job == null) {
        continue;
      }
      if (!held.containsKey(job)) {
        held.put(job, new ArrayList<>());
        if (!job.current) {
          old.add(job);
        }
      }
      held.get(job).add(table.allocation(row, from.hosts));
    }
    // Old versions first: what is put last is the version that counts.
    for (JobState job : old) {
      to.restoreJob(job.demand);
      held.get(job).forEach(to::allocate);
      to.removeJob(job.demand.id());
    }
    for (JobState job : from.jobs.values()) {
      to.restoreJob(job.demand);
      held.getOrDefault(job, List.of()).forEach(to::allocate);
    }
  }

  private void offers() {
    for (int h = 0; h < from.hosts.size(); h++) {
      if (from.hosts.spec[h] != null && from.hosts.offered[h]) {
        long[] amounts = new long[from.dimensions.count()];
        for (int d = 0; d < amounts.length; d++) {
          amounts[d] = from.hosts.offer[d][h];
        }
        to.offer(
            from.hosts.spec[h].id(),
            from.dimensions.resources(amounts),
            from.hosts.portsOffered[h]);
      }
      if (from.hosts.spec[h] != null) {
        int copy = cluster.hosts.find(from.hosts.spec[h].id());
        cluster.hosts.learnForeign(copy, cluster.dimensions, from.hosts, h);
        cluster.hosts.keptForBuffer[copy] = from.hosts.keptForBuffer[h];
      }
    }
  }

  private void nominate(Nominations.Nomination n) {
    JobState job = cluster.jobs.get(n.job.demand.id());
    int h = cluster.hosts.find(from.hosts.spec[n.host].id());
    cluster.nominations.add(h, job, n.count);
    for (Nominations.Nomination copy : cluster.nominations.on(h)) {
      if (copy.job == job) {
        copy.roomSince = n.roomSince;
        copy.freeSince = n.freeSince;
      }
    }
  }
}
