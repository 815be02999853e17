package io.springtide.scheduler.goal;

import io.springtide.partition.model.HostCondition;
import io.springtide.scheduler.goal.Rollout.Decision;
import io.springtide.scheduler.goal.Rollout.Member;
import io.springtide.scheduler.goal.Rollout.Step;
import io.springtide.scheduler.state.Deployment;
import io.springtide.scheduler.state.DeploymentState;
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
  private final Deployments deployments;
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
  Replacement(
      State state,
      LastServed served,
      Deployments deployments,
      Breaches breaches,
      DirtySet dirty,
      boolean all) {
    this.deployments = deployments;
    this.state = state;
    this.served = served;
    this.breaches = breaches;
    this.dirty = dirty;
    this.all = all;
  }

  /**
   * What is to become of a job's instances now.
   *
   * @param wanted how many there are to be in the end
   */
  List<Step> steps(Job job, int wanted, Instant now) {
    String id = job.id();
    Rollout rollout = rollout(job, wanted, now);
    List<Member> members = new ArrayList<>();
    for (Member member : members(job, now)) {
      members.add(
          rollout.mayMove(member)
              ? member.servedUntil(served.of(state.instance(member.id()).orElseThrow(), now))
              : member);
    }
    Decision decision = rollout.decide(members, state.instancesOf(id).size());
    keep(placed, id, Optional.of(decision.placed()).filter(count -> count > 0));
    keep(lookAgain, id, decision.lookAgain());
    boolean goesOn = Deployments.underWay(state, id).isPresent();
    dirty.watch(id, goesOn || decision.placed() > 0 || !decision.steps().isEmpty());
    return decision.steps();
  }

  /** How many instances of a job there may be above the wanted number now. */
  int mayExceed(Job job, int wanted, Instant now) {
    int surge = surge(job);
    boolean paused =
        state
            .deployment(job.id())
            .filter(latest -> latest.state() == DeploymentState.PAUSED)
            .isPresent();
    return surge == 0 || paused ? surge : rollout(job, wanted, now).mayExceed(members(job, now));
  }

  private int surge(Job job) {
    return all ? 0 : job.spec().update().maxSurge();
  }

  private Rollout rollout(Job job, int wanted, Instant now) {
    int budget = all ? Integer.MAX_VALUE : job.spec().update().maxUnavailable();
    Limit limit = limit(job);
    return new Rollout(
        job.revision(),
        limit.others(),
        limit.most(),
        limit.proven(),
        wanted,
        surge(job),
        budget,
        since(job, now),
        placed.getOrDefault(job.id(), 0),
        now);
  }

  /**
   * What its latest deployment says of a job's newest revision.
   *
   * @param most how many may run it
   * @param others what all others run
   */
  private record Limit(int most, long others, boolean proven) {}

  private Limit limit(Job job) {
    Limit none = new Limit(Integer.MAX_VALUE, job.revision(), true);
    Optional<Deployment> latest =
        state.deployment(job.id()).filter(one -> one.to() == job.revision());
    if (latest.isEmpty()) {
      return none;
    }
    long from = latest.get().from();
    return switch (latest.get().state()) {
      case ROLLING -> new Limit(Integer.MAX_VALUE, job.revision(), latest.get().isRollback());
      case CANARY -> new Limit(all ? Integer.MAX_VALUE : job.spec().update().canary(), from, false);
      case PAUSED, FAILED -> new Limit(0, from, false);
      default -> none;
    };
  }

  /** The revision that a new instance of a job gets, of so many that are new at once. */
  long[] revisionsOfNew(Job job, int count) {
    Limit limit = limit(job);
    List<Instance> there = new ArrayList<>(state.instancesOf(job.id()));
    there.removeIf(instance -> instance.goal() == Goal.LEAVE);
    long updated = there.stream().filter(one -> one.revision() == job.revision()).count();
    long[] revisions = new long[count];
    boolean all = limit.proven() || there.isEmpty();
    boolean some = limit.most() > 0 && limit.most() < Integer.MAX_VALUE;
    long share = all ? count : some ? 0 : count * updated / there.size();
    for (int i = 0; i < count; i++) {
      revisions[i] = i < share ? job.revision() : base(job);
    }
    return revisions;
  }

  /** The revision of which instances stay where there are to be fewer. */
  long staying(Job job) {
    return limit(job).most() == 0 ? base(job) : job.revision();
  }

  /** What instances run that the newest revision is not for yet. */
  private long base(Job job) {
    return state
        .deployment(job.id())
        .filter(latest -> latest.to() == job.revision())
        .map(Deployment::from)
        .filter(from -> job.specOf(from).isPresent())
        .orElse(job.revision());
  }

  private List<Member> members(Job job, Instant now) {
    List<Member> members = new ArrayList<>();
    for (Instance instance : state.instancesOf(job.id())) {
      if (instance.goal() != Goal.LEAVE
          && instance.goal() != Goal.FAIL
          && !instance.state().done()) {
        members.add(member(job, instance, now));
      }
    }
    return members;
  }

  private Member member(Job job, Instance instance, Instant now) {
    boolean runsOn = instance.goal() == Goal.RUN && instance.task().isPresent();
    boolean waits =
        instance.state() == InstanceState.PENDING
            && instance.task().isEmpty()
            && !instance.notBefore().isAfter(now);
    return new Member(
        instance.id(),
        instance.revision(),
        runsOn ? OptionalLong.of(instance.task().get().revision()) : OptionalLong.empty(),
        runsOn && deployments.serves(job, instance, now),
        instance.since(),
        Optional.empty(),
        waits ? Optional.of(instance.since()) : Optional.empty(),
        leavingHost(instance).map(Host::since),
        breaches.of(instance));
  }

  /** When what replaces this job's instances began. */
  private Instant since(Job job, Instant now) {
    Optional<Deployment> going = Deployments.underWay(state, job.id());
    if (going.isPresent()) {
      return going.get().state() == DeploymentState.ROLLING_BACK
          ? going.get().since()
          : going.get().began();
    }
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
