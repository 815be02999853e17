package io.springtide.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.Documents;
import io.springtide.scheduler.Story;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.event.Outcome.Done;
import io.springtide.scheduler.event.Outcome.Kind;
import io.springtide.scheduler.event.Outcome.Refused;
import io.springtide.scheduler.state.Anchor;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Receipt;
import io.springtide.scheduler.state.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Commands that are asked more than once, and done once. */
class ReceiptsTest {
  private final Story story = Story.with();

  @Test
  void aRepeatIsAnsweredAsTheFirstWasAndDoesNothing() {
    Done first = (Done) once("ci", "k1", "one", create("web"));
    story.scale("feed.web", 3);
    List<Effect> again = story.send(request("ci", "k1", "one", create("web")));
    assertThat(again).as("no commit").hasSize(1);
    assertThat(((Effect.Reply) again.get(0)).outcome()).isEqualTo(first);
    assertThat(story.view().jobs().get("feed.web").job().spec().instances()).isEqualTo(3);
  }

  @Test
  void theReceiptIsInTheCommitOfWhatItIsFor() {
    List<Effect> effects = story.send(request("ci", "k1", "one", create("web")));
    assertThat(((Effect.Persist) effects.get(0)).changes())
        .hasAtLeastOneElementOfType(Change.JobPut.class)
        .hasAtLeastOneElementOfType(Change.ReceiptPut.class);
  }

  @Test
  void theNextProcessKnowsItTooFromTheLogAndFromASnapshot() {
    Outcome first = once("ci", "k1", "one", create("web"));
    story.restart();
    assertThat(once("ci", "k1", "one", create("web"))).isEqualTo(first);
    story.restartFromSnapshot();
    assertThat(once("ci", "k1", "one", create("web"))).isEqualTo(first);
  }

  @Test
  void somethingElseUnderTheSameKeyIsAConflict() {
    once("ci", "k1", "one", create("web"));
    Refused refused = (Refused) once("ci", "k1", "other", create("api"));
    assertThat(refused.kind()).isEqualTo(Kind.CONFLICT);
    assertThat(refused.field()).isEqualTo("Idempotency-Key");
    assertThat(story.view().jobs()).containsOnlyKeys("feed.web");
  }

  @Test
  void anothersKeyTellsNothing() {
    once("ci", "k1", "one", create("web"));
    assertThat(once("eve", "k1", "other", create("api"))).isInstanceOf(Done.class);
    assertThat(((Refused) once("eve", "k2", "one", create("web"))).field()).isEqualTo("id");
  }

  @Test
  void whatWasRefusedMayBeAskedAgainUnderItsKey() {
    story.put(Documents.job("web", 1));
    assertThat(once("ci", "k1", "one", create("web"))).isInstanceOf(Refused.class);
    assertThat(once("ci", "k1", "mended", create("api"))).isInstanceOf(Done.class);
  }

  @Test
  void aCommandThatChangesNothingLeavesAReceiptToo() {
    Outcome first = once("ci", "k1", "one", scale(2));
    assertThat(first).isInstanceOf(Refused.class);
    story.put(Documents.job("web", 2));
    Done done = (Done) once("ci", "k1", "one", scale(2));
    story.scale("feed.web", 5);
    assertThat(once("ci", "k1", "one", scale(2))).isEqualTo(done);
    assertThat(story.view().jobs().get("feed.web").job().spec().instances()).isEqualTo(5);
  }

  @Test
  void afterADayARepeatIsTakenForNew() {
    once("ci", "k1", "one", create("web"));
    List<Change> day = pass(Receipts.KEPT.minusMinutes(10));
    assertThat(day).doesNotHaveAnyElementsOfTypes(Change.ReceiptRemoved.class);
    List<Change> later = pass(Duration.ofMinutes(15));
    assertThat(later).contains(new Change.ReceiptRemoved("ci", "k1"));
    assertThat(((Refused) once("ci", "k1", "one", create("web"))).field()).isEqualTo("id");
  }

  @Test
  void moreThanSomeAreNotKeptAndTheOldestGo() {
    story.put(Documents.job("web", 1));
    State state = new State();
    for (int i = 0; i < Receipts.MOST + 5; i++) {
      changes(story.send(request("ci", "k" + i, "one", scale(1 + i % 2)))).forEach(state::apply);
    }
    assertThat(state.receipts())
        .hasSize(Receipts.MOST)
        .extracting(Receipt::key)
        .startsWith("k5")
        .endsWith("k" + (Receipts.MOST + 4));
  }

  /** A process whose clock was ahead has ended: the next does not keep its receipts for longer. */
  @Test
  void aStampOfTheFutureIsNotKeptForLonger() {
    once("ci", "k1", "one", create("web"));
    story.restart();
    assertThat(once("ci", "k1", "one", create("web"))).isInstanceOf(Done.class);
    State state = new State();
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    IntStream.range(0, 3)
        .mapToObj(i -> new Receipt("ci", "k" + i, "d", i, now.plusSeconds(i)))
        .map(Change.ReceiptPut::new)
        .forEach(state::apply);
    Anchor.changes(state, CoreConfig.of("e").times(), now).forEach(state::apply);
    assertThat(state.receipts()).extracting(Receipt::at).containsOnly(now);
    assertThat(state.receipts()).extracting(Receipt::key).containsExactly("k0", "k1", "k2");
  }

  private List<Change> pass(Duration time) {
    List<Change> all = new ArrayList<>();
    Duration step = Duration.ofSeconds(30);
    for (Duration left = time; !left.isNegative() && !left.isZero(); left = left.minus(step)) {
      story.leap(step);
      all.addAll(changes(story.send(new Event.Tick())));
    }
    return all;
  }

  private static List<Change> changes(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Persist.class::isInstance)
        .flatMap(effect -> ((Effect.Persist) effect).changes().stream())
        .toList();
  }

  private Outcome once(String asker, String key, String digest, Event.Command command) {
    return story.ask(request(asker, key, digest, command));
  }

  private static Event.Once request(
      String asker, String key, String digest, Event.Command command) {
    return new Event.Once(asker, key, digest, command);
  }

  private Event.Command create(String name) {
    return new Event.CreateJob(story.request(), Documents.job(name, 1));
  }

  private Event.Command scale(int instances) {
    return new Event.SetInstances(story.request(), "feed.web", instances, OptionalLong.empty());
  }
}
