package io.springtide.partition.place;

import io.springtide.partition.books.AllocationTable;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.Dimensions;
import io.springtide.partition.books.HostTable;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.model.Resources;
import io.springtide.partition.model.Version;
import java.util.Collection;

/**
 * Whether it is worth waiting for a host: for its readiness, or for what is on its way out there.
 * What is free on a ready host needs no prospects, it is placed on at once or is of no use.
 */
public final class Prospects {
  /** So many jobs are looked at; with more, a host that none of these can use is waited for. */
  private static final int MOST = 1000;

  private final Cluster cluster;
  private final Feasibility feasibility;
  private final Explainer explainer;

  public Prospects(Cluster cluster, Feasibility feasibility, Explainer explainer) {
    this.cluster = cluster;
    this.feasibility = feasibility;
    this.explainer = explainer;
  }

  /**
   * @param free what is free for instances there
   * @param waiting versions of which instances wait
   */
  public boolean any(int h, Resources free, Collection<Version> waiting) {
    boolean comes = cluster.hosts.takesWork[h] == HostTable.SOON;
    long[] room = cluster.dimensions.vector(free);
    cluster.hosts.dimensionsGrew();
    boolean ends = addEnding(h, room);
    if (!comes && !ends) {
      return false;
    }
    int looked = 0;
    for (Version version : waiting) {
      JobState job = cluster.version(version);
      if (++looked > MOST || (fits(job, h, room) && mayUse(job, h, ends))) {
        return true;
      }
    }
    return false;
  }

  /** Whether some host could run the job, whatever runs there now, that it does not avoid. */
  public boolean anyHost(JobState job) {
    for (PoolState pool : cluster.poolsOf(job)) {
      for (int m = 0; m < pool.size; m++) {
        int h = pool.members[m];
        if (cluster.hosts.takesWork[h] >= HostTable.SOON
            && job.self.avoided.get(h) == 0
            && feasibility.filtered(job, h) == null
            && fits(job, h, cluster.hosts.usable(cluster.hosts.spec[h]))) {
          return true;
        }
      }
    }
    return false;
  }

  /** Adds what the instances hold that are on their way out. */
  private boolean addEnding(int h, long[] room) {
    AllocationTable table = cluster.allocations;
    boolean any = false;
    for (int row = cluster.hosts.head[h]; row >= 0; row = table.next[row]) {
      String instance = table.id[row];
      if (cluster.ending.contains(instance) || cluster.evicting.contains(instance)) {
        any = true;
        for (int i = 0; i < table.job[row].dims.length; i++) {
          int d = table.job[row].dims[i];
          if (d < room.length) {
            room[d] += table.job[row].need[i];
          }
        }
      }
    }
    return any;
  }

  private boolean fits(JobState job, int h, long[] room) {
    for (int i = 0; i < job.dims.length; i++) {
      int d = job.dims[i];
      boolean shared = d > Dimensions.GPUS && cluster.hosts.pool[h].shares(d);
      if (!shared && Dimensions.at(room, d) < job.need[i]) {
        return false;
      }
    }
    return true;
  }

  /** What ends may free quota, and may have been what the host's rules were about. */
  private boolean mayUse(JobState job, int h, boolean ends) {
    PoolState pool = cluster.hosts.pool[h];
    if (!cluster.poolsOf(job).contains(pool) || feasibility.filtered(job, h) != null) {
      return false;
    }
    return ends || (feasibility.rules(job, h) == null && explainer.quota(job, pool) == null);
  }
}
