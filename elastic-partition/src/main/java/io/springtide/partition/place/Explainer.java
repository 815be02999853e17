package io.springtide.partition.place;

import io.springtide.partition.answer.Reason;
import io.springtide.partition.answer.Refusal;
import io.springtide.partition.books.Account;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.Dimensions;
import io.springtide.partition.books.GroupNode;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.model.Resources;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Says why no more instances of a job find a place: each host counted under its first reason. */
@SuppressWarnings("EnumOrdinal") // A map would box a count for each host that it looks at.
public final class Explainer {
  private final Cluster cluster;
  private final QuotaRoom quotaRoom;
  private final Feasibility feasibility;
  private final Feasibility records;
  private final Placer placer;

  public Explainer(Cluster cluster, Feasibility feasibility, Placer placer) {
    this.cluster = cluster;
    quotaRoom = new QuotaRoom(cluster);
    this.feasibility = feasibility;
    records = new Feasibility(cluster.hosts, cluster.nominations, Feasibility.View.RECORDS);
    this.placer = placer;
  }

  /** Reasons of the quota first, then by the number of hosts that they rule out. */
  public List<Refusal> refusals(JobState job) {
    List<Refusal> refusals = new ArrayList<>();
    List<PoolState> pools = cluster.poolsOf(job);
    for (String name : job.demand.pools()) {
      if (pools.stream().noneMatch(pool -> pool.pool.name().equals(name))) {
        refusals.add(
            new Refusal(
                Reason.NO_POOL,
                "group " + job.demand.group() + " has no quota in pool " + name,
                0,
                "a quota in " + name + ", or another pool in the job's order"));
      }
    }
    if (pools.isEmpty() && refusals.isEmpty()) {
      refusals.add(
          new Refusal(
              Reason.NO_POOL,
              "group " + job.demand.group() + " has no quota in any pool",
              0,
              "a quota in some pool"));
    }
    int[] hosts = new int[Reason.values().length];
    for (PoolState pool : pools) {
      Refusal quota = quota(job, pool);
      if (quota != null) {
        refusals.add(quota);
      } else if (pool.size == 0) {
        refusals.add(noHost(pool.pool.name()));
      } else {
        countHosts(job, pool, hosts);
        heldByOthers(job, pool).ifPresent(refusals::add);
      }
    }
    for (Reason reason : Reason.values()) {
      int count = hosts[reason.ordinal()];
      if (count > 0) {
        refusals.add(new Refusal(reason, detail(job, reason), count, freedBy(reason)));
      }
    }
    refusals.sort(
        Comparator.comparing((Refusal r) -> r.reason().compareTo(Reason.NO_HOST) >= 0)
            .thenComparing(r -> -r.hosts())
            .thenComparing(Refusal::reason));
    return refusals;
  }

  /** Why the quota allows no more instance in the pool, or null. */
  Refusal quota(JobState job, PoolState pool) {
    long[] allowed = placer.allowed(job, pool, 1);
    if (allowed[0] + allowed[1] + allowed[2] > 0) {
      return null;
    }
    String name = pool.pool.name();
    if (quotaRoom.inLimits(job, pool.index) == 0) {
      return new Refusal(
          Reason.QUOTA_LIMIT,
          limitReached(job, pool),
          pool.size,
          "a higher limit, or less held by the group");
    }
    if (quotaRoom.inShared(job, pool) == 0) {
      return sharedUsedUp(job, pool);
    }
    if (pool.size == 0 && guaranteed(job, pool)) {
      // A pool without hosts scales every guarantee to nothing; the missing hosts are the reason to
      // tell.
      return noHost(name);
    }
    if (!cluster.mayBorrow(job)) {
      return new Refusal(
          Reason.GUARANTEE_ONLY,
          guaranteed(job, pool)
              ? "the guarantee of " + job.demand.group() + " in " + name + " is used up"
              : job.demand.group() + " has no guarantee in " + name,
          pool.size,
          "a higher guarantee, or reclaimable: true to borrow what others leave");
    }
    return new Refusal(
        Reason.NOT_LENT,
        "the guarantee of "
            + job.demand.group()
            + " in "
            + name
            + " is used up and what is free there is not lent",
        pool.size,
        "more lendable of other groups, or a higher guarantee");
  }

