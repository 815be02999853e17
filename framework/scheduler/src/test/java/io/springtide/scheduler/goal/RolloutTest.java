package io.springtide.scheduler.goal;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.answer.Breach;
import io.springtide.partition.answer.Reason;
import io.springtide.scheduler.goal.Rollout.Decision;
import io.springtide.scheduler.goal.Rollout.Member;
import io.springtide.scheduler.goal.Rollout.Move;
import io.springtide.scheduler.goal.Rollout.Start;
import io.springtide.scheduler.goal.Rollout.Step;
import io.springtide.scheduler.goal.Rollout.Wait;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of instances of two revisions: a table of cases, and walks through many. */
class RolloutTest {
  private static final long OLD = 3;
  private static final long NEW = 7;
  private static final Instant BEGAN = Instant.parse("2026-02-17T12:00:00Z");
  private static final Instant NOW = BEGAN.plus(Duration.ofMinutes(10));

  /**
   * Instances, in words of these: {@code old} or {@code new}: it runs that revision, and serves;
   * {@code :never} served in this attempt; {@code :blinks}: it served a moment ago; {@code :fell}:
   * it served when the change began, and has not for long; {@code :broken}: it was down before the
   * change; {@code :leaves}: its host is to be empty; {@code :breaks}: it breaks its job's rules.
   * {@code waits} and {@code ends}: no attempt that goes on, and the next one of that revision;
   * {@code homeless}: it waits for a place for long.
   */
  static Stream<Arguments> cases() {
    return Stream.of(
        row("nothing is to be done", 1, "new new", "- -"),
        row("nor where the new ones do not serve", 1, "new:never new", "- -"),
        row("one at a time", 1, "old old old", "move wait wait"),
        row("as many as the budget allows", 2, "old old old", "move move wait"),
        row("none while a new one is not up", 1, "new:never old old", "- wait wait"),
        row("the next when it is", 1, "new old old", "- move wait"),
        row("all at once where nobody minds", 99, "old old old:blinks", "move move move"),
        row("what never served goes at once", 1, "old:never old:never old", "move move wait"),
        row("so does what was down before", 1, "old:broken old:broken old", "move move wait"),
        row("one slow probe takes nobody", 1, "old:blinks old:blinks old", "wait wait wait"),
        row("but the only one that is down may go", 1, "old:blinks old old", "move wait wait"),
        row("who fell meanwhile goes one by one", 1, "old:fell old:fell old", "move wait wait"),
        row("and not while one is on its way", 1, "old:fell ends-new old", "wait - wait"),
        row("who waits gets the new one at once", 1, "waits-old waits-old new", "start start -"),
        row("so does who is on its way out", 1, "ends-old new", "start -"),
        row("who waits for the new one does", 1, "waits-new new", "- -"),
        row("a host that is to be empty", 1, "new:leaves new:leaves new", "move wait -"),
        row("rules that are broken", 1, "new:breaks new new", "move - -"),
        row("what nothing better is found for stays", 1, "new:stuck new", "- -"),
        row("a change and a host are one budget", 1, "new:leaves old new", "move wait -"),
        row("no room for all holds nobody up", 1, "homeless-new old new", "- move -"),
        row("a place just lost does", 1, "waits-new old new", "- wait -"));
  }

