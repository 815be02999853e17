package io.springtide.scheduler;

import static io.springtide.scheduler.CloudStory.EAST;
import static io.springtide.scheduler.CloudStory.WEST;
import static io.springtide.scheduler.CloudStory.answered;
import static io.springtide.scheduler.CloudStory.host;
import static io.springtide.scheduler.CloudStory.joined;
import static io.springtide.scheduler.CloudStory.listings;
import static io.springtide.scheduler.CloudStory.notKnown;
import static io.springtide.scheduler.CloudStory.offer;
import static io.springtide.scheduler.CloudStory.order;
import static io.springtide.scheduler.CloudStory.ordered;
import static io.springtide.scheduler.CloudStory.released;
import static io.springtide.scheduler.CloudStory.releases;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.PoolKind;
import io.springtide.partition.model.PortRanges;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.order.GoneHosts;
import io.springtide.scheduler.order.OrderProgress;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Order;
import io.springtide.scheduler.told.AgentReport;
import io.springtide.scheduler.told.CloudTrouble;
import io.springtide.scheduler.told.HostListing;
import io.springtide.scheduler.told.HostListing.State;
import io.springtide.scheduler.told.TaskState;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every host is given back to where it came from, and none is forgotten (promise 6). */
class HostOriginTest {
  @Test
  void aHostIsGivenBackToWhereItWasOrderedWhateverItsPoolSaysByThen() {
    Story story = ordered();
    joined(story);
    story.put(Documents.cloudIn("west", 5));
    leave(story);
    assertThat(releases(story)).containsOnly(new Effect.ReleaseHosts(EAST, List.of("c1")));

    story.put(Documents.closed(5));
    story.restartFromSnapshot();
    story.pass(Duration.ofMinutes(1));
    assertThat(releases(story))
        .as("also where nothing can be ordered any more, and after a failover")
        .containsOnly(new Effect.ReleaseHosts(EAST, List.of("c1")));
  }

  @Test
  void anOrderAndItsRepetitionsGoWhereItWasDecided() {
    Story story = ordered();
    Effect.OrderHosts order = order(story);
    story.put(Documents.closed(5));
    story.pass(Duration.ofMinutes(1));
    assertThat(story.read(Effect.OrderHosts.class)).containsOnly(order);
  }

  /** A cloud refuses an order, has stock again when it hears the repeat, and its answer is late. */
  @Test
  void whatARefusedOrderBringsAfterAllIsGivenBackWhateverItsPoolSaysByThen() {
    Story story = ordered();
    Effect.OrderHosts order = order(story);
    story.send(new Event.OrderRefused(order.token(), CloudTrouble.Kind.OUT_OF_STOCK, "sold out"));
    story.put(Documents.closed(5));
    story.restartFromSnapshot().subscribe();
    answered(story, order, State.BOOTING);
    story.pass(Duration.ofMinutes(2));
    assertThat(story.read(Effect.ListHosts.class)).contains(new Effect.ListHosts(EAST));

    listings(story, EAST, 1, host("c1", order, State.RUNNING));

    assertThat(releases(story)).contains(new Effect.ReleaseHosts(EAST, List.of("c1")));
  }

  @Test
  void everyCloudIsListedThatMayHaveHostsOfOurs() {
    Story story = ordered();
    joined(story);
    story.put(Documents.cloudIn("west", 5));
    story.read();
    story.pass(Duration.ofMinutes(2));
    assertThat(story.read(Effect.ListHosts.class))
        .contains(new Effect.ListHosts(EAST), new Effect.ListHosts(WEST));
    leave(story);
    released(story, EAST, "c1");
    story.read();
    story.pass(Duration.ofMinutes(2));
    assertThat(story.read(Effect.ListHosts.class))
        .as("what was given back may turn out to be there")
        .contains(new Effect.ListHosts(EAST));
    story.pass(Duration.ofHours(7));
    story.read();
    story.pass(Duration.ofMinutes(2));
    assertThat(story.read(Effect.ListHosts.class)).containsOnly(new Effect.ListHosts(WEST));
  }

