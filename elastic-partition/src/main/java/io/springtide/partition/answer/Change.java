package io.springtide.partition.answer;

import io.springtide.partition.model.Group;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Pool;
import java.util.List;

/**
 * A change to preview: documents to put, instances that end, and what waits then.
 *
 * @param pools pools to add or change
 * @param groups groups to add or change, those above before those below
 * @param jobs jobs to add or change
 * @param ended instances that give their room back
 * @param pending everything that waits after the change
 */
public record Change(
    List<Pool> pools,
    List<Group> groups,
    List<JobDemand> jobs,
    List<String> ended,
    List<Pending> pending) {
  public Change {
    pools = List.copyOf(pools);
    groups = List.copyOf(groups);
    jobs = List.copyOf(jobs);
    ended = List.copyOf(ended);
    pending = List.copyOf(pending);
  }

  /** Only more work of jobs that are known. */
  public static Change of(List<Pending> pending) {
    return new Change(List.of(), List.of(), List.of(), List.of(), pending);
  }
}
