package io.springtide.partition.oracle;

import static io.springtide.partition.Documents.host;
import static io.springtide.partition.Documents.job;
import static io.springtide.partition.Documents.owned;
import static io.springtide.partition.oracle.PlacementProperties.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Documents;
import io.springtide.partition.Engine;
import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.answer.Served;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What sharing promises: guarantees come back, gently, and constant demand comes to rest. */
class SharingProperties {
  private static final Instant LATER = World.NOON.plus(Duration.ofHours(1));

  /** Borrowers of different sizes fill the hosts; then the owner wants its guarantee back. */
  private static final class Lent {
    final Map<String, HostSpec> hosts = new LinkedHashMap<>();
    final Map<String, JobDemand> jobs = new HashMap<>();
    final Map<String, Placement> placed = new LinkedHashMap<>();
    final Engine engine = Engine.withoutOffers();
    final Resources claim;

    Lent(long seed, int hostCount, int borrowers) {
      Random random = new Random(seed);
      engine.putPool(owned("idc"));
      long cpus = 0;
      for (int i = 0; i < hostCount; i++) {
        long size = 2_000L + 1_000L * random.nextInt(3);
        cpus += size;
        HostSpec host = host("h" + i, "idc", Resources.of(size, 1_000_000));
        hosts.put(host.id(), host);
        engine.putHost(host);
      }
      engine.putGroup(group("owner", cpus));
      for (int g = 0; g < 3; g++) {
        engine.putGroup(group("b" + g, 0));
      }
      claim = Resources.of(500L * (1 + random.nextInt(4)), 1);
      put(job("owner.api", claim));
      for (int i = 0; i < borrowers; i++) {
        String group = "b" + random.nextInt(3);
        JobDemand job =
            new JobDemand(
                group + ".w" + i,
                group,
                Resources.of(250L * (1 + random.nextInt(6)), 1),
                List.of(),
                0,
                List.of(),
                List.of(),
                100 * random.nextInt(3),
                random.nextInt(5) > 0);
        put(job);
        Instant since = World.NOON.plusSeconds(random.nextInt(100));
        for (Placement p : engine.place(job.id(), ids(job.id(), 1), since).placements()) {
          placed.put(p.instance(), p);
        }
      }
    }

    private void put(JobDemand job) {
      jobs.put(job.id(), job);
      engine.putJob(job);
    }

    JobDemand jobOf(String instance) {
      return jobs.get(instance.substring(0, instance.indexOf('#')));
    }

    /** How many instances of the claim fit once {@code gone} are gone. */
    int room(Set<String> gone) {
      int room = 0;
      for (HostSpec host : hosts.values()) {
        long free = host.capacity().cpuMillis();
        for (Placement p : placed.values()) {
          boolean here = p.host().equals(host.id()) && !gone.contains(p.instance());
          free -= here ? jobOf(p.instance()).each().cpuMillis() : 0;
        }
        room += (int) (free / claim.cpuMillis());
      }
      return room;
    }

    List<String> borrowed() {
      return placed.values().stream()
          .filter(p -> p.label() == Label.BORROWED)
          .map(Placement::instance)
          .toList();
    }
  }

  @Property(tries = 200)
  void oneRoundRestoresAGuaranteeAndEvictsNoMoreThanNeeded(@ForAll long seed) {
    Random random = new Random(seed);
    Lent lent = new Lent(seed, 1 + random.nextInt(3), 1 + random.nextInt(8));
    List<String> candidates = lent.borrowed();
    int wanted = 1 + random.nextInt(4);
    int possible = Math.min(wanted, lent.room(new HashSet<>(candidates)));
    List<String> ids = ids("owner.api", wanted);

    Set<String> victims = new HashSet<>();
    for (Eviction e : lent.engine.reclaim(List.of(new Pending("owner.api", ids)), LATER)) {
      victims.add(e.instance());
      assertThat(candidates).as("only borrowed work makes way").contains(e.instance());
    }

    assertThat(lent.room(victims)).as("served").isGreaterThanOrEqualTo(possible);
    Predicate<Set<String>> enough = gone -> lent.room(gone) >= possible;
    Victims.assertThatNoneIsSpared(victims, enough);
    assertThat(victims.size())
        .isLessThanOrEqualTo((int) (1.5 * Victims.fewest(candidates, enough)));
    victims.forEach(lent.engine::release);
    assertThat(lent.engine.place("owner.api", ids, LATER).placements())
        .hasSizeGreaterThanOrEqualTo(possible);
  }

