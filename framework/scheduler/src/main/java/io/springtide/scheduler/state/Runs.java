package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.scheduler.config.Durations;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What has become of a job's runs. A batch job runs once, or each time that it is told to; a job
 * that comes after others has begun once they have finished.
 *
 * @param job its id
 * @param run the present run, or the last; empty: none has begun
 * @param past the runs before it, oldest first, at most {@link #MOST_PAST}
 */
public record Runs(String job, Optional<Run> run, List<Run> past) {
  /** Older runs are forgotten. */
  public static final int MOST_PAST = 9;

  /**
   * A run of all the job's instances.
   *
   * @param number 1 for the first; never given twice while the job is there
   * @param began when
   * @param ended how it ended; empty: it goes on
   */
  public record Run(long number, Instant began, Optional<Ended> ended) {
    public Run {
      requireNonNull(began);
      requireNonNull(ended);
    }

    private Run notAfter(Instant now) {
      return new Run(number, Durations.earlier(began, now), ended.map(end -> end.notAfter(now)));
    }
  }

  /**
   * How a run ended.
   *
   * @param at when
   * @param well whether all its instances finished
   * @param finished how many did
   * @param failed how many did not
   * @param why it was ended before all were done, for a person; empty: it was not
   */
  public record Ended(Instant at, boolean well, int finished, int failed, String why) {
    public Ended {
      requireNonNull(at);
      requireNonNull(why);
    }

    private Ended notAfter(Instant now) {
      return new Ended(Durations.earlier(at, now), well, finished, failed, why);
    }
  }

  public Runs {
    requireNonNull(job);
    requireNonNull(run);
    past = List.copyOf(past);
  }

  /** Of a job of which no run has begun. */
  public static Runs none(String job) {
    return new Runs(job, Optional.empty(), List.of());
  }

  /** How the present run ended; empty while it goes on, or none has begun. */
  public Optional<Ended> ended() {
    return run.flatMap(Run::ended);
  }

  /** Another run begins. */
  public Runs begin(Instant now) {
    List<Run> before = new ArrayList<>(past);
    run.ifPresent(before::add);
    List<Run> kept = before.subList(Math.max(0, before.size() - MOST_PAST), before.size());
    long number = run.map(Run::number).orElse(0L) + 1;
    return new Runs(job, Optional.of(new Run(number, now, Optional.empty())), kept);
  }

  /** The present run ends so, or goes on. */
  public Runs end(Optional<Ended> how) {
    Run present = run.orElseThrow();
    return new Runs(job, Optional.of(new Run(present.number(), present.began(), how)), past);
  }

  /** The runs with no stamp after {@code now}. */
  Runs notAfter(Instant now) {
    return new Runs(
        job, run.map(one -> one.notAfter(now)), past.stream().map(r -> r.notAfter(now)).toList());
  }
}
