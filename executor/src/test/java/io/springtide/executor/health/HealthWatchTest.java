package io.springtide.executor.health;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.executor.loop.VirtualLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class HealthWatchTest {
  private final VirtualLoop loop = new VirtualLoop();
  private final List<String> told = new ArrayList<>();
  private RuntimeException unwell = new Unwell("ill");
  private boolean well;
  private int asked;
  private HealthWatch watch;

  @Test
  void aFirstSuccessIsToldOnce() {
    well = true;
    watch(Duration.ZERO, ofSeconds(30), 3);
    loop.pass(ofSeconds(20));
    assertThat(told).containsExactly("0 passed");
    assertThat(asked).isEqualTo(5); // at 0, 5, 10, 15, 20
  }

  @Test
  void theFirstProbeWaitsForTheDelay() {
    well = true;
    watch(ofSeconds(7), Duration.ZERO, 3);
    loop.pass(ofSeconds(6));
    assertThat(asked).isZero();
    loop.pass(ofSeconds(1));
    assertThat(told).containsExactly("7 passed");
  }

  @Test
  void withinTheGraceFailuresDoNotCount() {
    watch(Duration.ZERO, ofSeconds(30), 3);
    loop.pass(ofSeconds(29));
    assertThat(told).isEmpty();
    loop.pass(ofSeconds(12));
    assertThat(told).containsExactly("30 failed: ill", "40 condemned: ill");
  }

  @Test
  void whatStartsIsAskedOften() {
    watch(Duration.ZERO, ofSeconds(30), 3);
    loop.pass(ofSeconds(3));
    assertThat(asked).isEqualTo(7);
    well = true;
    loop.pass(ofSeconds(1));
    assertThat(told).containsExactly("3 passed");
    asked = 0;
    loop.pass(ofSeconds(20));
    assertThat(asked).isEqualTo(4);
  }

  @Test
  void afterAFirstSuccessTheGraceIsOver() {
    well = true;
    watch(Duration.ZERO, ofSeconds(30), 3);
    loop.pass(ofSeconds(1));
    well = false;
    loop.pass(ofSeconds(20));
    assertThat(told).containsExactly("0 passed", "5 failed: ill", "15 condemned: ill");
  }

  @Test
  void oneFailureIsToldAtOnceButKillsNobody() {
    well = true;
    watch(Duration.ZERO, Duration.ZERO, 3);
    loop.pass(ofSeconds(1));
    well = false;
    loop.pass(ofSeconds(5));
    well = true;
    loop.pass(ofSeconds(5));
    well = false;
    loop.pass(ofSeconds(6));
    well = true;
    loop.pass(ofSeconds(60));
    assertThat(told)
        .containsExactly("0 passed", "5 failed: ill", "10 passed", "15 failed: ill", "20 passed");
  }

  /**
   * Whoever cannot be judged is not condemned; where clients see the failure, they are spared it.
   */
  @Test
  void whatCannotBeJudgedDoesNotCount() {
    well = true;
    watch(Duration.ZERO, Duration.ZERO, 3);
    loop.pass(ofSeconds(1));
    well = false;
    unwell = new Unjudged("the engine does not answer", false);
    loop.pass(ofSeconds(100));
    assertThat(told).containsExactly("0 passed");
    unwell = new Unjudged("no answer, of the engine neither", true);
    loop.pass(ofSeconds(100));
    assertThat(told).containsExactly("0 passed", "105 failed: no answer, of the engine neither");
    well = true;
    loop.pass(ofSeconds(5));
    assertThat(told).hasSize(3).last().isEqualTo("205 passed");
  }

  @Test
  void whatIsCondemnedIsAskedOnAndSaidAgainEveryMinute() {
    watch(Duration.ZERO, Duration.ZERO, 3);
    loop.pass(ofSeconds(100));
    well = true;
    loop.pass(ofSeconds(5));
    well = false;
    loop.pass(ofSeconds(15));
    assertThat(told)
        .containsExactly(
            "0 failed: ill",
            "10 condemned: ill",
            "70 condemned: ill",
            "105 passed",
            "110 failed: ill",
            "120 condemned: ill");
  }

  @Test
  void withoutALimitNothingIsCondemned() {
    watch(Duration.ZERO, Duration.ZERO, 0);
    loop.pass(ofSeconds(1000));
    assertThat(told).containsExactly("0 failed: ill");
  }

  @Test
  void anEndedWatchSaysNothing() {
    var answer = new CompletableFuture<Void>();
    watch =
        HealthWatch.start(
            loop,
            () -> answer,
            new HealthPolicy(Duration.ZERO, Duration.ZERO, ofSeconds(5), ofSeconds(1), 1),
            listener());
    loop.pass(ofSeconds(1));
    watch.end();
    answer.complete(null);
    loop.pass(ofSeconds(60));
    assertThat(told).isEmpty();
  }

  @Test
  void theIntervalRunsFromTheEndOfAProbe() {
    var answer = new CompletableFuture<Void>();
    var asks = new ArrayList<Long>();
    watch =
        HealthWatch.start(
            loop,
            () -> {
              asks.add(loop.now().toSeconds());
              return answer;
            },
            new HealthPolicy(Duration.ZERO, Duration.ZERO, ofSeconds(5), ofSeconds(60), 1),
            listener());
    loop.pass(ofSeconds(20));
    assertThat(asks).containsExactly(0L);
    answer.complete(null);
    loop.pass(ofSeconds(6));
    assertThat(asks).containsExactly(0L, 25L);
  }

  /** So that the executor wakes once a second for all of them, however they began. */
  @Test
  void whoeverIsAskedEachSecondIsAskedAtTheSameMoment() {
    var asks = new TreeMap<Duration, Integer>();
    for (int millis : List.of(0, 130, 250, 260, 333, 500, 740, 999)) {
      HealthWatch.start(
          loop,
          () -> {
            asks.merge(loop.now(), 1, Integer::sum);
            var answer = new CompletableFuture<Void>();
            loop.after(Duration.ofMillis(20), () -> answer.complete(null));
            return answer;
          },
          new HealthPolicy(Duration.ofMillis(millis), Duration.ZERO, ofSeconds(1), ofSeconds(1), 3),
          listener());
    }
    loop.pass(ofSeconds(10));
    asks.clear();
    loop.pass(ofSeconds(4));
    assertThat(asks)
        .containsExactly(
            Map.entry(ofSeconds(11), 8),
            Map.entry(ofSeconds(12), 8),
            Map.entry(ofSeconds(13), 8),
            Map.entry(ofSeconds(14), 8));
  }

  /** The pause between two questions is never more than a quarter of a second off. */
  @Property(tries = 200)
  void aPauseIsAboutTheInterval(
      @ForAll @IntRange(min = 10, max = 10_000) int intervalMillis,
      @ForAll @IntRange(max = 3000) int answerMillis,
      @ForAll @IntRange(max = 1000) int delayMillis) {
    var since = new ArrayList<Duration>();
    var pauses = new ArrayList<Long>();
    HealthWatch.start(
        loop,
        () -> {
          since.forEach(answered -> pauses.add(loop.now().minus(answered).toMillis()));
          since.clear();
          var answer = new CompletableFuture<Void>();
          loop.after(
              Duration.ofMillis(answerMillis),
              () -> {
                since.add(loop.now());
                answer.complete(null);
              });
          return answer;
        },
        new HealthPolicy(
            Duration.ofMillis(delayMillis),
            Duration.ZERO,
            Duration.ofMillis(intervalMillis),
            ofSeconds(1),
            3),
        listener());
    loop.pass(ofSeconds(60));
    assertThat(pauses)
        .isNotEmpty()
        .allSatisfy(pause -> assertThat(pause - intervalMillis).isBetween(-250L, 250L));
  }

  private void watch(Duration delay, Duration grace, int failures) {
    watch =
        HealthWatch.start(
            loop,
            () -> {
              asked++;
              return well
                  ? CompletableFuture.completedFuture(null)
                  : CompletableFuture.failedFuture(unwell);
            },
            new HealthPolicy(delay, grace, ofSeconds(5), ofSeconds(1), failures),
            listener());
    loop.settle();
  }

  private HealthWatch.Listener listener() {
    return new HealthWatch.Listener() {
      @Override
      public void passed() {
        told.add(loop.now().toSeconds() + " passed");
      }

      @Override
      public void failed(String why) {
        told.add(loop.now().toSeconds() + " failed: " + why);
      }

      @Override
      public void condemned(String why) {
        told.add(loop.now().toSeconds() + " condemned: " + why);
      }
    };
  }
}
