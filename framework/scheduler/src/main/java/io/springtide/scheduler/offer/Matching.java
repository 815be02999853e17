package io.springtide.scheduler.offer;

import io.springtide.partition.answer.Placement;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.round.Round;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Remains;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.task.Reaps;
import io.springtide.scheduler.task.Wardens;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.OfferBook;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.Ledger;
import io.springtide.scheduler.turn.QueueingHints;
import io.springtide.scheduler.turn.Turn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Turns held offers into launches: wardens first, then what returns to its host, then what the
 * engine finds a place for. One acceptance per host and round uses all offers of that host.
 */
public final class Matching {
  private final State state;
  private final Ledger ledger;
  private final OfferBook book;
  private final Wardens wardens;
  private final Reaps reaps;
  private final DirtySet dirty;
  private final QueueingHints hints;
  private final Round round;
  private final Holding holding;
  private final OfferDemand demand;

  public Matching(
      State state,
      Ledger ledger,
      OfferBook book,
      Wardens wardens,
      Reaps reaps,
      DirtySet dirty,
      QueueingHints hints,
      Round round,
      Holding holding,
      OfferDemand demand) {
    this.state = state;
    this.ledger = ledger;
    this.book = book;
    this.wardens = wardens;
    this.reaps = reaps;
    this.dirty = dirty;
    this.hints = hints;
    this.round = round;
    this.holding = holding;
    this.demand = demand;
  }

  /** Matches what waits, and may find a place now, with all that is held. */
  public void match(Turn turn) {
    Map<String, List<TaskLaunch>> launches = new LinkedHashMap<>();
    Set<String> first = new TreeSet<>(state.hostsWithoutWarden());
    first.addAll(state.hostsToReturnTo());
    for (String id : first) {
      if (book.hasRoomOn(id)) {
        state.host(id).ifPresent(host -> onHost(host, launches, turn));
      }
    }
    reckon();
    round.relabel(turn);
    round.place(turn, placement -> launch(placement, launches, turn));
    launches.forEach((host, all) -> accept(host, all, turn));
    giveBack(turn);
    reckon();
    if (hints.takeStirred() && round.lacksOffers()) {
      demand.wantedAnew();
    }
  }

  /** Gives back what is held and of no use to what waits. */
  public void giveBack(Turn turn) {
    holding
        .spare(turn)
        .forEach(
            (filter, offers) -> {
              demand.giveBack(offers, filter, turn);
              offers.forEach(offer -> dirty.room(offer.hostId()));
            });
  }

  /** Whether an instance waits for a place, or a host for a warden, and could use an offer now. */
  public boolean wanted() {
    if (!state.waitingVersions().isEmpty()) {
      return true;
    }
    // Also of one that is lost: a machine that comes back from maintenance serves at once.
    return !state.hostsToReturnTo().isEmpty()
        || state.hostsWithoutWarden().stream()
            .anyMatch(id -> wardens.wanted(state.host(id).orElseThrow()));
  }

  /** Tells the engine what new instances may have of the hosts whose room has changed. */
  private void reckon() {
    for (String host : dirty.takeRooms()) {
      List<Offer> offers = book.on(host);
      if (offers.isEmpty() || state.host(host).filter(wardens::runs).isEmpty()) {
        ledger.withdraw(host);
        continue;
      }
      Resources free = OfferBook.resources(offers);
      PortRanges ports = OfferBook.ports(offers);
      for (Instance instance : state.returningTo(host)) {
        // Mesos offers the room of what its executor left behind; we keep it for its return.
        free = free.minusOrZero(need(instance));
        ports = ports.minus(PortRanges.of(instance.task().orElseThrow().hostPorts()));
      }
      for (Remains remains : state.remainsOn(host)) {
        // So it does with what nobody returns to.
        free = free.minusOrZero(remains.size());
        ports = ports.minus(PortRanges.of(remains.ports()));
      }
      if (ledger.offer(host, free, ports)) {
        hints.room(state.host(host).orElseThrow().pool());
      }
    }
  }

