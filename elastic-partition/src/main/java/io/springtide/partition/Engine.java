package io.springtide.partition;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.answer.Breach;
import io.springtide.partition.answer.Demotion;
import io.springtide.partition.answer.Drain;
import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.HostOrder;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placed;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.answer.Refusal;
import io.springtide.partition.answer.Served;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.Copy;
import io.springtide.partition.books.Dimensions;
import io.springtide.partition.books.Distinct;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.books.Trial;
import io.springtide.partition.grow.Consolidation;
import io.springtide.partition.grow.Growth;
import io.springtide.partition.grow.Shrinking;
import io.springtide.partition.judge.Excess;
import io.springtide.partition.judge.Standing;
import io.springtide.partition.model.Allocation;
import io.springtide.partition.model.Footprint;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.partition.model.SharingPolicy;
import io.springtide.partition.model.Version;
import io.springtide.partition.place.Explainer;
import io.springtide.partition.place.Feasibility;
import io.springtide.partition.place.Placer;
import io.springtide.partition.place.Prospects;
import io.springtide.partition.rules.GroupRules;
import io.springtide.partition.rules.Inventory;
import io.springtide.partition.rules.JobBook;
import io.springtide.partition.share.Demotions;
import io.springtide.partition.share.Entitlements;
import io.springtide.partition.share.Promotion;
import io.springtide.partition.share.Reclaim;
import io.springtide.partition.share.Serving;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The door of the Elastic Partition model: it holds pools, hosts, groups, jobs and allocations, and
 * decides what may run where, who may borrow, what is reclaimed and how many hosts to buy.
 *
 * <p>Mutable, for one thread, deterministic: the same calls give the same answers, and the order in
 * which hosts, groups and jobs were put in decides nothing. It knows no clock: time comes in as an
 * argument.
 *
 * <p>Two sources: what <em>fits</em> is decided on held offers (an engine made by {@link
 * #withoutOffers} takes the records for it), what is <em>allowed</em> on the records, and the
 * records also bound what fits: an offer can arrive before the update that freed its room.
 *
 * <p>Every {@code put} checks the document against the rest and throws {@link
 * InvalidModelException} before anything of it is applied.
 */
public final class Engine {
  private static final String TRIAL = "\uffff";

  private final Cluster cluster;
  private final Distinct distinct = new Distinct();
  private final Feasibility feasibility;
  private final Placer placer;
  private final Explainer explainer;
  private final Prospects prospects;
  private final Growth growth;
  private final Reclaim reclaim;
  private final Entitlements entitlements;
  private final Serving serving;
  private final Shrinking shrinking;
  private final Consolidation consolidation;
  private final Inventory inventory;
  private final GroupRules groupRules;
  private final JobBook jobs;

  /** An engine that places on held offers. */
  public Engine() {
    this(new Cluster(), Feasibility.View.OFFERS);
  }

  private Engine(Cluster cluster, Feasibility.View view) {
    this.cluster = cluster;
    feasibility = new Feasibility(cluster.hosts, cluster.nominations, view);
    placer = new Placer(cluster, feasibility);
    explainer = new Explainer(cluster, feasibility, placer);
    prospects = new Prospects(cluster, feasibility, explainer);
    serving = new Serving(cluster, placer, explainer);
    growth = new Growth(cluster);
    entitlements = new Entitlements(cluster);
    shrinking = new Shrinking(cluster);
    consolidation = new Consolidation(cluster);
    inventory = new Inventory(cluster);
    groupRules = new GroupRules(cluster);
    jobs = new JobBook(cluster);
    reclaim = new Reclaim(cluster, growth, view);
  }

  /** An engine that takes as free what capacity, overhead and allocations leave. */
  public static Engine withoutOffers() {
    return new Engine(new Cluster(), Feasibility.View.RECORDS);
  }

  /** What executor and warden will take of a host that is not there yet; nothing by default. */
  public void hostOverhead(Resources overhead) {
    growth.overhead(requireNonNull(overhead));
  }

  /**
   * Adds or changes a pool.
   *
   * @throws InvalidModelException if its price, budget or times are out of range; if it becomes
   *     on-demand while groups hold guarantees in it, or of another kind while instances run there;
   *     or if a lower minimum, or less of what its hosts share, would break guarantees
   */
  public void putPool(Pool pool) {
    inventory.put(pool);
  }

  /** Adds a pool that was accepted once; nothing of it is questioned. */
  public void restorePool(Pool pool) {
    inventory.restore(pool);
  }

  /**
   * Removes a pool; one that is not there is no error.
   *
   * @throws InvalidModelException while it has hosts or groups have quotas in it
   */
  public void removePool(String name) {
    inventory.removePool(name);
  }

  /**
   * Adds or changes a group.
   *
   * @throws InvalidModelException if the group above is not there, a pool is not known, limits and
   *     guarantees do not stay within the group above or do not hold those below, its total limit
   *     is below its guarantees, the guarantees of a pool would exceed what is committed in it, or
   *     less would be left of a guarantee than work that is not reclaimable holds of it
   */
  public void putGroup(Group group) {
    groupRules.check(group);
    groupRules.apply(group);
  }

  /**
   * Adds a group that was accepted once: not checked against capacities, which may have shrunk
   * meanwhile, nor its total limit. Groups above come before those below, as their paths sort.
   */
  public void restoreGroup(Group group) {
    groupRules.checkTree(group);
    groupRules.apply(group);
  }

  /**
   * Removes a group; one that is not there is no error.
   *
   * @throws InvalidModelException while there are groups below or jobs
   */
  public void removeGroup(String path) {
    groupRules.remove(path);
  }

  /**
   * Adds a host or changes what is known of it.
   *
   * @throws InvalidModelException if its pool is not known, or changes while it holds instances
   */
  public void putHost(HostSpec host) {
    inventory.put(host);
  }

  /** Removes a host with all that is allocated on it; one that is not there is no error. */
  public void removeHost(String id) {
    inventory.removeHost(id);
  }

  /**
   * What may be launched on a host now. It takes the place of what was offered of the host before.
   * A placement uses the offer up; ending an instance gives nothing back to it.
   *
   * @param free what is free for instances: all offers held of the host together, less what
   *     executor and warden still have to be given from it
   * @param freePorts the offered ports
   */
  public void offer(String hostId, Resources free, PortRanges freePorts) {
    inventory.offer(hostId, free, requireNonNull(freePorts));
  }

  /** Nothing of the host is offered any more; a host that is not there is no error. */
  public void withdrawOffer(String hostId) {
    int h = cluster.hosts.find(hostId);
    if (h >= 0) {
      cluster.hosts.offered[h] = false;
    }
  }

  /**
   * Whether a host will be of use to what waits though it is not now: an instance would fit on what
   * is free there, once the host is ready and what is on its way out there has ended. A host that
   * is not there is of no use.
   *
   * @param free what others do not hold of the host, less what executor and warden still take of it
   * @param waiting versions of jobs of which instances wait
   */
  public boolean willServe(String hostId, Resources free, Collection<Version> waiting) {
    int h = cluster.hosts.find(hostId);
    return h >= 0 && prospects.any(h, free, waiting);
  }

  /**
   * Adds or changes a job. What it holds already keeps the size that it was placed with, and what
   * waits as an earlier revision is still placed as that.
   *
   * @throws InvalidModelException if its group or one of its pools is not known, its priority is
   *     above the group's, its group changes while it holds instances, an instance is larger than
   *     any host, no host could satisfy its constraints together, a regular expression takes too
   *     long, or it is no longer reclaimable while it holds borrowed room
   */
  public void putJob(JobDemand demand) {
    jobs.put(demand);
  }

  /** Refuses what {@link #putJob} would refuse, and changes nothing. */
  public void checkJob(JobDemand demand) {
    jobs.check(demand);
  }

  /**
   * Adds a job that was accepted once: its group must be there, and nothing else is questioned. A
   * pool that it names and that is gone is as if it were not named.
   */
  public void restoreJob(JobDemand demand) {
    restoreJob(demand, List.of());
  }

  /**
   * The same for a job of which instances may still be placed that run an earlier revision.
   *
   * @param earlier all of them, none of the newest's number; what waits as another one can no more
   *     be placed
   */
  public void restoreJob(JobDemand newest, List<Footprint> earlier) {
    jobs.restore(newest, earlier);
  }

  /** Removes a job; what it still holds stays charged until it is released. */
  public void removeJob(String id) {
    jobs.remove(id);
  }

  /**
   * Books an allocation that exists: restored, or in flight. It is not questioned: what runs, runs.
   *
   * @throws InvalidModelException if its host or job is not known, or the instance holds room
   *     already
   */
  public void allocate(Allocation allocation) {
    requireUnplaced(allocation.instance());
    cluster.allocate(allocation);
  }

  /**
   * Books what a lost executor may have left of a job on a host, until {@link #release}: its room
   * and its ports are not given to others, no instance of the job is placed beside it, and the host
   * is not empty. It counts towards no quota, is not evicted, and nothing makes it move.
   *
   * @param id distinct from those of instances
   * @param job the job, which may be gone
   * @throws InvalidModelException if the host is not known, or the id holds room already
   */
  public void keep(String id, String job, String host, Resources size, List<Integer> ports) {
    requireUnplaced(id);
    cluster.keep(id, job, host, size, ports);
  }

  /** Frees what an instance holds; one that holds nothing is no error. */
  public void release(String instance) {
    cluster.release(instance);
  }

  /**
   * The instance is on its way out and keeps its room until {@link #release}. Nobody is evicted for
   * what its room will serve soon, and it is not evicted itself. One that holds nothing is no
   * error.
   */
  public void ending(String instance) {
    if (cluster.allocations.find(instance) >= 0) {
      cluster.ending.add(instance);
    }
  }

  /**
   * Has a job keep away from a host, or no longer: nothing of it is placed there, and what runs
   * there stays. Ends with the host; a host or job that is not there is no error.
   */
  public void avoid(String job, String host, boolean avoids) {
    cluster.avoid(job, host, avoids);
  }

  /**
   * Whether some host that the job does not {@link #avoid} could run it, by its pools, attributes
   * and size, whatever runs there now.
   *
   * @throws InvalidModelException if the job is not known
   */
  public boolean couldRun(String job) {
    return prospects.anyHost(requireJob(job));
  }

  /** What an instance holds, if anything. */
  public Optional<Allocation> allocation(String instance) {
    int row = cluster.allocations.find(instance);
    return row < 0
        ? Optional.empty()
        : Optional.of(cluster.allocations.allocation(row, cluster.hosts));
  }

  /**
   * Finds places for instances of a job and books them.
   *
   * @param job the job
   * @param instances ids of instances that hold nothing yet, distinct
   * @param now when they are admitted
   * @return the placements, for the first of the instances, and why the others found none
   * @throws InvalidModelException if the job is not known or an instance holds room already
   */
  public Placed place(String job, List<String> instances, Instant now) {
    JobState state = requireJob(job);
    requireDistinct(instances);
    List<Placement> placements = new ArrayList<>(instances.size());
    int placed = placer.place(state, instances, now.toEpochMilli(), placements);
    List<Refusal> refusals = placed < instances.size() ? explainer.refusals(state) : List.of();
    return new Placed(placements, refusals);
  }

  /**
   * Finds places for all that waits, in the order that is fair: what is within guarantees first, by
   * priority; then a little at a time to the group that has borrowed least by its weighted dominant
   * share, inside a group by priority.
   *
   * @return placements, and refusals by job and revision where something is left waiting
   */
  public Served placeAll(List<Pending> pending, Instant now) {
    requirePending(pending);
    return serving.serve(pending, now.toEpochMilli());
  }

  /**
   * Guaranteed instances that are borrowed from now on, because their group's guarantee has become
   * too small for them: it was lowered, handed on to a group below, taken away with its quota, or
   * its pool has lost hosts. Of a group the lowest priority goes first, then the youngest, until
   * what stays fits wholly inside the guarantee. Their labels are changed by this call. Ask once a
   * round, before {@link #promote}.
   */
  public List<Demotion> demote() {
    return new Demotions(cluster).all();
  }

  /**
   * Borrowed instances that have become guaranteed, because their group's guarantee has room again.
   * Their labels are changed by this call. Ask once a round, before {@link #reclaim}.
   */
  public List<String> promote() {
    return Promotion.all(cluster);
  }

  /** How {@link #reclaim} is damped; {@link SharingPolicy#DEFAULT} until set. */
  public void sharing(SharingPolicy policy) {
    reclaim.policy(requireNonNull(policy));
  }

  /**
   * Evicts borrowed work for what waits within a guarantee, all claimants together, and nominates
   * the room for them. The evicted keep their room until {@link #release}. Idempotent: what is
   * being evicted is not evicted again.
   *
   * @param pending what found no place
   */
  public List<Eviction> reclaim(List<Pending> pending, Instant now) {
    requirePending(pending);
    return reclaim.round(pending, now);
  }

  /**
   * What each group may hold in a pool now, the groups below it included, by path.
   *
   * @param pending what waits, which counts as demand in the first pool of its job's order
   * @throws InvalidModelException if the pool is not known
   */
  public Map<String, Resources> entitlements(String pool, List<Pending> pending) {
    requirePending(pending);
    return entitlements.of(requirePool(pool), pending);
  }

  /** Pools that have lost so many hosts that guarantees are scaled down in them. */
  public List<String> degraded() {
    List<String> degraded = new ArrayList<>();
    for (PoolState pool : cluster.pools.values()) {
      cluster.refresh(pool);
      for (int d = 0; d < pool.promised.length; d++) {
        if (pool.promised[d] > Dimensions.at(pool.capacity, d)) {
          degraded.add(pool.pool.name());
          break;
        }
      }
    }
    return degraded;
  }

  /**
   * Which instances of a job its newest version would not have where they are, and which of them a
   * trial finds another place for, by our records. Nothing is changed.
   *
   * @param job the job
   * @param instances its instances; those that hold nothing, or are on their way out, are passed
   *     over
   * @param older those that were placed before its hard constraints were what they are
   * @param waiting how many of its instances wait and would be placed first
   * @param most after so many that could move, the others are not tried
   * @throws InvalidModelException if the job is not known
   */
  public List<Breach> breaches(
      String job, List<String> instances, Set<String> older, int waiting, int most) {
    return new Standing(cluster).breaches(requireJob(job), instances, older, waiting, most);
  }

  /** What groups hold above limits that were lowered under them, in words, by path. */
  public Map<String, List<String>> overLimits() {
    return new Excess(cluster).all();
  }

  /**
   * Instances to end so that groups whose policy is to {@link GroupPolicy#enforce} hold no more
   * than their limits: the lowest priority first, then the youngest. Nothing is changed.
   */
  public List<String> beyondEnforcedLimits() {
    return new Excess(cluster).toEnd();
  }

  /** Why one more instance of the job would find no place now; empty if it would find one. */
  @SuppressWarnings("try") // Opened to be closed.
  public List<Refusal> explain(String job) {
    JobState state = requireJob(job);
    try (Trial trial = new Trial(cluster)) {
      boolean fits = placer.place(state, List.of(TRIAL), 0, null) > 0;
      return fits ? List.of() : explainer.refusals(state);
    }
  }

  /** A copy: nothing that is done to it changes this one. */
  Engine copy() {
    return copy(feasibility.view);
  }

  /**
   * A copy to try things on, which takes as free what capacity, overhead and allocations leave:
   * nothing that is done to it changes this one. How long a pool has had hosts to spare counts from
   * now.
   */
  public Engine copyOnRecords() {
    Engine copy = copy(Feasibility.View.RECORDS);
    for (PoolState pool : copy.cluster.pools.values()) {
      pool.surplusSince = null;
      pool.sparseSince = null;
    }
    return copy;
  }

  private Engine copy(Feasibility.View view) {
    Engine copy = new Engine(Copy.of(cluster), view);
    copy.growth.overhead(growth.overhead());
    copy.reclaim.copyMemory(reclaim);
    return copy;
  }

  /**
   * Hosts to order for what waits, for the pools' minimum and for their buffers. Hosts that are
   * provisioning or initialising count as there. Nothing is booked.
   *
   * @param pending what found no place
   */
  public List<HostOrder> growth(List<Pending> pending, Instant now) {
    requirePending(pending);
    return growth.orders(pending, now);
  }

  /** The cloud of {@code pool} had no host to sell; it is not asked again for a while. */
  public void outOfStock(String pool, Instant now) {
    PoolState state = cluster.pools.get(pool);
    if (state != null) {
      growth.outOfStock(state, now);
    }
  }

  /** The cloud of {@code pool} sold all that it was asked for. */
  public void inStock(String pool, Instant now) {
    PoolState state = cluster.pools.get(pool);
    if (state != null) {
      Growth.inStock(state, now);
    }
  }

  /** When the cloud of {@code pool}, which had no stock, is asked again; empty: at once. */
  public Optional<Instant> askedAgain(String pool) {
    return Optional.ofNullable(cluster.pools.get(pool)).map(state -> state.askAgainAt);
  }

  /** Whether the pool's template, maximum and budget allow one more host than there are. */
  public boolean hasRoom(String pool) {
    PoolState state = cluster.pools.get(pool);
    return state != null && growth.hasRoom(state);
  }

  /**
   * Empty hosts of on-demand pools to give back: beyond the minimum and the buffer, not needed for
   * the pool's {@code idleAfter}, and near the end of what is paid for. Ask regularly.
   */
  public List<String> idle(Instant now) {
    return shrinking.idle(now);
  }

  /**
   * Hosts in use to empty and give back: all that runs there fits on other hosts by our records,
   * with the buffer and the minimum kept. The cheapest to empty come first, by the number of
   * instances that move; of one job no more than it lets be evicted. Only in on-demand pools where
   * nothing waits and no empty host is to spare, once it has been so for the pool's {@code
   * idleAfter}, and near the end of what is paid for. Nothing is booked: drain the hosts. Ask
   * regularly.
   *
   * @param pending what found no place
   */
  public List<Drain> consolidate(List<Pending> pending, Instant now) {
    requirePending(pending);
    return consolidation.drains(pending, now);
  }

  private void requirePending(List<Pending> pending) {
    for (Pending waiting : pending) {
      requireJob(waiting.job());
      if (cluster.version(waiting.version()) == null) {
        throw new InvalidModelException(
            "revision",
            "job " + waiting.job() + " has no revision " + waiting.version().revision(),
            "put the job with that revision first");
      }
      requireDistinct(waiting.instances());
    }
  }

  private PoolState requirePool(String name) {
    PoolState pool = cluster.pools.get(name);
    if (pool == null) {
      throw new InvalidModelException("pool", "pool " + name + " does not exist", "create it");
    }
    return pool;
  }

  private JobState requireJob(String id) {
    JobState job = cluster.jobs.get(id);
    if (job == null) {
      throw new InvalidModelException("job", "job " + id + " is not known", "put it first");
    }
    return job;
  }

  private void requireDistinct(List<String> instances) {
    if (!distinct.holds(instances)) {
      throw new InvalidModelException("instances", "an instance is named twice", "name each once");
    }
    for (String instance : instances) {
      requireUnplaced(instance);
    }
  }

  private void requireUnplaced(String instance) {
    if (cluster.allocations.find(instance) >= 0) {
      throw new InvalidModelException(
          "instance", "instance " + instance + " holds room already", "release it first");
    }
  }
}
