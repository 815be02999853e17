package io.springtide.scheduler.task;

import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.Ledger;
import io.springtide.scheduler.turn.QueueingHints;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Hosts on which attempts fail again and again. A job whose last three attempts on a host all
 * failed within ten minutes keeps away from it for ten minutes, and after the next three for twice
 * as long, up to an hour: as long as some other host could run it. Where attempts of three jobs
 * fail so, the host itself is at fault, and a person is told.
 *
 * <p>Nothing that runs is ended for it, and a job that fails on many hosts, or on the last that
 * could run it, is at fault itself and avoids none. A system job belongs to its hosts and avoids
 * none either; its failures count against the host.
 *
 * <p>Not durable: three failures teach a new leader again.
 */
public final class PoisonHosts {
  static final int IN_A_ROW = 3;
  static final Duration WITHIN = Duration.ofMinutes(10);
  static final Duration FIRST = Duration.ofMinutes(10);
  static final Duration LONGEST = Duration.ofHours(1);

  /** A job that so many hosts fail is not failed by its hosts. */
  static final int MOST_AVOIDED = 10;

  /** Where attempts of so many jobs fail, it is the host. */
  static final int JOBS = 3;

  /** Pairs of a job and a host that are remembered; of more failures nothing is learnt. */
  static final int MOST_PAIRS = 10_000;

  /** One that runs for so long says that the host can run the job. */
  private static final Duration SOUND = Duration.ofSeconds(10);

  /** What time brings about is looked after this often. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  /**
   * A host that a job keeps away from.
   *
   * @param failures attempts that failed there in a row, the last within ten minutes
   * @param until when it may be tried again
   * @param why what the last attempt there said
   */
  public record Avoided(String host, int failures, Instant until, String why) {
    /** In words. */
    public String words() {
      return failures
          + " attempts in a row failed on "
          + host
          + (why.isEmpty() ? "" : " (" + why + ")")
          + ", tried again at "
          + Instant.ofEpochSecond(until.getEpochSecond());
    }
  }

  /** What is known of a job on a host. */
  private static final class Pair {
    final long revision;
    final List<Instant> failed = new ArrayList<>();
    String why = "";

    /** How often it was bad already. */
    int times;

    /** Until when it is bad; before the first time, when it began to be known. */
    Instant until;

    boolean bad;
    boolean avoided;

    Pair(long revision, Instant now) {
      this.revision = revision;
      until = now;
    }
  }

  private final State state;
  private final Ledger ledger;
  private final DirtySet dirty;
  private final QueueingHints hints;
  private final SortedMap<String, SortedMap<String, Pair>> pairs = new TreeMap<>();

  /** By host, the jobs that are failed there. */
  private final SortedMap<String, SortedSet<String>> jobs = new TreeMap<>();

  /** Jobs that are at fault themselves, or had nowhere else to go, and until when that is so. */
  private final Map<String, Instant> atFault = new TreeMap<>();

  private int count;
  private Instant nextLook = Instant.MIN;

  public PoisonHosts(State state, Ledger ledger, DirtySet dirty, QueueingHints hints) {
    this.state = state;
    this.ledger = ledger;
    this.dirty = dirty;
    this.hints = hints;
  }

  /** An attempt ended by a fault that may be its host's. */
  void failed(Instance instance, String why, Instant now) {
    Optional<Job> job = state.job(instance.job());
    Optional<Task> task = instance.task();
    if (job.isEmpty() || task.isEmpty()) {
      return;
    }
    String host = task.get().host();
    if (runsThere(instance, host, now)) {
      worked(instance.job(), host);
      return;
    }
    Pair pair = pair(job.get(), host, now);
    if (pair == null) {
      return;
    }
    pair.failed.removeIf(at -> !at.plus(WITHIN).isAfter(now));
    pair.failed.add(now);
    pair.why = why;
    if (pair.failed.size() >= IN_A_ROW) {
      condemn(job.get(), host, pair, now);
    }
  }

  /** Whether another instance of the job does well there. */
  private boolean runsThere(Instance besides, String host, Instant now) {
    return state.instancesOn(host).stream()
        .filter(other -> other.job().equals(besides.job()) && !other.id().equals(besides.id()))
        .filter(other -> other.state() == InstanceState.RUNNING)
        .flatMap(other -> other.task().stream())
        .anyMatch(task -> task.healthy().orElse(true) && !task.since().plus(SOUND).isAfter(now));
  }

  /** The host can run the job. */
  void worked(String job, String host) {
    Pair pair = pairs.getOrDefault(job, new TreeMap<>()).get(host);
    if (pair != null) {
      atFault.remove(job);
      forget(job, host, pair);
    }
  }

  private Pair pair(Job job, String host, Instant now) {
    Pair known = pairs.getOrDefault(job.id(), new TreeMap<>()).get(host);
    if (known != null && known.revision == job.revision()) {
      return known;
    }
    if (known != null) {
      forget(job.id(), host, known);
    }
    if (count >= MOST_PAIRS) {
      return null;
    }
    Pair fresh = new Pair(job.revision(), now);
    pairs.computeIfAbsent(job.id(), id -> new TreeMap<>()).put(host, fresh);
    count++;
    return fresh;
  }

