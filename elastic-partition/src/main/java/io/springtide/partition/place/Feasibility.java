package io.springtide.partition.place;

import io.springtide.partition.answer.Reason;
import io.springtide.partition.books.AttributeFilter;
import io.springtide.partition.books.Dimensions;
import io.springtide.partition.books.DomainRule;
import io.springtide.partition.books.HostTable;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.NearRule;
import io.springtide.partition.books.Nominations;
import io.springtide.partition.books.PortSet;
import io.springtide.partition.books.Subject;
import io.springtide.partition.model.JobDemand;
import java.util.Collections;
import java.util.List;

/** Whether a host may take one more instance of a job, and the first reason why not. */
public final class Feasibility {
  /** Which hosts count, and what of them. */
  public enum View {
    /** Ready hosts whose offer is held, as far as offer and records both leave room. */
    OFFERS,
    /** Ready hosts, as far as our records leave room. */
    RECORDS,
    /** Hosts that are ready or will be, as far as our records leave room. */
    FUTURE
  }

  private final HostTable hosts;
  private final Nominations nominations;
  public View view;

  public Feasibility(HostTable hosts, Nominations nominations, View view) {
    this.hosts = hosts;
    this.nominations = nominations;
    this.view = view;
  }

  /** Whether the host may take work by its condition, offers aside. */
  public boolean usable(int h) {
    return hosts.takesWork[h] >= (view == View.FUTURE ? HostTable.SOON : HostTable.NOW);
  }

  /** Everything but the rules over domains of hosts; null if the host may take an instance. */
  public Reason onHost(JobState job, int h) {
    if (!usable(h)) {
      return Reason.HOST_CONDITION;
    }
    if (view == View.OFFERS && !hosts.offered[h]) {
      return Reason.NO_OFFER;
    }
    int short1 = shortIn(job, h);
    if (short1 >= 0) {
      return of(job.dims[short1]);
    }
    if (!nominations.isEmpty() && nominated(job, h)) {
      return Reason.NOMINATED;
    }
    if (job.ports && !portsFit(job, h, false)) {
      return Reason.PORTS;
    }
    // A second copy must not come to run beside the first (promise 1). Who runs there stays.
    if (job.self.remainsTotal > 0 && job.self.remains.get(h) > 0) {
      return Reason.REMAINS;
    }
    Reason rule = rules(job, h);
    boolean avoided = job.self.avoidedTotal > 0 && job.self.avoided.get(h) > 0;
    return rule == null && avoided ? Reason.AVOIDED : rule;
  }

  /** The hard rules of single hosts, room aside; null if none is broken. */
  public Reason rules(JobState job, int h) {
    Reason filtered = filtered(job, h);
    if (filtered != null) {
      return filtered;
    }
    if (job.maxPerHost < DomainRule.UNBOUNDED && job.self.hosts.get(h) >= job.maxPerHost) {
      return Reason.MAX_PER;
    }
    if (hosts.exclusive[h] != null && hosts.exclusive[h] != job.self) {
      return Reason.EXCLUSIVE;
    }
    if (job.exclusive && hosts.instances[h] > job.self.hosts.get(h)) {
      return Reason.EXCLUSIVE;
    }
    for (int i = 0; i < job.nears.size(); i++) {
      NearRule near = job.nears.get(i);
      if (!near.soft() && !near.allows(h, hosts.attributes)) {
        return near.negated() ? Reason.ANTI_AFFINITY : Reason.AFFINITY;
      }
    }
    for (Subject mine : job.member) {
      if (!mine.mayBeOn(h, hosts.attributes)) {
        return Reason.ANTI_AFFINITY;
      }
    }
    return null;
  }

  /** The first hard match or regular expression that the host's attributes break, or null. */
  public Reason filtered(JobState job, int h) {
    for (int i = 0; i < job.filters.size(); i++) {
      AttributeFilter filter = job.filters.get(i);
      if (!filter.soft && !filter.allows(h, hosts)) {
        return filter.reason;
      }
    }
    return null;
  }

  /** How many soft rules of single hosts an instance there would break. */
  int softBroken(JobState job, int h) {
    int broken = 0;
    for (int i = 0; i < job.filters.size(); i++) {
      AttributeFilter filter = job.filters.get(i);
      broken += filter.soft && !filter.allows(h, hosts) ? 1 : 0;
    }
    for (int i = 0; i < job.nears.size(); i++) {
      NearRule near = job.nears.get(i);
      broken += near.soft() && !near.allows(h, hosts.attributes) ? 1 : 0;
    }
    if (job.softMaxPerHost < DomainRule.UNBOUNDED) {
      broken += job.self.hosts.get(h) >= job.softMaxPerHost ? 1 : 0;
    }
    if (job.softExclusive) {
      broken += hosts.instances[h] > job.self.hosts.get(h) ? 1 : 0;
    }
    return broken;
  }