  @Test
  void whatACloudDoesNotKnowIsGoneOnlyWhenItsListingsSaySo() {
    Story story = ordered();
    Effect.OrderHosts order = joined(story);
    leave(story);
    notKnown(story, EAST, "c1");
    listings(story, WEST, 20);
    assertThat(story.view().hosts()).as("another cloud says nothing").containsKey("c1");
    listings(story, EAST, 7);
    assertThat(story.view().hosts()).containsKey("c1");
    listings(story, EAST, 1, host("c1", order, State.RUNNING));
    listings(story, EAST, 7);
    assertThat(story.view().hosts()).as("it was there once more").containsKey("c1");
    listings(story, EAST, 1);
    assertThat(story.view().hosts()).doesNotContainKey("c1");
  }

  @Test
  void anAgentThatMakesOffersIsThereWhateverItsCloudSays() {
    Story story = ordered();
    Effect.OrderHosts order = joined(story);
    leave(story);
    notKnown(story, EAST, "c1");
    for (int i = 0; i < 10; i++) {
      listings(story, EAST, 5);
      offer(story, "c1", order.token(), Set.of());
    }
    assertThat(story.view().hosts()).containsKey("c1");
  }

  @Test
  void aHostThatBootsLateIsTakenInAsItWasOrdered() {
    Story story = ordered();
    Effect.OrderHosts order = order(story);
    answered(story, order, State.BOOTING);
    listings(story, EAST, 3);
    assertThat(story.view().hosts()).as("missed in three listings").doesNotContainKey("c1");
    story.restart().subscribe();
    offer(story, "c1", order.token(), Set.of());
    assertThat(story.host("c1").ordered()).isTrue();
    assertThat(story.host("c1").pool()).isEqualTo("cloud");
    assertThat(story.host("c1").wish()).isEqualTo(Host.Wish.SERVE);
  }

  @Test
  void aHostThatIsListedLateIsTakenInToo() {
    Story story = ordered();
    Effect.OrderHosts order = order(story);
    answered(story, order, State.BOOTING);
    listings(story, EAST, 3);
    listings(story, EAST, 1, host("c1", order, State.RUNNING));
    assertThat(story.host("c1").condition()).isEqualTo(HostCondition.PROVISIONING);
    assertThat(story.host("c1").ordered()).isTrue();
  }

  @Test
  void aHostThatBootsLateWhereNobodyWantsItIsGivenBack() {
    Story story = ordered();
    Effect.OrderHosts order = order(story);
    answered(story, order, State.BOOTING);
    listings(story, EAST, 3);
    story.put(Documents.cloudIn("west", 5));
    story.read();
    offer(story, "c1", order.token(), Set.of());
    assertThat(releases(story)).containsExactly(new Effect.ReleaseHosts(EAST, List.of("c1")));
    assertThat(story.view().hosts()).doesNotContainKey("c1");
    listings(story, EAST, 1, host("c1", order, State.RUNNING));
    assertThat(releases(story)).containsExactly(new Effect.ReleaseHosts(EAST, List.of("c1")));
  }

  @Test
  void aHostThatOffersOnceMoreAfterItsReleaseDoesNotComeBackAsAStranger() {
    Story story = ordered();
    joined(story);
    leave(story);
    released(story, EAST, "c1");
    // Its agent does not even name its order, and the pool takes whatever no other names.
    story.put(Documents.pool("rest", PoolKind.OWNED));
    story.restart().subscribe();
    story.offer("c1", "agent-c1", CloudStory.ALL, Set.of(), Map.of("node", "c1"));
    assertThat(story.view().hosts()).doesNotContainKey("c1");
    story.pass(Duration.ofMinutes(1));
    assertThat(story.view().hosts()).doesNotContainKey("c1");
  }

