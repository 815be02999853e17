package io.springtide.scheduler.goal;

import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.job.BatchPolicy;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Runs;
import io.springtide.scheduler.state.Runs.Ended;
import io.springtide.scheduler.state.Runs.Run;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Tally;
import io.springtide.scheduler.task.InstanceInput;
import io.springtide.scheduler.task.Updates;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * When a job's instances are wanted: once what it comes after has finished, and of a batch job no
 * more at once than it allows, until all are done or its time is over. What is not wanted yet does
 * not exist yet: so nothing is bought, reclaimed or kept for it.
 */
final class JobRuns {
  private final State state;
  private final Updates updates;
  private final DirtySet dirty;

  /** By the job that is waited for: who comes after it and has not begun. */
  private final Map<String, Set<String>> waiters = new HashMap<>();

  /** When the passing of time alone changes something for a job. */
  private final Map<String, Instant> due = new HashMap<>();

  private final NavigableMap<Instant, Set<String>> byTime = new TreeMap<>();

  JobRuns(State state, Updates updates, DirtySet dirty) {
    this.state = state;
    this.updates = updates;
    this.dirty = dirty;
  }

  /** Begins and ends what is to begin and end of the job, which is there and is not removed. */
  void follow(Job job, Turn turn) {
    begin(job, turn);
    Optional<Run> run = state.runs(job.id()).flatMap(Runs::run);
    if (job.spec().kind() == JobKind.BATCH && run.isPresent()) {
      if (run.get().ended().isEmpty() && over(run.get(), job, turn.now())) {
        cut(job, turn);
      }
      settleEnd(job, turn);
    }
    wakeAt(job.id(), nextLook(job));
  }

  private void begin(Job job, Turn turn) {
    boolean fromTheFirst = job.spec().kind() != JobKind.BATCH && job.spec().after().isEmpty();
    if (fromTheFirst || begun(job)) {
      return;
    }
    if (lacks(job).isPresent()) {
      job.spec()
          .after()
          .forEach(id -> waiters.computeIfAbsent(id, i -> new TreeSet<>()).add(job.id()));
      return;
    }
    Runs before = state.runs(job.id()).orElse(Runs.none(job.id()));
    boolean waited = !job.spec().after().isEmpty();
    turn.put(before.begin(waited ? turn.now() : job.created()));
    wakeWaiters(job.id());
  }

  /** Whether the job's instances are wanted by now. */
  boolean begun(Job job) {
    return (job.spec().kind() != JobKind.BATCH && job.spec().after().isEmpty())
        || state.runs(job.id()).flatMap(Runs::run).isPresent();
  }

  /** The first job that it comes after and that has not finished, and how that is. */
  private Optional<Waiting> lacks(Job job) {
    for (String id : job.spec().after()) {
      Optional<Job> other = state.job(id);
      if (other.isEmpty()) {
        return Optional.of(after(id + " is not there", "a batch job " + id + " that finishes"));
      }
      Optional<Ended> ended = state.runs(id).flatMap(Runs::ended);
      if (ended.isEmpty()) {
        return Optional.of(after(id + " has not finished yet", "its end"));
      }
      if (!ended.get().well()) {
        return Optional.of(
            after(
                id + " has failed: " + ended.get().failed() + " of its instances did not finish",
                "that it is removed and finishes when it is put again"));
      }
    }
    return Optional.empty();
  }

  private static Waiting after(String detail, String freedBy) {
    return new Waiting(Waiting.AFTER, 0, detail, freedBy);
  }

  private static boolean over(Run run, Job job, Instant now) {
    return job.spec()
        .batch()
        .deadline()
        .filter(time -> !run.began().plus(time).isAfter(now))
        .isPresent();
  }

  /** The run's time is over: what has not finished has failed. */
  private void cut(Job job, Turn turn) {
    String why = deadline(job);
    for (Instance instance : List.copyOf(state.instancesOf(job.id()))) {
      if (!instance.state().done()
          && instance.goal() != Goal.LEAVE
          && instance.goal() != Goal.FAIL) {
        Instance failing = instance.with(Goal.FAIL, why);
        turn.put(failing);
        updates.on(failing, InstanceInput.STOP, why, turn);
      }
    }
  }

  private static String deadline(Job job) {
    Duration time = job.spec().batch().deadline().orElseThrow();
    return "its run was not done within batch.deadline, " + seconds(time);
  }

