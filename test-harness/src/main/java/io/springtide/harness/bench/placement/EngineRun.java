package io.springtide.harness.bench.placement;

import io.springtide.partition.Engine;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.FitPolicy;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PoolKind;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/** The workload in Springtide's engine. */
final class EngineRun {
  static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final String POOL = "bench";

  /** What an agent offers unless it is told otherwise. */
  static final PortRanges PORTS = PortRanges.of(31_000, 32_000);

  private final Workload workload;
  private final boolean offers;
  private final Map<String, Resources> capacity = new HashMap<>();
  final Engine engine;

  /**
   * @param offers as in production: on held offers of whole hosts, each instance with a port of its
   *     own; else by the records alone
   */
  EngineRun(Workload workload, boolean offers) {
    this.workload = workload;
    this.offers = offers;
    engine = offers ? new Engine() : Engine.withoutOffers();
    engine.putPool(
        new Pool(
            POOL,
            PoolKind.OWNED,
            "",
            Map.of(),
            0,
            Pool.MAX_HOSTS,
            Buffer.NONE,
            FitPolicy.PACK,
            0,
            Duration.ofMinutes(10),
            Duration.ZERO,
            OptionalLong.empty(),
            Optional.empty(),
            Collections.emptySortedMap()));
    for (Workload.Host host : workload.hosts()) {
      Resources has =
          new Resources(host.cpuMillis(), host.memoryMiB(), 0, host.gpus(), new TreeMap<>());
      capacity.put(host.id(), has);
      engine.putHost(
          new HostSpec(
              host.id(),
              POOL,
              HostCondition.READY,
              Map.of("rack", host.rack(), "zone", host.zone(), "disk", host.disk()),
              has,
              Resources.ZERO,
              offers ? PORTS : PortRanges.NONE));
      offer(host.id());
    }
    engine.putGroup(
        new Group(
            POOL,
            "",
            "",
            Map.of(POOL, Quota.limitedTo(Limit.UNLIMITED)),
            Limit.UNLIMITED,
            GroupPolicy.DEFAULT));
    // A trace may hold instances that no host ever had: they wait, and are counted.
    workload.jobs().forEach(job -> engine.restoreJob(demand(job)));
  }

  private JobDemand demand(Workload.Job job) {
    List<Constraint> constraints = new ArrayList<>();
    if (job.maxPerHost() > 0) {
      constraints.add(new Constraint.MaxPer(Constraint.HOST, job.maxPerHost(), false));
    }
    if (job.spread()) {
      constraints.add(new Constraint.Spread("rack", 1, true));
      constraints.add(new Constraint.Spread("zone", 1, false));
    }
    if (job.ssd()) {
      constraints.add(new Constraint.Match("disk", Set.of("ssd"), false, false));
    }
    if (job.apartFrom() >= 0) {
      String other = workload.jobs().get(job.apartFrom()).id();
      constraints.add(new Constraint.Near(other, Constraint.HOST, true, false));
    }
    return new JobDemand(
        job.id(),
        POOL,
        new Resources(job.cpuMillis(), job.memoryMiB(), 0, job.gpus(), new TreeMap<>()),
        List.of(),
        offers ? 1 : 0,
        constraints,
        List.of(POOL),
        100,
        true);
  }

  /** The host is offered whole; how much of it is taken, the records know. */
  private void offer(String host) {
    if (offers) {
      engine.offer(host, capacity.get(host), PORTS);
    }
  }

  /** Ends what was placed, and the master offers its room again. */
  void giveBack(List<Placement> placements) {
    placements.forEach(placement -> engine.release(placement.instance()));
    placements.forEach(placement -> offer(placement.host()));
  }

  /** Places job by job, each in one call. */
  List<Placement> placeJobByJob() {
    return placeJobByJob(null);
  }

  List<Placement> placeJobByJob(Progress progress) {
    List<Placement> placements = new ArrayList<>(workload.instances());
    int at = 0;
    for (Workload.Job job : workload.jobs()) {
      at++;
      if (progress != null) {
        progress.at("batch", at, workload.jobs().size());
      }
      placements.addAll(engine.place(job.id(), job.instances(), NOW).placements());
    }
    return placements;
  }

  /** Places everything that waits in one round. */
  List<Placement> placeInOneRound() {
    Map<String, List<String>> waiting = new LinkedHashMap<>();
    for (Workload.Job job : workload.jobs()) {
      waiting.computeIfAbsent(job.id(), j -> new ArrayList<>()).addAll(job.instances());
    }
    List<Pending> pending = new ArrayList<>();
    waiting.forEach((job, ids) -> pending.add(new Pending(job, ids)));
    return engine.placeAll(pending, NOW).placements();
  }

  static Map<String, String> byInstance(List<Placement> placements) {
    Map<String, String> hosts = new HashMap<>();
    placements.forEach(p -> hosts.put(p.instance(), p.host()));
    return hosts;
  }
}
