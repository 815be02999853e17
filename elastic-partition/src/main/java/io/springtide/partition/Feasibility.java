package io.springtide.partition;

/** Whether a host may take one more instance of a job, and the first reason why not. */
final class Feasibility {
  /** Which hosts count, and what of them. */
  enum View {
    /** Ready hosts whose offer is held, as far as offer and records both leave room. */
    OFFERS,
    /** Ready hosts, as far as our records leave room. */
    RECORDS,
    /** Hosts that are ready or will be, as far as our records leave room. */
    FUTURE
  }

  private final HostTable hosts;
  private final Nominations nominations;
  View view;

  Feasibility(HostTable hosts, Nominations nominations, View view) {
    this.hosts = hosts;
    this.nominations = nominations;
    this.view = view;
  }

  /** Whether the host may take work by its condition, offers aside. */
  boolean usable(int h) {
    return hosts.takesWork[h] >= (view == View.FUTURE ? HostTable.SOON : HostTable.NOW);
  }

  /** Everything but the rules over domains of hosts; null if the host may take an instance. */
  Reason onHost(JobState job, int h) {
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
    if (job.ports && !portsFit(job.demand, h)) {
      return Reason.PORTS;
    }
    return rules(job, h);
  }

  /** The hard rules of single hosts, room aside; null if none is broken. */
  Reason rules(JobState job, int h) {
    for (int i = 0; i < job.filters.size(); i++) {
      AttributeFilter filter = job.filters.get(i);
      if (!filter.soft && !filter.allows(h, hosts)) {
        return filter.reason;
      }
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
      if (!near.soft() && !near.allows(h, hosts)) {
        return near.negated() ? Reason.ANTI_AFFINITY : Reason.AFFINITY;
      }
    }
    for (Subject mine : job.member) {
      for (int i = 0; i < mine.repelledBy.size(); i++) {
        if (!mine.repelledBy.get(i).allowsTarget(h, hosts)) {
          return Reason.ANTI_AFFINITY;
        }
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
      broken += near.soft() && !near.allows(h, hosts) ? 1 : 0;
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
  long room(JobState job, int h, int d) {
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
    return false;
  }

  boolean portsFit(JobDemand demand, int h) {
    PortRanges free = freePorts(h);
    int fixedInside = 0;
    for (int port : demand.fixedPorts()) {
      if (hosts.spec[h].ports().contains(port)) {
        if (!free.contains(port)) {
          return false;
        }
        fixedInside++;
      } else if (hosts.portsOutside[h].contains(port)) {
        return false;
      }
    }
    return free.size() - fixedInside >= demand.dynamicPorts();
  }

  PortRanges freePorts(int h) {
    return view == View.OFFERS ? hosts.portsLeft[h].and(hosts.portsOffered[h]) : hosts.portsLeft[h];
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
