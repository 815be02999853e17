package io.springtide.partition.oracle;

import static io.springtide.partition.oracle.PlacementProperties.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Engine;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placed;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.answer.Served;
import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.FitPolicy;
import io.springtide.partition.model.Footprint;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PoolKind;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import io.springtide.partition.model.Version;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A cluster in which everything changes: hosts come, go, shrink, are lost and cordoned; jobs get
 * new sizes and rules while earlier versions run and still wait; quotas move, below what is used
 * too. Each change is made to the engine and, if it is not refused, to the documents and the
 * ledger.
 */
final class Churn {
  private static final List<String> POOLS = List.of("cloud", "idc-a", "idc-b", "paid");
  private static final List<String> GROUPS =
      List.of("a", "a.x", "a.x.p", "a.x.q", "a.y", "b", "c", "c.z");
  private static final List<HostCondition> CONDITIONS = List.of(HostCondition.values());
  private static final List<String> SCALARS = List.of("crossLinkMbps", "iops");

  final World world = new World();
  final Engine engine;
  final Ledger ledger = new Ledger(world);
  private final Map<Version, Footprint> earlier = new TreeMap<>();
  private final Random random;
  private int fresh;

  Churn(long seed) {
    random = new Random(seed);
    POOLS.forEach(name -> world.pools.put(name, pool(name)));
    for (String pool : POOLS) {
      for (int i = 0; i < random.nextInt(6); i++) {
        HostSpec host = host(pool + "-" + i, pool);
        world.hosts.put(host.id(), host);
      }
    }
    engine = world.engine(random);
    GROUPS.forEach(path -> change(group(path)));
    for (int j = 0; j < 3 + random.nextInt(5); j++) {
      change(job("job-" + j));
    }
  }

  /** Something changes, other than what runs. */
  void change() {
    List<HostSpec> hosts = new ArrayList<>(world.hosts.values());
    switch (random.nextInt(9)) {
      case 0 -> change(group(GROUPS.get(random.nextInt(GROUPS.size()))));
      case 1, 2 -> change(job("job-" + random.nextInt(6)));
      case 3 -> change(pool(POOLS.get(random.nextInt(POOLS.size()))));
      case 4 -> {
        if (!hosts.isEmpty()) {
          remove(hosts.get(random.nextInt(hosts.size())));
        }
      }
      case 5 -> {
        String pool = POOLS.get(random.nextInt(POOLS.size()));
        change(host(pool + "-n" + fresh++, pool));
      }
      case 6 -> forgetRevisions();
      default -> {
        if (!hosts.isEmpty()) {
          HostSpec host = hosts.get(random.nextInt(hosts.size()));
          boolean moves = random.nextInt(6) == 0;
          change(host(host.id(), moves ? POOLS.get(random.nextInt(4)) : host.pool()));
        }
      }
    }
  }

  /** Some of what runs ends. */
  void end() {
    for (String instance : List.copyOf(ledger.held.keySet())) {
      if (random.nextInt(4) == 0) {
        engine.release(instance);
        ledger.remove(instance);
      }
    }
  }

  /** All versions that something may be placed as. */
  List<JobDemand> versions() {
    List<JobDemand> versions = new ArrayList<>(world.jobs.values());
    earlier.forEach((old, footprint) -> versions.add(world.jobs.get(old.job()).as(footprint)));
    return versions;
  }

  JobDemand anyVersion() {
    List<JobDemand> versions = versions();
    return versions.isEmpty() ? null : versions.get(random.nextInt(versions.size()));
  }

  Placed place(JobDemand version, List<String> ids) {
    if (!earlier.containsKey(version.version())) {
      return engine.place(version.id(), ids, World.NOON);
    }
    Served served = engine.placeAll(List.of(new Pending(version.version(), ids)), World.NOON);
    return new Placed(
        served.placements(), served.refusals().getOrDefault(version.version(), List.of()));
  }

  List<String> freshIds(JobDemand job, int most) {
    return someIds(job, random.nextInt(most + 1));
  }

