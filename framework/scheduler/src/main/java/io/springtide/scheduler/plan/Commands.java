package io.springtide.scheduler.plan;

import io.springtide.partition.model.Group;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Names;
import io.springtide.partition.model.Pool;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.event.Outcome.Done;
import io.springtide.scheduler.event.Outcome.Kind;
import io.springtide.scheduler.event.Outcome.Refused;
import io.springtide.scheduler.goal.DeploymentInput;
import io.springtide.scheduler.goal.Deployments;
import io.springtide.scheduler.host.HostRemoval;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.NotYet;
import io.springtide.scheduler.job.PolicyCheck;
import io.springtide.scheduler.job.UpdatePolicy;
import io.springtide.scheduler.job.Violation;
import io.springtide.scheduler.offer.OfferDemand;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Deployment;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.turn.Ledger;
import io.springtide.scheduler.turn.Turn;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** What users ask for: checked first, then done wholly or not at all. */
public final class Commands {
  /** So many names stand in a message at most. */
  private static final int SHOWN = 20;

  private final State state;
  private final Ledger ledger;
  private final OfferDemand demand;
  private final HostRemoval removal;
  private final JobOrder order;

  public Commands(State state, Ledger ledger, OfferDemand demand, HostRemoval removal) {
    this.state = state;
    this.ledger = ledger;
    this.demand = demand;
    this.removal = removal;
    order = new JobOrder(state);
  }

  public void on(Event.Command command, Turn turn) {
    turn.then(new Effect.Reply(command.requestId(), outcomeOf(command, turn)));
  }

  Outcome outcomeOf(Event.Command command, Turn turn) {
    try {
      return command.accept(new Deed(turn));
    } catch (InvalidModelException e) {
      return new Refused(Kind.INVALID, e.field(), e.getMessage(), e.fix());
    }
  }

  private Outcome put(Pool pool, OptionalLong expected, Turn turn) {
    long version = version(Optional.ofNullable(state.pools().get(pool.name())));
    if (stale(expected, version)) {
      return stale("pool " + pool.name(), version);
    }
    ledger.put(pool);
    long next = turn.nextDocument();
    turn.put(pool, next);
    demand.lookAgain();
    return new Done(next);
  }

  private Outcome removePool(Event.RemovePool remove, Turn turn) {
    String name = remove.name();
    long version = version(Optional.ofNullable(state.pools().get(name)));
    if (version == 0) {
      return notFound("pool", name);
    }
    if (stale(remove.expected(), version)) {
      return stale("pool " + name, version);
    }
    List<String> hosts =
        state.hosts().values().stream().filter(h -> h.pool().equals(name)).map(Host::id).toList();
    if (!hosts.isEmpty()) {
      return conflict(
          "pool " + name + " still has " + hosts.size() + " hosts, such as " + hosts.get(0),
          "drain and release its hosts first, and remove those that are lost");
    }
    if (state.orders().values().stream().anyMatch(order -> order.pool().equals(name))) {
      return conflict("hosts of pool " + name + " are on order", "try again when they are there");
    }
    for (State.Versioned<Group> group : state.groups().values()) {
      if (group.value().quotas().containsKey(name)) {
        return conflict(
            "group " + group.value().path() + " has a quota in pool " + name,
            "take the quota out of the group first");
      }
    }
    for (Job job : state.jobs().values()) {
      if (job.spec().pools().contains(name)) {
        return conflict("job " + job.id() + " names pool " + name, "change the job first");
      }
    }
    ledger.removePool(name);
    turn.change(new Change.PoolRemoved(name));
    return new Done(turn.nextDocument());
  }

  private Outcome put(Group group, OptionalLong expected, Turn turn) {
    long version = version(Optional.ofNullable(state.groups().get(group.path())));
    if (stale(expected, version)) {
      return stale("group " + group.path(), version);
    }
    ledger.put(group);
    long next = turn.nextDocument();
    turn.put(group, next);
    return new Done(next);
  }

  private Outcome removeGroup(Event.RemoveGroup remove, Turn turn) {
    String path = remove.path();
    long version = version(Optional.ofNullable(state.groups().get(path)));
    if (version == 0) {
      return notFound("group", path);
    }
    if (stale(remove.expected(), version)) {
      return stale("group " + path, version);
    }
    for (String other : state.groups().keySet()) {
      if (Names.parentOf(other).equals(path)) {
        return conflict("group " + other + " is below it", "remove that first");
      }
    }
    for (Job job : state.jobs().values()) {
      if (job.spec().group().equals(path)) {
        return conflict("job " + job.id() + " belongs to it", "remove that first");
      }
    }
    ledger.removeGroup(path);
    turn.change(new Change.GroupRemoved(path));
    return new Done(turn.nextDocument());
  }