  /**
   * Who holds what the job is promised: groups above what is left of their guarantees, by work that
   * is not reclaimable, or it would have been demoted. So it is after a pool has lost hosts.
   */
  private Optional<Refusal> heldByOthers(JobState job, PoolState pool) {
    if (quotaRoom.inGuarantee(job, pool) == 0) {
      return Optional.empty();
    }
    List<String> holders = new ArrayList<>();
    for (GroupNode group : cluster.groups.values()) {
      String more = group == job.group ? "" : beyondGuarantee(job, group, pool);
      if (!more.isEmpty()) {
        holders.add(group.group.path() + " (" + more + ")");
      }
    }
    if (holders.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Refusal(
            Reason.HELD_BY_OTHERS,
            "what "
                + job.demand.group()
                + " is promised in "
                + pool.pool.name()
                + " is held, with work that is not reclaimable, by "
                + String.join(", ", holders),
            pool.size,
            "fewer instances of them, reclaimable: true in their jobs, or the pool's lost hosts"));
  }

  /** How much more a group holds guaranteed than it is at the moment, of what the job needs. */
  private String beyondGuarantee(JobState job, GroupNode group, PoolState pool) {
    Account account = group.account(pool.index);
    List<String> more = new ArrayList<>();
    for (int i = 0; account != null && i < job.dims.length; i++) {
      int d = job.dims[i];
      long held = Dimensions.at(account.ownGuaranteed, d);
      long guaranteed = cluster.scaled(pool, d, group.ownGuarantee(pool.index, d));
      if (held > guaranteed) {
        String name = cluster.dimensions.name(d);
        more.add(name + " " + amount(d, held) + " of " + amount(d, guaranteed) + " guaranteed now");
      }
    }
    return String.join(", ", more);
  }

  private Refusal sharedUsedUp(JobState job, PoolState pool) {
    StringBuilder detail = new StringBuilder("shared by the hosts of " + pool.pool.name() + ":");
    for (int i = 0; i < job.dims.length; i++) {
      int d = job.dims[i];
      if (pool.shares(d)) {
        detail
            .append(' ')
            .append(cluster.dimensions.name(d))
            .append(' ')
            .append(Dimensions.at(pool.used, d))
            .append(" used + ")
            .append(job.need[i])
            .append(" wanted of ")
            .append(pool.shared(d));
      }
    }
    return new Refusal(
        Reason.POOL_SHARED,
        detail.toString(),
        pool.size,
        "instances there that end, another pool, or a larger share");
  }

  private static Refusal noHost(String pool) {
    return new Refusal(Reason.NO_HOST, "pool " + pool + " has no host", 0, "a host in " + pool);
  }

  /** Whether the job's group is promised something of all that the job needs. */
  private static boolean guaranteed(JobState job, PoolState pool) {
    for (int d : job.dims) {
      if (job.group.ownGuarantee(pool.index, d) == 0) {
        return false;
      }
    }
    return true;
  }

  private String limitReached(JobState job, PoolState pool) {
    for (GroupNode node = job.group; node != null; node = node.parent) {
      Account account = node.account(pool.index);
      if (account == null || account.quota == null) {
        return "group " + node.group.path() + " has no quota in pool " + pool.pool.name();
      }
      String over = over(job, account.ceiling, account.used);
      if (over != null) {
        return "limit of " + node.group.path() + " in " + pool.pool.name() + ": " + over;
      }
      over = over(job, node.totalCeiling, node.totalUsed);
      if (over != null) {
        return "total limit of " + node.group.path() + ": " + over;
      }
    }
    return "a limit is reached";
  }