  List<String> someIds(JobDemand job, int count) {
    return new ArrayList<>(ids(job.id() + "@" + job.revision() + "/" + fresh++, count));
  }

  /** Only some of a job's earlier revisions are wanted any more. */
  private void forgetRevisions() {
    List<JobDemand> jobs = new ArrayList<>(world.jobs.values());
    if (jobs.isEmpty()) {
      return;
    }
    JobDemand job = jobs.get(random.nextInt(jobs.size()));
    earlier.keySet().removeIf(old -> old.job().equals(job.id()) && random.nextBoolean());
    List<Footprint> left = new ArrayList<>();
    earlier.forEach((old, footprint) -> left.addAll(of(job, old, footprint)));
    engine.restoreJob(job, left);
  }

  private static List<Footprint> of(JobDemand job, Version version, Footprint footprint) {
    return version.job().equals(job.id()) ? List.of(footprint) : List.of();
  }

  void promote() {
    for (String instance : engine.promote()) {
      Ledger.Held h = ledger.held.get(instance);
      Resources own = ledger.own(h.job().group(), at(h).pool());
      Resources may = ledger.ownGuarantee(world.groups.get(h.job().group()), at(h).pool());
      assertThat(h.label()).isEqualTo(Label.BORROWED);
      assertThat(Ledger.covers(may, own, h.job().each())).as("promoted %s", h).isTrue();
      ledger.relabel(instance, Label.GUARANTEED);
    }
  }

  /** Takes placements over; none may break a rule. */
  void placed(List<Placement> placements) {
    for (Placement p : placements) {
      String version = p.instance().substring(0, p.instance().indexOf('/'));
      JobDemand job =
          versions().stream()
              .filter(one -> version.equals(one.id() + "@" + one.revision()))
              .findFirst()
              .orElseThrow();
      assertThat(ledger.add(job, p)).isEmpty();
    }
  }

  private HostSpec at(Ledger.Held h) {
    return world.hosts.get(h.host().id());
  }

  private void change(Group group) {
    try {
      engine.putGroup(group);
      world.groups.put(group.path(), group);
    } catch (InvalidModelException refused) {
      assertThat(refused.field()).isNotNull();
    }
  }

  private void change(JobDemand job) {
    if (!world.groups.containsKey(job.group())) {
      return;
    }
    try {
      engine.putJob(job);
      JobDemand before = world.jobs.put(job.id(), job);
      if (before != null && before.revision() != job.revision()) {
        earlier.put(before.version(), before.footprint());
      }
    } catch (InvalidModelException refused) {
      assertThat(refused.field()).isNotNull();
    }
  }

  private void change(Pool pool) {
    try {
      engine.putPool(pool);
      world.pools.put(pool.name(), pool);
    } catch (InvalidModelException refused) {
      assertThat(refused.field()).isNotNull();
    }
  }

  private void change(HostSpec host) {
    try {
      engine.putHost(host);
      world.hosts.put(host.id(), host);
    } catch (InvalidModelException refused) {
      assertThat(refused.field()).isEqualTo("pool");
    }
  }

  private void remove(HostSpec host) {
    engine.removeHost(host.id());
    List<String> gone =
        ledger.held.values().stream()
            .filter(h -> h.host().id().equals(host.id()))
            .map(Ledger.Held::instance)
            .toList();
    gone.forEach(ledger::remove);
    world.hosts.remove(host.id());
  }

