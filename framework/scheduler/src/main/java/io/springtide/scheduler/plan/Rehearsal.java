package io.springtide.scheduler.plan;

import io.springtide.partition.answer.Demotion;
import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.HostOrder;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Pool;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.event.Plan;
import io.springtide.scheduler.goal.Breaches;
import io.springtide.scheduler.goal.Convergence;
import io.springtide.scheduler.goal.Limits;
import io.springtide.scheduler.host.HostRemoval;
import io.springtide.scheduler.job.Violation;
import io.springtide.scheduler.offer.OfferDemand;
import io.springtide.scheduler.round.Relabelled;
import io.springtide.scheduler.round.Round;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Host.Wish;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Order;
import io.springtide.scheduler.state.Remains;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.task.Ignored;
import io.springtide.scheduler.task.InstanceInput;
import io.springtide.scheduler.task.Kills;
import io.springtide.scheduler.task.PoisonHosts;
import io.springtide.scheduler.task.Reconciler;
import io.springtide.scheduler.task.Updates;
import io.springtide.scheduler.task.Wardens;
import io.springtide.scheduler.told.OfferBook;
import io.springtide.scheduler.turn.AgentBook;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.LastServed;
import io.springtide.scheduler.turn.Ledger;
import io.springtide.scheduler.turn.LostAgents;
import io.springtide.scheduler.turn.Outages;
import io.springtide.scheduler.turn.QueueingHints;
import io.springtide.scheduler.turn.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Says what changes would bring about, by making them: on a copy of the state and of the engine's
 * books, with the code that makes them in earnest. Then time is skipped: whatever is on its way out
 * has ended, whatever is on order has come, and the steps of the round are made until nothing
 * follows.
 */
final class Rehearsal {
  /** Evictions move work on, and that may order hosts, and so on; it never took more than four. */
  private static final int ROUNDS = 12;

  private static final String NEW = "new-";

  private final State state = new State();
  private final Ledger ledger;
  private final DirtySet dirty = new DirtySet();
  private final QueueingHints hints = new QueueingHints(state);
  private final Turn turn;
  private final Updates updates;
  private final Breaches breaches;
  private final Round round;
  private final Limits limits;
  private final Convergence convergence;
  private final Commands commands;
  private final Instant now;

  private final long costBefore;
  private final Set<String> stops = new TreeSet<>();
  private final Map<String, Plan.Place> placements = new TreeMap<>();
  private final List<Eviction> evictions = new ArrayList<>();
  private final List<Demotion> demotions = new ArrayList<>();
  private final Set<String> promotions = new TreeSet<>();
  private final Map<String, Integer> orders = new TreeMap<>();
  private final Set<String> toCome = new HashSet<>();

  /**
   * @param snapshot of the state
   * @param books a copy of the engine's, in step with it
   * @param agents what the master says of agents
   */
  Rehearsal(List<Change> snapshot, Ledger books, AgentBook agents, CoreConfig config, Instant now) {
    this.now = now;
    snapshot.forEach(state::apply);
    state.wake(now);
    ledger = books;
    ledger.follow(state);
    LastServed served = new LastServed(state);
    Outages outages = new Outages(state, served);
    turn = new Turn(state, ledger, dirty, hints, served, outages, agents, now);
    Kills kills = new Kills(config.times());
    Ignored ignored = new Ignored();
    Wardens wardens =
        new Wardens(state, config, new Reconciler(state, config.times()), agents, ignored);
    PoisonHosts poison = new PoisonHosts(state, ledger, dirty, hints);
    updates = new Updates(state, kills, wardens, ignored, poison);
    breaches = new Breaches(state, ledger, dirty, true);
    round = new Round(state, ledger, updates, breaches, dirty, hints);
    limits = new Limits(state, ledger, updates, dirty);
    convergence = new Convergence(state, updates, served, breaches, dirty, true);
    commands =
        new Commands(
            state,
            ledger,
            new OfferDemand(new OfferBook(), config.times()),
            new HostRemoval(state, new LostAgents()));
    costBefore = cost();
  }

