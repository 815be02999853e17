package io.springtide.partition.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Documents;
import io.springtide.partition.Engine;
import io.springtide.partition.answer.Breach;
import io.springtide.partition.answer.Reason;
import io.springtide.partition.model.Allocation;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;

/**
 * What runs is judged by rules and limits that came after it, as a reader of the documents would:
 * by counting on a list of who is where.
 */
class StandingProperties {
  private static final int CORES = 4;
  private static final List<String> HOSTS = List.of("a0", "a1", "a2", "b0", "b1");

  /** An instance as the test knows it. */
  private record Held(
      String id, String job, String host, int age, int cores, int priority, boolean leaves) {}

  private Engine engine;
  private final List<Held> held = new ArrayList<>();
  private final Map<String, JobDemand> jobs = new TreeMap<>();

  @Property(tries = 500)
  void whoBreaksNewRulesIsNamedAndMovesOnlyToWhereThereIsRoom(@ForAll long seed) {
    Random random = new Random(seed);
    cluster(false);
    put(job("g.web", 1, 100, List.of(), List.of()));
    put(job("g.old", 1, 100, List.of(), List.of()));
    fill(random);

    Set<String> named = new HashSet<>();
    HOSTS.stream().filter(host -> random.nextInt(3) > 0).forEach(named::add);
    boolean matches = random.nextBoolean() && !named.isEmpty();
    int most = random.nextBoolean() ? 1 + random.nextInt(2) : CORES;
    List<String> pools = random.nextInt(3) > 0 ? List.of() : List.of("a");
    List<Constraint> rules = new ArrayList<>();
    rules.add(new Constraint.MaxPer(Constraint.HOST, most, false));
    if (matches) {
      rules.add(new Constraint.Match(Constraint.HOST, named, false, false));
    }
    put(job("g.web", 1, 100, rules, pools));

    Set<String> allowed = new HashSet<>(HOSTS);
    allowed.removeIf(host -> matches && !named.contains(host));
    allowed.removeIf(host -> !pools.isEmpty() && !host.startsWith("a"));
    int ruledAt = random.nextInt(30);
    int waiting = random.nextInt(3);
    int budget = 1 + random.nextInt(4);

    List<String> expected = new ArrayList<>();
    Map<String, Integer> staying = new TreeMap<>();
    held.stream().filter(h -> isWeb(h) && !h.leaves()).forEach(h -> add(staying, h.host(), 1));
    for (Held one : youngestFirst()) {
      boolean tooMany = one.age() < ruledAt && staying.get(one.host()) > most;
      if (!allowed.contains(one.host()) || tooMany) {
        expected.add(one.id());
        add(staying, one.host(), -1);
      }
    }
    int room = 0;
    for (String host : allowed) {
      int free = CORES - (int) held.stream().filter(h -> h.host().equals(host)).count();
      int web = (int) held.stream().filter(h -> isWeb(h) && h.host().equals(host)).count();
      room += Math.max(0, Math.min(free, most - web));
    }
    int movable = Math.min(budget, Math.max(0, room - waiting));

    List<String> instances = held.stream().filter(this::isWeb).map(Held::id).toList();
    Set<String> older = new HashSet<>();
    held.stream().filter(h -> isWeb(h) && h.age() < ruledAt).forEach(h -> older.add(h.id()));
    List<Breach> breaches = engine.breaches("g.web", instances, older, waiting, budget);
    assertThat(breaches).as("seed %s", seed).extracting(Breach::instance).isEqualTo(expected);
    assertThat(breaches.stream().filter(Breach::movable).map(Breach::instance))
        .as("seed %s: %s have room, of which %s wait", seed, room, waiting)
        .isEqualTo(expected.subList(0, Math.min(movable, expected.size())));
    for (Breach breach : breaches) {
      boolean inPool = pools.isEmpty() || breach.host().startsWith("a");
      Reason rule =
          inPool ? allowed.contains(breach.host()) ? Reason.MAX_PER : Reason.MATCH : Reason.NO_POOL;
      assertThat(breach.rule()).as("seed %s: %s", seed, breach).isEqualTo(rule);
    }
    assertThat(engine.breaches("g.web", instances, older, waiting, budget))
        .as("seed %s: it was only tried", seed)
        .isEqualTo(breaches);
    Statistics.label("breaks, moves")
        .collect(!expected.isEmpty(), movable > 0 && !expected.isEmpty());
  }

