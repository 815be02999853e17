package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.Version;
import io.springtide.scheduler.config.Durations;
import io.springtide.scheduler.job.JobSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A job as it is kept.
 *
 * @param spec as its owner wants it
 * @param version of the document: changes with every change
 * @param revision of what instances run: changes only when they must be replaced
 * @param made who made that revision, and when
 * @param ruledFrom attempts with higher numbers were placed under the hard constraints there are;
 *     earlier ones perhaps not
 * @param earlier the other revisions that are kept, by number: those that instances still run or
 *     want, and some more to go back to
 * @param removing whether it goes as soon as its instances have
 * @param created when it was first put
 */
public record Job(
    JobSpec spec,
    long version,
    long revision,
    Made made,
    long ruledFrom,
    List<Revision> earlier,
    boolean removing,
    Instant created) {
  /** So many revisions are kept to look at and to go back to, the present one included. */
  public static final int MOST_REVISIONS = 10;

  /** So many characters of them, as text, beside those in use and the present one. */
  public static final int MOST_TEXT = 256 * 1024;

  /**
   * Who made a revision.
   *
   * @param by the principal; empty if nobody knows
   */
  public record Made(String by, Instant at) {
    public Made {
      requireNonNull(by);
      requireNonNull(at);
    }

    Made notAfter(Instant now) {
      return new Made(by, Durations.earlier(at, now));
    }
  }

  /** What instances of a revision run. */
  public record Revision(long revision, JobSpec spec, Made made) {
    public Revision {
      requireNonNull(spec);
      requireNonNull(made);
    }
  }

  public Job {
    requireNonNull(spec);
    requireNonNull(made);
    earlier = List.copyOf(earlier);
    requireNonNull(created);
  }

  /** A job that is new. */
  public static Job created(JobSpec spec, long version, Made made) {
    return new Job(spec, version, version, made, 0, List.of(), false, made.at());
  }

  public String id() {
    return spec.id();
  }

  /** What its instances are to run in the end. */
  public Version newest() {
    return new Version(id(), revision);
  }

  /** What instances of that revision run; empty if it is not kept. */
  public Optional<JobSpec> specOf(long wanted) {
    if (wanted == revision) {
      return Optional.of(spec);
    }
    return earlier.stream().filter(old -> old.revision() == wanted).map(Revision::spec).findFirst();
  }

  /** All revisions that are kept, by number, the present one among them. */
  public List<Revision> revisions() {
    return with(new Revision(revision, spec, made));
  }

  private List<Revision> with(Revision more) {
    List<Revision> all = new ArrayList<>(earlier);
    all.add(more);
    all.sort(Comparator.comparingLong(Revision::revision));
    return all;
  }

  /**
   * The job after its owner has put {@code next}.
   *
   * @param lastAttempt the highest number that an attempt has been given
   * @param by who, and when
   */
  public Job put(JobSpec next, long nextVersion, long lastAttempt, Made by) {
    long ruled = spec.hardConstraints().equals(next.hardConstraints()) ? ruledFrom : lastAttempt;
    if (spec.runsTheSameAs(next)) {
      return new Job(next, nextVersion, revision, made, ruled, earlier, removing, created);
    }
    return new Job(next, nextVersion, nextVersion, by, ruled, revisions(), removing, created);
  }

  /** The job with a new revision that runs the same, so that all instances are replaced. */
  public Job restarted(long nextVersion, Made by) {
    return new Job(spec, nextVersion, nextVersion, by, ruledFrom, revisions(), removing, created);
  }

  /**
   * The job whose instances run an earlier revision again: that very revision, so that those that
   * still run it stay as they are. All else is as it is now.
   *
   * @throws java.util.NoSuchElementException if it is not kept
   */
  public Job backTo(long number, long nextVersion) {
    Revision back =
        earlier.stream().filter(one -> one.revision() == number).findFirst().orElseThrow();
    List<Revision> others = new ArrayList<>(revisions());
    others.removeIf(one -> one.revision() == number);
    return new Job(
        spec.running(back.spec()),
        nextVersion,
        number,
        back.made(),
        ruledFrom,
        others,
        removing,
        created);
  }

  /** The job with no stamp after {@code now}. */
  Job notAfter(Instant now) {
    return new Job(
        spec,
        version,
        revision,
        made.notAfter(now),
        ruledFrom,
        earlier.stream()
            .map(old -> new Revision(old.revision(), old.spec(), old.made().notAfter(now)))
            .toList(),
        removing,
        Durations.earlier(created, now));
  }

  /**
   * The job after an attempt has gone back to where its instance was: one that was there before the
   * rules that there are is judged by them like the attempt before it.
   */
  public Job returned(long before, long attempt) {
    return before > ruledFrom
        ? this
        : new Job(spec, version, revision, made, attempt, earlier, removing, created);
  }

  public Job leaving(long nextVersion) {
    return new Job(spec, nextVersion, revision, made, ruledFrom, earlier, true, created);
  }

  /**
   * The job without the revisions that are more than is kept, the oldest of which go first.
   *
   * @param used those that stay in any case
   */
  public Job keeping(Set<Long> used) {
    List<Revision> kept = new ArrayList<>(earlier);
    int text = 0;
    int count = 1 + (int) earlier.stream().filter(old -> used.contains(old.revision())).count();
    for (int i = earlier.size() - 1; i >= 0; i--) {
      Revision old = earlier.get(i);
      if (used.contains(old.revision())) {
        continue;
      }
      text += old.spec().toString().length();
      if (++count > MOST_REVISIONS || text > MOST_TEXT) {
        kept.remove(old);
      }
    }
    return kept.size() == earlier.size()
        ? this
        : new Job(spec, version, revision, made, ruledFrom, kept, removing, created);
  }
}
