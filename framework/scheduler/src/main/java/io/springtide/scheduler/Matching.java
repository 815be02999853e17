package io.springtide.scheduler;

import io.springtide.partition.Label;
import io.springtide.partition.Placed;
import io.springtide.partition.Placement;
import io.springtide.partition.PortRanges;
import io.springtide.partition.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
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
final class Matching {
  /** Instances of one job that the engine is asked about at once. */
  private static final int CHUNK = 500;

  private final State state;
  private final Ledger ledger;
  private final OfferBook book;
  private final Wardens wardens;
  private final Dirt dirt;
  private final Map<String, List<Waiting>> refusals = new HashMap<>();

  Matching(State state, Ledger ledger, OfferBook book, Wardens wardens, Dirt dirt) {
    this.state = state;
    this.ledger = ledger;
    this.book = book;
    this.wardens = wardens;
    this.dirt = dirt;
  }

  /** Matches all that waits with all that is held. */
  void match(Turn turn) {
    Map<String, List<Launch>> launches = new LinkedHashMap<>();
    for (String id : book.hosts()) {
      state.host(id).ifPresent(host -> onHost(host, launches, turn));
    }
    reckon();
    for (Job job : queue(turn.now())) {
      place(job, launches, turn);
    }
    launches.forEach((host, all) -> accept(host, all, turn));
    reckon();
  }

  /** Why the job's instances found no place when they were last tried. */
  List<Waiting> refusals(String job) {
    return refusals.getOrDefault(job, List.of());
  }

  /** Whether an instance waits for a place, or a host for a warden, and could use an offer now. */
  boolean wanted(Instant now) {
    for (String job : state.unsettledJobs()) {
      for (Instance instance : state.unsettledOf(job)) {
        if (waits(instance, now) || returns(instance)) {
          return true;
        }
      }
    }
    return state.hosts().values().stream().anyMatch(wardens::wanted);
  }

  /** Whether an instance waits for any place. */
  static boolean waits(Instance instance, Instant now) {
    return instance.state() == InstanceState.PENDING
        && instance.goal() == Goal.RUN
        && instance.task().isEmpty()
        && !instance.notBefore().isAfter(now);
  }

  /** Whether an instance waits for its own host. */
  static boolean returns(Instance instance) {
    return (instance.state() == InstanceState.PENDING || instance.state() == InstanceState.DETACHED)
        && instance.goal() == Goal.RUN
        && instance.task().isPresent();
  }

  /** Tells the engine what new instances may have of the hosts whose room has changed. */
  private void reckon() {
    for (String host : dirt.takeRooms()) {
      List<Offer> offers = book.on(host);
      if (offers.isEmpty() || state.host(host).filter(wardens::runs).isEmpty()) {
        ledger.withdraw(host);
        continue;
      }
      Resources free = OfferBook.resources(offers);
      PortRanges ports = OfferBook.ports(offers);
      for (Instance instance : state.instancesOn(host)) {
        if (returns(instance)) {
          // Mesos offers the room of what its executor left behind; we keep it for its return.
          free = free.minusOrZero(need(instance));
          ports = ports.minus(PortRanges.of(ports(instance.task().orElseThrow())));
        }
      }
      ledger.offer(host, free, ports);
    }
  }

  private void onHost(Host host, Map<String, List<Launch>> launches, Turn turn) {
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
    for (Instance instance : state.instancesOn(host.id())) {
      if (!returns(instance) || instance.notBefore().isAfter(turn.now())) {
        continue;
      }
      Task last = instance.task().orElseThrow();
      Resources need = need(instance);
      if (!free.covers(need) || !allFree(last, host.ports(), ports)) {
        continue;
      }
      free = free.minus(need);
      ports = ports.minus(PortRanges.of(ports(last)));
      boolean adopt = instance.state() == InstanceState.DETACHED;
      Job job = state.job(instance.job()).orElseThrow();
      Task task =
          attempt(
              instance,
              job,
              last.revision(),
              host,
              last.label(),
              last.ports(),
              adopt,
              offers,
              turn);
      turn.put(instance.with(InstanceState.STAGING, Optional.of(task), turn.now()));
      launches
          .computeIfAbsent(host.id(), id -> new ArrayList<>())
          .add(new Launch(task, instance.id(), job.specOf(last.revision())));
    }
  }

