package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.PoolKind;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Plan;
import io.springtide.scheduler.event.PlanTest;
import io.springtide.scheduler.order.OrderProgress;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.Cloud;
import io.springtide.scheduler.told.CloudTrouble;
import io.springtide.scheduler.told.HostListing;
import io.springtide.scheduler.told.HostListing.State;
import io.springtide.scheduler.told.TaskState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The life of hosts, from order to release. */
class ElasticityTest {
  private static final Cloud CLOUD = new Cloud("local", Map.of());

  @Test
  void hostsAreOrderedForWhatDoesNotFitAndGivenBackWhenIdle() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 11));
    story.pass(Duration.ofSeconds(3));
    List<Effect> effects = story.read();
    List<Effect.OrderHosts> orders = ordersIn(effects);
    assertThat(orders).hasSize(1);
    Effect.OrderHosts order = orders.get(0);
    assertThat(order.token()).isEqualTo(Story.FRAMEWORK + "-1");
    assertThat(order.pool()).isEqualTo("cloud");
    assertThat(order.count()).isEqualTo(2);

    story.send(
        new Event.HostsOrdered(order.token(), List.of(booting("c1", order), booting("c2", order))));
    assertThat(story.host("c1").condition()).isEqualTo(HostCondition.PROVISIONING);
    story.pass(Duration.ofMinutes(1));
    assertThat(ordersIn(story.read())).as("hosts in flight count").isEmpty();

    join(story, "c1", order.token());
    join(story, "c2", order.token());
    story.pass(Duration.ofSeconds(1));
    assertThat(story.instances("feed.web", i -> i.task().isPresent())).hasSize(11);
    for (Instance instance : story.instances("feed.web")) {
      story.update(instance.task().orElseThrow(), TaskState.RUNNING);
    }
    story.read();

    story.scale("feed.web", 5);
    assertThat(story.instances("feed.web", i -> i.goal() == Goal.LEAVE))
        .as("what is paid by the hour goes first")
        .filteredOn(i -> i.task().orElseThrow().host().startsWith("c"))
        .isNotEmpty();
    for (Instance leaving : story.instances("feed.web", i -> i.goal() == Goal.LEAVE)) {
      story.update(leaving.task().orElseThrow(), TaskState.KILLED);
    }
    story.pass(Duration.ofMinutes(5));
    List<Effect> last = story.read();
    List<String> released =
        last.stream()
            .filter(Effect.ReleaseHosts.class::isInstance)
            .flatMap(e -> ((Effect.ReleaseHosts) e).ids().stream())
            .distinct()
            .toList();
    assertThat(released).containsExactlyInAnyOrder("c1", "c2");
    assertThat(last.stream().filter(Effect.ShutdownExecutor.class::isInstance)).isNotEmpty();
    story.send(new Event.HostsReleased(CLOUD, List.of("c1", "c2"), List.of()));
    assertThat(story.view().hosts()).containsOnlyKeys("h1");
  }

  @Test
  void workOnTwoHalfEmptyCloudHostsMovesTogetherAndOneIsGivenBack() {
    Story story = Story.with();
    story.put(Documents.job("web", 3));
    story.put(Documents.job("api", 3));
    story.pass(Duration.ofSeconds(3));
    List<Effect.OrderHosts> orders = ordersIn(story.read());
    int hosts = 0;
    for (Effect.OrderHosts order : orders) {
      List<HostListing> booting = new java.util.ArrayList<>();
      for (int i = 0; i < order.count(); i++) {
        booting.add(booting("c" + ++hosts, order));
      }
      story.send(new Event.HostsOrdered(order.token(), booting));
      booting.forEach(host -> join(story, host.id(), order.token()));
    }
    story.pass(Duration.ofSeconds(1));
    assertThat(hosts).isEqualTo(2);
    runAll(story);
    assertThat(story.task("feed.web#0").host()).isNotEqualTo(story.task("feed.api#0").host());
    story.scale("feed.web", 1);
    story.scale("feed.api", 1);
    for (String job : List.of("feed.web", "feed.api")) {
      story
          .instances(job, i -> i.goal() == Goal.LEAVE)
          .forEach(i -> story.update(i.task().orElseThrow(), TaskState.KILLED));
    }
    story.pass(Duration.ofSeconds(30));
    assertThat(released(story)).as("not before the pool's idleAfter").isEmpty();
    story.pass(Duration.ofSeconds(60));
    assertThat(released(story)).hasSize(1);
    String leaving = released(story).get(0);
    String staying = leaving.equals("c1") ? "c2" : "c1";
    Instance moving =
        java.util.stream.Stream.of("feed.web#0", "feed.api#0")
            .map(story::instance)
            .filter(i -> i.task().orElseThrow().host().equals(leaving))
            .findFirst()
            .orElseThrow();
    assertThat(moving.goal()).isEqualTo(Goal.REPLACE);
    story.update(moving.task().orElseThrow(), TaskState.KILLED);
    story.read();
    story.offer(
        staying,
        "agent-" + staying,
        Resources.of(2800, 3000, 9000),
        Set.of("executor-1"),
        Map.of("node", staying, "order", story.host(staying).order()));
    story.pass(Duration.ofSeconds(2));
    assertThat(story.task(moving.id()).host()).isEqualTo(staying);
    assertThat(story.read(Effect.ReleaseHosts.class))
        .extracting(Effect.ReleaseHosts::ids)
        .contains(List.of(leaving));
  }

  private static List<String> released(Story story) {
    return story.view().hosts().values().stream()
        .filter(host -> host.host().wish() == Host.Wish.RELEASE)
        .map(host -> host.host().id())
        .toList();
  }

  private static void runAll(Story story) {
    for (String job : List.of("feed.web", "feed.api")) {
      story.instances(job).forEach(i -> story.update(i.task().orElseThrow(), TaskState.RUNNING));
    }
  }

  @Test
  void whatIsPaidForByTheHourIsKeptUntilTheHourIsNearlyOver() {
    Story story = Story.with("h1");
    story.put(Documents.cloud(5, Duration.ofHours(1)));
    story.offer("h1");
    story.put(Documents.job("web", 11));
    story.pass(Duration.ofSeconds(3));
    Effect.OrderHosts order = ordersIn(story.read()).get(0);
    story.send(
        new Event.HostsOrdered(order.token(), List.of(booting("c1", order), booting("c2", order))));
    story.scale("feed.web", 0);
    join(story, "c1", order.token());
    join(story, "c2", order.token());

    story.pass(Duration.ofMinutes(45));
    assertThat(story.read(Effect.ReleaseHosts.class)).as("they cost nothing more").isEmpty();
    Plan plan = PlanTest.plan(story, new Event.SetHostWish("", "h1", Host.Wish.CORDON));
    assertThat(plan.releases()).as("but a plan looks further").containsExactly("c1", "c2");
    assertThat(plan.microsPerHourAfter()).isZero();
    story.restart().subscribe();
    story.pass(Duration.ofMinutes(6));
    assertThat(List.of(story.host("c1").wish(), story.host("c2").wish()))
        .containsOnly(Host.Wish.RELEASE);
  }

  @Test
  void anOrderIsRepeatedWithTheSameTokenUntilItIsAnswered() {
    Story story = ordered();
    Effect.OrderHosts order = ordersIn(story.read()).get(0);
    assertThat(progress(story, order).phase()).isEqualTo(OrderProgress.Phase.ASKED);
    assertThat(progress(story, order).attempts()).isEqualTo(1);
    story.pass(Duration.ofSeconds(35));
    assertThat(ordersIn(story.read())).containsExactly(order);
    assertThat(progress(story, order).attempts()).isEqualTo(2);
    story.restart();
    assertThat(progress(story, order).phase()).isEqualTo(OrderProgress.Phase.WAITING);
    story.pass(Duration.ofSeconds(1));
    assertThat(ordersIn(story.read())).as("also after a restart").containsExactly(order);
    assertThat(progress(story, order).attempts()).as("counted anew").isEqualTo(1);
    story.subscribe();
    story.send(new Event.HostsOrdered(order.token(), List.of(booting("c1", order))));
    story.send(new Event.HostsOrdered(order.token(), List.of(booting("c1", order))));
    story.pass(Duration.ofMinutes(2));
    assertThat(story.view().orders()).isEmpty();
    assertThat(ordersIn(story.read())).isEmpty();
  }

  private static OrderProgress progress(Story story, Effect.OrderHosts order) {
    return story.view().orders().get(order.token()).progress();
  }

  @Test
  void aCloudWithoutStockIsLeftAloneForAWhile() {
    Story story = ordered();
    Effect.OrderHosts order = ordersIn(story.read()).get(0);
    story.send(new Event.OrderRefused(order.token(), CloudTrouble.Kind.OUT_OF_STOCK, "no stock"));
    assertThat(story.view().orders()).isEmpty();
    story.pass(Duration.ofSeconds(5));
    assertThat(ordersIn(story.read())).isEmpty();
    story.pass(Duration.ofMinutes(15));
    assertThat(ordersIn(story.read())).isNotEmpty().doesNotContain(order);
  }

  @Test
  void aHostOfOursThatNobodyClaimsIsReleasedAndOneOfOthersIsNot() {
    Story story = Story.with("h1");
    story.send(
        new Event.HostsListed(
            CLOUD,
            List.of(
                new HostListing("c8", "cloud", Story.FRAMEWORK + "-77", State.RUNNING),
                new HostListing("c9", "cloud", "somebody-else-3", State.RUNNING))));
    story.pass(Duration.ofSeconds(1));
    assertThat(story.read(Effect.ReleaseHosts.class))
        .extracting(Effect.ReleaseHosts::ids)
        .containsExactly(List.of("c8"));
  }

  @Test
  void aHostThatNeverComesIsGivenBackAndAnEmptyListingProvesNothing() {
    Story story = ordered();
    Effect.OrderHosts order = ordersIn(story.read()).get(0);
    story.send(new Event.HostsOrdered(order.token(), List.of(booting("c1", order))));
    story.send(new Event.HostsListed(CLOUD, List.of()));
    assertThat(story.view().hosts()).containsKey("c1");
    story.pass(Duration.ofMinutes(16));
    assertThat(story.read(Effect.ReleaseHosts.class).get(0).ids()).containsExactly("c1");
    story.send(new Event.HostsReleased(CLOUD, List.of("c1"), List.of()));
    assertThat(story.view().hosts()).doesNotContainKey("c1");
  }

  @Test
  void aDrainedHostIsEmptiedItsExecutorEndedAndTakesNothingUntilItServesAgain() {
    Story story = Story.with("h1", "h2");
    story.offer("h1");
    story.put(Documents.job("web", 2));
    for (Instance instance : story.instances("feed.web")) {
      story.update(instance.task().orElseThrow(), TaskState.RUNNING);
    }
    story.read();
    story.wish("h1", Host.Wish.DRAIN);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.read(Effect.Kill.class)).as("one at a time").hasSize(1);
    Instance first = story.instances("feed.web", i -> i.goal() == Goal.REPLACE).get(0);
    story.offer("h2");
    story.update(first.task().orElseThrow(), TaskState.KILLED);
    story.pass(Duration.ofSeconds(1));
    Task moved = story.task(first.id());
    assertThat(moved.host()).isEqualTo("h2");
    story.update(moved, TaskState.RUNNING);
    story.pass(Duration.ofSeconds(1));
    Instance second = story.instances("feed.web", i -> i.goal() == Goal.REPLACE).get(0);
    story.update(second.task().orElseThrow(), TaskState.KILLED);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.host("h1").condition()).isEqualTo(HostCondition.MAINTENANCE);
    assertThat(story.read(Effect.ShutdownExecutor.class))
        .contains(new Effect.ShutdownExecutor("agent-h1", "executor-1"));
    story.update(story.host("h1").warden().orElseThrow(), TaskState.KILLED);
    String offer = story.offer("h1");
    assertThat(story.read(Effect.Decline.class).get(0).offerIds()).containsExactly(offer);

    story.wish("h1", Host.Wish.SERVE);
    story.pass(Duration.ofSeconds(10));
    assertThat(story.read(Effect.Revive.class)).isNotEmpty();
    story.offer("h1");
    assertThat(story.theLaunch().warden()).isTrue();
  }

  @Test
  void aCordonedHostKeepsWhatItHasAndTakesNothingNew() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 1));
    story.update(story.theLaunch().task(), TaskState.RUNNING);
    story.wish("h1", Host.Wish.CORDON);
    story.offer("h1");
    story.scale("feed.web", 2);
    story.pass(Duration.ofSeconds(2));
    assertThat(story.launches()).isEmpty();
    assertThat(story.instance("feed.web#0").state()).isEqualTo(InstanceState.RUNNING);
    assertThat(story.shown("feed.web#1").waiting()).isNotEmpty();
  }

  /** A story in which one host is on order. */
  private static Story ordered() {
    Story story = Story.with();
    story.put(Documents.job("web", 1));
    story.pass(Duration.ofSeconds(3));
    return story;
  }

  private static List<Effect.OrderHosts> ordersIn(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.OrderHosts.class::isInstance)
        .map(Effect.OrderHosts.class::cast)
        .toList();
  }

  private static HostListing booting(String id, Effect.OrderHosts order) {
    return new HostListing(id, order.pool(), order.token(), State.BOOTING);
  }

  @Test
  void anOwnedPoolWithoutASelectorTakesWhatNobodyElseNames() {
    Story story = Story.with("h1");
    Resources all = Resources.of(4000, 4096, 10_000);
    story.offer("s1", "agent-s1", all, Set.of(), Map.of("node", "s1"));
    assertThat(story.view().hosts()).as("a stranger is nobody's").doesNotContainKey("s1");

    story.put(Documents.pool("rest", PoolKind.OWNED));
    story.put(Documents.pool("paid-by-the-hour", PoolKind.ON_DEMAND));
    story.offer("s1", "agent-s1", all, Set.of(), Map.of("node", "s1"));
    story.offer("s2", "agent-s2", all, Set.of(), Map.of("node", "s2", "zone", "idc"));
    story.offer("s3", "agent-s3", all, Set.of(), Map.of("node", "s3", "order", "lost-1"));
    assertThat(story.host("s1").pool()).isEqualTo("rest");
    assertThat(story.host("s2").pool()).isEqualTo("idc");
    assertThat(story.view().hosts()).as("an order of others").doesNotContainKey("s3");
  }

  private static void join(Story story, String host, String token) {
    Map<String, String> attributes = Map.of("node", host, "order", token);
    Resources all = Resources.of(4000, 4096, 10_000);
    story.read();
    story.offer(host, "agent-" + host, all, Set.of(), attributes);
    story.update(story.theLaunch().task(), TaskState.RUNNING);
    story.offer(
        host,
        "agent-" + host,
        all.minus(Resources.of(110, 208, 64)),
        Set.of("executor-1"),
        attributes);
  }
}
