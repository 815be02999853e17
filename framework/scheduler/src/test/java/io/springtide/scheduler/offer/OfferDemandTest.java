package io.springtide.scheduler.offer;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.Documents;
import io.springtide.scheduler.Story;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.TaskState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which offers we keep, give back and ask for. */
class OfferDemandTest {
  private static final Resources SMALL = Resources.of(200, 256, 1000);

  @Test
  void whatIsReservedToUsIsHeldForWorkThatMayCome() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.pass(Duration.ofMinutes(30));
    assertThat(story.read(Effect.Decline.class)).isEmpty();
    story.put(Documents.job("web", 1));
    assertThat(story.launches()).hasSize(1);
  }

  @Test
  void whatOthersCouldHaveIsGivenBackAtOnceWhileNobodyWaitsForIt() {
    Story story = Story.with("h1");
    String offer = story.lendableOffer("h1", Story.BIG);
    story.pass(Duration.ofMillis(200));
    Effect.Decline decline = story.read(Effect.Decline.class).get(0);
    assertThat(decline.offerIds()).containsExactly(offer);
    assertThat(decline.filter()).isGreaterThanOrEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void aJobThatComesAfterThatIsStartedByTheNextOfferWhichARevivalBringsAtOnce() {
    Story story = Story.with("h1");
    story.lendableOffer("h1", Story.BIG);
    story.pass(Duration.ofSeconds(30));
    story.read();

    story.put(Documents.job("web", 1));
    assertThat(story.read(Effect.Revive.class)).hasSize(1);
    story.lendableOffer("h1", Story.BIG);
    assertThat(story.launches()).hasSize(1);
  }

  @Test
  void jobsThatComeOneAfterTheOtherReviveOnceASecond() {
    Story story = Story.with("h1");
    story.lendableOffer("h1", Story.BIG);
    story.pass(Duration.ofSeconds(30));
    story.read();
    for (int i = 0; i < 10; i++) {
      story.put(Documents.job("web" + (char) ('a' + i), 1));
    }
    story.pass(Duration.ofSeconds(2));
    assertThat(story.read(Effect.Revive.class)).hasSizeBetween(2, 3);
  }

  @Test
  void whatALaunchLeavesOverGoesToOthersUnlessSomethingWaitsForIt() {
    Story story = Story.with("h1");
    story.put(Documents.job("web", 1));
    story.lendableOffer("h1", Story.BIG);
    assertThat(story.read(Effect.Accept.class).get(0).filter())
        .isGreaterThanOrEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void whatIsTooSmallForAllThatWaitsIsGivenBackAtOnceAndNotAskedForAgainAndAgain() {
    Story story = Story.with("h1");
    story.put(Documents.job("web", 1));
    story.pass(Duration.ofMinutes(1));
    story.read();
    for (int i = 0; i < 60; i++) {
      story.lendableOffer("h1", SMALL);
      story.pass(Duration.ofMillis(900));
    }
    List<Effect> effects = story.read();
    assertThat(effects.stream().filter(Effect.Decline.class::isInstance)).hasSize(60);
    assertThat(effects.stream().filter(Effect.Revive.class::isInstance))
        .as("more than was given back is offered without being asked for")
        .hasSizeLessThanOrEqualTo(3);
  }

  @Test
  void anOfferWhoseHostNothingThatWaitsMayUseIsGivenBackAtOnce() {
    Story story = Story.with("h1");
    story.put(
        Documents.withConstraints(
            Documents.job("web", 1), new Constraint.Match("gpu", Set.of("yes"), false, false)));
    String offer = story.lendableOffer("h1", Story.BIG);
    story.pass(Duration.ofMillis(200));
    assertThat(story.read(Effect.Decline.class).get(0).offerIds()).containsExactly(offer);
  }

  @Test
  void whatWillDoTogetherWithWhatEndsOnItsHostIsKept() {
    Story story = Story.with("h1");
    story.put(Documents.job("web", 1));
    story.lendableOffer("h1", Story.BIG);
    Task first = story.theLaunch().task();
    story.update(first, TaskState.RUNNING);
    story.put(Documents.withResources(Documents.job("large", 1), Resources.of(7000, 1024)));
    Resources rest = Resources.of(6500, 7000, 40_000);
    story.lendableOffer("h1", rest);
    story.pass(Duration.ofMillis(200));
    assertThat(story.read(Effect.Decline.class)).as("nothing ends there").hasSize(1);

    story.remove("feed.web");
    String kept = story.lendableOffer("h1", rest);
    story.pass(Duration.ofSeconds(5));
    assertThat(story.read(Effect.Decline.class)).isEmpty();

    story.update(first, TaskState.KILLED);
    String freed = story.lendableOffer("h1", Resources.of(1000, 256));
    assertThat(story.read(Effect.Accept.class).get(0).offerIds())
        .containsExactlyInAnyOrder(kept, freed);
  }

  @Test
  void anOfferOfAHostThatIsNotReadyYetIsKeptForWhatWaits() {
    Story story = Story.with();
    story.put(Documents.job("web", 1));
    story.read();
    story.offer("h1");
    Task warden = story.theLaunch().task();
    story.lendableOffer("h1", Story.BIG);
    story.pass(Duration.ofSeconds(10));
    assertThat(story.read(Effect.Decline.class)).isEmpty();
    story.update(warden, TaskState.RUNNING);
    assertThat(story.launches()).hasSize(1);
  }

  @Test
  void whileAWardenWaitsToBeTriedAgainItsHostIsOthersToUse() {
    Story story = Story.with("h1");
    Task warden = story.host("h1").warden().orElseThrow();
    story.update(warden, TaskState.FAILED);
    story.lendableOffer("h1", Story.BIG);
    story.pass(Duration.ofMillis(200));
    Effect.Decline decline = story.read(Effect.Decline.class).get(0);
    assertThat(decline.filter()).isBetween(Duration.ofMillis(100), Duration.ofMinutes(1));
  }

  @Test
  void aJobThatComesWhileAnOfferIsHeldNeedsNoRoundTrip() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.pass(Duration.ofSeconds(30));
    story.read();
    story.put(Documents.job("web", 1));
    assertThat(story.launches()).hasSize(1);
  }

  @Test
  void allOffersOfAHostAreUsedByOneAcceptanceAndWhatIsLeftComesBackAtOnce() {
    Story story = Story.with("h1");
    Set<String> executors = Set.of("executor-1");
    String one = story.offer("h1", "agent-h1", Resources.of(700, 512), executors);
    String two = story.offer("h1", "agent-h1", Resources.of(700, 512), executors);
    story.put(Documents.job("web", 1));
    List<Effect.Accept> accepts = story.read(Effect.Accept.class);
    assertThat(accepts).hasSize(1);
    assertThat(accepts.get(0).offerIds()).containsExactlyInAnyOrder(one, two);
    assertThat(accepts.get(0).filter()).isZero();
  }

  @Test
  void aRescindedOfferIsNeverUsed() {
    Story story = Story.with("h1");
    String offer = story.offer("h1");
    story.send(new Event.OfferRescinded(offer));
    story.put(Documents.job("web", 1));
    story.pass(Duration.ofSeconds(1));
    assertThat(story.launches()).isEmpty();
    assertThat(story.shown("feed.web#0").waiting())
        .extracting(Waiting::reason)
        .contains("NO_OFFER");
  }

  @Test
  void offersOfALostSubscriptionAreVoid() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.send(new Event.Disconnected());
    story.put(Documents.job("web", 1));
    story.pass(Duration.ofSeconds(1));
    assertThat(story.launches()).isEmpty();
    story.subscribe();
    story.pass(Duration.ofSeconds(1));
    assertThat(story.launches()).isEmpty();
  }

  @Test
  void aHostOfNoPoolIsDeclinedForLong() {
    Story story = Story.with();
    story.offer("x1", "agent-x1", Story.BIG, Set.of(), Map.of("node", "x1", "zone", "elsewhere"));
    Effect.Decline decline = story.read(Effect.Decline.class).get(0);
    assertThat(decline.filter()).isGreaterThanOrEqualTo(Duration.ofMinutes(5));
    assertThat(story.view().hosts()).isEmpty();
  }

  @Test
  void aNewPoolMakesUsLookOnceAtHostsThatWereDeclinedBefore() {
    Story story = new Story().subscribe();
    story.offer("h1");
    assertThat(story.read(Effect.Decline.class)).hasSize(1);

    story.put(Documents.idc());
    story.pass(Duration.ofSeconds(30));

    assertThat(story.read(Effect.Revive.class)).hasSize(1);
    story.offer("h1");
    assertThat(story.view().hosts()).containsKey("h1");
  }

  @Test
  void aPoolThatComesWhileOffersAreSuppressedLetsThemFlowAgainForAWhile() {
    Story story = Story.with("h1");
    story.pass(Duration.ofMinutes(11));
    assertThat(story.read(Effect.Suppress.class)).hasSize(1);

    story.put(Documents.idc());
    story.pass(Duration.ofSeconds(30));

    assertThat(story.read().stream().map(Object::getClass))
        .contains(Effect.Revive.class)
        .doesNotContain(Effect.Suppress.class);
  }

  @Test
  void whenNothingHasBeenWantedForLongOffersAreSuppressedAndNewHostsLookedForNowAndThen() {
    Story story = Story.with("h1");
    story.lendableOffer("h1", Story.BIG);
    story.pass(Duration.ofMinutes(11));
    assertThat(story.read(Effect.Suppress.class)).hasSize(1);
    story.pass(Duration.ofMinutes(3));
    assertThat(story.read(Effect.Revive.class)).isEmpty();
    story.pass(Duration.ofMinutes(3));
    assertThat(story.read().stream().filter(e -> e instanceof Effect.Revive)).hasSize(1);
    story.put(Documents.job("web", 1));
    story.pass(Duration.ofSeconds(1));
    assertThat(story.read(Effect.Revive.class)).as("at once when something is wanted").hasSize(1);
  }

  @Test
  void aReviveThatBringsNothingIsRepeatedEverMoreSlowly() {
    Story story = Story.with("h1");
    story.put(Documents.job("web", 9));
    story.pass(Duration.ofMinutes(2));
    int first = story.read(Effect.Revive.class).size();
    assertThat(first).isBetween(3, 6);
    story.pass(Duration.ofMinutes(10));
    assertThat(story.read(Effect.Revive.class)).hasSizeBetween(4, 6);
  }

  @Test
  void aSuppressionThatWasLostIsRepeated() {
    Story story = Story.with("h1");
    story.pass(Duration.ofMinutes(11));
    assertThat(story.read(Effect.Suppress.class)).hasSize(1);
    story.offer("h1");
    story.pass(Duration.ofSeconds(10));
    assertThat(story.read(Effect.Suppress.class)).hasSize(1);
  }
}
