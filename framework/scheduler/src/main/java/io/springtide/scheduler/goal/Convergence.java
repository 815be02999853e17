package io.springtide.scheduler.goal;

import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.Pool;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.PolicyCheck;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.task.InstanceInput;
import io.springtide.scheduler.task.Updates;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.LastServed;
import io.springtide.scheduler.turn.Turn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Compares what a job wants with the instances that it has, and sets their goals. */
public final class Convergence {
  private final State state;
  private final Updates updates;
  private final Breaches breaches;
  private final Replacement replacement;
  private final JobRuns runs;
  private final Deployments deployments;
  private final LastServed served;
  private final boolean all;

  private final DirtySet dirty;

  /** By job and instance: what is to be replaced and must wait, and why. */
  private final Map<String, Map<String, Waiting>> held = new HashMap<>();

  /** Jobs that are removed, all of whose instances are leaving: they get no others. */
  private final Set<String> removing = new HashSet<>();

  /**
   * @param all whether all that must move do so at once, as in the end they will have, or only as
   *     many as their job's budget allows
   */
  public Convergence(
      State state,
      Updates updates,
      LastServed served,
      Breaches breaches,
      DirtySet dirty,
      boolean all) {
    this.state = state;
    this.updates = updates;
    this.dirty = dirty;
    deployments = new Deployments(state, served, dirty);
    replacement = new Replacement(state, served, deployments, breaches, dirty, all);
    this.breaches = breaches;
    runs = new JobRuns(state, updates, dirty);
    this.served = served;
    this.all = all;
  }

  /** Time passes. */
  public void sweep(Instant now) {
    replacement.sweep(now);
    runs.sweep(now);
    deployments.sweep(now);
    breaches.sweep(now);
  }

  public void settle(String id, Turn turn) {
    if (state.job(id).isEmpty()) {
      return;
    }
    Job job = state.job(id).orElseThrow();
    if (job.removing()) {
      if (removing.add(id)) {
        all(id).forEach(instance -> leave(instance, "the job is removed", turn));
      }
      if (state.instancesOf(id).isEmpty()) {
        turn.removeJob(id);
        removing.remove(id);
        replacement.forget(id);
        deployments.forget(id);
        breaches.forget(id);
        runs.forget(id);
        held.remove(id);
        dirty.watch(id, false);
      }
      return;
    }
    if (endedByPolicy(job)) {
      all(id).forEach(i -> leave(i, "its group's policy forbids it and is enforced", turn));
      return;
    }
    runs.follow(job, turn);
    if (state.job(id).filter(Job::removing).isPresent()) {
      // Its time to live is over; the next look takes it away.
      return;
    }
    int wanted = scale(job, turn);
    if (!all) {
      deployments.judge(job, wanted, turn);
      job = state.job(id).orElseThrow();
    }
    breaches.look(job);
    Map<String, Waiting> waits = new HashMap<>();
    replacement.steps(job, wanted, turn.now()).forEach(step -> step.by(new Steps(id, turn, waits)));
    hold(id, waits);
    forgetRevisions(job, turn);
  }

  /** Instances of a batch job are done: others may follow, or its run is over. */
  public void advance(String id, Turn turn) {
    Optional<Job> job = state.job(id).filter(known -> !known.removing() && !endedByPolicy(known));
    if (job.isPresent()) {
      runs.follow(job.get(), turn);
      create(job.get(), runs.mayCome(job.get(), turn.now()), turn);
    }
  }

  /** Why instances of the job are not there yet that it wants; empty if all are. */
  public Optional<Waiting> held(Job job) {
    return runs.held(job);
  }

  /** Whether its group's operator wants what the policy forbids ended, and it forbids this job. */
  private boolean endedByPolicy(Job job) {
    State.Versioned<Group> group = state.groups().get(job.spec().group());
    return group != null
        && group.value().policy().enforce()
        && !PolicyCheck.violations(group.value(), job.spec()).isEmpty();
  }

