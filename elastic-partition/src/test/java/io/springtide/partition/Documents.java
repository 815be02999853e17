package io.springtide.partition;

import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.FitPolicy;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Names;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PoolKind;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/** Short ways to write the documents of the model in tests. */
public final class Documents {
  public static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private Documents() {}

  public static Pool owned(String name) {
    return pool(name, PoolKind.OWNED, Buffer.NONE, FitPolicy.PACK, 0, 1000);
  }

  public static Pool cloud(String name, int maxHosts, Resources host) {
    Pool p = pool(name, PoolKind.ON_DEMAND, Buffer.NONE, FitPolicy.PACK, 0, maxHosts);
    return with(p, p.buffer(), Optional.of(template(host)), 420_000, OptionalLong.empty());
  }

  public static Pool with(
      Pool p, Buffer buffer, Optional<HostTemplate> template, long price, OptionalLong budget) {
    return new Pool(
        p.name(),
        p.kind(),
        p.zone(),
        p.selector(),
        p.minHosts(),
        p.maxHosts(),
        buffer,
        p.placement(),
        price,
        Duration.ofMinutes(10),
        Duration.ZERO,
        budget,
        template,
        Collections.emptySortedMap());
  }

  public static Pool buffered(Pool p, int hosts) {
    return with(p, new Buffer(hosts, 0), p.template(), p.microsPerHour(), p.budgetMicrosPerHour());
  }

  public static Pool timed(Pool p, int minHosts, Duration idleAfter, Duration billingIncrement) {
    return new Pool(
        p.name(),
        p.kind(),
        p.zone(),
        p.selector(),
        minHosts,
        p.maxHosts(),
        p.buffer(),
        p.placement(),
        p.microsPerHour(),
        idleAfter,
        billingIncrement,
        p.budgetMicrosPerHour(),
        p.template(),
        Collections.emptySortedMap());
  }

  public static Pool spread(String name) {
    return pool(name, PoolKind.OWNED, Buffer.NONE, FitPolicy.SPREAD, 0, 1000);
  }

  public static Pool pool(
      String name, PoolKind kind, Buffer buffer, FitPolicy placement, int min, int max) {
    return new Pool(
        name,
        kind,
        "",
        Map.of(),
        min,
        max,
        buffer,
        placement,
        0,
        Duration.ofMinutes(10),
        Duration.ZERO,
        OptionalLong.empty(),
        Optional.empty(),
        Collections.emptySortedMap());
  }

  public static HostTemplate template(Resources host) {
    return new HostTemplate("local", host, Map.of(), Map.of());
  }

  public static HostSpec host(String id, String pool, Resources capacity, String... attributes) {
    Map<String, String> map = new java.util.TreeMap<>();
    for (int i = 0; i < attributes.length; i += 2) {
      map.put(attributes[i], attributes[i + 1]);
    }
    return new HostSpec(
        id,
        pool,
        HostCondition.READY,
        map,
        capacity,
        Resources.ZERO,
        PortRanges.of(31_000, 31_999));
  }

  public static HostSpec with(HostSpec h, Resources overhead, PortRanges ports) {
    return new HostSpec(
        h.id(), h.pool(), h.condition(), h.attributes(), h.capacity(), overhead, ports);
  }

  public static Group group(String path, Map<String, Quota> quotas) {
    return new Group(path, "", "", quotas, Limit.UNLIMITED, GroupPolicy.DEFAULT);
  }

  /** All of the guarantee is lent; no limit. */
  public static Quota guaranteed(Resources guarantee) {
    return new Quota(guarantee, guarantee, Limit.UNLIMITED, 1);
  }

  public static Quota unlimited() {
    return Quota.limitedTo(Limit.UNLIMITED);
  }

  public static JobDemand job(String id, Resources each, Constraint... constraints) {
    return new JobDemand(
        id, Names.parentOf(id), each, List.of(), 0, List.of(constraints), List.of(), 100, true);
  }

  public static JobDemand rigid(JobDemand job) {
    return with(job, job.pools(), job.priority(), false);
  }

  public static JobDemand in(JobDemand job, String... pools) {
    return with(job, List.of(pools), job.priority(), job.reclaimable());
  }

  public static JobDemand priority(JobDemand job, int priority) {
    return with(job, job.pools(), priority, job.reclaimable());
  }

  private static JobDemand with(
      JobDemand job, List<String> pools, int priority, boolean reclaimable) {
    return new JobDemand(
        job.id(),
        job.group(),
        job.each(),
        job.fixedPorts(),
        job.dynamicPorts(),
        job.constraints(),
        pools,
        priority,
        reclaimable);
  }

  /** Instance ids {@code job#from} to {@code job#(to - 1)}. */
  public static List<String> ids(String job, int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> job + "#" + i).toList();
  }
}
