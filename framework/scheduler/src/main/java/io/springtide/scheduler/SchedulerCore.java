package io.springtide.scheduler;

import static java.util.Objects.requireNonNull;

import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.goal.Breaches;
import io.springtide.scheduler.goal.Convergence;
import io.springtide.scheduler.goal.Limits;
import io.springtide.scheduler.goal.Replacement;
import io.springtide.scheduler.host.HostRegister;
import io.springtide.scheduler.host.HostRemoval;
import io.springtide.scheduler.host.InverseOffers;
import io.springtide.scheduler.host.Reports;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.offer.Holding;
import io.springtide.scheduler.offer.Intake;
import io.springtide.scheduler.offer.Matching;
import io.springtide.scheduler.offer.OfferDemand;
import io.springtide.scheduler.order.Clouds;
import io.springtide.scheduler.order.GoneHosts;
import io.springtide.scheduler.order.Listings;
import io.springtide.scheduler.order.Orders;
import io.springtide.scheduler.order.Releases;
import io.springtide.scheduler.order.Troubles;
import io.springtide.scheduler.order.UnlistedHosts;
import io.springtide.scheduler.plan.Commands;
import io.springtide.scheduler.plan.Forecast;
import io.springtide.scheduler.plan.Receipts;
import io.springtide.scheduler.round.Round;
import io.springtide.scheduler.state.Anchor;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.StateStore;
import io.springtide.scheduler.state.TaskRef;
import io.springtide.scheduler.task.Condemned;
import io.springtide.scheduler.task.Deadlines;
import io.springtide.scheduler.task.Ignored;
import io.springtide.scheduler.task.Kills;
import io.springtide.scheduler.task.PoisonHosts;
import io.springtide.scheduler.task.Reaps;
import io.springtide.scheduler.task.Reconciler;
import io.springtide.scheduler.task.TaskNews;
import io.springtide.scheduler.task.Updates;
import io.springtide.scheduler.task.Wardens;
import io.springtide.scheduler.told.CloudTrouble;
import io.springtide.scheduler.told.OfferBook;
import io.springtide.scheduler.turn.AgentBook;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.Followed;
import io.springtide.scheduler.turn.LastServed;
import io.springtide.scheduler.turn.Ledger;
import io.springtide.scheduler.turn.LostAgents;
import io.springtide.scheduler.turn.Outages;
import io.springtide.scheduler.turn.QueueingHints;
import io.springtide.scheduler.turn.Turn;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.scheduler.view.Views;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The deterministic core: one event in, effects out. It has no clock, no randomness and no thread
 * of its own; equal events at equal times give equal effects. Not thread-safe: one thread drives
 * it.
 *
 * <p>Effects of one call begin with at most one {@link Effect.Persist}; all others wait for it.
 */
public final class SchedulerCore {
  /** Time-outs and back-offs are looked after this often. */
  private static final Duration SWEEP = Duration.ofMillis(250);

  private final CoreConfig config;
  private final CoreConfig.Times times;
  private final State state = new State();
  private final DirtySet dirty = new DirtySet();
  private final Followed followed = new Followed(state, dirty);
  private final QueueingHints hints = new QueueingHints(state);
  private final Ledger ledger;
  private final OfferBook book = new OfferBook();
  private final AgentBook agents;
  private final InverseOffers inverseOffers;
  private final Ignored ignored = new Ignored();
  private final Kills kills;
  private final Reconciler reconciler;
  private final OfferDemand demand;
  private final Wardens wardens;
  private final HostRegister register;
  private final PoisonHosts poison;
  private final Updates updates;
  private final LastServed served = new LastServed(state);
  private final Outages outages = new Outages(state, served);
  private final Condemned condemned;
  private final TaskNews taskNews;
  private final Breaches breaches;
  private final Limits limits;
  private final Convergence convergence;
  private final Intake intake;
  private final Matching matching;
  private final Round round;
  private final Orders orders;
  private final Releases releases;
  private final Listings listings;
  private final GoneHosts goneHosts;
  private final UnlistedHosts unlisted;
  private final Troubles troubles;
  private final Clouds clouds;
  private final Reports reports = new Reports(state, dirty);
  private final Reaps reaps = new Reaps(state, dirty);
  private final LostAgents lostAgents = new LostAgents();
  private final Deadlines deadlines;
  private final Commands commands;
  private final Receipts receipts;
  private final Views views;

  private long version;
  private boolean connected;
  private Instant now;