  /** The position in the job's dimensions of the first that the host is short in, or -1. */
  int shortIn(JobState job, int h) {
    long[][] left = hosts.left;
    int[] dims = job.dims;
    long[] need = job.need;
    for (int i = 0; i < dims.length; i++) {
      if (left[dims[i]][h] < need[i] && !shared(h, dims[i])) {
        return i;
      }
    }
    if (view == View.OFFERS) {
      long[][] offer = hosts.offer;
      for (int i = 0; i < dims.length; i++) {
        if (offer[dims[i]][h] < need[i] && !shared(h, dims[i])) {
          return i;
        }
      }
    } else if (hosts.foreigners > 0) {
      for (int i = 0; i < dims.length; i++) {
        if (left[dims[i]][h] - hosts.foreign[dims[i]][h] < need[i] && !shared(h, dims[i])) {
          return i;
        }
      }
    }
    return -1;
  }

  /** What a pool's hosts share is counted for the pool, not for each. */
  private boolean shared(int h, int d) {
    return d > Dimensions.GPUS && hosts.pool[h].shares(d);
  }

  /** Room for the job in dimension {@code d}, what is kept for others taken off. */
  public long room(JobState job, int h, int d) {
    if (shared(h, d)) {
      return Long.MAX_VALUE;
    }
    long room = hosts.left[d][h];
    if (view == View.OFFERS) {
      room = Math.min(room, hosts.offer[d][h]);
    } else if (hosts.foreigners > 0) {
      room -= hosts.foreign[d][h];
    }
    return nominations.isEmpty() ? room : room - nominations.keptForOthers(h, job.self, d);
  }

  private boolean nominated(JobState job, int h) {
    for (int i = 0; i < job.dims.length; i++) {
      if (room(job, h, job.dims[i]) < job.need[i]) {
        return true;
      }
    }
    for (Nominations.Nomination n : nominations.on(h)) {
      if (n.job.self != job.self && clashes(job, h, n)) {
        return true;
      }
    }
    for (Nominations.Nomination n : job.wideApart ? nominations.all() : nominations.wide()) {
      if (n.job.self != job.self && parted(job, h, n)) {
        return true;
      }
    }
    return job.ports && !nominations.on(h).isEmpty() && !portsFit(job, h, true);
  }

  /** Whether, with the job on the host, what the room is kept for could not come any more. */
  private boolean clashes(JobState job, int h, Nominations.Nomination n) {
    return n.job.exclusive
        || job.exclusive
        || parted(job, h, n)
        || !Collections.disjoint(n.job.demand.fixedPorts(), job.demand.fixedPorts());
  }

  private boolean parted(JobState job, int h, Nominations.Nomination n) {
    for (NearRule near : n.job.nears) {
      if (near.parts(job.member, n.host, h, hosts.attributes)) {
        return true;
      }
    }
    for (NearRule near : job.nears) {
      if (near.parts(n.job.member, h, n.host, hosts.attributes)) {
        return true;
      }
    }
    return false;
  }

  private boolean portsFit(JobState job, int h, boolean besideNominated) {
    JobDemand demand = job.demand;
    PortSet free = freePorts(job, h);
    int fixedInside = 0;
    for (int port : demand.fixedPorts()) {
      if (hosts.spec[h].ports().contains(port)) {
        if (!free.contains(port)) {
          return false;
        }
        fixedInside++;
      } else if (hosts.heldOutside(h, port)) {
        return false;
      }
    }
    long kept = 0;
    for (Nominations.Nomination n :
        besideNominated ? nominations.on(h) : List.<Nominations.Nomination>of()) {
      kept += n.job.self == job.self ? 0 : (long) n.count * n.job.demand.dynamicPorts();
    }
    return free.size() - fixedInside - kept >= demand.dynamicPorts();
  }

  /** Ports that the job may have there; fixed ones that are kept for others are not. */
  PortSet freePorts(JobState job, int h) {
    PortSet free = view == View.OFFERS ? hosts.offeredPorts(h) : hosts.freePorts(h);
    if (!nominations.isEmpty()) {
      for (Nominations.Nomination n : nominations.on(h)) {
        free = n.job.self == job.self ? free : free.minus(n.job.demand.fixedPorts());
      }
    }
    return free;
  }

  static Reason of(int dimension) {
    return switch (dimension) {
      case Dimensions.CPUS -> Reason.CPUS;
      case Dimensions.MEMORY -> Reason.MEMORY;
      case Dimensions.DISK -> Reason.DISK;
      case Dimensions.GPUS -> Reason.GPUS;
      default -> Reason.SCALAR;
    };
  }
}
