package io.springtide.scheduler;

import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.FitPolicy;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PoolKind;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.job.ContainerSpec;
import io.springtide.scheduler.job.HealthSpec;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.PortSpec;
import io.springtide.scheduler.job.RuntimeKind;
import io.springtide.scheduler.job.UpdatePolicy;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Documents that stories are about. */
public final class Documents {
  private Documents() {}

  /** Owned hosts, those whose agents say {@code zone: idc}. */
  public static Pool idc() {
    return pool("idc", PoolKind.OWNED, "idc", Map.of("zone", "idc"));
  }

  /** A pool that no selector leads to. */
  static Pool pool(String name, PoolKind kind) {
    return pool(name, kind, "", Map.of());
  }

  /** A pool of hosts that are not ordered, those whose agents say so. */
  public static Pool selecting(String name, Map<String, String> selector) {
    return pool(name, PoolKind.OWNED, "", selector);
  }

  private static Pool pool(String name, PoolKind kind, String zone, Map<String, String> selector) {
    return new Pool(
        name,
        kind,
        zone,
        selector,
        0,
        100,
        Buffer.NONE,
        FitPolicy.SPREAD,
        0,
        Duration.ofMinutes(10),
        Duration.ZERO,
        OptionalLong.empty(),
        Optional.empty(),
        Collections.emptySortedMap());
  }

  /** Hosts of 4 cpus and 4 GiB that can be ordered. */
  static Pool cloud(int max) {
    return cloud(max, Duration.ZERO);
  }

  static Pool cloud(int max, Duration billingIncrement) {
    return new Pool(
        "cloud",
        PoolKind.ON_DEMAND,
        "cloud",
        Map.of(),
        0,
        max,
        Buffer.NONE,
        FitPolicy.PACK,
        420_000,
        Duration.ofMinutes(1),
        billingIncrement,
        OptionalLong.empty(),
        Optional.of(
            new HostTemplate("local", Resources.of(4000, 4096, 10_000), Map.of(), Map.of())),
        Collections.emptySortedMap());
  }

  /** The same, ordered from that region. */
  static Pool cloudIn(String region, int max) {
    Pool pool = cloud(max);
    HostTemplate template = pool.template().orElseThrow();
    return from(
        pool,
        pool.selector(),
        Optional.of(
            new HostTemplate(
                template.driver(), template.resources(), Map.of(), Map.of("region", region))));
  }

  /** The same pool, of hosts with these attributes as well. */
  static Pool selecting(Pool pool, Map<String, String> selector) {
    return from(pool, selector, pool.template());
  }

  /** The same, from where no more hosts can be ordered. */
  static Pool closed(int max) {
    return from(cloud(max), Map.of(), Optional.empty());
  }

  private static Pool from(
      Pool pool, Map<String, String> selector, Optional<HostTemplate> template) {
    return new Pool(
        pool.name(),
        pool.kind(),
        pool.zone(),
        selector,
        pool.minHosts(),
        pool.maxHosts(),
        pool.buffer(),
        pool.placement(),
        pool.microsPerHour(),
        pool.idleAfter(),
        pool.billingIncrement(),
        pool.budgetMicrosPerHour(),
        template,
        Collections.emptySortedMap());
  }

  /** A policy that leaves the job's own document to say what is wrong with it. */
  private static final GroupPolicy ANYTHING =
      new GroupPolicy(
          false,
          List.of(),
          GroupPolicy.MAX_PRIORITY,
          List.of(GroupPolicy.ANY),
          List.of(GroupPolicy.ANY),
          false);

  public static Group feed(long cpuMillis) {
    return feed(cpuMillis, true);
  }

  /**
   * @param cloud whether it may use the cloud, too
   */
  static Group feed(long cpuMillis, boolean cloud) {
    Quota quota = Quota.limitedTo(Limit.of(cpuMillis, 1 << 20));
    Quota idc = new Quota(Resources.ZERO, Resources.ZERO, Limit.of(cpuMillis, 1 << 20), 1);
    return new Group(
        "feed",
        "",
        "",
        new TreeMap<>(cloud ? Map.of("idc", idc, "cloud", quota) : Map.of("idc", idc)),
        Limit.UNLIMITED,
        ANYTHING);
  }