  /** What the clock said at the last event. */
  private Instant last;

  private Instant nextMatch = Instant.MIN;
  private Instant nextSweep = Instant.MIN;
  private Instant nextLook = Instant.MIN;
  private boolean matchLater;

  private SchedulerCore(CoreConfig config) {
    this.config = config;
    times = config.times();
    agents = new AgentBook(times.hosts().maintenanceLead());
    inverseOffers = new InverseOffers(state, dirty, agents);
    ledger = new Ledger(config.overhead(), config.sharing());
    kills = new Kills(times);
    reconciler = new Reconciler(state, times);
    demand = new OfferDemand(book, times);
    wardens = new Wardens(state, config, reconciler, agents, ignored);
    breaches = new Breaches(state, ledger, dirty, false);
    troubles = new Troubles(state, dirty);
    clouds = new Clouds(state);
    goneHosts = new GoneHosts(state, ledger, times);
    poison = new PoisonHosts(state, ledger, dirty, hints);
    updates = new Updates(state, kills, wardens, ignored, poison);
    round = new Round(state, ledger, updates, breaches, dirty, hints);
    orders = new Orders(state, ledger, round, troubles, times);
    releases = new Releases(state, round, goneHosts, clouds, troubles, times);
    unlisted = new UnlistedHosts(state, times.offers().uselessFilter());
    listings = new Listings(state, releases, goneHosts, unlisted, clouds, troubles, times);
    register = new HostRegister(state, config, reconciler, releases, goneHosts, unlisted, agents);
    condemned = new Condemned(state, outages, updates, dirty);
    taskNews = new TaskNews(state, reconciler, updates, condemned, wardens, kills, ignored, dirty);
    limits = new Limits(state, ledger, updates, dirty);
    convergence = new Convergence(state, updates, served, breaches, dirty, false);
    intake =
        new Intake(
            state, book, demand, register, wardens, listings, lostAgents, agents, dirty, times);
    Holding holding = new Holding(state, ledger, book, wardens, times);
    matching =
        new Matching(state, ledger, book, wardens, reaps, dirty, hints, round, holding, demand);
    deadlines = new Deadlines(state, updates, reconciler, dirty, hints, times);
    commands = new Commands(state, ledger, demand, new HostRemoval(state, lostAgents));
    receipts = new Receipts(state, commands);
    views =
        new Views(
            state,
            round,
            deadlines,
            breaches,
            limits,
            condemned,
            poison,
            convergence,
            dirty,
            orders,
            troubles,
            reports,
            unlisted,
            agents,
            ignored);
  }

  /**
   * A core that goes on from what is durable.
   *
   * @param at when; the time of events goes on from here
   */
  public static SchedulerCore restore(CoreConfig config, StateStore.Loaded durable, Instant at) {
    SchedulerCore core = following(config, at);
    core.follow(durable.version(), durable.changes(), at);
    core.lead(at);
    return core;
  }

  /**
   * A core that only follows what another decides, from nothing on, until it leads.
   *
   * @param at when; its time goes on from here
   */
  public static SchedulerCore following(CoreConfig config, Instant at) {
    SchedulerCore core = new SchedulerCore(requireNonNull(config));
    core.last = at;
    core.now = at;
    return core;
  }

  /**
   * Follows what another has made durable. Its view then shows what is durable, and lacks what only
   * that other hears: why something waits, what wardens, clouds and the master report.
   *
   * @param durable the version of the last commit of which there are changes here
   */
  public void follow(long durable, List<Change> changes, Instant at) {
    changes.forEach(followed::follow);
    version = durable;
    last = at;
    now = at;
    followed.pass(at);
  }

  /** Changes that give the state when applied to nothing; while it follows, what is durable. */
  public List<Change> durable() {
    return state.snapshot();
  }

  /**
   * Ends following: what is to be decided from now on is decided here. Comes to the same as a
   * restore from what was followed.
   */
  public void lead(Instant at) {
    last = at;
    now = at;
    Anchor.changes(state, times, at).forEach(followed::follow);
    followed.end();
    deadlines.restored(at);
    condemned.restored(at);
    ledger.enter(state);
    for (Job job : state.jobs().values()) {
      dirty.job(job.id());
      for (Instance instance : state.instancesOf(job.id())) {
        if (instance.state() == InstanceState.STOPPING) {
          kills.resume(instance.task().orElseThrow().ref(), updates.stop(instance));
        }
      }
    }
    state
        .strays()
        .values()
        .forEach(s -> kills.resume(new TaskRef(s.taskId(), s.agentId()), Duration.ZERO));
    views.all();
  }

