package io.springtide.partition.oracle;

import io.springtide.partition.Documents;
import io.springtide.partition.Engine;
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
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The documents of a cluster, drawn at random from a seed. */
final class World {
  static final Instant NOON = Documents.NOON;

  final Map<String, Pool> pools = new LinkedHashMap<>();
  final Map<String, HostSpec> hosts = new LinkedHashMap<>();
  final Map<String, Group> groups = new LinkedHashMap<>();
  final Map<String, JobDemand> jobs = new LinkedHashMap<>();

  /** Two owned pools and a cloud, a tree of groups, jobs with all kinds of constraints. */
  static World random(long seed) {
    Random random = new Random(seed);
    World world = new World();
    for (String name : List.of("idc-a", "idc-b", "cloud")) {
      world.pools.put(name, limited(pool(name, random), random));
      int hosts = 1 + random.nextInt(6);
      for (int i = 0; i < hosts; i++) {
        HostSpec host = host(name + "-" + i, name, random);
        world.hosts.put(host.id(), host);
      }
    }
    for (String path : List.of("a", "a.x", "a.y", "b", "c")) {
      world.groups.put(path, world.group(path, random));
    }
    for (int j = 0; j < 2 + random.nextInt(5); j++) {
      List<String> paths = new ArrayList<>(world.groups.keySet());
      JobDemand job = world.job("job-" + j, paths.get(random.nextInt(paths.size())), random);
      world.jobs.put(job.id(), job);
    }
    return world;
  }

  /** Some pools keep a buffer, and the hosts of some share the bandwidth of one link. */
  private static Pool limited(Pool pool, Random random) {
    Buffer buffer =
        switch (random.nextInt(4)) {
          case 0 -> new Buffer(1, 0);
          case 1 -> new Buffer(0, 10 + random.nextInt(50));
          default -> Buffer.NONE;
        };
    Pool buffered =
        Documents.with(
            pool, buffer, pool.template(), pool.microsPerHour(), pool.budgetMicrosPerHour());
    return random.nextInt(3) > 0
        ? buffered
        : buffered.sharing(new TreeMap<>(Map.of("crossLinkMbps", 20L + random.nextInt(150))));
  }

  Engine engine(Random order) {
    return fill(Engine.withoutOffers(), order);
  }

  Engine fill(Engine engine, Random order) {
    pools.values().forEach(engine::putPool);
    List<HostSpec> shuffled = new ArrayList<>(hosts.values());
    Collections.shuffle(shuffled, order);
    shuffled.forEach(engine::putHost);
    groups.values().forEach(engine::putGroup);
    List<JobDemand> demands = new ArrayList<>(jobs.values());
    Collections.shuffle(demands, order);
    demands.forEach(engine::putJob);
    return engine;
  }

  static Pool pool(String name, Random random) {
    boolean cloud = name.equals("cloud");
    return new Pool(
        name,
        cloud ? PoolKind.ON_DEMAND : PoolKind.OWNED,
        "",
        Map.of(),
        0,
        50,
        Buffer.NONE,
        random.nextBoolean() ? FitPolicy.PACK : FitPolicy.SPREAD,
        cloud ? 420_000 : 0,
        Duration.ofMinutes(10),
        Duration.ZERO,
        OptionalLong.empty(),
        cloud
            ? Optional.of(
                new HostTemplate(
                    "local", Resources.of(4_000, 8_192, 4_096), Map.of("rack", "r9"), Map.of()))
            : Optional.empty(),
        Collections.emptySortedMap());
  }

  private static HostSpec host(String id, String pool, Random random) {
    Map<String, String> attributes = new HashMap<>();
    if (random.nextInt(8) > 0) {
      attributes.put("rack", "r" + random.nextInt(3));
    }
    attributes.put("disk", random.nextBoolean() ? "ssd" : "hdd");
    HostCondition condition =
        random.nextInt(10) == 0 ? HostCondition.CORDONED : HostCondition.READY;
    Resources capacity =
        new Resources(
            1_000L * (2 + random.nextInt(7)),
            2_048L * (1 + random.nextInt(6)),
            4_096,
            0,
            new TreeMap<>(Map.of("crossLinkMbps", 20L * random.nextInt(4))));
    Resources overhead = random.nextBoolean() ? Resources.of(100, 128) : Resources.ZERO;
    PortRanges ports = PortRanges.of(31_000, 31_000 + random.nextInt(6));
    return new HostSpec(id, pool, condition, attributes, capacity, overhead, ports);
  }

