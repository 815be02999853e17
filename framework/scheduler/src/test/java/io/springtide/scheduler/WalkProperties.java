package io.springtide.scheduler;

import java.time.Duration;
import java.util.ArrayList;
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
  /**
   * Walks of steps that are drawn by weight.
   *
   * @param weights {@code 30 DELIVER, 12 OFFER, …}
   */
  private static Arbitrary<List<Walker.Step>> walks(int least, String weights) {
    List<Tuple.Tuple2<Integer, Walker.Kind>> kinds = new ArrayList<>();
    for (String one : weights.strip().split(",\\s+")) {
      String[] pair = one.split(" ");
      kinds.add(Tuple.of(Integer.valueOf(pair[0]), Walker.Kind.valueOf(pair[1])));
    }
    return Combinators.combine(
            Arbitraries.frequency(kinds), Arbitraries.integers().between(0, 1000))
        .as(Walker.Step::new)
        .list()
        .ofMinSize(least)
        .ofMaxSize(250);
  }

  @Provide
  Arbitrary<List<Walker.Step>> walks() {
    return walks(
        20,
        """
        30 DELIVER, 12 OFFER, 10 PASS, 15 ADVANCE, 1 FINISH, 2 FAIL,
        2 KILL_EXECUTOR, 2 HIDE, 3 SHOW, 1 REBOOT, 3 RESCIND, 2 DISCONNECT,
        3 CRASH_BEFORE_COMMIT, 4 CRASH_AMID_EFFECTS, 4 SCALE, 1 CHANGE, 1 REMOVE,
        1 DRAIN, 2 SERVE, 4 BOOT, 2 SET_CLOCK, 1 LOSE_ANSWER, 1 LIST_OLD,
        6 REPORT, 2 STICK, 1 UNSTICK, 1 STOCK, 4 AGENTS, 2 WINDOW
        """);
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

  @Property(tries = 60)
  void whatIsShownIsWhatIsDurableAndItsSumsAreTrue(
      @ForAll("walks") List<Walker.Step> walk, @ForAll boolean tenants) {
    Walker walker = new Walker(tenants ? Walker.Scene.TENANTS : Walker.Scene.CLOUD).watched();
    walk.forEach(walker::step);
    walker.rest();
  }

  /** Executors die, and engines do not let go of what they left, while it comes to be unwanted. */
  @Provide
  Arbitrary<List<Walker.Step>> lostExecutors() {
    return walks(
        30,
        """
        20 DELIVER, 8 OFFER, 8 PASS, 2 LONG_PASS, 8 ADVANCE, 5 KILL_EXECUTOR,
        1 HIDE, 2 SHOW, 1 REBOOT, 1 DISCONNECT, 1 CRASH_BEFORE_COMMIT,
        1 CRASH_AMID_EFFECTS, 4 SCALE, 1 CHANGE, 2 DRAIN, 2 SERVE, 2 BOOT,
        6 REPORT, 3 STICK, 1 UNSTICK
        """);
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
    return walks(
        30,
        """
        20 DELIVER, 10 OFFER, 4 PASS, 8 LONG_PASS, 10 ADVANCE, 1 KILL_EXECUTOR,
        2 HIDE, 2 SHOW, 1 REBOOT, 1 DISCONNECT, 2 CRASH_BEFORE_COMMIT,
        3 CRASH_AMID_EFFECTS, 6 SCALE, 3 BOOT, 3 LOSE_ANSWER, 3 LIST_OLD,
        3 REPORT, 1 STICK, 2 STOCK, 3 MOVE
        """);
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
    return walks(
        30,
        """
        30 DELIVER, 12 OFFER, 10 PASS, 4 LONG_PASS, 15 ADVANCE, 1 FAIL,
        1 KILL_EXECUTOR, 1 HIDE, 2 SHOW, 1 DISCONNECT, 2 CRASH_BEFORE_COMMIT,
        2 CRASH_AMID_EFFECTS, 3 SCALE, 1 CHANGE, 1 DRAIN, 2 SERVE, 4 BOOT,
        4 AGENTS, 1 WINDOW, 6 RULE
        """);
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
        .coverage(coverage -> coverage.check(true).percentage(share -> share > 0));
  }
}
