package io.springtide.scheduler;

import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.statistics.Statistics;

/**
 * Random walks through a world of faults, with a checker of the promises at every step; then the
 * faults stop, time passes, and what is wanted must run, and nothing else.
 */
class WalkProperties {
  @Provide
  Arbitrary<List<Walker.Step>> walks() {
    Arbitrary<Walker.Kind> kinds =
        Arbitraries.frequency(
            Tuple.of(30, Walker.Kind.DELIVER),
            Tuple.of(12, Walker.Kind.OFFER),
            Tuple.of(10, Walker.Kind.PASS),
            Tuple.of(15, Walker.Kind.ADVANCE),
            Tuple.of(1, Walker.Kind.FINISH),
            Tuple.of(2, Walker.Kind.FAIL),
            Tuple.of(2, Walker.Kind.KILL_EXECUTOR),
            Tuple.of(2, Walker.Kind.HIDE),
            Tuple.of(3, Walker.Kind.SHOW),
            Tuple.of(1, Walker.Kind.REBOOT),
            Tuple.of(3, Walker.Kind.RESCIND),
            Tuple.of(2, Walker.Kind.DISCONNECT),
            Tuple.of(3, Walker.Kind.CRASH_BEFORE_COMMIT),
            Tuple.of(4, Walker.Kind.CRASH_AMID_EFFECTS),
            Tuple.of(4, Walker.Kind.SCALE),
            Tuple.of(1, Walker.Kind.CHANGE),
            Tuple.of(1, Walker.Kind.REMOVE),
            Tuple.of(1, Walker.Kind.DRAIN),
            Tuple.of(2, Walker.Kind.SERVE),
            Tuple.of(4, Walker.Kind.BOOT),
            Tuple.of(2, Walker.Kind.SET_CLOCK),
            Tuple.of(1, Walker.Kind.LOSE_ANSWER),
            Tuple.of(1, Walker.Kind.LIST_OLD),
            Tuple.of(6, Walker.Kind.REPORT),
            Tuple.of(2, Walker.Kind.STICK),
            Tuple.of(1, Walker.Kind.UNSTICK),
            Tuple.of(1, Walker.Kind.STOCK),
            Tuple.of(4, Walker.Kind.AGENTS),
            Tuple.of(2, Walker.Kind.WINDOW));
    return Combinators.combine(kinds, Arbitraries.integers().between(0, 1000))
        .as(Walker.Step::new)
        .list()
        .ofMinSize(20)
        .ofMaxSize(250);
  }

  @Property(tries = 150)
  void thePromisesHoldAtEveryStepAndWhatIsWantedRunsInTheEnd(
      @ForAll("walks") List<Walker.Step> walk, @ForAll @IntRange(min = -72, max = 72) int hours) {
    Walker walker = new Walker();
    walk.forEach(walker::step);
    walker.restartAfter(Duration.ofHours(hours));
    walker.settle();
    walker.replay();
  }

  /** Executors die, and engines do not let go of what they left, while it comes to be unwanted. */
  @Provide
  Arbitrary<List<Walker.Step>> lostExecutors() {
    Arbitrary<Walker.Kind> kinds =
        Arbitraries.frequency(
            Tuple.of(20, Walker.Kind.DELIVER),
            Tuple.of(8, Walker.Kind.OFFER),
            Tuple.of(8, Walker.Kind.PASS),
            Tuple.of(2, Walker.Kind.LONG_PASS),
            Tuple.of(8, Walker.Kind.ADVANCE),
            Tuple.of(5, Walker.Kind.KILL_EXECUTOR),
            Tuple.of(1, Walker.Kind.HIDE),
            Tuple.of(2, Walker.Kind.SHOW),
            Tuple.of(1, Walker.Kind.REBOOT),
            Tuple.of(1, Walker.Kind.DISCONNECT),
            Tuple.of(1, Walker.Kind.CRASH_BEFORE_COMMIT),
            Tuple.of(1, Walker.Kind.CRASH_AMID_EFFECTS),
            Tuple.of(4, Walker.Kind.SCALE),
            Tuple.of(1, Walker.Kind.CHANGE),
            Tuple.of(2, Walker.Kind.DRAIN),
            Tuple.of(2, Walker.Kind.SERVE),
            Tuple.of(2, Walker.Kind.BOOT),
            Tuple.of(6, Walker.Kind.REPORT),
            Tuple.of(3, Walker.Kind.STICK),
            Tuple.of(1, Walker.Kind.UNSTICK));
    return Combinators.combine(kinds, Arbitraries.integers().between(0, 1000))
        .as(Walker.Step::new)
        .list()
        .ofMinSize(30)
        .ofMaxSize(250);
  }

  @Property(tries = 100)
  void whatLostExecutorsLeaveIsInTheBooksUntilItIsGone(
      @ForAll("lostExecutors") List<Walker.Step> walk) {
    Walker walker = new Walker();
    walker.rest();
    walk.forEach(walker::step);
    walker.settle();
    walker.replay();
    Statistics.label("remains")
        .collect(walker.remains() > 0)
        .coverage(coverage -> coverage.check(true).percentage(share -> share > 15));
  }