  @Test
  void whoCarriesOurTokenIsOursAlsoIfNobodyRemembersIt() {
    Story story = Story.with();
    story.put(Documents.cloudIn("east", 5));
    story.put(Documents.selecting("rented", Map.of("node", "c7")));
    offer(story, "c7", Story.FRAMEWORK + "-77", Set.of());
    assertThat(story.view().hosts()).as("no stranger, whatever selector it fits").isEmpty();
    listings(
        story, EAST, 1, new HostListing("c7", "cloud", Story.FRAMEWORK + "-77", State.RUNNING));
    assertThat(releases(story)).contains(new Effect.ReleaseHosts(EAST, List.of("c7")));
  }

  @Test
  void whoCarriesOurTokenAndIsListedByNobodyIsShownWithWhatToDo() {
    Story story = Story.with();
    offer(story, "c7", Story.FRAMEWORK + "-77", Set.of());
    story.pass(Duration.ofMinutes(4));
    assertThat(story.view().unlisted()).as("a listing may still speak of it").isEmpty();
    story.pass(Duration.ofMinutes(2));
    assertThat(story.view().unlisted()).containsOnlyKeys("c7");
    assertThat(story.view().unlisted().get("c7").words())
        .contains(Story.FRAMEWORK + "-77", "template of a pool", "by hand");

    story.put(Documents.cloudIn("east", 5));
    listings(
        story, EAST, 1, new HostListing("c7", "cloud", Story.FRAMEWORK + "-77", State.RUNNING));
    story.pass(Duration.ofSeconds(1));
    assertThat(releases(story)).contains(new Effect.ReleaseHosts(EAST, List.of("c7")));
    assertThat(story.view().unlisted()).as("it is found, and goes back").isEmpty();
  }

  @Test
  void whatIsListedByNobodyIsShownForAsLongAsItsAgentIsThere() {
    Story story = Story.with();
    offer(story, "c7", Story.FRAMEWORK + "-77", Set.of());
    offer(story, "c8", Story.FRAMEWORK + "-78", Set.of());
    offer(story, "other", "somebody-9", Set.of());
    agents(story, "agent-c7", "agent-c8", "agent-other");
    story.pass(Duration.ofMinutes(90));
    assertThat(story.view().unlisted()).containsOnlyKeys("c7", "c8");
    agents(story, "agent-c7", "agent-other");
    story.pass(Duration.ofSeconds(1));
    assertThat(story.view().unlisted()).containsOnlyKeys("c7");
    story.pass(Duration.ofMinutes(31));
    assertThat(story.view().unlisted()).as("no offer for two filters' time").isEmpty();
  }

