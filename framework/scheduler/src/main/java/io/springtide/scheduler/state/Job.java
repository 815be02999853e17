package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.Version;
import io.springtide.scheduler.config.Durations;
import io.springtide.scheduler.job.JobSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A job as it is kept.
 *
 * @param spec as its owner wants it
 * @param version of the document: changes with every change
 * @param revision of what instances run: changes only when they must be replaced
 * @param ruledFrom attempts with higher numbers were placed under the hard constraints there are;
 *     earlier ones perhaps not
 * @param earlier revisions that instances still run or want, oldest first
 * @param removing whether it goes as soon as its instances have
 * @param created when it was first put
 */
public record Job(
    JobSpec spec,
    long version,
    long revision,
    long ruledFrom,
    List<Revision> earlier,
    boolean removing,
    Instant created) {

  /** What instances of a revision run. */
  public record Revision(long revision, JobSpec spec) {
    public Revision {
      requireNonNull(spec);
    }
  }

  public Job {
    requireNonNull(spec);
    earlier = List.copyOf(earlier);
    requireNonNull(created);
  }

  public String id() {
    return spec.id();
  }

  /** What its instances are to run in the end. */
  public Version newest() {
    return new Version(id(), revision);
  }

  /** What instances of that revision run; empty if none is left that does. */
  public Optional<JobSpec> specOf(long wanted) {
    if (wanted == revision) {
      return Optional.of(spec);
    }
    return earlier.stream().filter(old -> old.revision() == wanted).map(Revision::spec).findFirst();
  }

  /**
   * The job after its owner has put {@code next}.
   *
   * @param lastAttempt the highest number that an attempt has been given
   */
  public Job put(JobSpec next, long nextVersion, long lastAttempt) {
    long ruled = spec.hardConstraints().equals(next.hardConstraints()) ? ruledFrom : lastAttempt;
    if (spec.runsTheSameAs(next)) {
      return new Job(next, nextVersion, revision, ruled, earlier, removing, created);
    }
    List<Revision> kept = new ArrayList<>(earlier);
    kept.add(new Revision(revision, spec));
    return new Job(next, nextVersion, nextVersion, ruled, kept, removing, created);
  }

  /** The job with no stamp after {@code now}. */
  Job notAfter(Instant now) {
    return new Job(
        spec, version, revision, ruledFrom, earlier, removing, Durations.earlier(created, now));
  }

  public Job leaving(long nextVersion) {
    return new Job(spec, nextVersion, revision, ruledFrom, earlier, true, created);
  }

  /** The job without the earlier revisions that are not in {@code used}. */
  public Job keeping(Set<Long> used) {
    List<Revision> kept = earlier.stream().filter(old -> used.contains(old.revision())).toList();
    return kept.size() == earlier.size()
        ? this
        : new Job(spec, version, revision, ruledFrom, kept, removing, created);
  }
}
