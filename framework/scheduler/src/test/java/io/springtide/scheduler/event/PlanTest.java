package io.springtide.scheduler.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.HostOrder;
import io.springtide.partition.model.Label;
import io.springtide.scheduler.Documents;
import io.springtide.scheduler.SharingTest;
import io.springtide.scheduler.StandingTest;
import io.springtide.scheduler.Story;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What a change would bring about, and that it is what then comes about. */
public class PlanTest {
  @Test
  void itNamesWhoWouldMakeWayAndSoItIsDone() {
    Story story = SharingTest.lent(JobKind.BATCH);
    long version = story.core().version();
    Plan plan = plan(story, new Event.PutJob("", SharingTest.search(2), any()));
    assertThat(plan.evictions())
        .hasSize(2)
        .allMatch(e -> e.claimant().equals("search.web") && e.job().equals("feed.web"));
    assertThat(plan.placements())
        .extracting(Plan.Place::instance, Plan.Place::host, Plan.Place::label)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("search.web#0", "h1", Label.GUARANTEED),
            org.assertj.core.groups.Tuple.tuple("search.web#1", "h1", Label.GUARANTEED));
    assertThat(plan.waiting().get("feed.web").instances()).isEqualTo(2);
    assertThat(plan.waiting().get("feed.web").reasons()).isNotEmpty();
    assertThat(story.core().version()).as("nothing is done").isEqualTo(version);
    assertThat(story.view().jobs()).doesNotContainKey("search.web");
    story.pass(Duration.ofSeconds(5));
    assertThat(story.read(Effect.Kill.class)).isEmpty();

    story.put(SharingTest.search(2));
    story.pass(Duration.ofSeconds(2));
    assertThat(story.instances("feed.web", i -> i.goal() == Goal.REPLACE))
        .extracting(Instance::id)
        .containsExactlyInAnyOrderElementsOf(
            plan.evictions().stream().map(Eviction::instance).toList());
  }

  @Test
  void itNamesHostsToOrderAndWhatTheyCostAndSoItIsDone() {
    Story story = Story.with("h1");
    story.offer("h1");
    Plan plan = plan(story, new Event.PutJob("", Documents.job("web", 11), any()));
    assertThat(plan.orders()).containsExactly(new HostOrder("cloud", 2));
    assertThat(plan.microsPerHourBefore()).isZero();
    assertThat(plan.microsPerHourAfter()).isEqualTo(840_000);
    assertThat(plan.placements()).hasSize(11);
    assertThat(plan.placements()).filteredOn(Plan.Place::toCome).hasSize(4);
    assertThat(plan.waiting()).isEmpty();

    story.put(Documents.job("web", 11));
    story.pass(Duration.ofSeconds(3));
    assertThat(story.read(Effect.OrderHosts.class))
        .extracting(Effect.OrderHosts::pool, Effect.OrderHosts::count)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("cloud", 2));
    assertThat(plan(story, scale("feed.web", 11)).orders())
        .as("what is on order is not ordered again")
        .isEmpty();
    assertThat(plan(story, scale("feed.web", 11)).placements()).hasSize(4);
  }

  /** As {@code StandingTest} shows it done. */
  @Test
  void itOrdersHostsForWhatMustMoveAndFindsNoOtherPlace() {
    Story story = StandingTest.running(2);

    Plan plan =
        plan(
            story,
            new Event.PutJob("", Documents.withPools(Documents.job("web", 2), "cloud"), any()));

    assertThat(plan.orders()).containsExactly(new HostOrder("cloud", 1));
    assertThat(plan.stops()).containsExactlyInAnyOrder("feed.web#0", "feed.web#1");
    assertThat(plan.placements())
        .hasSize(2)
        .allMatch(place -> place.pool().equals("cloud") && place.toCome());
  }

  @Test
  void severalChangesCountTogetherAndTheFirstThatIsRefusedIsNamed() {
    Story story = SharingTest.tenants();
    Plan both =
        plan(
            story,
            new Event.PutGroup("", Documents.tenant("ads", 500), any()),
            new Event.PutJob(
                "", Documents.of("ads", JobKind.BATCH, Documents.job("clicks", 3)), any()));
    assertThat(both.placements()).hasSize(3).allMatch(p -> p.label() == Label.BORROWED);

    Outcome refused =
        story.foresee(
            new Event.PutGroup("", Documents.tenant("ads", 500), any()),
            new Event.PutJob("", Documents.of("adz", JobKind.BATCH, Documents.job("c", 3)), any()));
    assertThat(refused)
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            r -> {
              assertThat(r.kind()).isEqualTo(Outcome.Kind.INVALID);
              assertThat(r.field()).isEqualTo("changes[1].id");
            });
    assertThat(story.view().groups()).doesNotContainKey("ads");
  }

  @Test
  void aDrainedHostMovesItsWorkAndWhatDoesNotFitWaits() {
    Story story = Story.with("h1", "h2");
    story.offer("h1");
    story.offer("h2");
    story.put(Documents.job("web", 6));
    story.pass(Duration.ofSeconds(1));
    Plan plan = plan(story, new Event.SetHostWish("", "h1", Host.Wish.DRAIN));
    long there =
        story.instances("feed.web").stream()
            .filter(i -> i.task().orElseThrow().host().equals("h1"))
            .count();
    assertThat(plan.stops()).hasSize((int) there);
    assertThat(plan.placements()).hasSize((int) there).allMatch(p -> p.host().equals("h2"));
  }

  @Test
  void anAnswerIsOfTheMomentOfTheQuestion() {
    Story story = SharingTest.tenants();
    Event.Command change =
        new Event.PutJob("", Documents.of("ads", JobKind.BATCH, Documents.job("clicks", 3)), any());
    Outcome asked = story.foresee(change);
    Supplier<Outcome> later = story.forecast(change);
    story.put(Documents.of("ads", JobKind.BATCH, Documents.job("views", 3)));
    story.pass(Duration.ofSeconds(5));
    assertThat(later.get()).isEqualTo(asked);
  }

  public static Plan plan(Story story, Event.Command... changes) {
    Outcome outcome = story.foresee(changes);
    assertThat(outcome).isInstanceOf(Outcome.Planned.class);
    return ((Outcome.Planned) outcome).plan();
  }

  private static Event.SetInstances scale(String job, int count) {
    return new Event.SetInstances("", job, count, any());
  }

  private static OptionalLong any() {
    return OptionalLong.empty();
  }
}