  private void place(Job job, Map<String, List<Launch>> launches, Turn turn) {
    List<String> waiting =
        state.unsettledOf(job.id()).stream()
            .filter(instance -> waits(instance, turn.now()))
            .map(Instance::id)
            .toList();
    refusals.remove(job.id());
    for (int from = 0; from < waiting.size(); from += CHUNK) {
      List<String> chunk = waiting.subList(from, Math.min(waiting.size(), from + CHUNK));
      Placed placed = ledger.place(job, chunk, turn.now());
      for (Placement placement : placed.placements()) {
        launch(job, placement, launches, turn);
      }
      if (!placed.refusals().isEmpty()) {
        refusals.put(
            job.id(),
            placed.refusals().stream()
                .map(r -> new Waiting(r.reason().name(), r.hosts(), r.detail(), r.freedBy()))
                .toList());
        break;
      }
    }
    dirt.shown(job.id());
  }

  private void launch(Job job, Placement placement, Map<String, List<Launch>> launches, Turn turn) {
    Instance instance = state.instance(placement.instance()).orElseThrow();
    Host host = state.host(placement.host()).orElseThrow();
    Task task =
        attempt(
            instance,
            job,
            job.revision(),
            host,
            placement.label(),
            assigned(job.spec(), placement.ports()),
            false,
            book.on(host.id()),
            turn);
    // The engine has booked it already.
    ledger.placed(instance.id(), task);
    turn.put(instance.with(InstanceState.STAGING, Optional.of(task), turn.now()));
    launches
        .computeIfAbsent(host.id(), id -> new ArrayList<>())
        .add(new Launch(task, instance.id(), Optional.of(job.spec())));
  }

  private static Task attempt(
      Instance instance,
      Job job,
      long revision,
      Host host,
      Label label,
      List<PortAssignment> ports,
      boolean adopt,
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
        ports,
        adopt,
        TaskState.STAGING,
        Optional.empty(),
        address(offers),
        turn.now(),
        turn.now());
  }

  private void accept(String host, List<Launch> launches, Turn turn) {
    List<Offer> offers = book.takeAll(host);
    dirt.room(host);
    turn.then(
        new Effect.Accept(
            offers.stream().map(Offer::id).toList(),
            offers.get(0).agentId(),
            launches,
            Duration.ZERO));
  }

  /** Jobs with instances that wait: the most urgent first, then the one that waited longest. */
  private List<Job> queue(Instant now) {
    record Entry(Job job, Instant since) {}
    List<Entry> entries = new ArrayList<>();
    for (String id : state.unsettledJobs()) {
      Job job = state.job(id).orElseThrow();
      state.unsettledOf(id).stream()
          .filter(instance -> waits(instance, now))
          .map(Instance::since)
          .min(Comparator.naturalOrder())
          .ifPresent(since -> entries.add(new Entry(job, since)));
    }
    entries.sort(
        Comparator.comparingInt((Entry entry) -> -entry.job().spec().priority())
            .thenComparing(Entry::since)
            .thenComparing(entry -> entry.job().id()));
    return entries.stream().map(Entry::job).toList();
  }

  private Resources need(Instance instance) {
    Job job = state.job(instance.job()).orElseThrow();
    return job.specOf(instance.task().orElseThrow().revision()).orElse(job.spec()).resources();
  }

  /** The host that clients reach, as its agent says it. */
  static String address(List<Offer> offers) {
    Offer offer = offers.get(0);
    int colon = offer.address().lastIndexOf(':');
    return colon < 0 ? offer.hostname() : offer.address().substring(0, colon);
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

  private static List<Launch> list(Launch launch) {
    List<Launch> list = new ArrayList<>();
    list.add(launch);
    return list;
  }
}
