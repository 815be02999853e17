package io.springtide.scheduler.goal;

import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.UpdatePolicy;
import io.springtide.scheduler.state.Deployment;
import io.springtide.scheduler.state.DeploymentState;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.State;
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
 * What carries jobs from one revision to another: one deployment under way for each, which ends
 * when all instances run what it leads to and are healthy, or when one of them fails.
 */
public final class Deployments {
  private final State state;
  private final DirtySet dirty;
  private final Proving proving;

  /** How far those are that are under way, by job. */
  private final Map<String, Progress> progress = new HashMap<>();

  /** Jobs of which the passing of time alone may end a deployment, or let it go on. */
  private final Map<String, Instant> lookAgain = new HashMap<>();

  Deployments(State state, LastServed served, DirtySet dirty) {
    this.state = state;
    this.dirty = dirty;
    proving = new Proving(served);
  }

  /** The deployment of the job that is under way. */
  public static Optional<Deployment> underWay(State state, String job) {
    return state.deployment(job).filter(latest -> latest.state().underWay());
  }

  /**
   * A job's revision has changed: another deployment begins, and takes the place of the one that is
   * under way.
   *
   * @param canaries whether its canaries go first, if its job wants any
   */
  public static void begin(
      State state, Job before, Job after, boolean canaries, String by, Turn turn) {
    if (after.spec().kind() == JobKind.BATCH || before.revision() == after.revision()) {
      return;
    }
    long whole = whole(state, before);
    underWay(state, before.id())
        .ifPresent(
            old ->
                step(
                    state,
                    old,
                    DeploymentInput.SUPERSEDE,
                    "revision " + after.revision() + " took its place",
                    turn));
    boolean watched = canaries && after.spec().update().canary() > 0;
    turn.put(
        new Deployment(
            after.id(),
            after.version(),
            whole,
            after.revision(),
            watched ? DeploymentState.CANARY : DeploymentState.ROLLING,
            !watched,
            by,
            "",
            false,
            turn.now(),
            turn.now()));
  }

  /** The last revision that all of a job's instances ran and were healthy with. */
  public static long whole(State state, Job job) {
    return state
        .deployment(job.id())
        .filter(d -> d.state().underWay() || d.state() == DeploymentState.FAILED)
        .map(Deployment::from)
        .orElse(job.revision());
  }

  /**
   * Something happens to a deployment. Returns whether it can.
   *
   * @param why in words, for who reads of it; empty: what it had
   */
  public static boolean step(
      State state, Deployment deployment, DeploymentInput input, String why, Turn turn) {
    Optional<DeploymentState> next = DeploymentTable.step(deployment.state(), input);
    if (next.isEmpty()) {
      return false;
    }
    String reason = why.isEmpty() ? deployment.why() : why;
    boolean fault = input == DeploymentInput.FAULT || input == DeploymentInput.FAULT_BACK;
    turn.put(deployment.with(next.get(), reason, fault, turn.now()));
    if (next.get() == DeploymentState.ROLLING_BACK) {
      state
          .job(deployment.job())
          .filter(job -> job.revision() != deployment.from())
          .filter(job -> job.specOf(deployment.from()).isPresent())
          .ifPresent(job -> turn.put(job.backTo(deployment.from(), turn.nextDocument())));
    }
    List<Deployment> ended = new ArrayList<>(state.deploymentsOf(deployment.job()));
    ended.removeIf(one -> one.state().underWay());
    while (ended.size() > Deployment.MOST_ENDED) {
      turn.remove(ended.remove(0));
    }
    return true;
  }

  /** Looks how far a job's deployment is, and says what follows. */
  void judge(Job job, int wanted, Turn turn) {
    String id = job.id();
    Optional<Deployment> found = underWay(state, id);
    if (found.isEmpty()) {
      forget(id);
      return;
    }
    Deployment deployment = found.get();
    proving.begin(job, state.instancesOf(id));
    Look look = new Look(job, deployment, wanted, turn.now());
    state.instancesOf(id).forEach(look::at);
    Progress now = look.progress();
    if (!now.equals(progress.put(id, now))) {
      dirty.heading(id);
    }
    lookAgain.remove(id);
    look.next.ifPresent(at -> lookAgain.put(id, at));
    look.follows().ifPresent(input -> step(state, deployment, input, look.why(), turn));
  }

  /** Whether an instance serves and has, where that is asked of it, done so for long enough. */
  boolean serves(Job job, Instance instance, Instant now) {
    return proving.serves(job, instance, now);
  }

  void anew(Instance instance) {
    proving.anew(instance);
  }