  private Outcome create(JobSpec job, String by, Turn turn) {
    if (state.job(job.id()).isPresent()) {
      return new Refused(
          Kind.CONFLICT,
          "id",
          "job " + job.id() + " exists already",
          "change that one, or choose another id");
    }
    return put(job, OptionalLong.empty(), by, turn);
  }

  private Outcome put(JobSpec spec, OptionalLong expected, String by, Turn turn) {
    Optional<Job> known = state.job(spec.id());
    long version = known.map(Job::version).orElse(0L);
    if (stale(expected, version)) {
      return stale("job " + spec.id(), version);
    }
    boolean onlyFewer =
        known.isPresent()
            && spec.instances() < known.get().spec().instances()
            && spec.equals(known.get().spec().withInstances(spec.instances()));
    // A job may be scaled down even if its group's policy would refuse it today.
    if (!onlyFewer) {
      NotYet.refuse(spec, known.map(Job::spec));
      admit(spec);
      order.check(spec, known.map(Job::spec));
    }
    if (known.isPresent() && known.get().removing()) {
      return conflict(
          "job " + spec.id() + " is being removed", "try again when its instances have ended");
    }
    if (known.isPresent() && known.get().spec().kind() != spec.kind()) {
      return new Refused(
          Kind.INVALID,
          "kind",
          "a job's kind cannot change",
          "write " + known.get().spec().kind().name().toLowerCase(Locale.ROOT) + ", or another id");
    }
    if (!onlyFewer) {
      ledger.admit(spec);
    }
    if (known.isPresent() && !known.get().spec().runsTheSameAs(spec)) {
      Optional<Refused> busy = deploying(known.get());
      if (busy.isPresent()) {
        return busy.get();
      }
    }
    long next = turn.nextDocument();
    Job.Made made = new Job.Made(by, turn.now());
    if (known.isEmpty()) {
      turn.put(Job.created(spec, next, made));
    } else {
      change(known.get(), known.get().put(spec, next, turn.lastAttempt(), made), true, by, turn);
    }
    return new Done(next);
  }

  /** Without revisions that are more than is kept. */
  private Job kept(Job job) {
    return job.keeping(state.revisionsInUse(job.id()));
  }

  private Outcome restart(Event.RestartJob restart, Turn turn) {
    Job job = state.job(restart.job()).orElse(null);
    Optional<Refused> refused = refused(restart.job(), restart.expected());
    if (refused.isPresent()) {
      return refused.get();
    }
    Optional<Refused> busy = deploying(job);
    if (busy.isPresent()) {
      return busy.get();
    }
    long next = turn.nextDocument();
    Job then = job.restarted(next, new Job.Made(restart.by(), turn.now()));
    change(job, then, true, restart.by(), turn);
    return new Done(next);
  }

  /** Puts a job that was another before; a new revision is brought to its instances. */
  private void change(Job before, Job after, boolean canaries, String by, Turn turn) {
    Job kept = kept(after);
    turn.put(kept);
    Deployments.begin(state, before, kept, canaries, by, turn);
  }

  /** Why what the job's instances run may not be changed while they are being replaced. */
  private Optional<Refused> deploying(Job job) {
    boolean refuses = job.spec().update().whileDeploying() == UpdatePolicy.WhileDeploying.REFUSE;
    return Deployments.underWay(state, job.id())
        .filter(going -> refuses)
        .map(
            going ->
                conflict(
                    "deployment "
                        + going.id()
                        + " is under way, and update.whileDeploying is refuse",
                    "wait for its end, or abort it"));
  }

