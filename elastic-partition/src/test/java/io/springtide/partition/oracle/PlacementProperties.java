package io.springtide.partition.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Change;
import io.springtide.partition.Engine;
import io.springtide.partition.JobDemand;
import io.springtide.partition.Pending;
import io.springtide.partition.Placed;
import io.springtide.partition.Placement;
import io.springtide.partition.Plan;
import java.util.ArrayList;
import java.util.List;
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
    Plan plan = engine.plan(Change.of(pending), World.NOON.plusSeconds(600));
    assertThat(engine.plan(Change.of(pending), World.NOON.plusSeconds(600))).isEqualTo(plan);
    assertThat(engine.round(pending, World.NOON.plusSeconds(600))).isEqualTo(plan);
  }

  static List<String> ids(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + "#" + i).toList();
  }
}