  @Property(tries = 60)
  void inLargerClustersNoProperSubsetOfTheVictimsWouldDo(@ForAll long seed) {
    Random random = new Random(seed);
    Lent lent = new Lent(seed, 4 + random.nextInt(6), 40);
    List<String> candidates = lent.borrowed();
    int wanted = 1 + random.nextInt(6);
    int possible = Math.min(wanted, lent.room(new HashSet<>(candidates)));
    List<Pending> pending = List.of(new Pending("owner.api", ids("owner.api", wanted)));

    Set<String> victims = new HashSet<>();
    lent.engine.reclaim(pending, LATER).forEach(e -> victims.add(e.instance()));

    assertThat(candidates).containsAll(victims);
    assertThat(lent.room(victims)).isGreaterThanOrEqualTo(possible);
    Victims.assertThatNoneIsSpared(victims, gone -> lent.room(gone) >= possible);
  }

  @Property(tries = 60)
  void underConstantDemandTheRoundsComeToRest(@ForAll long seed) {
    World world = World.random(seed);
    Engine engine = world.engine(new Random(seed));
    Map<String, List<String>> waiting = new LinkedHashMap<>();
    world.jobs.values().forEach(job -> waiting.put(job.id(), new ArrayList<>(ids(job.id(), 8))));
    Instant now = World.NOON;
    int quiet = 0;
    for (int round = 0; round < 40; round++) {
      now = now.plus(Duration.ofMinutes(5));
      List<Pending> pending = new ArrayList<>();
      waiting.forEach((job, ids) -> pending.add(new Pending(job, ids)));
      engine.promote();
      Served served = engine.placeAll(pending, now);
      served.placements().forEach(p -> waiting.values().forEach(w -> w.remove(p.instance())));
      List<Pending> left = new ArrayList<>();
      waiting.forEach((job, ids) -> left.add(new Pending(job, ids)));
      List<Eviction> evictions = engine.reclaim(left, now);
      for (Eviction e : evictions) {
        engine.release(e.instance());
        waiting.get(e.job()).add(e.instance());
      }
      boolean still = served.placements().isEmpty() && evictions.isEmpty();
      assertThat(still || quiet == 0).as("seed %d: moved again after a rest", seed).isTrue();
      quiet += still ? 1 : 0;
    }
    assertThat(quiet).as("rounds at rest, seed %d", seed).isGreaterThan(20);
  }

  @Property(tries = 200)
  void entitlementsStayWithinThePoolAndFollowWeights(@ForAll long seed) {
    Random random = new Random(seed);
    int groups = 2 + random.nextInt(4);
    long[] wants = new long[groups];
    int[] weight = new int[groups];
    for (int g = 0; g < groups; g++) {
      wants[g] = random.nextInt(30);
      weight[g] = 1 + random.nextInt(4);
    }
    wants[1] = wants[0];
    weight[1] = weight[0];
    Map<String, Resources> before = entitled(wants, weight);

    long cpus = before.values().stream().mapToLong(Resources::cpuMillis).sum();
    long memory = before.values().stream().mapToLong(Resources::memoryMiB).sum();
    assertThat(cpus).isLessThanOrEqualTo(16_000);
    assertThat(memory).isLessThanOrEqualTo(16_000);
    assertThat(before.get("g0")).as("equals get equal shares").isEqualTo(before.get("g1"));
    for (int g = 0; g < groups; g++) {
      assertThat(before.get("g" + g).cpuMillis()).isLessThanOrEqualTo(wants[g] * 1_000);
    }
    weight[0]++;
    assertThat(entitled(wants, weight).get("g0").cpuMillis())
        .as("more weight, no less entitlement")
        .isGreaterThanOrEqualTo(before.get("g0").cpuMillis());
  }

  private static Map<String, Resources> entitled(long[] wants, int[] weight) {
    Engine engine = Engine.withoutOffers();
    engine.putPool(owned("idc"));
    engine.putHost(host("h", "idc", Resources.of(16_000, 16_000)));
    List<Pending> pending = new ArrayList<>();
    for (int g = 0; g < wants.length; g++) {
      Quota quota = new Quota(Resources.ZERO, Resources.ZERO, Limit.UNLIMITED, weight[g]);
      engine.putGroup(Documents.group("g" + g, Map.of("idc", quota)));
      // Groups zero and one are equals; the others differ in shape.
      long memory = g < 2 ? 500 : 250L * (1 + g);
      engine.putJob(job("g" + g + ".w", Resources.of(1_000, memory)));
      pending.add(new Pending("g" + g + ".w", ids("g" + g, (int) wants[g])));
    }
    return engine.entitlements("idc", pending);
  }

  private static Group group(String path, long cpus) {
    Resources guarantee = Resources.of(cpus, cpus == 0 ? 0 : 1_000);
    Quota quota = new Quota(guarantee, guarantee, Limit.UNLIMITED, 1);
    return Documents.group(path, Map.of("idc", quota));
  }
}