  private Outcome steer(Event.SteerDeployment steer, Turn turn) {
    Optional<Deployment> found = deployment(steer.id());
    if (found.isEmpty()) {
      return notFound("deployment", steer.id());
    }
    Deployment one = found.get();
    if (!one.state().underWay()) {
      String current =
          Deployments.underWay(state, one.job())
              .map(going -> "; " + going.id() + " is under way")
              .orElse("; none of its job is under way");
      return conflict(
          "deployment " + one.id() + " has ended: it is " + one.state() + current,
          "steer the one that is under way, or roll the job back");
    }
    if (steer.how() == Event.Steering.ABORT && one.isRollback()) {
      return conflict(
          "deployment " + one.id() + " goes back to revision " + one.from() + " already",
          "pause it, or change the job");
    }
    DeploymentInput input =
        switch (steer.how()) {
          case PAUSE -> DeploymentInput.PAUSE;
          case RESUME -> one.promoted() ? DeploymentInput.RESUME : DeploymentInput.RESUME_CANARY;
          case PROMOTE -> DeploymentInput.PROMOTE;
          case ABORT -> DeploymentInput.ABORT;
        };
    String why =
        steer.how() == Event.Steering.ABORT
            ? "aborted" + (steer.by().isEmpty() ? "" : " by " + steer.by())
            : "";
    if (!Deployments.step(state, one, input, why, turn)) {
      return conflict(
          "deployment %s is %s: that cannot be done now".formatted(one.id(), one.state()),
          "pause what is ROLLING or CANARY, resume what is PAUSED, promote what is CANARY");
    }
    return new Done(state.job(one.job()).map(Job::version).orElse(0L));
  }

  private Optional<Deployment> deployment(String id) {
    String job = id.substring(0, Math.max(0, id.lastIndexOf('@')));
    return state.deploymentsOf(job).stream().filter(one -> one.id().equals(id)).findFirst();
  }

  private Outcome rollBack(Event.RollBackJob back, Turn turn) {
    Job job = state.job(back.job()).orElse(null);
    Optional<Refused> refused = refused(back.job(), back.expected());
    if (refused.isPresent()) {
      return refused.get();
    }
    Optional<Deployment> going = Deployments.underWay(state, job.id());
    long whole = Deployments.whole(state, job);
    OptionalLong to =
        back.revision().isPresent()
            ? back.revision()
            : whole != job.revision() ? OptionalLong.of(whole) : before(job);
    if (going.isPresent() && to.isPresent() && to.getAsLong() == going.get().from()) {
      // That very deployment is taken back.
      return steer(
          new Event.SteerDeployment("", going.get().id(), Event.Steering.ABORT, back.by()), turn);
    }
    if (to.isEmpty()) {
      return conflict("job " + job.id() + " has no earlier revision", "change the job instead");
    }
    if (to.getAsLong() == job.revision()) {
      return conflict(
          "job " + job.id() + " is at revision " + job.revision() + " already",
          "restart it, if its instances are to be replaced");
    }
    if (job.specOf(to.getAsLong()).isEmpty()) {
      return new Refused(
          Kind.INVALID,
          "revision",
          "job " + job.id() + " keeps no revision " + to.getAsLong(),
          "write one of " + job.revisions().stream().map(Job.Revision::revision).toList());
    }
    Job then = job.backTo(to.getAsLong(), state.counter(Turn.DOCUMENTS) + 1);
    admit(then.spec());
    ledger.admit(then.spec());
    turn.nextDocument();
    change(job, then, false, back.by(), turn);
    return new Done(then.version());
  }

  /** The revision before the present one; empty if none is kept. */
  private static OptionalLong before(Job job) {
    return job.earlier().stream()
        .mapToLong(Job.Revision::revision)
        .filter(number -> number < job.revision())
        .max();
  }

  /** Why a job's instances may not be replaced. */
  private Optional<Refused> refused(String id, OptionalLong expected) {
    Optional<Job> job = state.job(id);
    if (job.isEmpty()) {
      return Optional.of(notFound("job", id));
    }
    if (stale(expected, job.get().version())) {
      return Optional.of(stale("job " + id, job.get().version()));
    }
    return job.get().removing()
        ? Optional.of(conflict("job " + id + " is being removed", "run it again when it has gone"))
        : Optional.empty();
  }

  /** What its group must allow. */
  private void admit(JobSpec spec) {
    State.Versioned<Group> entry = state.groups().get(spec.group());
    if (entry == null) {
      throw new InvalidModelException(
          "id",
          "there is no group " + spec.group(),
          state.groups().isEmpty()
              ? "create the group first"
              : "create the group first, or write the id of one that exists: "
                  + some(state.groups().keySet()));
    }
    Group group = entry.value();
    for (int i = 0; i < spec.pools().size(); i++) {
      String pool = spec.pools().get(i);
      if (!group.quotas().containsKey(pool)) {
        throw new InvalidModelException(
            "pools[" + i + "]",
            "group " + group.path() + " may not use pool " + pool,
            group.quotas().isEmpty()
                ? "give the group a quota there; it has none"
                : "give the group a quota there, or write one of " + some(group.quotas().keySet()));
      }
    }
    List<Violation> violations = PolicyCheck.violations(group, spec);
    if (!violations.isEmpty()) {
      Violation first = violations.get(0);
      throw new InvalidModelException(first.field(), first.detail(), first.fix());
    }
  }

