package io.springtide.scheduler.turn;

import io.springtide.partition.model.Version;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Where a place may be found now that was refused before. A job that found none is looked at again
 * only when room has appeared in one of its pools, quota in its tree of groups, or the job itself
 * has changed: so what a turn costs depends on what has happened, not on how much waits.
 */
public final class QueueingHints {
  /** What nobody announces, such as the end of a nomination, is seen after this time. */
  private static final Duration ANYWAY = Duration.ofSeconds(10);

  private final State state;
  private final Set<String> pools = new HashSet<>();
  private final Set<String> trees = new HashSet<>();
  private final Set<String> jobs = new HashSet<>();
  private boolean everywhere;
  private boolean stirred;
  private Instant nextAnyway = Instant.MIN;

  public QueueingHints(State state) {
    this.state = state;
  }

  /** A document has changed that many jobs depend on. */
  public void everywhere() {
    everywhere = true;
    stirred = true;
  }

  /** A host of the pool has become ready, or has room again that nothing of ours held. */
  void ready(String pool) {
    room(pool);
    stirred = true;
  }

  /** There may be room in the pool that there was not. */
  public void room(String pool) {
    pools.add(pool);
  }

  /** The job's instances hold less than before. */
  public void quota(String job) {
    trees.add(root(job));
    stirred = true;
  }

  /** The job asks for something else. */
  public void job(String id) {
    jobs.add(id);
    stirred = true;
  }

  /**
   * Whether something of ours has changed since this was asked last, so that room that we gave back
   * may be of use now. The room that an offer brings is none of ours: Mesos offers by itself
   * whatever is more than we gave back.
   */
  public boolean takeStirred() {
    boolean was = stirred;
    stirred = false;
    return was;
  }

  /**
   * What waits and is to be looked at, in order. What was open until now counts as seen.
   *
   * @param refused what found no place when it was last looked at
   */
  public List<Version> take(Set<Version> refused, Instant now) {
    boolean all = everywhere || !now.isBefore(nextAnyway);
    if (all) {
      nextAnyway = now.plus(ANYWAY);
    }
    List<Version> worth = new ArrayList<>();
    for (Version version : state.waitingVersions()) {
      Job job = state.job(version.job()).orElseThrow();
      if (all || !refused.contains(version) || concerns(job)) {
        worth.add(version);
      }
    }
    everywhere = false;
    pools.clear();
    trees.clear();
    jobs.clear();
    return worth;
  }

  private boolean concerns(Job job) {
    JobSpec spec = job.spec();
    if (jobs.contains(job.id()) || trees.contains(root(job.id()))) {
      return true;
    }
    // Wherever its neighbour comes to be, it may follow.
    if (spec.constraints().stream().anyMatch(rule -> !rule.soft() && rule.follows())) {
      return true;
    }
    if (pools.isEmpty()) {
      return false;
    }
    Set<String> allowed = state.groups().get(spec.group()).value().quotas().keySet();
    return (spec.pools().isEmpty() ? allowed : spec.pools()).stream().anyMatch(pools::contains);
  }

  /** The name of the topmost group. */
  private static String root(String job) {
    return job.substring(0, job.indexOf('.'));
  }
}
