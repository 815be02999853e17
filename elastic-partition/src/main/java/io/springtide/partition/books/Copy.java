package io.springtide.partition.books;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A cluster once more, sharing nothing that changes, so that a preview can do as it likes, on any
 * thread. Rows stay rows: the tables are cloned column by column, and only what points at pools,
 * groups, subjects and jobs is pointed at their copies. So it takes milliseconds for a hundred
 * thousand allocations, where entering them anew would take a hundred.
 */
public final class Copy {
  private final Map<PoolState, PoolState> pools = new HashMap<>();
  private final Map<GroupNode, GroupNode> groups = new HashMap<>();
  private final Map<Subject, Subject> subjects = new HashMap<>();
  private final Map<JobState, JobState> jobs = new HashMap<>();

  private Copy() {}

  public static Cluster of(Cluster from) {
    return new Copy().copy(from);
  }

  private Cluster copy(Cluster from) {
    from.pools.values().forEach(pool -> pools.put(pool, new PoolState(pool)));
    // Groups above come before those below, as their paths sort.
    from.groups.values().forEach(this::group);
    from.subjects.values().forEach(subject -> subjects.put(subject, new Subject(subject)));
    // Old versions that something still holds room in are reached through the allocations.
    AllocationTable allocations = new AllocationTable(from.allocations, this::job);
    Dimensions dimensions = new Dimensions(from.dimensions);
    Cluster copy =
        new Cluster(
            dimensions,
            new HostTable(from.hosts, dimensions, pools::get, subjects::get),
            allocations,
            new Nominations(from.nominations, this::job));
    from.pools.forEach((name, pool) -> copy.pools.put(name, pools.get(pool)));
    from.groups.forEach((path, group) -> copy.groups.put(path, groups.get(group)));
    from.subjects.forEach((name, subject) -> copy.subjects.put(name, subjects.get(subject)));
    from.jobs.forEach((id, job) -> copy.jobs.put(id, job(job)));
    from.earlier.forEach(
        (id, kept) -> {
          Map<Long, JobState> copies = new TreeMap<>();
          kept.forEach((revision, job) -> copies.put(revision, job(job)));
          copy.earlier.put(id, copies);
        });
    from.subjects.values().forEach(this::repellers);
    from.avoiding.forEach(subject -> copy.avoiding.add(subjects.get(subject)));
    copy.evicting.addAll(from.evicting);
    copy.ending.addAll(from.ending);
    copy.poolCount = from.poolCount;
    return copy;
  }

  private void group(GroupNode group) {
    GroupNode parent = groups.get(group.parent);
    GroupNode copy = new GroupNode(parent, group);
    groups.put(group, copy);
    if (parent != null) {
      parent.children.put(group.group.path(), copy);
    }
  }

  private JobState job(JobState job) {
    return jobs.computeIfAbsent(job, j -> new JobState(j, groups.get(j.group), subjects::get));
  }

  private void repellers(Subject subject) {
    for (Subject.Repulsion by : subject.repelledBy) {
      Subject owner = subjects.get(by.owner());
      subjects.get(subject).repelledBy.add(new Subject.Repulsion(owner, by.attribute()));
    }
  }
}
