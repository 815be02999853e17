package io.springtide.partition.oracle;

import static io.springtide.partition.Documents.owned;
import static io.springtide.partition.oracle.PlacementProperties.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Documents;
import io.springtide.partition.Engine;
import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.model.Allocation;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Reclaim for claimants that are choosy about their hosts, below limits that others fill. The
 * oracle takes every set of victims out of the ledger and counts what then fits, one by one.
 */
class ReclaimProperties {
  private static final Instant LATER = World.NOON.plus(Duration.ofHours(1));

  @Property(tries = 150)
  void aChoosyClaimantGetsItsGuaranteeForAsFewEvictionsAsAnySetWouldDo(@ForAll long seed) {
    Crowd crowd = new Crowd(seed, 2 + new Random(seed).nextInt(3), 10);
    check(crowd.evictable().size() > 8 ? new Crowd(seed, 2, 6) : crowd, true);
  }

  @Property(tries = 60)
  void inLargerCrowdsNoProperSubsetOfTheVictimsWouldDo(@ForAll long seed) {
    check(new Crowd(seed, 4 + new Random(seed).nextInt(4), 30), false);
  }

  private static void check(Crowd crowd, boolean everySet) {
    List<String> may = crowd.evictable();
    int wanted = crowd.wanted;
    int possible = Math.min(wanted, crowd.room(new HashSet<>(may)));
    int unaided = Math.min(wanted, crowd.room(Set.of()));
    List<String> ids = ids("owner.api", wanted);
    List<Eviction> evictions = crowd.engine.reclaim(List.of(new Pending("owner.api", ids)), LATER);
    Set<String> victims = new HashSet<>();
    evictions.forEach(e -> victims.add(e.instance()));

    assertThat(victims).hasSameSizeAs(evictions);
    assertThat(may).as("only borrowed reclaimable work makes way").containsAll(victims);
    assertThat(Math.min(wanted, crowd.room(victims))).as("served").isEqualTo(possible);
    if (possible == unaided) {
      assertThat(victims).as("nothing is gained").isEmpty();
    }
    Predicate<Set<String>> enough = gone -> Math.min(wanted, crowd.room(gone)) >= possible;
    Victims.assertThatNoneIsSpared(victims, enough);
    if (everySet && may.size() <= 8) {
      assertThat(victims.size()).isLessThanOrEqualTo((int) (1.5 * Victims.fewest(may, enough)));
    }
    victims.forEach(crowd.engine::release);
    victims.forEach(crowd.ledger::remove);
    for (JobDemand other : crowd.world.jobs.values()) {
      // Room that is free anyway is nobody's; what was made free is the claimant's.
      if (unaided == 0 && !other.id().equals("owner.api")) {
        for (Placement p :
            crowd.engine.place(other.id(), ids(other.id() + "/back", 3), LATER).placements()) {
          assertThat(crowd.ledger.add(other, p)).isEmpty();
        }
      }
    }
    assertThat(crowd.engine.place("owner.api", ids, LATER).placements())
        .as("the room was kept for it, whoever else asked first")
        .hasSize(possible);
  }

  /** Hosts full of borrowed work of several kinds, some of it beside the owner below one limit. */
  private static final class Crowd {
    final World world = new World();
    final Ledger ledger = new Ledger(world);
    final Engine engine;
    final int wanted;
    private final JobDemand owner;

