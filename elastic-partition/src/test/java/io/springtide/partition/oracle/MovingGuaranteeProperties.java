package io.springtide.partition.oracle;

import static io.springtide.partition.Documents.owned;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Documents;
import io.springtide.partition.Engine;
import io.springtide.partition.answer.Demotion;
import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Guarantees that move are given: whatever quotas, demands and hosts do, each group soon has what
 * it is guaranteed, only borrowed and reclaimable work made way for it, and it comes to rest. What
 * is held, and as what, is kept by the test from what the engine says, and by nothing else.
 */
class MovingGuaranteeProperties {
  private static final List<String> GROUPS = List.of("a", "a.x", "a.y", "b", "c");
  private static final int HOST_CPUS = 4;

  /** A cluster in whole cores, so that placement always permits what the sums permit. */
  private static final class Books {
    final Random random;
    final boolean mixedSizes;
    final Engine engine = Engine.withoutOffers();
    final Map<String, Group> groups = new TreeMap<>();
    final Map<String, JobDemand> jobs = new TreeMap<>();
    final Map<String, Integer> wanted = new TreeMap<>();
    final Map<String, Placement> held = new LinkedHashMap<>();
    final Map<String, Label> labels = new HashMap<>();
    final Map<String, HostCondition> hosts = new TreeMap<>();
    Instant now = World.NOON;
    String last = "";

    Books(long seed, boolean mixedSizes) {
      random = new Random(seed);
      this.mixedSizes = mixedSizes;
      engine.putPool(owned("idc"));
      for (int h = 0; h < 4; h++) {
        putHost("h" + h, HostCondition.READY);
      }
      for (String path : GROUPS) {
        put(group(path, 0, 0));
      }
      for (String path : GROUPS) {
        for (int j = 0; j < 2; j++) {
          int cpus = mixedSizes ? 1 + random.nextInt(3) : 1;
          JobDemand job =
              new JobDemand(
                  path + ".j" + j,
                  path,
                  Resources.of(cpus * 1_000L, 1),
                  List.of(),
                  0,
                  List.of(),
                  List.of(),
                  100 * random.nextInt(3),
                  random.nextInt(4) > 0);
          jobs.put(job.id(), job);
          engine.putJob(job);
          wanted.put(job.id(), random.nextInt(5));
        }
      }
    }

    void putHost(String id, HostCondition condition) {
      hosts.put(id, condition);
      Resources capacity = Resources.of(HOST_CPUS * 1_000L, HOST_CPUS * 1_000L);
      engine.putHost(Documents.host(id, "idc", capacity).in(condition));
    }

    void put(Group group) {
      engine.putGroup(group);
      groups.put(group.path(), group);
    }

    /** One random change; what the door refuses changes nothing. */
    void change() {
      switch (random.nextInt(6)) {
        case 0 -> wanted.replaceAll((job, n) -> random.nextInt(3) == 0 ? random.nextInt(8) : n);
        case 1 -> {
          String host = "h" + random.nextInt(4);
          boolean lost = hosts.get(host) == HostCondition.LOST;
          putHost(host, lost ? HostCondition.READY : HostCondition.LOST);
          // What was there is given up, and waits anew.
          List.copyOf(held.values()).stream()
              .filter(p -> p.host().equals(host))
              .forEach(p -> gone(p.instance()));
        }
        default -> {
          String path = GROUPS.get(random.nextInt(GROUPS.size()));
          int cpus = random.nextInt(10);
          boolean dropped = random.nextInt(8) == 0;
          int kept = random.nextInt(3) == 0 ? random.nextInt(cpus + 1) : 0;
          try {
            put(dropped ? Documents.group(path, Map.of()) : group(path, cpus, kept));
          } catch (InvalidModelException refused) {
            assertThat(refused.fix()).isNotBlank();
          }
        }
      }
    }

    void gone(String instance) {
      engine.release(instance);
      held.remove(instance);
      labels.remove(instance);
    }

    /** What is wanted and not held; what is held and not wanted ends. */
    List<Pending> waiting() {
      for (String instance : List.copyOf(held.keySet())) {
        int hash = instance.indexOf('#');
        if (Integer.parseInt(instance.substring(hash + 1))
            >= wanted.get(instance.substring(0, hash))) {
          gone(instance);
        }
      }
      List<Pending> pending = new ArrayList<>();
      wanted.forEach(
          (job, count) -> {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < count; i++) {
              if (!held.containsKey(job + "#" + i)) {
                ids.add(job + "#" + i);
              }
            }
            if (!ids.isEmpty()) {
              pending.add(new Pending(job, ids));
            }
          });
      return pending;
    }