  private static String seconds(Duration time) {
    return time.toString().substring(2).toLowerCase(Locale.ROOT);
  }

  /** The run is over once all are done, or what is done is all that there will be. */
  private void settleEnd(Job job, Turn turn) {
    Runs runs = state.runs(job.id()).orElseThrow();
    Run run = runs.run().orElseThrow();
    Tally tally = state.tally(job.id());
    int wanted = job.spec().instances();
    boolean cut = run.ended().map(end -> !end.why().isEmpty()).orElse(over(run, job, turn.now()));
    boolean all = tally.live() == 0 && tally.done() >= wanted;
    boolean ends = tally.live() == 0 && (all || cut);
    if (ends && run.ended().isEmpty()) {
      boolean well = all && tally.failed() == 0;
      String why = well || !cut ? "" : deadline(job);
      turn.put(
          runs.end(
              Optional.of(
                  new Ended(turn.now(), well, tally.finished(), wanted - tally.finished(), why))));
      wakeWaiters(job.id());
    } else if (!ends && run.ended().isPresent()) {
      // More instances are wanted than when it ended.
      turn.put(runs.end(Optional.empty()));
    }
    Optional<Duration> ttl = job.spec().batch().ttl();
    Optional<Ended> ended = state.runs(job.id()).flatMap(Runs::ended);
    if (ttl.isPresent()
        && ended.filter(end -> !end.at().plus(ttl.get()).isAfter(turn.now())).isPresent()) {
      turn.put(job.leaving(turn.nextDocument()));
    }
  }

  /** What is done of the job lets others begin, or its going keeps them waiting for longer. */
  private void wakeWaiters(String job) {
    Set<String> waiting = waiters.remove(job);
    if (waiting != null) {
      waiting.forEach(dirty::job);
    }
  }

  private Optional<Instant> nextLook(Job job) {
    Optional<Run> run = state.runs(job.id()).flatMap(Runs::run);
    BatchPolicy batch = job.spec().batch();
    if (run.isEmpty() || job.spec().kind() != JobKind.BATCH) {
      return Optional.empty();
    }
    return run.get().ended().isPresent()
        ? batch.ttl().map(time -> run.get().ended().get().at().plus(time))
        : batch.deadline().map(time -> run.get().began().plus(time));
  }

  private void wakeAt(String job, Optional<Instant> at) {
    Instant before = due.remove(job);
    if (before != null) {
      byTime.computeIfPresent(
          before,
          (when, jobs) -> {
            jobs.remove(job);
            return jobs.isEmpty() ? null : jobs;
          });
    }
    at.ifPresent(
        when -> {
          due.put(job, when);
          byTime.computeIfAbsent(when, w -> new TreeSet<>()).add(job);
        });
  }

  /** Time passes. */
  void sweep(Instant now) {
    for (Set<String> jobs : List.copyOf(byTime.headMap(now, true).values())) {
      for (String job : List.copyOf(jobs)) {
        wakeAt(job, Optional.empty());
        dirty.job(job);
      }
    }
  }

  /** The job has gone. */
  void forget(String job) {
    wakeAt(job, Optional.empty());
    wakeWaiters(job);
  }

  /** How many more instances the job may have now, of those that it wants. */
  int mayCome(Job job, Instant now) {
    if (!begun(job)) {
      return 0;
    }
    Tally tally = state.tally(job.id());
    int missing = job.spec().instances() - tally.all();
    if (job.spec().kind() != JobKind.BATCH) {
      return missing;
    }
    Run run = state.runs(job.id()).flatMap(Runs::run).orElseThrow();
    boolean cut = run.ended().isPresent() || over(run, job, now);
    return cut ? 0 : Math.min(missing, job.spec().batch().parallelism() - tally.live());
  }

  /** Why instances of the job are not there yet that it wants; empty if all are. */
  Optional<Waiting> held(Job job) {
    if (job.removing()) {
      return Optional.empty();
    }
    if (!begun(job)) {
      return lacks(job);
    }
    Tally tally = state.tally(job.id());
    int parallelism = job.spec().batch().parallelism();
    boolean ended = state.runs(job.id()).flatMap(Runs::ended).isPresent();
    return ended || tally.live() < parallelism || tally.all() >= job.spec().instances()
        ? Optional.empty()
        : Optional.of(
            new Waiting(
                Waiting.PARALLELISM,
                0,
                "batch.parallelism lets " + parallelism + " of its instances live at once",
                "instances of the job that are done"));
  }
}