  /** The same group, as large as it likes. */
  static Group unlimited() {
    Quota quota = Quota.limitedTo(Limit.UNLIMITED);
    return new Group(
        "feed",
        "",
        "",
        new TreeMap<>(Map.of("idc", quota, "cloud", quota)),
        Limit.UNLIMITED,
        GroupPolicy.DEFAULT);
  }

  /** A group that is guaranteed some of {@code idc}, lends all of it, and may borrow the rest. */
  public static Group tenant(String path, long cpuMillis) {
    Resources guarantee = Resources.of(cpuMillis, cpuMillis);
    Quota quota = new Quota(guarantee, guarantee, Limit.of(100_000, 1 << 20), 1);
    return new Group(path, "", "", new TreeMap<>(Map.of("idc", quota)), Limit.UNLIMITED, ANYTHING);
  }

  /** The same job, of another group and kind. */
  public static JobSpec of(String group, JobKind kind, JobSpec job) {
    return job.but().id(group + job.id().substring(job.id().lastIndexOf('.'))).kind(kind).build();
  }

  /**
   * {@code feed.<name>}: 1 cpu, 256 MiB, one port; may borrow, so that it runs without a guarantee.
   */
  public static JobSpec job(String name, int instances) {
    return job(name, JobKind.SERVICE, RuntimeKind.DOCKER, instances);
  }

  public static JobSpec job(String name, JobKind kind, RuntimeKind runtime, int instances) {
    return JobSpec.of(
            "feed." + name,
            Resources.of(1000, 256),
            new ContainerSpec(
                runtime == RuntimeKind.DOCKER ? "web:1" : "",
                List.of("/bin/web"),
                Map.of(),
                runtime == RuntimeKind.DOCKER ? "bridge" : "host",
                List.of(new PortSpec("http", runtime == RuntimeKind.DOCKER ? 8080 : 0, 0)),
                List.of(),
                false))
        .kind(kind)
        .instances(instances)
        // Who serves counts at once: stories that are about other things need not wait for it.
        .update(UpdatePolicy.DEFAULT.with(Duration.ZERO, Duration.ofMinutes(5)))
        .runtime(runtime)
        .reclaimable(true)
        .build();
  }

  public static JobSpec withImage(JobSpec job, String image) {
    ContainerSpec old = job.container();
    return job.but()
        .container(
            new ContainerSpec(
                image,
                old.command(),
                old.env(),
                old.network(),
                old.ports(),
                old.mounts(),
                old.privileged()))
        .build();
  }

  public static JobSpec withResources(JobSpec job, Resources resources) {
    return job.but().resources(resources).build();
  }

  public static JobSpec withPriority(JobSpec job, int priority) {
    return job.but().priority(priority).build();
  }

  public static JobSpec withConstraints(JobSpec job, Constraint... constraints) {
    return job.but().constraints(List.of(constraints)).build();
  }

  public static JobSpec withPools(JobSpec job, String... pools) {
    return job.but().pools(List.of(pools)).build();
  }

  /** The same, with its health asked for over its port {@code http}. */
  public static JobSpec checked(JobSpec job) {
    return job.but()
        .health(
            Optional.of(
                new HealthSpec(
                    new HealthSpec.Http("http", "/"),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(2),
                    3)))
        .build();
  }

  /** The same, of which a change may take so many at once. */
  public static JobSpec withBudget(JobSpec job, int maxUnavailable) {
    return job.but().update(job.update().with(0, maxUnavailable, 0)).build();
  }

  /** The same, changed in that way. */
  public static JobSpec withUpdate(JobSpec job, UpdatePolicy update) {
    return job.but().update(update).build();
  }
}