  @Test
  void whatWasGivenBackAndStaysIsShownToo() {
    Story story = ordered();
    Effect.OrderHosts order = joined(story);
    leave(story);
    released(story, EAST, "c1");
    story.pass(Duration.ofMinutes(10));
    assertThat(story.view().unlisted()).isEmpty();
    offer(story, "c1", order.token(), Set.of());
    story.pass(Duration.ofMinutes(4));
    assertThat(story.view().unlisted()).as("its agent may still be on its way out").isEmpty();
    story.pass(Duration.ofMinutes(2));
    assertThat(story.view().unlisted()).containsOnlyKeys("c1");
    assertThat(story.view().unlisted().get("c1").words()).contains("given back", "by hand");
    agents(story);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.view().unlisted()).isEmpty();
  }

  @Test
  void noMoreThanAThousandAreShown() {
    Story story = Story.with();
    for (int host = 0; host < 1_050; host++) {
      offer(story, "c" + host, Story.FRAMEWORK + "-77", Set.of());
    }
    story.pass(Duration.ofMinutes(6));
    assertThat(story.view().unlisted()).hasSize(1_000);
  }

  /** The master says which agents there are. */
  private static void agents(Story story, String... ids) {
    List<AgentReport> all =
        Arrays.stream(ids)
            .map(
                id ->
                    new AgentReport(
                        id,
                        AgentReport.State.ACTIVE,
                        CloudStory.ALL,
                        PortRanges.of(31000, 31999),
                        Optional.empty()))
            .toList();
    story.send(new Event.AgentsReported(all, Set.of(), Optional.empty()));
  }

  @Test
  void whoJoinedWithoutAWordOfItsOrderIsGivenBackAllTheSame() {
    Story story = ordered();
    Effect.OrderHosts order = order(story);
    story.put(Documents.pool("rest", PoolKind.OWNED));
    story.offer("c1", "agent-c1", CloudStory.ALL, Set.of(), Map.of("node", "c1"));
    assertThat(story.host("c1").ordered()).isFalse();
    answered(story, order, State.RUNNING);
    assertThat(story.host("c1").origin().orElseThrow().cloud()).isEqualTo(EAST);
  }

  @Test
  void aLostHostThatItsCloudNoLongerHasGoesByItself() {
    Story story = ordered();
    joined(story);
    leave(story, Host.Wish.SERVE);
    story.update(story.host("c1").warden().orElseThrow(), TaskState.UNREACHABLE);
    assertThat(story.host("c1").condition()).isEqualTo(HostCondition.LOST);
    listings(story, EAST, 2);
    assertThat(story.view().hosts()).containsKey("c1");
    listings(story, EAST, 1);
    assertThat(story.view().hosts()).doesNotContainKey("c1");
  }

  @Test
  void memoryIsBounded() {
    Story story = Story.with();
    story.put(Documents.cloudIn("east", 5));
    List<HostListing> orphans =
        IntStream.range(0, GoneHosts.MOST + 100)
            .mapToObj(
                i -> new HostListing("c" + i, "cloud", Story.FRAMEWORK + "-77", State.RUNNING))
            .toList();
    story.send(new Event.HostsListed(EAST, orphans));
    assertThat(releases(story)).allSatisfy(r -> assertThat(r.ids()).hasSizeLessThanOrEqualTo(100));
    story.pass(Duration.ofMinutes(2));
    long remembered = story.durable().stream().filter(Change.GonePut.class::isInstance).count();
    assertThat(remembered).isEqualTo(GoneHosts.MOST);
    story.pass(Duration.ofHours(7));
    assertThat(story.durable()).noneMatch(Change.GonePut.class::isInstance);
  }

  @Test
  void fiveThousandHostsAreOrderedInOneGo() {
    Story story = Story.with();
    story.put(Documents.unlimited());
    story.put(Documents.cloud(10_000));
    story.put(Documents.job("web", 3 * 5_000));
    story.pass(Duration.ofSeconds(1));
    List<Effect.OrderHosts> orders = story.read(Effect.OrderHosts.class);
    assertThat(orders).hasSize(5).extracting(Effect.OrderHosts::token).doesNotHaveDuplicates();
    assertThat(orders).allSatisfy(o -> assertThat(o.count()).isEqualTo(Order.MOST_HOSTS));
    assertThat(story.view().orders()).as("durable").hasSize(5);
    for (Effect.OrderHosts order : orders) {
      story.send(new Event.HostsOrdered(order.token(), many(order, order.count())));
    }
    assertThat(story.view().hosts()).hasSize(5_000);
    assertThat(story.view().pools().get("cloud").troubles()).isEmpty();
    story.pass(Duration.ofSeconds(3));
    assertThat(story.read(Effect.OrderHosts.class)).isEmpty();
  }

  @Test
  void whatIsShortOfAnOrderIsAShortageAndSaidOnce() {
    Story story = Story.with();
    story.put(Documents.unlimited());
    story.put(Documents.cloud(10_000));
    story.put(Documents.job("web", 3 * 3_000));
    story.pass(Duration.ofSeconds(1));
    List<Effect.OrderHosts> orders = story.read(Effect.OrderHosts.class);
    answer(story, orders.get(0), 1_000);
    answer(story, orders.get(1), 400);
    story.send(
        new Event.OrderRefused(
            orders.get(2).token(), CloudTrouble.Kind.OUT_OF_STOCK, "none left in zone b"));
    CloudTrouble trouble = story.view().pools().get("cloud").troubles().get(0);
    assertThat(trouble.kind()).isEqualTo(CloudTrouble.Kind.OUT_OF_STOCK);
    assertThat(Duration.between(story.now(), trouble.until().orElseThrow()))
        .as("several answers at once are one refusal")
        .isLessThanOrEqualTo(Duration.ofMinutes(1));
    story.pass(Duration.ofSeconds(62));
    assertThat(story.read(Effect.OrderHosts.class)).hasSize(2);
  }

  @Test
  void whyNoHostsComeIsSaid() {
    Story story = ordered();
    Effect.OrderHosts order = order(story);
    Duration pause = Duration.ofMinutes(3);
    story.send(
        new Event.CloudFailed(
            EAST,
            CloudTrouble.Doing.ORDER,
            order.token(),
            CloudTrouble.Kind.THROTTLED,
            "too many requests",
            pause));
    CloudTrouble throttled = story.view().pools().get("cloud").troubles().get(0);
    assertThat(throttled.message()).isEqualTo("too many requests");
    assertThat(throttled.until()).contains(story.now().plus(pause));
    assertThat(story.view().orders()).as("it settles nothing").hasSize(1);
    OrderProgress progress = story.view().orders().get(order.token()).progress();
    assertThat(progress.phase()).isEqualTo(OrderProgress.Phase.FAILED);
    assertThat(progress.failure()).contains(throttled);
    assertThat(progress.again()).contains(story.now().plus(pause));

    story.send(
        new Event.OrderRefused(order.token(), CloudTrouble.Kind.REFUSED, "no such image: tide-7"));
    assertThat(story.shown("feed.web#0").waiting())
        .anySatisfy(
            why -> {
              assertThat(why.reason()).isEqualTo("NO_NEW_HOSTS");
              assertThat(why.detail()).contains("pool cloud", "no such image: tide-7");
              assertThat(why.freedBy()).contains("asked again at");
            });

    story.pass(Duration.ofMinutes(2));
    Effect.OrderHosts next = order(story);
    answer(story, next, 1);
    assertThat(story.view().pools().get("cloud").troubles()).isEmpty();
    assertThat(story.shown("feed.web#0").waiting())
        .noneMatch(why -> why.reason().equals("NO_NEW_HOSTS"));
  }

  @Test
  void whyAReleaseDoesNotComeThroughIsSaidOfThePoolThatHasTheHost() {
    Story story = ordered();
    joined(story);
    story.put(Documents.cloudIn("west", 5));
    leave(story);
    story.send(
        new Event.CloudFailed(
            EAST,
            CloudTrouble.Doing.RELEASE,
            "",
            CloudTrouble.Kind.NO_DRIVER,
            "there is no cloud driver 'local'",
            Duration.ZERO));
    assertThat(story.view().pools().get("cloud").troubles())
        .extracting(CloudTrouble::doing)
        .containsExactly(CloudTrouble.Doing.RELEASE);
    released(story, EAST, "c1");
    assertThat(story.view().pools().get("cloud").troubles()).isEmpty();
  }

  private static void answer(Story story, Effect.OrderHosts order, int count) {
    story.send(new Event.HostsOrdered(order.token(), many(order, count)));
  }

  private static List<HostListing> many(Effect.OrderHosts order, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> host(order.token() + "-" + i, order, State.BOOTING))
        .toList();
  }

  /** The host is empty, and to be given back. */
  private static void leave(Story story) {
    leave(story, Host.Wish.RELEASE);
  }

  private static void leave(Story story, Host.Wish wish) {
    story.scale("feed.web", 0);
    story.wish("c1", wish);
    story.pass(Duration.ofSeconds(1));
  }
}