  @Property(tries = 500)
  void whatIsAboveALimitIsNamedAndEndsFromTheLowestPriorityUp(
      @ForAll long seed, @ForAll boolean enforced) {
    Random random = new Random(seed);
    cluster(enforced);
    for (int j = 0; j < 3; j++) {
      int priority = 100 * random.nextInt(3);
      put(job("g.j" + j, 1 + random.nextInt(3), priority, List.of(), List.of()));
    }
    fillMixed(random);
    int total = held.stream().mapToInt(Held::cores).sum();
    int limit = random.nextInt(total + 2);
    engine.restoreGroup(group(Limit.of(limit * 1000L, 1 << 20), enforced));

    assertThat(engine.overLimits().containsKey("g")).as("seed %s", seed).isEqualTo(total > limit);
    List<String> ends = new ArrayList<>();
    int kept = 0;
    List<Held> keptFirst = new ArrayList<>(held);
    keptFirst.removeIf(Held::leaves);
    keptFirst.sort(
        Comparator.comparingInt((Held h) -> -h.priority())
            .thenComparingInt(Held::age)
            .thenComparing(Held::id));
    for (Held one : keptFirst) {
      if (kept + one.cores() <= limit) {
        kept += one.cores();
      } else {
        ends.add(one.id());
      }
    }
    assertThat(engine.beyondEnforcedLimits())
        .as("seed %s, limit %s", seed, limit)
        .containsExactlyInAnyOrderElementsOf(enforced && total > limit ? ends : List.of());
  }

  private void cluster(boolean enforced) {
    engine = Engine.withoutOffers();
    held.clear();
    jobs.clear();
    for (String name : List.of("a", "b")) {
      engine.putPool(Documents.owned(name));
    }
    for (String host : HOSTS) {
      engine.putHost(Documents.host(host, host.substring(0, 1), Resources.of(CORES * 1000L, 4096)));
    }
    engine.putGroup(group(Limit.UNLIMITED, enforced));
  }

  private static Group group(Limit total, boolean enforced) {
    Quota quota = Quota.limitedTo(Limit.UNLIMITED);
    GroupPolicy policy =
        new GroupPolicy(false, List.of(), 1000, List.of("*"), List.of("*"), enforced);
    return new Group("g", "", "", new TreeMap<>(Map.of("a", quota, "b", quota)), total, policy);
  }

  private void put(JobDemand job) {
    engine.putJob(job);
    jobs.put(job.id(), job);
  }

  private static JobDemand job(
      String id, int cores, int priority, List<Constraint> rules, List<String> pools) {
    return new JobDemand(
        id, "g", Resources.of(cores * 1000L, 1), List.of(), 0, rules, pools, priority, true);
  }

  /** One core each, on hosts drawn at random; one in eight is about to go. */
  private void fill(Random random) {
    for (int i = 0; i < 14; i++) {
      String host = HOSTS.get(random.nextInt(HOSTS.size()));
      if (held.stream().filter(h -> h.host().equals(host)).count() < CORES) {
        hold(
            new Held("i" + i, i % 3 == 0 ? "g.old" : "g.web", host, 2 * i, 1, 100, leaves(random)));
      }
    }
  }

  private void fillMixed(Random random) {
    for (int i = 0; i < 12; i++) {
      String host = HOSTS.get(random.nextInt(HOSTS.size()));
      JobDemand job = jobs.get("g.j" + random.nextInt(3));
      int cores = (int) (job.each().cpuMillis() / 1000);
      int used = held.stream().filter(h -> h.host().equals(host)).mapToInt(Held::cores).sum();
      if (used + cores <= CORES) {
        int age = random.nextInt(30);
        hold(new Held("i" + i, job.id(), host, age, cores, job.priority(), leaves(random)));
      }
    }
  }

  private void hold(Held one) {
    held.add(one);
    engine.allocate(
        new Allocation(
            one.id(),
            one.job(),
            one.host(),
            Label.BORROWED,
            World.NOON.plusSeconds(one.age()),
            List.of()));
    if (one.leaves()) {
      engine.ending(one.id());
    }
  }

  private static boolean leaves(Random random) {
    return random.nextInt(8) == 0;
  }

  private boolean isWeb(Held one) {
    return one.job().equals("g.web");
  }

  private List<Held> youngestFirst() {
    return held.stream()
        .filter(h -> isWeb(h) && !h.leaves())
        .sorted(Comparator.comparingInt(Held::age).reversed().thenComparing(Held::id))
        .toList();
  }

  private static void add(Map<String, Integer> counts, String key, int by) {
    counts.merge(key, by, Integer::sum);
  }
}