  private Pool pool(String name) {
    PoolKind kind =
        switch (name) {
          case "cloud" -> PoolKind.ON_DEMAND;
          case "paid" -> PoolKind.PREPAID;
          default -> PoolKind.OWNED;
        };
    if (random.nextInt(12) == 0) {
      kind = List.of(PoolKind.OWNED, PoolKind.PREPAID, PoolKind.ON_DEMAND).get(random.nextInt(3));
    }
    Buffer buffer =
        switch (random.nextInt(5)) {
          case 0 -> new Buffer(1 + random.nextInt(2), 0);
          case 1 -> new Buffer(0, 1 + random.nextInt(70));
          default -> Buffer.NONE;
        };
    HostTemplate template =
        new HostTemplate(
            "local",
            new Resources(4_000, 8_192, 4_096, random.nextInt(3), scalars(100)),
            Map.of("rack", "r9"),
            Map.of());
    Pool pool =
        new Pool(
            name,
            kind,
            random.nextInt(3) == 0 ? "" : name.startsWith("idc") ? "home" : "away",
            Map.of(),
            0,
            10,
            buffer,
            random.nextBoolean() ? FitPolicy.PACK : FitPolicy.SPREAD,
            kind == PoolKind.ON_DEMAND ? 1L + random.nextInt(500_000) : random.nextInt(3),
            Duration.ofMinutes(random.nextInt(12)),
            random.nextInt(3) == 0 ? Duration.ofHours(1) : Duration.ZERO,
            random.nextInt(3) == 0
                ? OptionalLong.of(random.nextInt(2_000_000))
                : OptionalLong.empty(),
            kind == PoolKind.OWNED ? Optional.empty() : Optional.of(template),
            Collections.emptySortedMap());
    return random.nextInt(3) > 0 ? pool : pool.sharing(scalars(150));
  }

  private SortedMap<String, Long> scalars(int most) {
    TreeMap<String, Long> scalars = new TreeMap<>();
    for (String scalar : SCALARS) {
      if (random.nextBoolean()) {
        scalars.put(scalar, 10L * random.nextInt(most / 10));
      }
    }
    return scalars;
  }

  private HostSpec host(String id, String pool) {
    Map<String, String> attributes = new HashMap<>();
    if (random.nextInt(6) > 0) {
      attributes.put("rack", "r" + random.nextInt(3));
    }
    if (random.nextInt(4) > 0) {
      attributes.put("disk", random.nextBoolean() ? "ssd" : "hdd");
    }
    if (random.nextInt(4) > 0) {
      attributes.put("zone", "z" + random.nextInt(2));
    }
    HostCondition condition =
        random.nextInt(4) == 0
            ? CONDITIONS.get(random.nextInt(CONDITIONS.size()))
            : HostCondition.READY;
    int ports = random.nextInt(6);
    return new HostSpec(
        id,
        pool,
        condition,
        attributes,
        new Resources(
            1_000L * (1 + random.nextInt(8)),
            2_048L * (1 + random.nextInt(6)),
            1_024L * random.nextInt(5),
            random.nextInt(4) == 0 ? 1 + random.nextInt(4) : 0,
            scalars(80)),
        random.nextBoolean() ? Resources.of(100, 128) : Resources.ZERO,
        ports == 0 ? PortRanges.NONE : PortRanges.of(31_000, 31_000 + ports));
  }

  private Group group(String path) {
    Map<String, Quota> quotas = new TreeMap<>();
    Group parent = world.groups.get(Ledger.parent(path));
    for (Pool pool : world.pools.values()) {
      boolean may = parent == null || parent.quotas().containsKey(pool.name());
      if (may && random.nextInt(8) > 0) {
        quotas.put(pool.name(), quota(pool, parent));
      }
    }
    Limit total =
        random.nextInt(4) == 0
            ? Limit.of(1_000L * (2 + random.nextInt(12)), 1 << 20)
            : Limit.UNLIMITED;
    return new Group(path, "", "", quotas, total, GroupPolicy.DEFAULT);
  }