  /**
   * Decides what follows from an event.
   *
   * @param at by a clock that does not jump. One that goes back all the same holds nothing up: what
   *     passes after that is added to what has passed before
   */
  public List<Effect> handle(Event event, Instant at) {
    now = at.isBefore(last) ? now : now.plus(Duration.between(last, at));
    last = at;
    agents.at(now);
    Turn turn = new Turn(state, ledger, dirty, hints, served, outages, agents, now);
    event.accept(new Heard(turn));
    settle(turn);
    boolean sweeps = !now.isBefore(nextSweep);
    if (sweeps) {
      nextSweep = now.plus(SWEEP);
      sweep(turn);
      settle(turn);
    }
    match(turn);
    if (sweeps || demand.urgent()) {
      supply(turn);
    }
    List<Effect> effects = turn.effects(version + 1);
    if (turn.changed()) {
      version++;
    }
    return effects;
  }

  /** All that can be read now. Cheap where little has changed since the last view. */
  public ClusterView view() {
    return views.view(version, connected, now);
  }

  /** The version of the state: that of the last {@link Effect.Persist}. */
  public long version() {
    return version;
  }

  private void subscribed(String frameworkId, Turn turn) {
    if (!state.frameworkId().isEmpty() && !state.frameworkId().equals(frameworkId)) {
      turn.then(
          new Effect.Stop(
              "the master subscribed us as "
                  + frameworkId
                  + ", but we are "
                  + state.frameworkId()));
      return;
    }
    if (state.frameworkId().isEmpty()) {
      turn.change(new Change.FrameworkIdSet(frameworkId));
    }
    connected = true;
    intake.drop();
    inverseOffers.clear();
    demand.subscribed(turn);
    kills.connected(true);
    reconciler.subscribed(turn);
    deadlines.subscribed(now);
    releases.subscribed(now);
  }

  private void cloudFailed(Event.CloudFailed failed, Turn turn) {
    if (failed.doing() == CloudTrouble.Doing.ORDER) {
      orders.unanswered(failed, turn);
    } else {
      CloudTrouble trouble =
          new CloudTrouble(failed.doing(), failed.kind(), failed.message(), now, Optional.empty());
      clouds.pools(failed.cloud()).forEach(pool -> troubles.note(pool, trouble));
    }
  }

  private void disconnected() {
    connected = false;
    intake.drop();
    inverseOffers.clear();
    demand.disconnected();
    kills.connected(false);
    reconciler.disconnected();
    deadlines.disconnected();
    releases.disconnected();
  }

  /** Only a hint: what counts is what the master answers. Until then, nothing is launched there. */
  private void doubt(String agentId, Turn turn) {
    reconciler.doubtAgent(agentId, turn);
    state.hosts().values().stream()
        .filter(host -> host.agentId().equals(agentId))
        .map(Host::id)
        .forEach(dirty::room);
  }

  /** Sets goals until nothing more follows from them. */
  private void settle(Turn turn) {
    if (dirty.takeHosts()) {
      state.jobs().values().stream()
          .filter(job -> job.spec().kind() == JobKind.SYSTEM)
          .map(Job::id)
          .toList()
          .forEach(dirty::job);
    }
    for (int rounds = 0; rounds < 4; rounds++) {
      Set<String> advancing = dirty.takeAdvances();
      Set<String> jobs = dirty.takeJobs();
      if (jobs.isEmpty() && advancing.isEmpty()) {
        return;
      }
      advancing.removeAll(jobs);
      advancing.forEach(job -> convergence.advance(job, turn));
      jobs.forEach(job -> convergence.settle(job, turn));
    }
  }

  private void sweep(Turn turn) {
    deadlines.sweep(turn);
    poison.sweep(now);
    convergence.sweep(now);
    kills.sweep(turn);
    reconciler.sweep(turn);
    register.sweep(turn);
    drain(turn);
    limits.sweep(turn);
    if (connected) {
      inverseOffers.sweep(turn);
      condemned.sweep(turn);
    }
    boolean looks = looks();
    if (looks) {
      round.reclaim(turn);
    }
    orders.sweep(looks, turn);
    releases.sweep(looks, turn);
    listings.sweep(turn);
    goneHosts.sweep(turn);
    receipts.sweep(turn);
    unlisted.sweep(now);
  }

