package io.springtide.partition.rules;

import io.springtide.partition.books.AllocationTable;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.GroupNode;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.NearRule;
import io.springtide.partition.books.Subject;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.Footprint;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Jobs as they come, change and go; earlier versions stay as long as something runs in them. */
public final class JobBook {
  private final Cluster cluster;

  public JobBook(Cluster cluster) {
    this.cluster = cluster;
  }

  public void put(JobDemand demand) {
    check(demand);
    install(demand, earlier(demand));
  }

  /** Refuses what cannot be. */
  public void check(JobDemand demand) {
    GroupNode group = requireGroup(demand);
    for (String pool : demand.pools()) {
      if (!cluster.pools.containsKey(pool)) {
        throw new InvalidModelException(
            "pools", "pool " + pool + " does not exist", "name pools that exist");
      }
    }
    if (demand.priority() > group.group.policy().maxPriority()) {
      throw new InvalidModelException(
          "priority",
          demand.priority() + " is above the group's " + group.group.policy().maxPriority(),
          "lower it, or raise the group's maxPriority");
    }
    JobState known = cluster.jobs.get(demand.id());
    if (known != null && known.group != group && known.self.total > 0) {
      throw new InvalidModelException(
          "group",
          known.self.total + " instances of the job run in group " + known.demand.group(),
          "stop them first, or choose another id");
    }
    JobRules.check(demand, cluster.hosts);
    if (!demand.reclaimable() && known != null) {
      requireNothingBorrowed(known);
    }
  }

  /** What there was before it of the job, but for what it takes the place of. */
  private List<Footprint> earlier(JobDemand newest) {
    List<Footprint> stay = new ArrayList<>();
    JobState before = cluster.jobs.get(newest.id());
    Map<Long, JobState> kept = cluster.earlier.getOrDefault(newest.id(), Map.of());
    Stream.concat(kept.values().stream(), Stream.ofNullable(before))
        .filter(job -> job.demand.revision() != newest.revision())
        .forEach(job -> stay.add(job.demand.footprint()));
    return stay;
  }

  /** What it borrowed as reclaimable would block the lenders' guarantees for ever. */
  private void requireNothingBorrowed(JobState job) {
    AllocationTable table = cluster.allocations;
    int borrowed = 0;
    for (int row = 0; row < table.rows(); row++) {
      if (table.job[row] != null
          && table.job[row].self == job.self
          && table.labelOf(row) == Label.BORROWED
          && !cluster.leaves(table.id[row])) {
        borrowed++;
      }
    }
    if (borrowed > 0) {
      throw new InvalidModelException(
          "reclaimable",
          borrowed + " of its instances run on borrowed room, which must stay reclaimable",
          "raise the group's guarantee or ask for fewer instances first");
    }
  }

  /**
   * Takes over a job that was accepted once; pools that are gone are as if not named.
   *
   * @param earlier what instances of earlier revisions take that may still be placed
   */
  public void restore(JobDemand newest, List<Footprint> earlier) {
    requireGroup(newest);
    install(newest, earlier);
  }

  private GroupNode requireGroup(JobDemand demand) {
    GroupNode group = cluster.groups.get(demand.group());
    if (group == null) {
      throw new InvalidModelException(
          "group", "group " + demand.group() + " does not exist", "create it first");
    }
    return group;
  }

  private void install(JobDemand newest, List<Footprint> earlier) {
    String id = newest.id();
    Map<Long, JobState> before = new TreeMap<>(cluster.earlier.getOrDefault(id, Map.of()));
    JobState present = cluster.jobs.get(id);
    if (present != null) {
      before.put(present.demand.revision(), present);
    }
    JobState job = version(newest, before);
    job.current = true;
    job.kept = false;
    Map<Long, JobState> kept = new TreeMap<>();
    for (Footprint footprint : earlier) {
      JobState old = version(newest.as(footprint), before);
      old.current = false;
      old.kept = true;
      kept.put(footprint.revision(), old);
    }
    cluster.jobs.put(id, job);
    cluster.earlier.put(id, kept);
    if (kept.isEmpty()) {
      cluster.earlier.remove(id);
    }
    before.values().forEach(this::drop);
    // Nominations follow the new version: scaling up must not evict anew for those that have one.
    cluster.nominations.follow(job, kept);
  }

  /** The version that asks for just this, taken out of those before, or a new one. */
  private JobState version(JobDemand demand, Map<Long, JobState> before) {
    GroupNode group = cluster.groups.get(demand.group());
    JobState same = before.get(demand.revision());
    if (same != null && same.group == group && same.demand.equals(demand)) {
      return before.remove(demand.revision());
    }
    Subject self = cluster.subject(demand.id());
    List<Subject> members = new ArrayList<>();
    members.add(self);
    for (String label : demand.labels()) {
      members.add(cluster.subject(Constraint.LABEL + label));
    }
    JobState job =
        new JobState(demand, group, self, members.toArray(new Subject[0]), cluster.dimensions);
    cluster.hosts.dimensionsGrew();
    job.compile(cluster.hosts, cluster::subject);
    for (NearRule near : job.nears) {
      if (near.repels()) {
        near.target().repelledBy.add(near.repulsion());
      }
    }
    group.jobs++;
    return job;
  }

  /** Nothing is placed as that version any more; what runs in it keeps it. */
  private void drop(JobState version) {
    version.current = false;
    version.kept = false;
    cluster.retire(version);
  }

  public void remove(String id) {
    JobState job = cluster.jobs.remove(id);
    Map<Long, JobState> earlier = cluster.earlier.remove(id);
    if (earlier != null) {
      earlier.values().forEach(this::drop);
    }
    if (job != null) {
      cluster.nominations.forget(job.self);
      drop(job);
    }
  }
}