  /** Clouds that answer late, with old news, or not at all, in one region after the other. */
  @Provide
  Arbitrary<List<Walker.Step>> cloudWalks() {
    Arbitrary<Walker.Kind> kinds =
        Arbitraries.frequency(
            Tuple.of(20, Walker.Kind.DELIVER),
            Tuple.of(10, Walker.Kind.OFFER),
            Tuple.of(4, Walker.Kind.PASS),
            Tuple.of(8, Walker.Kind.LONG_PASS),
            Tuple.of(10, Walker.Kind.ADVANCE),
            Tuple.of(1, Walker.Kind.KILL_EXECUTOR),
            Tuple.of(2, Walker.Kind.HIDE),
            Tuple.of(2, Walker.Kind.SHOW),
            Tuple.of(1, Walker.Kind.REBOOT),
            Tuple.of(1, Walker.Kind.DISCONNECT),
            Tuple.of(2, Walker.Kind.CRASH_BEFORE_COMMIT),
            Tuple.of(3, Walker.Kind.CRASH_AMID_EFFECTS),
            Tuple.of(6, Walker.Kind.SCALE),
            Tuple.of(3, Walker.Kind.BOOT),
            Tuple.of(3, Walker.Kind.LOSE_ANSWER),
            Tuple.of(3, Walker.Kind.LIST_OLD),
            Tuple.of(3, Walker.Kind.REPORT),
            Tuple.of(1, Walker.Kind.STICK),
            Tuple.of(2, Walker.Kind.STOCK),
            Tuple.of(3, Walker.Kind.MOVE));
    return Combinators.combine(kinds, Arbitraries.integers().between(0, 1000))
        .as(Walker.Step::new)
        .list()
        .ofMinSize(30)
        .ofMaxSize(250);
  }

  @Property(tries = 150)
  void whatIsPaidForIsKnownWhateverCloudsSay(@ForAll("cloudWalks") List<Walker.Step> walk) {
    Walker walker = new Walker();
    walk.forEach(walker::step);
    walker.settle();
    walker.replay();
    Statistics.label("hosts went")
        .collect(walker.gone() > 0)
        .coverage(coverage -> coverage.check(true).percentage(share -> share > 10));
  }

  /** Rules of running jobs change amid faults. */
  @Provide
  Arbitrary<List<Walker.Step>> ruleWalks() {
    Arbitrary<Walker.Kind> kinds =
        Arbitraries.frequency(
            Tuple.of(30, Walker.Kind.DELIVER),
            Tuple.of(12, Walker.Kind.OFFER),
            Tuple.of(10, Walker.Kind.PASS),
            Tuple.of(4, Walker.Kind.LONG_PASS),
            Tuple.of(15, Walker.Kind.ADVANCE),
            Tuple.of(1, Walker.Kind.FAIL),
            Tuple.of(1, Walker.Kind.KILL_EXECUTOR),
            Tuple.of(1, Walker.Kind.HIDE),
            Tuple.of(2, Walker.Kind.SHOW),
            Tuple.of(1, Walker.Kind.DISCONNECT),
            Tuple.of(2, Walker.Kind.CRASH_BEFORE_COMMIT),
            Tuple.of(2, Walker.Kind.CRASH_AMID_EFFECTS),
            Tuple.of(3, Walker.Kind.SCALE),
            Tuple.of(1, Walker.Kind.CHANGE),
            Tuple.of(1, Walker.Kind.DRAIN),
            Tuple.of(2, Walker.Kind.SERVE),
            Tuple.of(4, Walker.Kind.BOOT),
            Tuple.of(4, Walker.Kind.AGENTS),
            Tuple.of(1, Walker.Kind.WINDOW),
            Tuple.of(6, Walker.Kind.RULE));
    return Combinators.combine(kinds, Arbitraries.integers().between(0, 1000))
        .as(Walker.Step::new)
        .list()
        .ofMinSize(30)
        .ofMaxSize(250);
  }

  @Property(tries = 100)
  void newRulesMoveWhatBreaksThemAndOnlyWhereThereIsAPlace(
      @ForAll("ruleWalks") List<Walker.Step> walk) {
    Walker walker = new Walker();
    walker.rest();
    walk.forEach(walker::step);
    walker.settleByRules();
    walker.replay();
    Statistics.label("moves")
        .collect(walker.movesForRules() > 0)
        .coverage(coverage -> coverage.check(true).percentage(share -> share > 15));
  }

  @Property(tries = 25)
  void whatAPlanSaysComesAbout(
      @ForAll @Size(4) List<@IntRange(max = 20) Integer> counts, @ForAll boolean shared) {
    Walker walker = new Walker(shared ? Walker.Scene.TENANTS : Walker.Scene.CLOUD);
    walker.rest();
    for (int count : counts) {
      walker.planAndDo(count, count / 3);
    }
    walker.replay();
  }

  @Property(tries = 40)
  void whatIsGuaranteedIsRestoredAndNobodyElseIsEvicted(@ForAll("walks") List<Walker.Step> walk) {
    Walker walker = new Walker(Walker.Scene.TENANTS);
    walker.lend();
    walk.forEach(walker::step);
    walker.settleSharing();
    walker.replay();
    Statistics.label("evicts")
        .collect(walker.evictions() > 0)
        .coverage(coverage -> coverage.check(true).percentage(share -> share > 5));
  }
}
