package io.springtide.scheduler.round;

import io.springtide.partition.answer.Drain;
import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.HostOrder;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.answer.Reason;
import io.springtide.partition.answer.Refusal;
import io.springtide.partition.answer.Served;
import io.springtide.partition.model.Version;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.goal.Breaches;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.PortSpec;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Host.Wish;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.PortAssignment;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.task.Updates;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.Ledger;
import io.springtide.scheduler.turn.QueueingHints;
import io.springtide.scheduler.turn.Turn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The steps of a look at all that waits. In earnest each is made as often as it is worth it; a plan
 * makes them one after the other on a copy, until nothing more follows. Where a step ends in
 * something that only the world can do, such as a launch or an order, the caller is told.
 */
public final class Round {
  /** At most so many instances of a job are tried at once; more only if all of them found one. */
  private static final int CHUNK = 1000;

  private final State state;
  private final Ledger ledger;
  private final Breaches breaches;
  private final DirtySet dirty;
  private final QueueingHints hints;
  private final Relabelling relabelling;
  private final Evictions evictions;
  private final Map<Version, List<Waiting>> refusals = new HashMap<>();

  public Round(
      State state,
      Ledger ledger,
      Updates updates,
      Breaches breaches,
      DirtySet dirty,
      QueueingHints hints) {
    this.state = state;
    this.ledger = ledger;
    this.breaches = breaches;
    this.dirty = dirty;
    this.hints = hints;
    relabelling = new Relabelling(state, ledger, hints);
    evictions = new Evictions(state, updates);
  }

  /** Follows guarantees that have moved. Comes before {@link #place}. */
  public Relabelled relabel(Turn turn) {
    return relabelling.settle(turn);
  }

  /**
   * Finds places for what waits, all jobs together in the engine's fair order; a job that was
   * refused is looked at only where the hints have something for it.
   *
   * @param launch is told each place, which the engine has booked; afterwards the instance waits no
   *     more
   * @return how many it was told
   */
  public int place(Turn turn, Consumer<Placement> launch) {
    int places = 0;
    refusals.keySet().retainAll(state.waitingVersions());
    List<Version> left = new ArrayList<>(hints.take(refusals.keySet(), turn.now()));
    while (!left.isEmpty()) {
      List<Pending> pending = new ArrayList<>();
      for (Version version : left) {
        List<String> waiting = state.waitingOf(version);
        pending.add(new Pending(version, waiting.subList(0, Math.min(CHUNK, waiting.size()))));
      }
      Served served = ledger.place(pending, turn.now());
      served.placements().forEach(launch);
      places += served.placements().size();
      left.forEach(version -> remember(version, served.refusals().get(version)));
      left.removeIf(
          version -> served.refusals().containsKey(version) || state.waitingOf(version).isEmpty());
    }
    return places;
  }

  /**
   * An instance takes the place that the engine has booked for it; from now on it waits no more.
   *
   * @param agentId the agent of that host
   * @param reachedAt its address
   * @return the attempt, which may be launched as soon as this turn is durable (promise 2)
   */
  public Task launched(Placement placement, String agentId, String reachedAt, Turn turn) {
    Instance instance = state.instance(placement.instance()).orElseThrow();
    Job job = state.job(instance.job()).orElseThrow();
    JobSpec spec = job.specOf(instance.revision()).orElseThrow();
    long attempt = turn.nextAttempt();
    Task task =
        Task.attempt(
            instance.taskId(attempt),
            attempt,
            instance.revision(),
            placement.host(),
            agentId,
            placement.pool(),
            placement.label(),
            assigned(spec, placement.ports()),
            reachedAt,
            turn.now());
    ledger.placed(instance.id(), task);
    turn.put(instance.with(InstanceState.STAGING, Optional.of(task), turn.now()));
    return task;
  }

  private static List<PortAssignment> assigned(JobSpec spec, List<Integer> hostPorts) {
    List<PortSpec> fixed = spec.container().ports().stream().filter(PortSpec::fixed).toList();
    int nextDynamic = fixed.size();
    List<PortAssignment> assigned = new ArrayList<>();
    for (PortSpec port : spec.container().ports()) {
      int host = port.fixed() ? port.host() : hostPorts.get(nextDynamic++);
      assigned.add(
          new PortAssignment(port.name(), port.container() == 0 ? host : port.container(), host));
    }
    return assigned;
  }

  private void remember(Version version, List<Refusal> why) {
    List<Waiting> next = why == null ? List.of() : why.stream().map(Waiting::of).toList();
    boolean changed = !next.equals(refusals(version));
    if (why == null) {
      refusals.remove(version);
    } else {
      refusals.put(version, next);
    }
    if (changed) {
      dirty.shown(version.job());
    }
  }

  /** Why instances that are to run that version found no place when they were last tried. */
  public List<Waiting> refusals(Version version) {
    return refusals.getOrDefault(version, List.of());
  }

  /** Whether something would find its place if only an offer of it were held. */
  public boolean lacksOffers() {
    return refusals.values().stream()
        .flatMap(List::stream)
        .anyMatch(why -> why.reason().equals(Reason.NO_OFFER.name()));
  }

  /**
   * Makes borrowed work go that is in the way of what waits within a guarantee. Also with nobody
   * waiting: claims and kept room end with time.
   *
   * @return those that were told to go; they keep their room until they have ended
   */
  public List<Eviction> reclaim(Turn turn) {
    return ledger.reclaim(state.waiting(), turn.now()).stream()
        .filter(eviction -> evictions.evict(eviction, turn))
        .toList();
  }

  /**
   * Hosts to order, of pools with a template.
   *
   * @param order is told each, and makes it known to the ledger
   * @return how many it was told
   */
  public int grow(Instant now, Consumer<HostOrder> order) {
    int orders = 0;
    // What waits, and what would move if some host took it.
    List<Pending> wanted = new ArrayList<>(state.waiting());
    wanted.addAll(breaches.homeless());
    for (HostOrder hosts : ledger.growth(wanted, now)) {
      if (state.pool(hosts.pool()).filter(pool -> pool.template().isPresent()).isPresent()) {
        order.accept(hosts);
        orders++;
      }
    }
    return orders;
  }

  /**
   * Hosts that nobody needs, and hosts whose work fits on others: that moves there as it does off
   * any host that is to be empty, no faster than its disruption budget.
   *
   * @param giveBack is told each that we ordered
   */
  public void shrink(Instant now, Consumer<Host> giveBack) {
    ledger.idle(now).forEach(id -> ordered(id).ifPresent(giveBack));
    for (Drain drain : ledger.consolidate(state.waiting(), now)) {
      ordered(drain.host()).ifPresent(giveBack);
    }
  }

  private Optional<Host> ordered(String id) {
    return state.host(id).filter(host -> host.ordered() && host.wish() == Wish.SERVE);
  }
}
