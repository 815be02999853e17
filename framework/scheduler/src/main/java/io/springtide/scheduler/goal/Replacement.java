package io.springtide.scheduler.goal;

import io.springtide.partition.answer.Breach;
import io.springtide.partition.model.HostCondition;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Host.Wish;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.task.InstanceInput;
import io.springtide.scheduler.task.Updates;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.LastServed;
import io.springtide.scheduler.turn.Turn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Replaces what runs an earlier revision, what is on a host that is to be empty, and what breaks
 * its job's rules where it is and would find another place.
 *
 * <p>What serves nobody is replaced at once; the rest no faster than the job's disruption budget.
 * But who serves nobody is not a question of one probe: whoever served within the last minute may
 * serve again in a moment, and is left alone while more than the budget are down. Whoever served
 * when the change began and has not for longer goes as replacements come up, however many are down.
 * So a change never takes more than the budget from those who served.
 *
 * <p>Where there is not room for all of a job's instances, its change goes on with those that have
 * a place.
 */
public final class Replacement {
  /** When the job's present revision was first seen. */
  private record Began(long revision, Instant at) {}

  private final State state;
  private final Updates updates;
  private final LastServed served;
  private final Breaches breaches;
  private final DirtySet dirty;
  private final Map<String, Began> began = new HashMap<>();

  /**
   * Of jobs whose instances are being replaced: how many of them had a place since that began. Who
   * waits for one all the time takes nothing away, and does not hold the change up.
   */
  private final Map<String, Integer> placed = new HashMap<>();

  /** Jobs in which the passing of time alone may free somebody for replacement. */
  private final Map<String, Instant> lookAgain = new HashMap<>();

  Replacement(State state, Updates updates, LastServed served, Breaches breaches, DirtySet dirty) {
    this.state = state;
    this.updates = updates;
    this.served = served;
    this.breaches = breaches;
    this.dirty = dirty;
  }

  /** Of those that must be replaced, by what they did for clients. */
  private static final class Due {
    final List<Instance> idle = new ArrayList<>();
    final List<Instance> gone = new ArrayList<>();
    final List<Instance> faltering = new ArrayList<>();
    final List<Instance> serving = new ArrayList<>();

    boolean isEmpty() {
      return idle.isEmpty() && gone.isEmpty() && faltering.isEmpty() && serving.isEmpty();
    }
  }

  void settle(Job job, Turn turn) {
    Due due = new Due();
    int all = 0;
    int waiting = 0;
    int serving = 0;
    int untouched = 0;
    Instant since = since(job, turn.now());
    lookAgain.remove(job.id());
    for (Instance instance : List.copyOf(state.instancesOf(job.id()))) {
      if (instance.goal() == Goal.LEAVE || instance.state().done()) {
        continue;
      }
      boolean moves = instance.goal() == Goal.RUN && mustMove(job, instance);
      boolean available = instance.goal() == Goal.RUN && served.serves(instance);
      all++;
      waiting += hasNoPlace(instance, turn.now()) ? 1 : 0;
      serving += available ? 1 : 0;
      untouched += available || moves ? 1 : 0;
      if (moves) {
        sort(instance, since, due, turn.now());
      }
    }
    int most = placed(job.id(), due, all, waiting);
    int unavailable = most - serving;
    int taken = most - untouched;
    due.idle.forEach(instance -> move(instance, turn));
    int budget = job.spec().update().maxUnavailable();
    for (Instance instance : due.gone) {
      if (taken < budget) {
        move(instance, turn);
        taken++;
      }
    }
    for (Instance instance : due.faltering) {
      if (taken < budget && unavailable <= budget) {
        move(instance, turn);
        taken++;
      }
    }
    for (Instance instance : due.serving) {
      if (unavailable < budget) {
        move(instance, turn);
        unavailable++;
      }
    }
  }

  /** How many have, or had when this began, a place that a replacement may take. */
  private int placed(String job, Due due, int all, int waiting) {
    if (due.isEmpty()) {
      placed.remove(job);
      return all;
    }
    int most = Math.min(all, Math.max(placed.getOrDefault(job, 0), all - waiting));
    placed.put(job, most);
    return most;
  }

  /** Whether it has waited for a place for a while: what was taken a moment ago has not. */
  private boolean hasNoPlace(Instance instance, Instant now) {
    if (instance.state() != InstanceState.PENDING
        || instance.task().isPresent()
        || instance.notBefore().isAfter(now)) {
      return false;
    }
    Instant from = instance.since().plus(LastServed.LATELY);
    if (from.isAfter(now)) {
      lookAgain(instance.job(), from);
    }
    return !from.isAfter(now);
  }

  private void lookAgain(String job, Instant at) {
    lookAgain.merge(job, at, (one, other) -> one.isBefore(other) ? one : other);
  }

  private void sort(Instance instance, Instant jobSince, Due due, Instant now) {
    Optional<Instant> until = served.of(instance, now);
    if (until.isEmpty()) {
      due.idle.add(instance);
    } else if (until.get().equals(now) && served.serves(instance)) {
      due.serving.add(instance);
    } else if (until.get().plus(LastServed.LATELY).isAfter(now)) {
      due.faltering.add(instance);
      lookAgain(instance.job(), until.get().plus(LastServed.LATELY));
    } else if (until.get().isBefore(since(instance, jobSince))) {
      due.idle.add(instance);
    } else {
      due.gone.add(instance);
    }
  }

  /** When what replaces this job's instances began. */
  private Instant since(Job job, Instant now) {
    Began known = began.get(job.id());
    if (known == null || known.revision() != job.revision()) {
      known = new Began(job.revision(), now);
      began.put(job.id(), known);
    }
    return known.at();
  }

  /** When what replaces this instance began: its job's change, or its host's emptying. */
  private Instant since(Instance instance, Instant jobSince) {
    Instant host = leavingHost(instance).map(Host::since).orElse(jobSince);
    return host.isBefore(jobSince) ? host : jobSince;
  }

  /** Time passes: jobs in which somebody has served nobody for long enough are looked at again. */
  void sweep(Instant now) {
    lookAgain.forEach(
        (job, at) -> {
          if (!at.isAfter(now)) {
            dirty.job(job);
          }
        });
    lookAgain.values().removeIf(at -> !at.isAfter(now));
  }

  void forget(String job) {
    began.remove(job);
    placed.remove(job);
    lookAgain.remove(job);
  }

  private boolean mustMove(Job job, Instance instance) {
    return instance
        .task()
        .filter(
            task ->
                task.revision() != job.revision()
                    || leavingHost(instance).isPresent()
                    || breaches.of(instance).filter(Breach::movable).isPresent())
        .isPresent();
  }

  private void move(Instance instance, Turn turn) {
    String why =
        leavingHost(instance).isPresent()
            ? "its host is to be empty"
            : breaches.of(instance).map(Breach::detail).orElse("its job has changed");
    Instance moving = instance.with(Goal.REPLACE, why);
    turn.put(moving);
    updates.on(moving, InstanceInput.STOP, why, turn);
  }

  /** Its host, if that is to be empty. */
  private Optional<Host> leavingHost(Instance instance) {
    return instance.task().flatMap(task -> state.host(task.host())).filter(Replacement::toBeEmpty);
  }

  /**
   * By its wish, or because Mesos drains it: what Mesos has not killed yet may move ahead of it.
   */
  public static boolean toBeEmpty(Host host) {
    return host.wish() == Wish.DRAIN
        || host.wish() == Wish.RELEASE
        || host.condition() == HostCondition.DRAINING
        || host.condition() == HostCondition.DRAINED;
  }
}