  /** Brings the number of a job's instances to what is wanted, which it returns. */
  private int scale(Job job, Turn turn) {
    boolean system = job.spec().kind() == JobKind.SYSTEM;
    if (system) {
      leaveHosts(job, turn);
    }
    int wanted = system ? matchingHosts(job) : job.spec().instances();
    wanted = runs.begun(job) ? wanted : 0;
    List<Instance> staying = new ArrayList<>(all(job.id()));
    staying.removeIf(instance -> instance.goal() == Goal.LEAVE);
    int most = wanted;
    if (staying.size() > wanted) {
      most += replacement.mayExceed(job, wanted, turn.now());
      staying.sort(
          Comparator.comparing((Instance instance) -> instance.state().done())
              .thenComparing(firstToGo(job)));
      for (int i = 0; i < staying.size() - most; i++) {
        leave(staying.get(i), "fewer instances are wanted", turn);
      }
      return wanted;
    }
    if (job.spec().kind() == JobKind.BATCH) {
      restrain(job, turn);
      create(job, runs.mayCome(job, turn.now()), turn);
      return wanted;
    }
    int missing = wanted - staying.size();
    for (Instance instance : all(job.id())) {
      if (missing > 0 && instance.goal() == Goal.LEAVE) {
        // It is on its way out; its place in the job is wanted again.
        turn.put(instance.with(Goal.REPLACE, "it was to leave, and is wanted again"));
        missing--;
      }
    }
    for (long revision : replacement.revisionsOfNew(job, missing)) {
      turn.put(Instance.wanted(job.id(), state.freeIndex(job.id()), revision, turn.now()));
    }
    return wanted;
  }

  private void create(Job job, int count, Turn turn) {
    for (int i = 0; i < count; i++) {
      int index = state.freeIndex(job.id());
      turn.put(Instance.wanted(job.id(), index, job.revision(), turn.now()));
    }
  }

  /** Fewer may live at once than there are: what has not begun waits for its turn. */
  private void restrain(Job job, Turn turn) {
    int beyond = state.tally(job.id()).live() - job.spec().batch().parallelism();
    if (beyond > 0) {
      all(job.id()).stream()
          .filter(one -> one.state() == InstanceState.PENDING && one.history().isEmpty())
          .filter(one -> one.goal() == Goal.RUN)
          .sorted(Comparator.comparingInt(Instance::index).reversed())
          .limit(beyond)
          .forEach(one -> leave(one, "fewer instances may live at once", turn));
    }
  }

  /**
   * Whoever serves least goes first: what does not run, then the unhealthy, then what would have to
   * be replaced, then what is paid by the hour, then what is borrowed, then the highest index.
   */
  private Comparator<Instance> firstToGo(Job job) {
    long stays = replacement.staying(job);
    return Comparator.comparingInt((Instance instance) -> running(instance) ? 1 : 0)
        .thenComparingInt(instance -> healthy(instance) ? 1 : 0)
        .thenComparingInt(instance -> served.serves(instance) ? 1 : 0)
        .thenComparingInt(instance -> instance.revision() == stays ? 1 : 0)
        .thenComparingInt(Convergence::labelRank)
        .thenComparing(Comparator.comparingInt(Instance::index).reversed());
  }

  private static int labelRank(Instance instance) {
    return instance
        .task()
        .map(
            task ->
                switch (task.label()) {
                  case BURST -> 0;
                  case BORROWED -> 1;
                  case GUARANTEED -> 2;
                })
        .orElse(0);
  }

  private void leave(Instance instance, String why, Turn turn) {
    if (instance.goal() == Goal.LEAVE) {
      return;
    }
    Instance leaving = instance.with(Goal.LEAVE, why);
    turn.put(leaving);
    updates.on(leaving, InstanceInput.STOP, why, turn);
  }

  private void hold(String job, Map<String, Waiting> waits) {
    Map<String, Waiting> before = waits.isEmpty() ? held.remove(job) : held.put(job, waits);
    Set<String> either = new HashSet<>(waits.keySet());
    if (before != null) {
      either.addAll(before.keySet());
    }
    for (String id : either) {
      if (before == null || !Objects.equals(before.get(id), waits.get(id))) {
        state.instance(id).ifPresent(dirty::shown);
      }
    }
  }

  /** Why an instance that is to be replaced is left as it is for now; empty: it is not to be. */
  public Optional<Waiting> waiting(Instance instance) {
    return Optional.ofNullable(held.getOrDefault(instance.job(), Map.of()).get(instance.id()))
        .filter(wait -> instance.goal() == Goal.RUN);
  }

  /** How far the job's deployment is that is under way; empty: none is, or nobody has looked. */
  public Optional<Progress> progress(String job) {
    return deployments.progress(job);
  }

  /** Makes what was decided so. */
  private final class Steps implements Rollout.Hands {
    private final Turn turn;
    private final Map<String, Waiting> waits;
    private final String job;

    Steps(String job, Turn turn, Map<String, Waiting> waits) {
      this.job = job;
      this.turn = turn;
      this.waits = waits;
    }

    @Override
    public void start(Rollout.Start step) {
      turn.put(wanting(state.instance(step.instance()).orElseThrow(), step.revision()));
    }

