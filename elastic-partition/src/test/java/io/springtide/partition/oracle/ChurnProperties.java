package io.springtide.partition.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Plan;
import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placed;
import io.springtide.partition.answer.Served;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The promises of placing and sharing where everything else changes meanwhile. */
class ChurnProperties {

  @Property(tries = 300)
  void noRuleIsEverBrokenAndNothingWaitsThatWouldBeTaken(@ForAll long seed) {
    Churn churn = new Churn(seed);
    for (int step = 0; step < 14; step++) {
      JobDemand job = churn.anyVersion();
      if (job != null) {
        List<String> ids = churn.freshIds(job, 6);
        Placed placed = churn.place(job, ids);
        churn.placed(placed.placements());
        if (placed.placements().size() < ids.size()) {
          assertThat(churn.ledger.someHostWouldTake(job))
              .as("step %d: %s was refused for %s", step, job, placed.refusals())
              .isFalse();
          assertThat(placed.refusals()).isNotEmpty();
          if (churn.world.jobs.containsValue(job)) {
            assertThat(churn.engine.explain(job.id())).isNotEmpty();
          }
        }
      }
      churn.end();
      churn.promote();
      churn.change();
    }
  }

  /** With evictions on their way and room kept for claimants. */
  @Property(tries = 150)
  void aPlanIsWhatIsThenDone(@ForAll long seed) {
    Churn churn = new Churn(seed);
    Random random = new Random(seed + 1);
    Instant now = World.NOON;
    List<String> leaving = new ArrayList<>();
    for (int step = 0; step < 6; step++) {
      now = now.plus(Duration.ofSeconds(20L + random.nextInt(300)));
      List<Pending> pending = new ArrayList<>();
      for (JobDemand job : churn.versions()) {
        pending.add(new Pending(job.version(), churn.freshIds(job, 4)));
      }
      Plan plan = Plan.rehearsed(churn.engine, pending, now);
      Plan done = Plan.made(churn.engine, pending, now);
      assertThat(done).as("step %d", step).isEqualTo(plan);
      done.demotions().forEach(d -> churn.ledger.relabel(d.instance(), Label.BORROWED));
      done.promotions().forEach(i -> churn.ledger.relabel(i, Label.GUARANTEED));
      churn.placed(done.placements());
      done.evictions().forEach(e -> leaving.add(e.instance()));
      for (String instance : List.copyOf(leaving)) {
        if (random.nextBoolean()) {
          churn.engine.release(instance);
          churn.ledger.remove(instance);
          leaving.remove(instance);
        }
      }
      churn.change();
    }
  }

  @Property(tries = 100)
  void aRoundLeavesNothingThatWouldBeTaken(@ForAll long seed) {
    Churn churn = new Churn(seed);
    for (int step = 0; step < 5; step++) {
      List<Pending> pending = new ArrayList<>();
      for (JobDemand job : churn.versions()) {
        pending.add(new Pending(job.version(), churn.freshIds(job, 8)));
      }
      Served served = churn.engine.placeAll(pending, World.NOON);
      churn.placed(served.placements());
      for (Pending waiting : pending) {
        if (waiting.instances().stream().anyMatch(i -> !churn.ledger.held.containsKey(i))) {
          JobDemand job =
              churn.versions().stream()
                  .filter(one -> one.version().equals(waiting.version()))
                  .findFirst()
                  .orElseThrow();
          assertThat(churn.ledger.someHostWouldTake(job))
              .as("step %d: %s waits for %s", step, job, served.refusals().get(job.version()))
              .isFalse();
        }
      }
      churn.end();
      churn.promote();
      churn.change();
    }
  }

  @Property(tries = 60)
  void underConstantDemandTheRoundsComeToRest(@ForAll long seed) {
    Churn churn = new Churn(seed);
    for (int i = 0; i < 8; i++) {
      JobDemand job = churn.anyVersion();
      if (job != null) {
        churn.placed(churn.place(job, churn.freshIds(job, 6)).placements());
      }
      churn.change();
    }
    Map<Version, List<String>> waiting = new LinkedHashMap<>();
    churn.versions().forEach(job -> waiting.put(job.version(), churn.someIds(job, 8)));
    Instant now = World.NOON;
    for (int round = 0; round < 30; round++) {
      now = now.plus(Duration.ofMinutes(5));
      churn.promote();
      Served served = churn.engine.placeAll(pending(waiting), now);
      churn.placed(served.placements());
      served.placements().forEach(p -> waiting.values().forEach(w -> w.remove(p.instance())));
      List<Eviction> evictions = churn.engine.reclaim(pending(waiting), now);
      for (Eviction e : evictions) {
        Version version = churn.ledger.held.get(e.instance()).job().version();
        churn.engine.release(e.instance());
        churn.ledger.remove(e.instance());
        // Whoever is replaced where its revision is forgotten comes as the newest, so not at all.
        waiting.getOrDefault(version, new ArrayList<>()).add(e.instance());
      }
      // Claims first, then buffers, each with their times of waiting.
      boolean still = served.placements().isEmpty() && evictions.isEmpty();
      assertThat(still || round < 12).as("round %d still moves", round).isTrue();
    }
  }

  private static List<Pending> pending(Map<Version, List<String>> waiting) {
    List<Pending> pending = new ArrayList<>();
    waiting.forEach((version, ids) -> pending.add(new Pending(version, ids)));
    return pending;
  }
}