  /** How far the job's deployment is that is under way; empty: none is, or nobody has looked. */
  public Optional<Progress> progress(String job) {
    return Optional.ofNullable(progress.get(job));
  }

  /** Time passes. */
  void sweep(Instant now) {
    List<String> due = new ArrayList<>();
    lookAgain.forEach(
        (job, at) -> {
          if (!at.isAfter(now)) {
            due.add(job);
          }
        });
    due.forEach(lookAgain::remove);
    due.forEach(dirty::job);
  }

  void forget(String job) {
    proving.end(job);
    progress.remove(job);
    lookAgain.remove(job);
  }

  /** One look at all instances of a job. */
  private final class Look {
    private final Job job;
    private final Deployment deployment;
    private final int wanted;
    private final Instant now;
    private int updated;
    private int healthy;
    private int total;
    private int unplaced;
    private int left;
    private int awaited;
    private Optional<Instant> deadline = Optional.empty();
    private Optional<Instant> next = Optional.empty();
    private Optional<String> fault = Optional.empty();

    Look(Job job, Deployment deployment, int wanted, Instant now) {
      this.job = job;
      this.deployment = deployment;
      this.wanted = wanted;
      this.now = now;
    }

    void at(Instance instance) {
      if (instance.goal() == Goal.LEAVE) {
        left++;
        return;
      }
      total++;
      boolean serves = serves(job, instance, now);
      if (!serves) {
        proving.from(job, instance, now).ifPresent(this::lookAt);
      }
      if (instance.revision() != job.revision()) {
        return;
      }
      updated++;
      boolean waits =
          instance.state() == InstanceState.PENDING
              && instance.task().isEmpty()
              && !instance.notBefore().isAfter(now);
      unplaced += waits ? 1 : 0;
      boolean runsIt =
          instance.goal() == Goal.RUN
              && instance.task().filter(t -> t.revision() == job.revision()).isPresent();
      if (runsIt && serves) {
        healthy++;
      } else if (waits && !instance.since().plus(LastServed.LATELY).isAfter(now)) {
        // It does not hold the others up, which have a place.
        return;
      } else {
        awaited++;
        if (waits) {
          lookAt(instance.since().plus(LastServed.LATELY));
        }
      }
      if (deployment.state() != DeploymentState.ROLLING_BACK && instance.goal() == Goal.RUN) {
        proving
            .deadline(job, instance, now)
            .ifPresent(
                at -> {
                  lookAt(at);
                  deadline = earlier(deadline, at);
                });
        fault = fault.or(() -> proving.fault(job, instance, now));
      }
    }

    private void lookAt(Instant at) {
      if (at.isAfter(now)) {
        next = earlier(next, at);
      }
    }

    private static Optional<Instant> earlier(Optional<Instant> one, Instant other) {
      return one.filter(at -> at.isBefore(other)).or(() -> Optional.of(other));
    }

    Progress progress() {
      int canaries = deployment.promoted() ? 0 : Math.min(wanted, job.spec().update().canary());
      return new Progress(canaries, updated, healthy, total, unplaced, deadline);
    }

    /** What follows from it. */
    Optional<DeploymentInput> follows() {
      boolean someServe = healthy > 0 || wanted == 0;
      boolean whole = updated == total && total == wanted && left == 0 && awaited == 0 && someServe;
      UpdatePolicy policy = job.spec().update();
      return switch (deployment.state()) {
        case ROLLING -> fault.isPresent() ? Optional.of(failed(policy)) : whole(whole);
        case CANARY -> {
          int canaries = Math.min(wanted, policy.canary());
          boolean well = updated >= canaries && healthy >= canaries && awaited == 0;
          yield fault.isPresent()
              ? Optional.of(failed(policy))
              : Optional.of(DeploymentInput.PROMOTE)
                  .filter(input -> well && policy.promote() == UpdatePolicy.Promotion.AUTO);
        }
        case ROLLING_BACK ->
            Optional.of(
                    deployment.failed() ? DeploymentInput.BACK_FROM_FAULT : DeploymentInput.BACK)
                .filter(input -> whole);
        default -> Optional.empty();
      };
    }

    private static Optional<DeploymentInput> whole(boolean whole) {
      return Optional.of(DeploymentInput.WHOLE).filter(input -> whole);
    }

    private DeploymentInput failed(UpdatePolicy policy) {
      boolean back = policy.autoRollback() && !deployment.isRollback();
      return back ? DeploymentInput.FAULT_BACK : DeploymentInput.FAULT;
    }

    String why() {
      return fault.orElse("");
    }
  }
}
