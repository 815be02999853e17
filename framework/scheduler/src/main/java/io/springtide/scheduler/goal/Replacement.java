package io.springtide.scheduler.goal;

import io.springtide.partition.model.HostCondition;
import io.springtide.scheduler.goal.Rollout.Decision;
import io.springtide.scheduler.goal.Rollout.Member;
import io.springtide.scheduler.goal.Rollout.Step;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Host.Wish;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.LastServed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a {@link Rollout} must know of a job's instances, and what is to be remembered from one
 * decision to the next. None of that is durable.
 */
public final class Replacement {
  /** When the job's present revision was first seen. */
  private record Began(long revision, Instant at) {}

  private final State state;
  private final LastServed served;
  private final Breaches breaches;
  private final DirtySet dirty;
  private final boolean all;
  private final Map<String, Began> began = new HashMap<>();

  /**
   * Of jobs whose instances are being replaced: how many of them had a place since that began. Who
   * waits for one all the time takes nothing away, and does not hold the change up.
   */
  private final Map<String, Integer> placed = new HashMap<>();

  /** Jobs in which the passing of time alone may free somebody for replacement. */
  private final Map<String, Instant> lookAgain = new HashMap<>();

  /**
   * @param all whether all may be replaced at once, as in the end they will be, or only as many as
   *     the budget allows
   */
  Replacement(State state, LastServed served, Breaches breaches, DirtySet dirty, boolean all) {
    this.state = state;
    this.served = served;
    this.breaches = breaches;
    this.dirty = dirty;
    this.all = all;
  }

  /** What is to become of a job's instances now. */
  List<Step> steps(Job job, Instant now) {
    String id = job.id();
    int budget = all ? Integer.MAX_VALUE : job.spec().update().maxUnavailable();
    Rollout rollout =
        new Rollout(job.revision(), budget, since(job, now), placed.getOrDefault(id, 0), now);
    List<Member> members = new ArrayList<>();
    for (Instance instance : state.instancesOf(id)) {
      if (instance.goal() != Goal.LEAVE
          && instance.goal() != Goal.FAIL
          && !instance.state().done()) {
        Member member = member(instance, now);
        boolean moves = rollout.mustMove(member);
        members.add(moves ? member.servedUntil(served.of(instance, now)) : member);
      }
    }
    Decision decision = rollout.decide(members);
    keep(placed, id, Optional.of(decision.placed()).filter(count -> count > 0));
    keep(lookAgain, id, decision.lookAgain());
    dirty.watch(id, decision.placed() > 0 || !decision.steps().isEmpty());
    return decision.steps();
  }

  private Member member(Instance instance, Instant now) {
    boolean runsOn = instance.goal() == Goal.RUN && instance.task().isPresent();
    boolean waits =
        instance.state() == InstanceState.PENDING
            && instance.task().isEmpty()
            && !instance.notBefore().isAfter(now);
    return new Member(
        instance.id(),
        instance.revision(),
        runsOn ? OptionalLong.of(instance.task().get().revision()) : OptionalLong.empty(),
        runsOn && served.serves(instance),
        Optional.empty(),
        waits ? Optional.of(instance.since()) : Optional.empty(),
        leavingHost(instance).map(Host::since),
        breaches.of(instance));
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

  private static <T> void keep(Map<String, T> map, String key, Optional<T> value) {
    value.ifPresentOrElse(one -> map.put(key, one), () -> map.remove(key));
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