  /** The plan, or the refusal of the first change that would be refused. */
  Outcome of(List<Event.Command> changes, long version) {
    limits.look(turn);
    Map<String, List<Violation>> before = violations();
    for (int i = 0; i < changes.size(); i++) {
      Outcome outcome = commands.outcomeOf(changes.get(i), turn);
      if (outcome instanceof Outcome.Refused refused) {
        String at = "changes[" + i + "]";
        return new Outcome.Refused(
            refused.kind(),
            refused.field().isEmpty() ? at : at + "." + refused.field(),
            refused.detail(),
            refused.fix());
      }
    }
    limits.look(turn);
    Map<String, List<Violation>> after = violations();
    after.replaceAll(
        (job, all) ->
            all.stream().filter(v -> !before.getOrDefault(job, List.of()).contains(v)).toList());
    after.values().removeIf(List::isEmpty);
    settle();
    arrive();
    for (int round = 0; round < ROUNDS && round(); round++) {
      // What had to move and found no place may have one on the hosts that have come.
      settle();
    }
    List<String> releases = releases();
    return new Outcome.Planned(
        new Plan(
            version,
            List.copyOf(stops),
            List.copyOf(placements.values()),
            evictions,
            demotions,
            List.copyOf(promotions),
            orders.entrySet().stream().map(o -> new HostOrder(o.getKey(), o.getValue())).toList(),
            releases,
            waiting(),
            after,
            costBefore,
            cost() + ordered() - sum(releases)));
  }

  private Map<String, List<Violation>> violations() {
    Map<String, List<Violation>> all = new TreeMap<>();
    state.jobs().values().forEach(job -> all.put(job.id(), limits.violations(job)));
    return all;
  }

  /** Goals are set, whatever is to end has ended, and wardens have removed what was left. */
  private void settle() {
    Set<String> jobs = new TreeSet<>(state.jobs().keySet());
    for (int rounds = 0; rounds < ROUNDS && !jobs.isEmpty(); rounds++) {
      jobs.forEach(job -> convergence.settle(job, turn));
      for (Job job : List.copyOf(state.jobs().values())) {
        for (Instance instance : List.copyOf(state.instancesOf(job.id()))) {
          end(instance);
        }
      }
      jobs = new TreeSet<>(dirty.takeJobs());
      jobs.addAll(dirty.takeAdvances());
    }
    for (Remains remains : List.copyOf(state.remains().values())) {
      if (!state.host(remains.host()).orElseThrow().condition().equals(HostCondition.LOST)) {
        turn.remove(remains);
      }
    }
  }

  /** Whatever is to be replaced is on its way out: in the end all of it, so all of it at once. */
  private void end(Instance instance) {
    if (instance.state() == InstanceState.STOPPING) {
      stops.add(instance.id());
      updates.on(instance, InstanceInput.OVERDUE, "", turn);
    }
  }

  /** Hosts on their way have come. */
  private void arrive() {
    for (Host host : List.copyOf(state.hosts().values())) {
      boolean comes =
          host.wish() == Wish.SERVE
              && (host.condition() == HostCondition.PROVISIONING
                  || host.condition() == HostCondition.INITIALISING);
      if (comes) {
        toCome.add(host.id());
        ledger.put(host.with(HostCondition.READY, now));
      }
    }
    for (Order order : state.orders().values()) {
      toCome.addAll(ledger.arrive(order, state.arrived(order.token())));
    }
  }