    /** One round; returns whether anything moved. */
    boolean round() {
      now = now.plus(Duration.ofMinutes(5));
      List<Demotion> demotions = engine.demote();
      for (Demotion d : demotions) {
        assertThat(labels.put(d.instance(), Label.BORROWED)).isEqualTo(Label.GUARANTEED);
        assertThat(jobs.get(d.job()).reclaimable()).isTrue();
        assertThat(d.why()).contains(d.group()).contains("idc");
      }
      List<String> promotions = engine.promote();
      for (String id : promotions) {
        assertThat(labels.put(id, Label.GUARANTEED)).isEqualTo(Label.BORROWED);
        assertThat(demotions).as("demoted and promoted at once").noneMatch(is(id));
      }
      List<Placement> placements = engine.placeAll(waiting(), now).placements();
      for (Placement p : placements) {
        held.put(p.instance(), p);
        labels.put(p.instance(), p.label());
      }
      List<Eviction> evictions = engine.reclaim(waiting(), now);
      for (Eviction e : evictions) {
        assertThat(labels.get(e.instance())).as("evicts %s", e).isEqualTo(Label.BORROWED);
        assertThat(jobs.get(e.job()).reclaimable()).as("evicts %s", e).isTrue();
        gone(e.instance());
      }
      last = demotions + " " + promotions + " " + placements + " " + evictions;
      return !(demotions.isEmpty()
          && promotions.isEmpty()
          && placements.isEmpty()
          && evictions.isEmpty());
    }

    private static Predicate<Demotion> is(String id) {
      return d -> d.instance().equals(id);
    }

    /** What the group's own jobs are guaranteed now, in millis, by naive arithmetic. */
    long guaranteed(String path) {
      long own = guarantee(path);
      for (String child : GROUPS) {
        own -= child.startsWith(path + ".") ? guarantee(child) : 0;
      }
      return degraded() ? own * capacity() / promised() : own;
    }

    boolean degraded() {
      return promised() > capacity();
    }

    private long promised() {
      return guarantee("a") + guarantee("b") + guarantee("c");
    }

    private long capacity() {
      long ready = hosts.values().stream().filter(HostCondition.READY::equals).count();
      return ready * HOST_CPUS * 1_000L;
    }

    private long guarantee(String path) {
      Quota quota = groups.get(path).quotas().get("idc");
      return quota == null ? 0 : quota.guarantee().cpuMillis();
    }

    long cpus(String group, boolean guaranteedOnly, boolean fixedOnly) {
      long sum = 0;
      for (Placement p : held.values()) {
        JobDemand job = jobs.get(p.instance().substring(0, p.instance().indexOf('#')));
        boolean counts =
            job.group().equals(group)
                && (!guaranteedOnly || labels.get(p.instance()) == Label.GUARANTEED)
                && (!fixedOnly || !job.reclaimable());
        sum += counts ? job.each().cpuMillis() : 0;
      }
      return sum;
    }

    long demand(String group) {
      return wanted.entrySet().stream()
          .filter(e -> jobs.get(e.getKey()).group().equals(group))
          .mapToLong(e -> e.getValue() * 1_000L)
          .sum();
    }
  }

  @Property(tries = 150)
  void eachGroupSoonHasWhatItIsGuaranteedAndAllComesToRest(@ForAll long seed) {
    Books books = new Books(seed, false);
    for (int change = 0; change < 12; change++) {
      books.change();
      comesToRest(books, seed);
      boolean blocked =
          GROUPS.stream().anyMatch(g -> books.cpus(g, true, true) > books.guaranteed(g));
      // The door lets nobody take a guarantee from under what is not reclaimable; a lost host may.
      assertThat(!blocked || books.degraded()).as("seed %d", seed).isTrue();
      for (String group : GROUPS) {
        long whole = books.guaranteed(group) / 1_000 * 1_000;
        long due = Math.min(books.demand(group), whole);
        if (!blocked && !books.groups.get(group).quotas().isEmpty()) {
          assertThat(books.cpus(group, false, false))
              .as("seed %d, change %d: what %s is guaranteed", seed, change, group)
              .isGreaterThanOrEqualTo(due);
        }
        assertGuaranteedWithin(books, group);
      }
    }
  }

  @Property(tries = 100)
  void withSizesThatDoNotFitEvenlyItComesToRestToo(@ForAll long seed) {
    Books books = new Books(seed, true);
    for (int change = 0; change < 12; change++) {
      books.change();
      comesToRest(books, seed);
      GROUPS.forEach(group -> assertGuaranteedWithin(books, group));
    }
  }

  private static void assertGuaranteedWithin(Books books, String group) {
    long most = Math.max(books.guaranteed(group), books.cpus(group, true, true));
    assertThat(books.cpus(group, true, false))
        .as("what stays guaranteed fits wholly inside what %s is guaranteed", group)
        .isLessThanOrEqualTo(most);
  }

  private static void comesToRest(Books books, long seed) {
    // Room that was kept for a claim which found another place is free again when its time is over.
    for (int rounds = 0, quiet = 0; quiet < 3; rounds++) {
      assertThat(rounds).as("rounds until rest, seed %d: %s", seed, books.last).isLessThan(20);
      quiet = books.round() ? 0 : quiet + 1;
    }
    for (int i = 0; i < 5; i++) {
      boolean moved = books.round();
      assertThat(moved).as("after a rest, seed %d: %s", seed, books.last).isFalse();
    }
  }

  /** A group that is guaranteed so many cores, some of which it never lends. */
  private static Group group(String path, int cores, int kept) {
    Resources guarantee = Resources.of(cores * 1_000L, cores * 1_000L);
    Resources lendable = Resources.of((cores - kept) * 1_000L, cores * 1_000L);
    Quota quota = new Quota(guarantee, lendable, Limit.UNLIMITED, 1);
    return Documents.group(path, Map.of("idc", quota));
  }
}
