package io.springtide.scheduler.offer;

import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.answer.Reason;
import io.springtide.partition.answer.Refusal;
import io.springtide.partition.answer.Served;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.PortSpec;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.PortAssignment;
import io.springtide.scheduler.state.Remains;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.task.Reaps;
import io.springtide.scheduler.task.Wardens;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.OfferBook;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.Ledger;
import io.springtide.scheduler.turn.QueueingHints;
import io.springtide.scheduler.turn.Turn;
import java.util.ArrayList;
import java.util.HashMap;
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
  /** At most so many instances of a job are tried at once; more only if all of them found one. */
  private static final int CHUNK = 1000;

  private final State state;
  private final Ledger ledger;
  private final OfferBook book;
  private final Wardens wardens;
  private final Reaps reaps;
  private final DirtySet dirty;
  private final QueueingHints hints;
  private final Holding holding;
  private final OfferDemand demand;
  private final Relabelling labels;
  private final Map<String, List<Waiting>> refusals = new HashMap<>();

  public Matching(
      State state,
      Ledger ledger,
      OfferBook book,
      Wardens wardens,
      Reaps reaps,
      DirtySet dirty,
      QueueingHints hints,
      Holding holding,
      OfferDemand demand) {
    this.state = state;
    this.ledger = ledger;
    this.book = book;
    this.wardens = wardens;
    this.reaps = reaps;
    this.dirty = dirty;
    this.hints = hints;
    this.holding = holding;
    this.demand = demand;
    labels = new Relabelling(state, ledger, hints);
  }

  /** Matches what waits, and may find a place now, with all that is held. */
  public void match(Turn turn) {
    Map<String, List<TaskLaunch>> launches = new LinkedHashMap<>();
    for (String id : book.hosts()) {
      state.host(id).ifPresent(host -> onHost(host, launches, turn));
    }
    reckon();
    labels.settle(turn);
    refusals.keySet().retainAll(state.waitingJobs());
    place(hints.take(refusals.keySet(), turn.now()), launches, turn);
    launches.forEach((host, all) -> accept(host, all, turn));
    giveBack(turn);
    reckon();
    if (hints.takeStirred() && lacksOffers()) {
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

  /** Whether something would find its place if only an offer of it were held. */
  private boolean lacksOffers() {
    return refusals.values().stream()
        .flatMap(List::stream)
        .anyMatch(why -> why.reason().equals(Reason.NO_OFFER.name()));
  }

  /** Why the job's instances found no place when they were last tried. */
  public List<Waiting> refusals(String job) {
    return refusals.getOrDefault(job, List.of());
  }

  /** Whether an instance waits for a place, or a host for a warden, and could use an offer now. */
  public boolean wanted() {
    if (!state.waitingJobs().isEmpty()) {
      return true;
    }
    for (String job : state.unsettledJobs()) {
      if (state.unsettledOf(job).stream().anyMatch(Instance::returns)) {
        return true;
      }
    }
    // Also of one that is lost: a machine that comes back from maintenance serves at once.
    return state.hosts().values().stream().anyMatch(wardens::wanted);
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
      for (Instance instance : state.instancesOn(host)) {
        if (instance.returns()) {
          // Mesos offers the room of what its executor left behind; we keep it for its return.
          free = free.minusOrZero(need(instance));
          ports = ports.minus(PortRanges.of(ports(instance.task().orElseThrow())));
        }
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
    for (Instance instance : state.instancesOn(host.id())) {
      if (!instance.returns() || instance.notBefore().isAfter(turn.now())) {
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
      ports = ports.minus(PortRanges.of(ports(last)));
      Job job = state.job(instance.job()).orElseThrow();
      Task task =
          attempt(
              instance,
              job,
              last.revision(),
              host,
              last.label(),
              last.demoted(),
              last.ports(),
              offers,
              turn);
      turn.put(instance.with(InstanceState.STAGING, Optional.of(task), turn.now()));
      launches
          .computeIfAbsent(host.id(), id -> new ArrayList<>())
          .add(launch(task, instance, job.specOf(last.revision()).orElse(job.spec())));
    }
  }

  private void place(List<Job> jobs, Map<String, List<TaskLaunch>> launches, Turn turn) {
    List<Job> left = new ArrayList<>(jobs);
    while (!left.isEmpty()) {
      List<Pending> pending = new ArrayList<>();
      for (Job job : left) {
        List<String> waiting = state.waitingOf(job.id());
        pending.add(new Pending(job.id(), waiting.subList(0, Math.min(CHUNK, waiting.size()))));
      }
      Served served = ledger.place(pending, turn.now());
      for (Placement placement : served.placements()) {
        launch(placement, launches, turn);
      }
      left.forEach(job -> remember(job.id(), served.refusals().get(job.id())));
      left.removeIf(
          job -> served.refusals().containsKey(job.id()) || state.waitingOf(job.id()).isEmpty());
    }
  }

  private void remember(String job, List<Refusal> why) {
    List<Waiting> next = why == null ? List.of() : why.stream().map(Waiting::of).toList();
    boolean changed = !next.equals(refusals.getOrDefault(job, List.of()));
    if (why == null) {
      refusals.remove(job);
    } else {
      refusals.put(job, next);
    }
    if (changed) {
      dirty.shown(job);
    }
  }

  private void launch(Placement placement, Map<String, List<TaskLaunch>> launches, Turn turn) {
    Instance instance = state.instance(placement.instance()).orElseThrow();
    Job job = state.job(instance.job()).orElseThrow();
    Host host = state.host(placement.host()).orElseThrow();
    Task task =
        attempt(
            instance,
            job,
            job.revision(),
            host,
            placement.label(),
            Optional.empty(),
            assigned(job.spec(), placement.ports()),
            book.on(host.id()),
            turn);
    // The engine has booked it already.
    ledger.placed(instance.id(), task);
    turn.put(instance.with(InstanceState.STAGING, Optional.of(task), turn.now()));
    launches
        .computeIfAbsent(host.id(), id -> new ArrayList<>())
        .add(launch(task, instance, job.spec()));
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

  private static Task attempt(
      Instance instance,
      Job job,
      long revision,
      Host host,
      Label label,
      Optional<String> demoted,
      List<PortAssignment> ports,
      List<Offer> offers,
      Turn turn) {
    long attempt = turn.nextAttempt();
    return new Task(
        job.id() + "." + instance.index() + "." + attempt,
        attempt,
        revision,
        host.id(),
        host.agentId(),
        host.pool(),
        label,
        demoted,
        ports,
        TaskState.STAGING,
        Optional.empty(),
        offers.get(0).reachedAt(),
        turn.now(),
        turn.now());
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

  /** Whether its ports are free again, as far as they are its agent's to give. */
  private static boolean allFree(Task last, PortRanges agents, PortRanges free) {
    return last.ports().stream()
        .map(PortAssignment::host)
        .allMatch(port -> !agents.contains(port) || free.contains(port));
  }

  private static Set<Integer> ports(Task task) {
    Set<Integer> ports = new TreeSet<>();
    task.ports().forEach(port -> ports.add(port.host()));
    return ports;
  }

  private static List<TaskLaunch> list(TaskLaunch launch) {
    List<TaskLaunch> list = new ArrayList<>();
    list.add(launch);
    return list;
  }
}