  private void onHost(Host host, Map<String, List<TaskLaunch>> launches, Turn turn) {
    List<Offer> offers = book.on(host.id());
    if (wardens.wanted(host)) {
      wardens.launch(host, offers, turn).ifPresent(one -> launches.put(host.id(), list(one)));
      return;
    }
    if (!wardens.runs(host)) {
      return;
    }
    Resources free = OfferBook.resources(offers);
    PortRanges ports = OfferBook.ports(offers);
    for (Remains remains : state.remainsOn(host.id())) {
      free = free.minusOrZero(remains.size());
      ports = ports.minus(PortRanges.of(remains.ports()));
    }
    for (Instance instance : state.returningTo(host.id())) {
      if (instance.notBefore().isAfter(turn.now())) {
        continue;
      }
      Task last = instance.task().orElseThrow();
      if (instance.state() == InstanceState.DETACHED && !reaps.confirmed(last)) {
        // Its container may still run there, and must not come to run twice (promise 1).
        continue;
      }
      Resources need = need(instance);
      if (!free.covers(need) || !allFree(last, host.ports(), ports)) {
        continue;
      }
      free = free.minus(need);
      ports = ports.minus(PortRanges.of(last.hostPorts()));
      Job job = state.job(instance.job()).orElseThrow();
      Task task = again(instance, host, offers.get(0).reachedAt(), turn);
      turn.put(instance.with(InstanceState.STAGING, Optional.of(task), turn.now()));
      Job ruled = job.returned(last.generation(), task.generation());
      if (!ruled.equals(job)) {
        turn.put(ruled);
      }
      launches
          .computeIfAbsent(host.id(), id -> new ArrayList<>())
          .add(launch(task, instance, job.specOf(last.revision()).orElse(job.spec())));
    }
  }

  private void launch(Placement placement, Map<String, List<TaskLaunch>> launches, Turn turn) {
    Instance instance = state.instance(placement.instance()).orElseThrow();
    Job job = state.job(instance.job()).orElseThrow();
    Host host = state.host(placement.host()).orElseThrow();
    String reachedAt = book.on(host.id()).get(0).reachedAt();
    Task task = round.launched(placement, host.agentId(), reachedAt, turn);
    launches
        .computeIfAbsent(host.id(), id -> new ArrayList<>())
        .add(launch(task, instance, job.specOf(task.revision()).orElseThrow()));
  }

  /**
   * With what the group's policy says now: a symbolic link may have been set since it was asked.
   */
  private TaskLaunch launch(Task task, Instance instance, JobSpec spec) {
    List<String> roots =
        spec.container().mounts().isEmpty()
            ? List.of()
            : state.groups().get(spec.group()).value().policy().mounts();
    return new TaskLaunch(task, instance.id(), Optional.of(spec), roots);
  }

  private static Task again(Instance instance, Host host, String reachedAt, Turn turn) {
    long attempt = turn.nextAttempt();
    Task last = instance.task().orElseThrow();
    return last.again(
        instance.taskId(attempt), attempt, host.agentId(), host.pool(), reachedAt, turn.now());
  }

  private void accept(String host, List<TaskLaunch> launches, Turn turn) {
    List<Offer> offers = book.takeAll(host);
    dirty.room(host);
    Resources left = OfferBook.resources(offers);
    for (TaskLaunch launch : launches) {
      Resources takes = launch.job().map(JobSpec::resources).orElseGet(() -> wardens.need(offers));
      left = left.minusOrZero(takes);
    }
    boolean wantedBack =
        offers.stream().noneMatch(Offer::ofUseToOthers)
            || holding.worth(state.host(host).orElseThrow(), left);
    turn.then(
        new Effect.Accept(
            offers.stream().map(Offer::id).toList(),
            offers.get(0).agentId(),
            launches,
            demand.filterOfRest(wantedBack)));
  }

  private Resources need(Instance instance) {
    Job job = state.job(instance.job()).orElseThrow();
    return job.specOf(instance.task().orElseThrow().revision()).orElse(job.spec()).resources();
  }

  /** Whether its ports are free again, as far as they are its agent's to give. */
  private static boolean allFree(Task last, PortRanges agents, PortRanges free) {
    return last.hostPorts().stream()
        .allMatch(port -> !agents.contains(port) || free.contains(port));
  }

  private static List<TaskLaunch> list(TaskLaunch launch) {
    List<TaskLaunch> list = new ArrayList<>();
    list.add(launch);
    return list;
  }
}