  private void condemn(Job job, String host, Pair pair, Instant now) {
    Duration rest = FIRST.multipliedBy(1L << Math.min(pair.times, 10));
    pair.times++;
    pair.until = now.plus(rest.compareTo(LONGEST) < 0 ? rest : LONGEST);
    pair.bad = true;
    jobs.computeIfAbsent(host, id -> new TreeSet<>()).add(job.id());
    dirty.shownHost(host);
    if (job.spec().kind() == JobKind.SYSTEM || atFault.containsKey(job.id())) {
      return;
    }
    avoid(job.id(), host, pair, true);
    if (avoided(job.id()).size() > MOST_AVOIDED || !ledger.couldRun(job.id())) {
      acquit(job.id(), now);
    }
  }

  /** The job is at fault itself, or has nowhere else to go: it avoids no host for a while. */
  private void acquit(String job, Instant now) {
    atFault.put(job, now.plus(FIRST));
    pairs.get(job).forEach((host, pair) -> avoid(job, host, pair, false));
  }

  private void avoid(String job, String host, Pair pair, boolean avoids) {
    if (pair.avoided != avoids) {
      pair.avoided = avoids;
      ledger.avoid(job, host, avoids);
      dirty.shown(job);
      if (!avoids) {
        hints.job(job);
        dirty.match();
      }
    }
  }

  private void forget(String job, String host, Pair pair) {
    absolve(job, host, pair);
    SortedMap<String, Pair> ofJob = pairs.get(job);
    ofJob.remove(host);
    count--;
    if (ofJob.isEmpty()) {
      atFault.remove(job);
      pairs.remove(job);
    }
  }

  /** Its time is over, or it works again. */
  private void absolve(String job, String host, Pair pair) {
    avoid(job, host, pair, false);
    if (pair.bad) {
      pair.bad = false;
      pair.failed.clear();
      SortedSet<String> there = jobs.get(host);
      there.remove(job);
      if (there.isEmpty()) {
        jobs.remove(host);
      }
      dirty.shownHost(host);
    }
  }

  /** Time passes; jobs, hosts and revisions come and go. */
  public void sweep(Instant now) {
    if ((pairs.isEmpty() && atFault.isEmpty()) || now.isBefore(nextLook)) {
      return;
    }
    nextLook = now.plus(LOOK);
    for (String id : List.copyOf(pairs.keySet())) {
      Optional<Job> job = state.job(id);
      for (Map.Entry<String, Pair> entry : List.copyOf(pairs.get(id).entrySet())) {
        String host = entry.getKey();
        Pair pair = entry.getValue();
        boolean over = pair.bad && !pair.until.isAfter(now);
        boolean old = !pair.bad && !last(pair).plus(LONGEST).isAfter(now);
        boolean gone = job.isEmpty() || state.host(host).isEmpty();
        if (gone || old || job.get().revision() != pair.revision) {
          forget(id, host, pair);
        } else if (over) {
          absolve(id, host, pair);
        }
      }
      if (job.isPresent() && !avoided(id).isEmpty() && !ledger.couldRun(id)) {
        // What else could run it has gone: rather there than nowhere.
        acquit(id, now);
      }
    }
    atFault.values().removeIf(until -> !until.isAfter(now));
  }

  /** When it last failed, or was bad. */
  private static Instant last(Pair pair) {
    return pair.failed.stream().max(Comparator.naturalOrder()).orElse(pair.until);
  }

  /** The hosts that a job keeps away from now, in order; none for most. */
  public List<Avoided> avoided(String job) {
    SortedMap<String, Pair> ofJob = pairs.get(job);
    if (ofJob == null) {
      return List.of();
    }
    return ofJob.entrySet().stream()
        .filter(entry -> entry.getValue().avoided)
        .map(
            entry -> {
              Pair pair = entry.getValue();
              return new Avoided(entry.getKey(), pair.failed.size(), pair.until, pair.why);
            })
        .toList();
  }

  /** What a person should know of the host: that attempts of many jobs fail there. */
  public Optional<String> warning(String host) {
    SortedSet<String> failed = jobs.get(host);
    if (failed == null || failed.size() < JOBS) {
      return Optional.empty();
    }
    List<String> some = new ArrayList<>();
    for (String job : failed) {
      String why = pairs.get(job).get(host).why;
      some.add(job + (why.isEmpty() ? "" : " (" + why + ")"));
    }
    String shown = String.join(", ", some.subList(0, Math.min(JOBS, some.size())));
    return Optional.of(
        "attempts of %d jobs failed there again and again: %s%s"
            .formatted(
                some.size(),
                shown,
                some.size() > JOBS ? " and " + (some.size() - JOBS) + " more" : ""));
  }
}