    Crowd(long seed, int hosts, int borrowers) {
      Random random = new Random(seed);
      // Sometimes the hosts share a link, all of which may be lent.
      long link = random.nextInt(3) == 0 ? 40 + 10L * random.nextInt(6) : 0;
      world.pools.put(
          "idc",
          link > 0 ? owned("idc").sharing(new TreeMap<>(Map.of("mbps", link))) : owned("idc"));
      long cpus = 0;
      for (int i = 0; i < hosts; i++) {
        long size = 2_000L + 1_000L * random.nextInt(3);
        cpus += size;
        world.hosts.put("h" + i, host("h" + i, size, "r" + i % 2));
      }
      // The owner's parent may use half of the pool at most; its sibling borrows below it.
      boolean tight = random.nextBoolean();
      Limit top = tight ? Limit.of(cpus / 2, 1 << 20) : Limit.UNLIMITED;
      world.groups.put("line", group("line", cpus / 2, link, top));
      world.groups.put("line.owner", group("line.owner", cpus / 2, link, Limit.UNLIMITED));
      world.groups.put("line.other", group("line.other", 0, 0, Limit.UNLIMITED));
      world.groups.put("b", group("b", 0, 0, Limit.UNLIMITED));
      List<Constraint> choosy = new ArrayList<>();
      List<Integer> port = List.of();
      switch (random.nextInt(7)) {
        case 6 -> choosy.add(new Constraint.Near("b.w0", "rack", true, false));
        case 0 -> choosy.add(new Constraint.Exclusive(false));
        case 1 -> choosy.add(new Constraint.Near("b.w0", "host", true, false));
        case 2 -> choosy.add(new Constraint.MaxPer("host", 1, false));
        case 3 -> choosy.add(new Constraint.Match("host", Set.of("h0", "h1"), false, false));
        case 4 -> port = List.of(31_000);
        default -> {}
      }
      long each = 500L * (1 + random.nextInt(3));
      owner = job("owner.api", "line.owner", each, part(link, random), choosy, port, false);
      world.jobs.put("owner.api", owner);
      for (int i = 0; i < borrowers; i++) {
        String group = random.nextInt(3) == 0 ? "line.other" : "b";
        List<Integer> ports = random.nextInt(3) == 0 ? List.of(31_000) : List.of();
        JobDemand job =
            job(
                "b.w" + i,
                group,
                250L * (1 + random.nextInt(6)),
                part(link, random),
                List.of(),
                ports,
                true);
        world.jobs.put(job.id(), job);
      }
      engine = world.engine(random);
      for (JobDemand job : List.copyOf(world.jobs.values())) {
        if (!job.id().equals("owner.api")) {
          engine
              .place(job.id(), ids(job.id(), 1), World.NOON)
              .placements()
              .forEach(p -> assertThat(ledger.add(job, p)).isEmpty());
        }
      }
      // Work that was borrowed by a version of its job that could be evicted, and now cannot.
      JobDemand rigid =
          new JobDemand(
              "b.rigid",
              "b",
              Resources.of(250, 1),
              List.of(),
              0,
              List.of(),
              List.of("idc"),
              0,
              false);
      engine.putJob(rigid);
      world.jobs.put(rigid.id(), rigid);
      HostSpec first = world.hosts.get("h0");
      if (first.capacity().cpuMillis() >= ledger.usedOn(first).cpuMillis() + 250) {
        engine.allocate(new Allocation("rigid", "b.rigid", "h0", Label.BORROWED, World.NOON));
        ledger.held.put("rigid", new Ledger.Held("rigid", rigid, first, Label.BORROWED, List.of()));
      }
      long most = Math.min(1 + random.nextInt(4), cpus / 2 / each);
      long mbps = owner.each().scalar("mbps");
      wanted = (int) (mbps > 0 ? Math.min(most, link / mbps) : most);
    }

    private static long part(long link, Random random) {
      return link == 0 ? 0 : 10L * random.nextInt(4);
    }

    List<String> evictable() {
      return ledger.held.values().stream()
          .filter(h -> h.label() == Label.BORROWED && h.job().reclaimable())
          .map(Ledger.Held::instance)
          .sorted()
          .toList();
    }

    /** How many of the owner's instances fit, guaranteed, once {@code gone} are gone. */
    int room(Set<String> gone) {
      Ledger copy = new Ledger(world);
      ledger.held.forEach(
          (id, held) -> {
            if (!gone.contains(id)) {
              copy.held.put(id, held);
            }
          });
      int room = 0;
      for (HostSpec host : world.hosts.values()) {
        while (copy.refusals(owner, host, Label.GUARANTEED).isEmpty()) {
          String id = "trial" + room++;
          copy.held.put(id, new Ledger.Held(id, owner, host, Label.GUARANTEED, owner.fixedPorts()));
        }
      }
      return room;
    }

    private static JobDemand job(
        String id,
        String group,
        long cpus,
        long mbps,
        List<Constraint> constraints,
        List<Integer> ports,
        boolean reclaimable) {
      return new JobDemand(
          id,
          group,
          new Resources(cpus, 1, 0, 0, new TreeMap<>(Map.of("mbps", mbps))),
          ports,
          0,
          constraints,
          List.of("idc"),
          100,
          reclaimable);
    }

    private static Group group(String path, long cpus, long link, Limit limit) {
      Resources guarantee =
          new Resources(cpus, cpus == 0 ? 0 : 1_000, 0, 0, new TreeMap<>(Map.of("mbps", link)));
      Quota quota = new Quota(guarantee, guarantee, limit, 1);
      return Documents.group(path, Map.of("idc", quota));
    }

    private static HostSpec host(String id, long cpus, String rack) {
      HostSpec host = Documents.host(id, "idc", Resources.of(cpus, 1_000_000), "rack", rack);
      return Documents.with(host, Resources.ZERO, PortRanges.of(31_000, 31_001));
    }
  }
}