  private String over(JobState job, long[] ceiling, long[] used) {
    for (int i = 0; i < job.dims.length; i++) {
      int d = job.dims[i];
      long top = Dimensions.ceilingAt(ceiling, d);
      if (top != Long.MAX_VALUE && Dimensions.at(used, d) + job.need[i] > top) {
        return cluster.dimensions.name(d)
            + " "
            + amount(d, Dimensions.at(used, d))
            + " used + "
            + amount(d, job.need[i])
            + " wanted > "
            + amount(d, top);
      }
    }
    return null;
  }

  private String amount(int dimension, long value) {
    return Resources.written(cluster.dimensions.name(dimension), value);
  }

  private void countHosts(JobState job, PoolState pool, int[] hosts) {
    Domains domains = placer.domains(job);
    for (int m = 0; m < pool.size; m++) {
      int h = pool.members[m];
      Reason reason = onHost(job, h);
      if (reason == null) {
        reason = domains.hardOn(h);
      }
      // A host without any reason of its own can only have been withheld as buffer.
      hosts[(reason == null ? Reason.BUFFER : reason).ordinal()]++;
    }
  }

  /** The reason that is hardest to mend. */
  private Reason onHost(JobState job, int h) {
    Reason reason = feasibility.onHost(job, h);
    if (reason == null || reason == Reason.HOST_CONDITION) {
      return reason;
    }
    Reason filtered = feasibility.filtered(job, h);
    if (filtered != null) {
      return filtered;
    }
    // A full host has no offer either: the offer is what is missing only if it would do.
    Reason otherwise = reason == Reason.NO_OFFER ? records.onHost(job, h) : null;
    return otherwise == null ? reason : otherwise;
  }

  private String detail(JobState job, Reason reason) {
    return switch (reason) {
      case CPUS ->
          "less than " + amount(Dimensions.CPUS, job.demand.each().cpuMillis()) + " cpus left";
      case MEMORY -> "less than " + job.demand.each().memoryMiB() + " MiB of memory left";
      case DISK -> "less than " + job.demand.each().diskMiB() + " MiB of disk left";
      case GPUS -> "fewer than " + job.demand.each().gpus() + " GPUs left";
      case SCALAR -> "not enough left of " + job.demand.each().scalars();
      case PORTS ->
          "fixed ports "
              + job.demand.fixedPorts()
              + " taken, or fewer than "
              + job.demand.dynamicPorts()
              + " others free";
      case HOST_CONDITION -> "not ready for new work";
      case NO_OFFER -> "no offer held";
      case MATCH -> "an attribute does not match";
      case LIKE -> "an attribute does not match its regular expression";
      case EXCLUSIVE -> "the host is not, or not only, for this job";
      case AFFINITY -> "not near what it must be near to";
      case ANTI_AFFINITY -> "near what it must be apart from";
      case MAX_PER -> "as many instances as the job allows there";
      case REMAINS -> "what a lost executor left of the job may still run there";
      case AVOIDED -> "attempts of the job failed there again and again";
      case SPREAD -> "would be more uneven than the job allows";
      case NOMINATED -> "the room is kept for another job that it was reclaimed for";
      case BUFFER -> "part of the pool's buffer, which is not lent";
      default -> reason.name();
    };
  }

  private static String freedBy(Reason reason) {
    return switch (reason) {
      case CPUS, MEMORY, DISK, GPUS, SCALAR -> "instances that end, or another host";
      case PORTS -> "instances that end, or dynamic ports";
      case HOST_CONDITION -> "hosts that become ready, or uncordon";
      case NO_OFFER -> "the next offer";
      case MATCH, LIKE -> "another host that matches, or a wider constraint";
      case EXCLUSIVE, ANTI_AFFINITY -> "another host, or instances that end";
      case AFFINITY -> "an instance of the other job, or a wider constraint";
      case MAX_PER -> "another host, rack or zone, or a higher count";
      case REMAINS -> "the word of the host's warden that it is gone, or another host";
      case AVOIDED -> "time, or another host";
      case SPREAD -> "room where fewer instances are, or a higher maxSkew";
      case NOMINATED -> "the claimant's start, or the end of its time";
      case BUFFER -> "another host, or a smaller buffer";
      default -> "";
    };
  }
}