  private static Arguments row(String what, int budget, String members, String steps) {
    return Arguments.of(what, budget, members, steps);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void eachCase(String what, int budget, String words, String expected) {
    List<Member> members = members(words);
    Decision decision = decide(budget, 0, members);
    assertThat(said(members, decision)).as(what).isEqualTo(expected);
    assertThat(decision.steps()).allMatch(step -> !step.why().isBlank());
  }

  @Test
  void whatServesNobodyGoesFirst() {
    List<Member> members = members("old old:never");
    assertThat(decide(2, 0, members).steps()).extracting(Step::instance).containsExactly("1", "0");
  }

  @Test
  void whoWaitsIsToldWhyAndForWhat() {
    Decision decision = decide(1, 0, members("old ends-new"));
    assertThat(decision.steps())
        .containsExactly(
            new Wait(
                "0",
                "its job has changed; 1 do not serve, and update.maxUnavailable is 1",
                "an instance of the job that serves"));
    decision = decide(1, 0, members("old:leaves"));
    assertThat(decision.steps()).containsExactly(new Move("0", NEW, "its host is to be empty"));
  }

  /** It is remembered that it had one: else a change would eat up what runs, place by place. */
  @Test
  void whoLosesItsPlaceDuringAChangeStillCounts() {
    List<Member> members = members("homeless-new old new");
    Decision decision = decide(1, 3, members);
    assertThat(said(members, decision)).isEqualTo("- wait -");
    assertThat(decision.placed()).isEqualTo(3);
    assertThat(decide(1, 3, members("new new")).placed()).as("nothing is left to do").isZero();
  }

  @Test
  void aDecisionThatTimeMayChangeSaysWhen() {
    assertThat(decision("old new").lookAgain()).isEmpty();
    assertThat(decision("old:blinks old:blinks").lookAgain())
        .as("a minute after it served last")
        .contains(NOW.minusSeconds(5).plusSeconds(60));
    assertThat(decision("waits-new old").lookAgain())
        .as("a minute after it began to wait")
        .contains(NOW.minusSeconds(20).plusSeconds(60));
  }

  private static Decision decide(int budget, int placed, List<Member> members) {
    return Rollout.of(NEW, members.size(), budget, BEGAN, placed, NOW)
        .decide(members, members.size());
  }

  private static Decision decision(String words) {
    return decide(1, 0, members(words));
  }

  private static List<Member> members(String words) {
    List<Member> members = new ArrayList<>();
    for (String word : words.split(" ")) {
      members.add(member("" + members.size(), word));
    }
    return members;
  }

  private static Member member(String id, String word) {
    long revision = word.contains("old") ? OLD : NEW;
    if (!word.startsWith("old") && !word.startsWith("new")) {
      Optional<Instant> since =
          word.startsWith("ends")
              ? Optional.empty()
              : Optional.of(NOW.minusSeconds(word.startsWith("homeless") ? 300 : 20));
      return new Member(
          id,
          revision,
          OptionalLong.empty(),
          false,
          BEGAN.minusSeconds(1),
          Optional.empty(),
          since,
          Optional.empty(),
          Optional.empty());
    }
    String how = word.substring(3);
    Optional<Instant> until =
        switch (how) {
          case ":never" -> Optional.empty();
          case ":blinks" -> Optional.of(NOW.minusSeconds(5));
          case ":fell" -> Optional.of(BEGAN.plusSeconds(10));
          case ":broken" -> Optional.of(BEGAN.minusSeconds(10));
          default -> Optional.of(NOW);
        };
    boolean breaks = how.equals(":breaks") || how.equals(":stuck");
    return new Member(
        id,
        revision,
        OptionalLong.of(revision),
        until.equals(Optional.of(NOW)),
        BEGAN.minusSeconds(1),
        until,
        Optional.empty(),
        how.equals(":leaves") ? Optional.of(BEGAN.plusSeconds(30)) : Optional.empty(),
        breaks
            ? Optional.of(new Breach(id, Reason.MATCH, "h1", "idc", how.equals(":breaks")))
            : Optional.empty());
  }

  /** By instance what becomes of it. */
  private static String said(List<Member> members, Decision decision) {
    String[] said = new String[members.size()];
    Arrays.fill(said, "-");
    for (Step step : decision.steps()) {
      int at = Integer.parseInt(step.instance());
      assertThat(said[at]).as("one step for each").isEqualTo("-");
      said[at] = step.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
    }
    return String.join(" ", said);
  }

  // ---- Walks.

  /** An instance in a world that does what the steps say, and what chance does. */
  private static final class Actor {
    final String id;
    long wants;

    /** 0: nothing; it starts at {@code startsAt}. */
    long runs;

    Instant startsAt = Instant.MAX;
    boolean ending;
    boolean healthy;
    Optional<Instant> served = Optional.empty();
    Optional<Instant> host = Optional.empty();

    Actor(int id) {
      this.id = "" + id;
      wants = 1;
      runs = 1;
      healthy = true;
    }

    void ends(Instant again) {
      runs = 0;
      ending = false;
      healthy = false;
      served = Optional.empty();
      host = Optional.empty();
      startsAt = again;
    }

    Member seen(Instant now) {
      boolean runsOn = runs > 0 && !ending;
      return new Member(
          id,
          wants,
          runsOn ? OptionalLong.of(runs) : OptionalLong.empty(),
          runsOn && healthy,
          now,
          runsOn ? (healthy ? Optional.of(now) : served) : Optional.empty(),
          runs == 0 ? Optional.of(startsAt.minusSeconds(2)) : Optional.empty(),
          host,
          Optional.empty());
    }
  }

  /**
   * Changes, crashes, probes that blink and hosts that are emptied, in any order. The oracle counts
   * for itself who was taken though it had served since the last change, and has not come back.
   */
  @Property(tries = 300)
  void neverMoreThanTheBudgetIsTakenAndInTheEndAllIsNew(
      @ForAll @IntRange(min = 1, max = 12) int instances,
      @ForAll @IntRange(min = 1, max = 4) int budget,
      @ForAll long seed) {
    Random random = new Random(seed);
    Walk walk = new Walk(instances, budget, random);
    for (int second = 0; second < 400; second++) {
      walk.faults(second < 300);
      walk.second();
    }
    walk.settles();
  }

  private static final class Walk {
    private final List<Actor> actors = new ArrayList<>();
    private final int budget;
    private final Random random;
    private Instant now = BEGAN;
    private Instant began = BEGAN;
    private long newest = 1;
    private int placed;

    /** Taken though it had served since the change began, and not serving again yet. */
    private final Set<String> taken = new HashSet<>();

    private final Set<String> servedSince = new HashSet<>();

    Walk(int instances, int budget, Random random) {
      this.budget = budget;
      this.random = random;
      for (int i = 0; i < instances; i++) {
        actors.add(new Actor(i));
      }
    }

    void faults(boolean any) {
      if (any && random.nextInt(40) == 0) {
        newest++;
        began = now;
        servedSince.clear();
        taken.clear();
      }
      for (Actor actor : actors) {
        if (any && random.nextInt(60) == 0 && actor.runs > 0) {
          long ran = actor.wants;
          actor.ends(now.plusSeconds(2));
          assertThat(actor.wants).as("who fails wants what it wanted").isEqualTo(ran);
        }
        if (any && random.nextInt(30) == 0 && actor.runs > 0) {
          actor.healthy = false;
        }
        if (any && random.nextInt(80) == 0 && actor.healthy) {
          actor.host = Optional.of(now);
        }
      }
    }

    void second() {
      now = now.plusSeconds(1);
      for (Actor actor : actors) {
        if (actor.ending && random.nextBoolean()) {
          actor.ends(now.plusSeconds(2));
        } else if (actor.runs == 0 && !actor.startsAt.isAfter(now)) {
          actor.runs = actor.wants;
        } else if (actor.runs > 0 && !actor.healthy && random.nextInt(5) == 0) {
          actor.healthy = true;
        }
        if (actor.runs > 0 && !actor.ending && actor.healthy) {
          actor.served = Optional.of(now);
          servedSince.add(actor.id);
          taken.remove(actor.id);
        }
      }
      decide();
    }

    private void decide() {
      List<Member> members = actors.stream().map(actor -> actor.seen(now)).toList();
      Decision decision =
          Rollout.of(newest, members.size(), budget, began, placed, now)
              .decide(members, members.size());
      placed = decision.placed();
      Set<String> spoken = new HashSet<>();
      for (Step step : decision.steps()) {
        assertThat(spoken.add(step.instance())).as("one step for each").isTrue();
        assertThat(step.why()).isNotBlank();
        Actor actor = actors.get(Integer.parseInt(step.instance()));
        step.by(
            new Rollout.Hands() {
              @Override
              public void start(Start start) {
                assertThat(actor.runs == 0 || actor.ending).isTrue();
                actor.wants = start.revision();
              }

              @Override
              public void add(Rollout.Add add) {
                throw new AssertionError("none may be above the wanted number");
              }

              @Override
              public void leave(Rollout.Leave leave) {
                throw new AssertionError("none is above the wanted number");
              }

              @Override
              public void move(Move move) {
                assertThat(actor.runs > 0 && !actor.ending).isTrue();
                boolean needless = actor.runs == newest && actor.host.isEmpty();
                assertThat(needless).as("%s is as it should be", actor.id).isFalse();
                if (servedSince.contains(actor.id)) {
                  taken.add(actor.id);
                }
                actor.wants = move.revision();
                actor.ending = true;
              }

              @Override
              public void waits(Wait wait) {
                assertThat(actor.runs > 0 && !actor.ending).isTrue();
              }
            });
      }
      for (Actor actor : actors) {
        boolean asItShouldBe =
            actor.runs > 0 && !actor.ending
                ? actor.runs == newest && actor.host.isEmpty()
                : actor.wants == newest;
        assertThat(asItShouldBe || spoken.contains(actor.id))
            .as("of %s nothing is said", actor.id)
            .isTrue();
      }
      assertThat(taken).as("taken from those who served").hasSizeLessThanOrEqualTo(budget);
    }

    void settles() {
      for (int second = 0; second < 600; second++) {
        second();
      }
      assertThat(actors).allMatch(actor -> actor.runs == newest && actor.host.isEmpty());
    }
  }
}