  private Group group(String path, Random random) {
    Map<String, Quota> quotas = new HashMap<>();
    Group parent = path.contains(".") ? groups.get(path.substring(0, path.indexOf('.'))) : null;
    for (Pool pool : pools.values()) {
      if (parent != null && !parent.quotas().containsKey(pool.name())) {
        continue;
      }
      if (parent == null && random.nextInt(6) == 0) {
        continue;
      }
      quotas.put(pool.name(), quota(pool, parent, random));
    }
    // Tight, but never below what is guaranteed.
    long promised = quotas.values().stream().mapToLong(q -> q.guarantee().cpuMillis()).sum();
    Limit total =
        random.nextInt(3) == 0 ? Limit.of(Math.max(8_000, promised), 1 << 20) : Limit.UNLIMITED;
    if (parent != null && !parent.totalLimit().equals(Limit.UNLIMITED)) {
      total = Limit.of(Math.max(4_000, promised), 1 << 19);
    }
    return new Group(path, "", "", quotas, total, GroupPolicy.DEFAULT);
  }

  /** A quarter of the pool for each group at the top, so that the sum stays committed. */
  private Quota quota(Pool pool, Group parent, Random random) {
    long cpus = 0;
    long memory = 0;
    if (pool.committed()) {
      for (HostSpec host : hosts.values()) {
        if (host.pool().equals(pool.name())) {
          cpus += host.capacity().cpuMillis() - host.overhead().cpuMillis();
          memory += host.capacity().memoryMiB() - host.overhead().memoryMiB();
        }
      }
    }
    Quota above = parent == null ? null : parent.quotas().get(pool.name());
    long part = above == null ? 4 : 2;
    Resources of = above == null ? Resources.of(cpus, memory) : above.guarantee();
    Resources guarantee = Resources.of(of.cpuMillis() / part, of.memoryMiB() / part);
    Resources lendable =
        random.nextInt(3) == 0
            ? Resources.of(guarantee.cpuMillis() / 2, guarantee.memoryMiB())
            : guarantee;
    Limit limit = Limit.UNLIMITED;
    if (above != null) {
      limit = above.limit();
    } else if (random.nextBoolean()) {
      limit = Limit.of(guarantee.cpuMillis() + 3_000, guarantee.memoryMiB() + 6_000);
    }
    return new Quota(guarantee, lendable, limit, 1 + random.nextInt(3));
  }

  private JobDemand job(String name, String group, Random random) {
    List<Constraint> constraints = new ArrayList<>();
    boolean soft = random.nextInt(4) == 0;
    switch (random.nextInt(12)) {
      case 0 -> constraints.add(new Constraint.MaxPer("host", 1 + random.nextInt(3), soft));
      case 1 -> constraints.add(new Constraint.MaxPer("rack", 1 + random.nextInt(4), soft));
      case 2 -> constraints.add(new Constraint.Spread("rack", 1 + random.nextInt(2), soft));
      case 3 -> constraints.add(new Constraint.Match("disk", Set.of("ssd"), false, soft));
      case 4 -> constraints.add(new Constraint.Match("rack", Set.of("r1"), true, soft));
      case 5 -> constraints.add(new Constraint.Like("disk", "h.*", random.nextBoolean(), soft));
      case 6 -> constraints.add(new Constraint.Exclusive(soft));
      case 7 -> constraints.add(near("host", random, soft));
      case 8 -> constraints.add(near("rack", random, soft));
      case 9 -> constraints.add(labelled("host", random, soft));
      case 10 -> constraints.add(labelled("rack", random, soft));
      default -> {}
    }
    if (random.nextInt(4) == 0) {
      constraints.add(new Constraint.MaxPer("host", 1 + random.nextInt(3), false));
    }
    List<String> order = new ArrayList<>(pools.keySet());
    Collections.shuffle(order, random);
    SortedMap<String, Long> link =
        new TreeMap<>(Map.of("crossLinkMbps", Math.max(0, 10L * (random.nextInt(7) - 3))));
    return new JobDemand(
        group + "." + name,
        0,
        group,
        new Resources(250L * (1 + random.nextInt(8)), 512L * (1 + random.nextInt(6)), 0, 0, link),
        random.nextInt(8) == 0 ? List.of(80) : List.of(),
        random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 0,
        constraints,
        order.subList(0, 1 + random.nextInt(3)),
        random.nextInt(3) * 100,
        random.nextInt(3) > 0,
        random.nextInt(3) == 0 ? Set.of("cache") : Set.of(),
        Integer.MAX_VALUE);
  }

  private static Constraint labelled(String attribute, Random random, boolean soft) {
    return new Constraint.NearLabel("cache", attribute, random.nextInt(3) > 0, soft);
  }

  private Constraint near(String attribute, Random random, boolean soft) {
    List<String> others = new ArrayList<>(jobs.keySet());
    String other = others.isEmpty() ? "b.nobody" : others.get(random.nextInt(others.size()));
    return new Constraint.Near(other, attribute, random.nextInt(3) > 0, soft);
  }
}
