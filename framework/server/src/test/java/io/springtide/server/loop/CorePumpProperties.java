package io.springtide.server.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.told.TaskState;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;

/**
 * Commits become durable late, in any order, or not at all, between decisions and with an executor
 * that is late as well. {@link PumpRig} holds everything that is done against what may be done.
 */
class CorePumpProperties {
  enum Kind {
    SCALE,
    OFFER,
    NEWS,
    TIME,
    WALL,
    COMPLETE,
    COMPLETE_FIRST,
    RUN_ONE,
    RUN,
    FAIL
  }

  record Step(Kind kind, int pick) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Kind> kinds =
        Arbitraries.frequency(
            Tuple.of(20, Kind.SCALE),
            Tuple.of(20, Kind.OFFER),
            Tuple.of(30, Kind.NEWS),
            Tuple.of(20, Kind.TIME),
            Tuple.of(5, Kind.WALL),
            Tuple.of(40, Kind.COMPLETE),
            Tuple.of(40, Kind.COMPLETE_FIRST),
            Tuple.of(30, Kind.RUN_ONE),
            Tuple.of(30, Kind.RUN),
            Tuple.of(1, Kind.FAIL));
    return Combinators.combine(kinds, Arbitraries.integers().between(0, 1000))
        .as(Step::new)
        .list()
        .ofMinSize(20)
        .ofMaxSize(200);
  }

  @Property(tries = 300)
  void whateverCommitsDoNothingIsDoneBeforeItsOwnIsDurable(@ForAll("steps") List<Step> steps) {
    PumpRig rig = new PumpRig();
    rig.decide(rig.beginning());
    steps.forEach(step -> take(step, rig));
    boolean failed = !rig.fatal.isEmpty();
    rig.store.completeAll();
    rig.run();
    if (!failed) {
      assertThat(rig.fatal).isEmpty();
      rig.nothingIsLeft();
    }
    Statistics.label("a commit failed").collect(failed);
  }

  private static void take(Step step, PumpRig rig) {
    int pick = step.pick();
    List<Long> underWay = rig.store.underWay();
    switch (step.kind()) {
      case SCALE -> rig.decide(rig.scale(pick % 2 == 0 ? "web" : "api", pick % 5));
      case OFFER -> rig.decide(rig.offer("h" + pick % 3), rig.offer("h" + pick % 2));
      case NEWS -> {
        TaskState[] states = {TaskState.RUNNING, TaskState.FAILED, TaskState.UNREACHABLE};
        rig.news(pick, states[pick % 7 % 3]).ifPresent(rig::decide);
      }
      case TIME -> {
        rig.pass(Duration.ofMillis(20L * pick));
        rig.decide();
      }
      case WALL -> rig.setWall(Duration.ofHours(pick % 48 - 24));
      case COMPLETE -> {
        if (!underWay.isEmpty()) {
          rig.store.complete(underWay.get(pick % underWay.size()));
        }
      }
      case COMPLETE_FIRST -> {
        if (!underWay.isEmpty()) {
          rig.store.complete(underWay.get(0));
        }
      }
      case RUN_ONE -> rig.runOne();
      case RUN -> {
        rig.run();
        rig.nothingIsHeldUp();
      }
      case FAIL -> {
        if (!underWay.isEmpty()) {
          rig.store.fail(underWay.get(pick % underWay.size()));
        }
      }
    }
  }
}