  /** One round of it all; returns whether anything came of it. */
  private boolean round() {
    hints.everywhere();
    Relabelled relabelled = round.relabel(turn);
    for (Demotion demotion : relabelled.demotions()) {
      demotions.add(demotion);
      placements.computeIfPresent(demotion.instance(), (i, at) -> place(at, Label.BORROWED));
    }
    promotions.addAll(relabelled.promotions());
    for (String id : relabelled.promotions()) {
      placements.computeIfPresent(id, (i, at) -> place(at, Label.GUARANTEED));
    }
    int placed = round.place(turn, this::launch);
    List<Eviction> evicted = round.reclaim(turn);
    evicted.forEach(this::evicted);
    int ordered = round.grow(now, this::order);
    return placed > 0
        || !relabelled.demotions().isEmpty()
        || !relabelled.promotions().isEmpty()
        || !evicted.isEmpty()
        || ordered > 0;
  }

  private void launch(Placement placement) {
    round.launched(placement, "", "", turn);
    String id = placement.instance();
    placements.put(
        id,
        new Plan.Place(
            id,
            state.instance(id).orElseThrow().job(),
            placement.pool(),
            placement.host(),
            toCome.contains(placement.host()),
            placement.label()));
  }

  /** It has ended, and waits again. */
  private void evicted(Eviction eviction) {
    evictions.add(eviction);
    placements.remove(eviction.instance());
    updates.on(state.instance(eviction.instance()).orElseThrow(), InstanceInput.OVERDUE, "", turn);
  }

  private void order(HostOrder order) {
    orders.merge(order.pool(), order.count(), Integer::sum);
    toCome.addAll(ledger.add(state.pool(order.pool()).orElseThrow(), order.count(), NEW));
  }

  private static Plan.Place place(Plan.Place at, Label label) {
    return new Plan.Place(at.instance(), at.job(), at.pool(), at.host(), at.toCome(), label);
  }

  /** What would be idle for as long as the most patient pool waits. */
  private List<String> releases() {
    Duration patience = Duration.ZERO;
    for (State.Versioned<Pool> pool : state.pools().values()) {
      Duration its = pool.value().idleAfter();
      patience = its.compareTo(patience) > 0 ? its : patience;
    }
    // Pools begin to wait now, and have waited long enough then.
    back(now);
    return List.copyOf(back(now.plus(patience)));
  }

  private Set<String> back(Instant at) {
    Set<String> hosts = new TreeSet<>();
    round.shrink(at, host -> hosts.add(host.id()));
    return hosts;
  }

  private Map<String, Plan.Unplaced> waiting() {
    Map<String, Plan.Unplaced> waiting = new LinkedHashMap<>();
    for (Pending some : state.waiting()) {
      Plan.Unplaced unplaced = new Plan.Unplaced(some.count(), round.refusals(some.version()));
      waiting.merge(some.job(), unplaced, Plan.Unplaced::and);
    }
    return waiting;
  }

  // ---- Money.

  /** What the hosts cost that are there or on order; those being given back do no more. */
  private long cost() {
    Map<String, Integer> hosts = new HashMap<>();
    for (Host host : state.hosts().values()) {
      if (host.wish() != Wish.RELEASE && host.condition() != HostCondition.RELEASED) {
        hosts.merge(host.pool(), 1, Integer::sum);
      }
    }
    for (Order order : state.orders().values()) {
      hosts.merge(order.pool(), order.count() - state.arrived(order.token()), Integer::sum);
    }
    return cost(hosts);
  }

  private long ordered() {
    return cost(orders);
  }

  private long cost(Map<String, Integer> hosts) {
    long sum = 0;
    for (Map.Entry<String, Integer> some : hosts.entrySet()) {
      long cost = state.pool(some.getKey()).map(p -> p.costOf(some.getValue())).orElse(0L);
      sum = Math.min(Pool.MOST_COST, sum + cost);
    }
    return sum;
  }

  private long sum(List<String> hosts) {
    Map<String, Integer> byPool = new HashMap<>();
    hosts.forEach(id -> byPool.merge(state.host(id).orElseThrow().pool(), 1, Integer::sum));
    return cost(byPool);
  }
}