    /** What failed as something else says nothing about another revision: it need not wait. */
    private Instance wanting(Instance instance, long revision) {
      if (instance.revision() == revision) {
        return instance;
      }
      deployments.anew(instance);
      return instance.wanting(revision).withFailures(0, turn.now());
    }

    @Override
    public void move(Rollout.Move step) {
      Instance moving =
          wanting(state.instance(step.instance()).orElseThrow(), step.revision())
              .with(Goal.REPLACE, step.why());
      turn.put(moving);
      updates.on(moving, InstanceInput.STOP, step.why(), turn);
    }

    @Override
    public void add(Rollout.Add step) {
      turn.put(Instance.wanted(job, state.freeIndex(job), step.revision(), turn.now()));
    }

    @Override
    public void leave(Rollout.Leave step) {
      Convergence.this.leave(state.instance(step.instance()).orElseThrow(), step.why(), turn);
    }

    @Override
    public void waits(Rollout.Wait step) {
      // It stays as it is; what lets it go brings the job here again.
      waits.put(step.instance(), new Waiting(Waiting.UPDATE_BUDGET, 0, step.why(), step.until()));
    }
  }

  private void forgetRevisions(Job job, Turn turn) {
    if (job.earlier().size() < Job.MOST_REVISIONS) {
      return;
    }
    Job kept = job.keeping(state.revisionsInUse(job.id()));
    if (!kept.equals(job)) {
      turn.put(kept);
    }
  }

  /** An instance of a system job belongs to its host: it goes when the host no longer matches. */
  private void leaveHosts(Job job, Turn turn) {
    for (Instance instance : all(job.id())) {
      instance
          .task()
          .flatMap(task -> state.host(task.host()))
          .filter(host -> Replacement.toBeEmpty(host) || !matches(job.spec(), host))
          .ifPresent(host -> leave(instance, "its host is not one of the job's any more", turn));
    }
  }

  /** Hosts that a system job wants an instance on: the ready ones, and those where one still is. */
  private int matchingHosts(Job job) {
    int count = 0;
    for (Host host : state.hosts().values()) {
      if (Replacement.toBeEmpty(host) || !matches(job.spec(), host)) {
        continue;
      }
      boolean there =
          state.instancesOn(host.id()).stream()
              .anyMatch(i -> i.job().equals(job.id()) && i.goal() != Goal.LEAVE);
      if (there || host.condition() == HostCondition.READY) {
        count++;
      }
    }
    return count;
  }

  private boolean matches(JobSpec spec, Host host) {
    boolean poolAllowed =
        spec.pools().isEmpty()
            ? state.groups().get(spec.group()).value().quotas().containsKey(host.pool())
            : spec.pools().contains(host.pool());
    return poolAllowed
        && spec.constraints().stream()
            .filter(constraint -> !constraint.soft())
            .allMatch(constraint -> allows(constraint, host));
  }

  /** As placement sees it: a host that lacks the attribute matches nothing. */
  private boolean allows(Constraint constraint, Host host) {
    return constraint.accept(
        new Constraint.Visitor<>() {
          @Override
          public Boolean on(Constraint.Match match) {
            return value(match.attribute(), host).filter(match.values()::contains).isPresent()
                != match.negated();
          }

          @Override
          public Boolean on(Constraint.Like like) {
            return value(like.attribute(), host).filter(like::matches).isPresent()
                != like.negated();
          }

          // What else runs there changes, and whether it does is for placement to see.

          @Override
          public Boolean on(Constraint.MaxPer maxPer) {
            return true;
          }

          @Override
          public Boolean on(Constraint.Spread spread) {
            return true;
          }

          @Override
          public Boolean on(Constraint.Exclusive exclusive) {
            return true;
          }

          @Override
          public Boolean on(Constraint.Near near) {
            return true;
          }

          @Override
          public Boolean on(Constraint.NearLabel near) {
            return true;
          }
        });
  }

  private Optional<String> value(String attribute, Host host) {
    Optional<String> own = Optional.ofNullable(host.attributes().get(attribute));
    return switch (attribute) {
      case Constraint.HOST -> Optional.of(host.id());
      case "pool" -> Optional.of(host.pool());
      case "zone" ->
          state.pool(host.pool()).map(Pool::zone).filter(zone -> !zone.isEmpty()).or(() -> own);
      default -> own;
    };
  }

  private static boolean running(Instance instance) {
    return instance.state() == InstanceState.RUNNING;
  }

  private static boolean healthy(Instance instance) {
    return instance.task().flatMap(Task::healthy).orElse(true);
  }

  private List<Instance> all(String job) {
    return List.copyOf(state.instancesOf(job));
  }
}