  /** Whether it is time to reclaim, grow and shrink; without a master nobody knows what is free. */
  private boolean looks() {
    if (!connected || now.isBefore(nextLook)) {
      return false;
    }
    nextLook = now.plus(times.clouds().growEvery());
    return true;
  }

  /** After matching: what is held may be enough. */
  private void supply(Turn turn) {
    if (connected && !matchLater) {
      matching.giveBack(turn);
    }
    boolean wanted =
        matching.wanted()
            || state.hosts().values().stream().anyMatch(host -> host.agent().isEmpty());
    demand.sweep(wanted, turn).forEach(offer -> dirty.room(offer.hostId()));
  }

  /** Moves work off hosts that are to be empty, and ends the executors of those that are. */
  private void drain(Turn turn) {
    for (Host host : List.copyOf(state.hosts().values())) {
      if (!Replacement.toBeEmpty(host)) {
        continue;
      }
      turn.put(host);
      state.instancesOn(host.id()).forEach(instance -> dirty.job(instance.job()));
      if (connected) {
        wardens.endIfIdle(host, turn);
      }
    }
  }

  /** The first occasion is taken at once, those that follow closely are taken together. */
  private void match(Turn turn) {
    matchLater |= dirty.takeMatch();
    if (connected && matchLater && !now.isBefore(nextMatch)) {
      matchLater = false;
      nextMatch = now.plus(times.offers().batch());
      matching.match(turn);
      // What matching itself has changed gives no occasion to match again.
      dirty.takeMatch();
      settle(turn);
    }
  }

  /** Hands what happened to those that it is about. */
  private final class Heard implements Event.Visitor {
    private final Turn turn;

    Heard(Turn turn) {
      this.turn = turn;
    }

    @Override
    public void on(Event.Subscribed event) {
      subscribed(event.frameworkId(), turn);
    }

    @Override
    public void on(Event.Disconnected event) {
      disconnected();
    }

    @Override
    public void on(Event.OffersReceived event) {
      intake.take(event.offers(), turn);
    }

    @Override
    public void on(Event.OfferRescinded event) {
      intake.rescinded(event.offerId());
    }

    @Override
    public void on(Event.TaskUpdated event) {
      taskNews.on(event.update(), turn);
    }

    @Override
    public void on(Event.ExecutorEnded event) {
      doubt(event.agentId(), turn);
    }

    @Override
    public void on(Event.AgentLost event) {
      lostAgents.keepOnly(
          state.hosts().values().stream().map(Host::agentId).collect(Collectors.toSet()));
      lostAgents.lost(event.agentId());
      doubt(event.agentId(), turn);
    }

    @Override
    public void on(Event.AgentsReported event) {
      agents.reported(event);
      register.reported(turn);
    }

    @Override
    public void on(Event.InverseOffered event) {
      inverseOffers.asked(event.id(), event.agentId(), event.window());
    }

    @Override
    public void on(Event.InverseOfferRescinded event) {
      inverseOffers.rescinded(event.id(), turn);
    }

    @Override
    public void on(Event.HostReported event) {
      reports
          .reported(event.agentId(), event.report())
          .ifPresent(host -> reaps.reported(host, event.report(), turn));
    }

    @Override
    public void on(Event.FrameworkRefused event) {
      turn.then(new Effect.Stop(event.message()));
    }

    @Override
    public void on(Event.HostsOrdered event) {
      orders.ordered(event.token(), event.hosts(), turn);
    }

    @Override
    public void on(Event.OrderRefused event) {
      orders.refused(event.token(), event.kind(), event.reason(), turn);
    }

    @Override
    public void on(Event.CloudFailed event) {
      cloudFailed(event, turn);
    }

    @Override
    public void on(Event.HostsListed event) {
      listings.listed(event.cloud(), event.hosts(), turn);
    }

    @Override
    public void on(Event.HostsReleased event) {
      releases.released(event.cloud(), event.ids(), event.unknown(), turn);
    }

    @Override
    public void on(Event.Command command) {
      commands.on(command, turn);
    }

    @Override
    public void on(Event.Once once) {
      receipts.on(once, turn);
    }

    @Override
    public void on(Event.AskPlan plan) {
      Forecast forecast = new Forecast(state, ledger, agents, config, now, plan.changes(), version);
      turn.then(new Effect.Reply(plan.requestId(), new Outcome.Deferred(forecast)));
    }

    @Override
    public void on(Event.Tick event) {
      // What is due is done after every event.
    }
  }
}