  private Outcome removeJob(Event.RemoveJob remove, Turn turn) {
    Optional<Job> job = state.job(remove.id());
    if (job.isEmpty()) {
      return notFound("job", remove.id());
    }
    if (stale(remove.expected(), job.get().version())) {
      return stale("job " + remove.id(), job.get().version());
    }
    if (job.get().removing()) {
      return new Done(job.get().version());
    }
    long next = turn.nextDocument();
    turn.put(job.get().leaving(next));
    return new Done(next);
  }

  private Outcome setInstances(Event.SetInstances set, Turn turn) {
    Optional<Job> job = state.job(set.job());
    if (job.isEmpty()) {
      return notFound("job", set.job());
    }
    return put(
        job.get().spec().withInstances(set.instances()),
        set.expected().isPresent() ? set.expected() : OptionalLong.of(job.get().version()),
        "",
        turn);
  }

  private Outcome setWish(Event.SetHostWish set, Turn turn) {
    Optional<Host> known = state.host(set.host());
    if (known.isEmpty()) {
      return notFound("host", set.host());
    }
    Host host = known.get();
    if (set.wish() == Host.Wish.RELEASE && !host.ordered()) {
      return conflict("host " + host.id() + " was not ordered by us", "drain it instead");
    }
    if (host.wish() == Host.Wish.RELEASE && set.wish() != Host.Wish.RELEASE) {
      return conflict("host " + host.id() + " is being given back", "use another host");
    }
    if (set.wish() == host.wish()) {
      return new Done(0);
    }
    turn.put(host.with(set.wish()));
    demand.lookAgain();
    return new Done(0);
  }

  /** Names for a message, not more than a person reads. */
  private static String some(Collection<String> names) {
    String shown = names.stream().limit(SHOWN).collect(Collectors.joining(", "));
    return names.size() > SHOWN ? shown + " and " + (names.size() - SHOWN) + " more" : shown;
  }

  private static long version(Optional<? extends State.Versioned<?>> entry) {
    return entry.map(State.Versioned::version).orElse(0L);
  }

  private static boolean stale(OptionalLong expected, long version) {
    return expected.isPresent() && expected.getAsLong() != version;
  }

  private static Refused stale(String what, long version) {
    return new Refused(
        Kind.STALE,
        "",
        version == 0 ? what + " does not exist" : what + " is at version " + version + " by now",
        "read it again and repeat the change");
  }

  private static Refused notFound(String kind, String name) {
    return new Refused(
        Kind.NOT_FOUND,
        "",
        "there is no " + kind + " " + name,
        "the list of " + kind + "s says which there are");
  }

  private static Refused conflict(String detail, String fix) {
    return new Refused(Kind.CONFLICT, "", detail, fix);
  }

  /** Does a command, or refuses it. */
  private final class Deed implements Event.CommandVisitor<Outcome> {
    private final Turn turn;

    Deed(Turn turn) {
      this.turn = turn;
    }

    @Override
    public Outcome on(Event.PutPool put) {
      return put(put.pool(), put.expected(), turn);
    }

    @Override
    public Outcome on(Event.RemovePool remove) {
      return removePool(remove, turn);
    }

    @Override
    public Outcome on(Event.PutGroup put) {
      return put(put.group(), put.expected(), turn);
    }

    @Override
    public Outcome on(Event.RemoveGroup remove) {
      return removeGroup(remove, turn);
    }

    @Override
    public Outcome on(Event.CreateJob create) {
      return create(create.job(), create.by(), turn);
    }

    @Override
    public Outcome on(Event.PutJob put) {
      return put(put.job(), put.expected(), put.by(), turn);
    }

    @Override
    public Outcome on(Event.RemoveJob remove) {
      return removeJob(remove, turn);
    }

    @Override
    public Outcome on(Event.SetInstances set) {
      return setInstances(set, turn);
    }

    @Override
    public Outcome on(Event.RestartJob restart) {
      return restart(restart, turn);
    }

    @Override
    public Outcome on(Event.SteerDeployment steer) {
      return steer(steer, turn);
    }

    @Override
    public Outcome on(Event.RollBackJob back) {
      return rollBack(back, turn);
    }

    @Override
    public Outcome on(Event.SetHostWish set) {
      return setWish(set, turn);
    }

    @Override
    public Outcome on(Event.RemoveHost remove) {
      return removal.remove(remove, turn);
    }
  }
}