  /** Some of the pool, or of what the group above has; the door refuses what is too much. */
  private Quota quota(Pool pool, Group parent) {
    TreeMap<String, Long> scalars = new TreeMap<>();
    Resources all = Resources.ZERO;
    if (pool.committed() && random.nextInt(4) > 0) {
      for (HostSpec host : world.hosts.values()) {
        if (host.pool().equals(pool.name())) {
          all = all.plus(host.capacity().minusOrZero(host.overhead()));
        }
      }
    }
    for (String scalar : SCALARS) {
      scalars.put(scalar, pool.shared().getOrDefault(scalar, all.scalar(scalar)));
    }
    if (parent != null) {
      all = parent.quotas().get(pool.name()).guarantee();
      scalars.putAll(all.scalars());
    }
    int part = 1 + random.nextInt(4);
    scalars.replaceAll((name, amount) -> amount / part);
    if (!pool.committed()) {
      scalars.clear();
    }
    Resources guarantee =
        new Resources(
            all.cpuMillis() / part,
            all.memoryMiB() / part,
            all.diskMiB() / part,
            all.gpus() / part,
            scalars);
    Resources lendable =
        switch (random.nextInt(4)) {
          case 0 ->
              new Resources(
                  guarantee.cpuMillis() / 2,
                  guarantee.memoryMiB(),
                  guarantee.diskMiB() / 2,
                  0,
                  new TreeMap<>());
          case 1 -> Resources.ZERO;
          default -> guarantee;
        };
    TreeMap<String, Long> limit = new TreeMap<>();
    if (random.nextInt(3) == 0) {
      limit.put("cpus", guarantee.cpuMillis() + 1_000L * random.nextInt(6));
    }
    if (random.nextInt(5) == 0) {
      limit.put("iops", guarantee.scalar("iops") + 10L * random.nextInt(6));
    }
    return new Quota(guarantee, lendable, new Limit(limit), 1 + random.nextInt(3));
  }

  private JobDemand job(String name) {
    // A job stays in its group.
    String group = GROUPS.get(name.hashCode() % GROUPS.size());
    List<Constraint> constraints = new ArrayList<>();
    for (int i = 0; i < random.nextInt(3); i++) {
      constraints.add(constraint(group + "." + name));
    }
    List<String> order = new ArrayList<>(POOLS);
    java.util.Collections.shuffle(order, random);
    TreeMap<String, Long> scalars = new TreeMap<>();
    for (String scalar : SCALARS) {
      if (random.nextInt(3) == 0) {
        scalars.put(scalar, 10L * (1 + random.nextInt(3)));
      }
    }
    JobDemand before = world.jobs.get(group + "." + name);
    boolean sameRevision = before != null && random.nextBoolean();
    return new JobDemand(
        group + "." + name,
        sameRevision ? before.revision() : fresh++,
        group,
        new Resources(
            250L * (1 + random.nextInt(8)),
            512L * (1 + random.nextInt(6)),
            random.nextInt(4) == 0 ? 512 : 0,
            random.nextInt(8) == 0 ? 1 : 0,
            scalars),
        switch (random.nextInt(10)) {
          case 0 -> List.of(80);
          case 1 -> List.of(31_001, 80);
          default -> List.of();
        },
        random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 0,
        constraints,
        order.subList(0, random.nextInt(5)),
        random.nextInt(3) * 100,
        random.nextInt(3) > 0,
        random.nextInt(3) == 0 ? Set.of("cache") : Set.of(),
        random.nextInt(3) == 0 ? random.nextInt(3) : Integer.MAX_VALUE);
  }

  private Constraint constraint(String self) {
    boolean soft = random.nextInt(3) == 0;
    String attribute = List.of("host", "rack", "zone", "pool", "disk").get(random.nextInt(5));
    return switch (random.nextInt(8)) {
      case 0 -> new Constraint.MaxPer(attribute, 1 + random.nextInt(3), soft);
      case 1 -> new Constraint.Spread(attribute, 1 + random.nextInt(2), soft);
      case 2 ->
          new Constraint.Match(
              attribute, Set.of("ssd", "r1", "z0", "home", "idc-a"), random.nextBoolean(), soft);
      case 3 -> new Constraint.Like(attribute, "[hrz].*", random.nextBoolean(), soft);
      case 4 -> new Constraint.Exclusive(soft);
      case 5 -> new Constraint.NearLabel("cache", attribute, random.nextInt(3) > 0, soft);
      case 6 -> new Constraint.Near(self, attribute, random.nextInt(3) == 0, soft);
      default -> {
        List<String> jobs = new ArrayList<>(world.jobs.keySet());
        String other = jobs.isEmpty() ? "b.none" : jobs.get(random.nextInt(jobs.size()));
        yield new Constraint.Near(other, attribute, random.nextInt(3) > 0, soft);
      }
    };
  }
}
