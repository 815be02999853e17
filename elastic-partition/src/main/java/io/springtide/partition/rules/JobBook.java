package io.springtide.partition.rules;

import io.springtide.partition.books.AllocationTable;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.GroupNode;
import io.springtide.partition.books.JobState;
import io.springtide.partition.books.NearRule;
import io.springtide.partition.books.Subject;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import java.util.ArrayList;
import java.util.List;

/** Jobs as they come, change and go; earlier versions stay as long as something runs in them. */
public final class JobBook {
  private final Cluster cluster;

  public JobBook(Cluster cluster) {
    this.cluster = cluster;
  }

  public void put(JobDemand demand) {
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
    install(demand);
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

  /** Takes over a job that was accepted once; pools that are gone are as if not named. */
  public void restore(JobDemand demand) {
    requireGroup(demand);
    install(demand);
  }

  private GroupNode requireGroup(JobDemand demand) {
    GroupNode group = cluster.groups.get(demand.group());
    if (group == null) {
      throw new InvalidModelException(
          "group", "group " + demand.group() + " does not exist", "create it first");
    }
    return group;
  }

  private void install(JobDemand demand) {
    GroupNode group = cluster.groups.get(demand.group());
    JobState before = cluster.jobs.get(demand.id());
    if (before != null) {
      before.current = false;
      cluster.retire(before);
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
    cluster.jobs.put(demand.id(), job);
    // Nominations follow the new version: scaling up must not evict anew for those that have one.
    cluster.nominations.follow(job);
  }

  public void remove(String id) {
    JobState job = cluster.jobs.remove(id);
    if (job != null) {
      job.current = false;
      cluster.nominations.forget(job.self);
      cluster.retire(job);
    }
  }
}
