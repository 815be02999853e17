package io.springtide.partition.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Documents;
import io.springtide.partition.Engine;
import io.springtide.partition.Plan;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placed;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.answer.Served;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Resources;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What placing promises, on random clusters with all constraints, a tree of groups and churn. */
class PlacementProperties {

  @Property(tries = 300)
  void noRuleIsEverBrokenAndNothingWaitsThatWouldBeTaken(@ForAll long seed) {
    World world = World.random(seed);
    Random random = new Random(seed + 1);
    Engine engine = world.engine(random);
    Ledger ledger = new Ledger(world);
    List<JobDemand> jobs = new ArrayList<>(world.jobs.values());
    for (int step = 0; step < 12; step++) {
      JobDemand job = jobs.get(random.nextInt(jobs.size()));
      List<String> ids = ids(job.id() + "/" + step, random.nextInt(7));
      Placed placed = engine.place(job.id(), ids, World.NOON);
      for (Placement p : placed.placements()) {
        assertThat(ledger.add(job, p)).as("seed %d step %d", seed, step).isEmpty();
      }
      if (placed.placements().size() < ids.size()) {
        assertThat(ledger.someHostWouldTake(job))
            .as("seed %d step %d: %s was refused for %s", seed, step, job, placed.refusals())
            .isFalse();
        assertThat(placed.refusals()).isNotEmpty();
        assertThat(engine.explain(job.id())).isNotEmpty();
      }
      for (String instance : List.copyOf(ledger.held.keySet())) {
        if (random.nextInt(4) == 0) {
          engine.release(instance);
          ledger.remove(instance);
        }
      }
    }
  }

  /** Enough hosts that not all of them are looked at each time. */
  @Property(tries = 15)
  void aRoundOverManyHostsPlacesAllThatFits(@ForAll long seed) {
    Random random = new Random(seed);
    World world = new World();
    world.pools.put("idc-a", World.pool("idc-a", new Random(1)));
    Map<String, long[]> left = new HashMap<>();
    for (int i = 0; i < 200; i++) {
      // The few that are large come last by their ids.
      long cpus = i < 180 ? 1_000L + 500L * random.nextInt(3) : 6_000;
      left.put("h%03d".formatted(i), new long[] {cpus, 4_096});
      world.hosts.put(
          "h%03d".formatted(i),
          Documents.host("h%03d".formatted(i), "idc-a", Resources.of(cpus, 4_096)));
    }
    world.groups.put("g", Documents.group("g", Map.of("idc-a", Documents.unlimited())));
    List<Pending> pending = new ArrayList<>();
    for (int j = 0; j < 6; j++) {
      Resources each = Resources.of(250L << (2 * random.nextInt(3)), 256L << random.nextInt(4));
      JobDemand job =
          new JobDemand("g.j" + j, "g", each, List.of(), 0, List.of(), List.of(), 1, true);
      world.jobs.put(job.id(), job);
      pending.add(new Pending(job.id(), ids(job.id(), random.nextInt(200))));
    }
    Served served = world.engine(random).placeAll(pending, World.NOON);
    Map<String, Integer> placed = new HashMap<>();
    for (Placement p : served.placements()) {
      String job = p.instance().substring(0, p.instance().indexOf('#'));
      placed.merge(job, 1, Integer::sum);
      long[] host = left.get(p.host());
      host[0] -= world.jobs.get(job).each().cpuMillis();
      host[1] -= world.jobs.get(job).each().memoryMiB();
      assertThat(host[0] >= 0 && host[1] >= 0).as("room on %s", p.host()).isTrue();
    }
    for (Pending waiting : pending) {
      Resources each = world.jobs.get(waiting.job()).each();
      if (placed.getOrDefault(waiting.job(), 0) < waiting.count()) {
        assertThat(left.values())
            .as("seed %d: %s waits", seed, waiting.job())
            .noneMatch(h -> h[0] >= each.cpuMillis() && h[1] >= each.memoryMiB());
      }
    }
  }

  @Property(tries = 200)
  void theOrderOfTheInputDecidesNothing(@ForAll long seed) {
    World world = World.random(seed);
    Engine one = world.engine(new Random(1));
    Engine other = world.engine(new Random(2));
    for (JobDemand job : world.jobs.values()) {
      assertThat(one.place(job.id(), ids(job.id(), 5), World.NOON))
          .isEqualTo(other.place(job.id(), ids(job.id(), 5), World.NOON));
    }
  }

  @Property(tries = 150)
  void aPlanIsWhatIsThenDone(@ForAll long seed) {
    World world = World.random(seed);
    Engine engine = world.engine(new Random(seed));
    List<Pending> pending = new ArrayList<>();
    boolean first = true;
    for (JobDemand job : world.jobs.values()) {
      if (first) {
        engine.place(job.id(), ids("old", 20), World.NOON);
        first = false;
      }
      pending.add(new Pending(job.id(), ids(job.id(), 6)));
    }
    Plan plan = Plan.rehearsed(engine, pending, World.NOON.plusSeconds(600));
    assertThat(Plan.rehearsed(engine, pending, World.NOON.plusSeconds(600))).isEqualTo(plan);
    assertThat(Plan.made(engine, pending, World.NOON.plusSeconds(600))).isEqualTo(plan);
  }

  static List<String> ids(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + "#" + i).toList();
  }
}
