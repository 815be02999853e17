package io.springtide.partition.grow;

import static io.springtide.partition.Documents.NOON;
import static io.springtide.partition.Documents.buffered;
import static io.springtide.partition.Documents.cloud;
import static io.springtide.partition.Documents.group;
import static io.springtide.partition.Documents.host;
import static io.springtide.partition.Documents.ids;
import static io.springtide.partition.Documents.in;
import static io.springtide.partition.Documents.job;
import static io.springtide.partition.Documents.unlimited;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Documents;
import io.springtide.partition.Engine;
import io.springtide.partition.answer.HostOrder;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class GrowthTest {
  private static final Resources HOST = Resources.of(4_000, 8_192);
  private static final Resources SMALL = Resources.of(1_000, 1_024);

  private final Engine engine = Engine.withoutOffers();

  private void cloudOf(Pool pool, JobDemand job) {
    engine.putPool(pool);
    if (engineHasNoGroup) {
      engine.putGroup(group("feed", Map.of(pool.name(), unlimited())));
      engineHasNoGroup = false;
    }
    engine.putJob(job);
  }

  private boolean engineHasNoGroup = true;

  @Test
  void ordersAsManyHostsAsTheWaitingInstancesNeed() {
    cloudOf(cloud("cloud", 100, HOST), job("feed.api", SMALL));

    assertThat(grow(10)).containsExactly(new HostOrder("cloud", 3));
    assertThat(grow(10)).as("asking changes nothing").containsExactly(new HostOrder("cloud", 3));
  }

  @Test
  void hostsInFlightCount() {
    cloudOf(cloud("cloud", 100, HOST), job("feed.api", SMALL));
    engine.putHost(host("c1", "cloud", HOST).in(HostCondition.PROVISIONING));
    engine.putHost(host("c2", "cloud", HOST).in(HostCondition.INITIALISING));

    assertThat(grow(10)).containsExactly(new HostOrder("cloud", 1));
  }

  @Test
  void neverMoreThanMaxOrBudgetAndNothingThatNoHostWouldHelp() {
    cloudOf(cloud("cloud", 2, HOST), job("feed.api", SMALL));
    assertThat(grow(100)).containsExactly(new HostOrder("cloud", 2));
    Pool pool = cloud("cloud", 50, HOST);
    engine.putPool(
        Documents.with(pool, Buffer.NONE, pool.template(), 420_000, OptionalLong.of(1_300_000)));
    assertThat(grow(100)).containsExactly(new HostOrder("cloud", 3));

    engine.putJob(job("feed.api", Resources.of(5_000, 1_024)));
    assertThat(grow(1)).as("larger than any host of the template").isEmpty();
    engine.putJob(
        job(
            "feed.api",
            SMALL,
            new Constraint.Match("disk", java.util.Set.of("ssd"), false, false)));
    assertThat(grow(1)).as("the template has no disk: ssd").isEmpty();
  }

  @Test
  void whatTheQuotaForbidsBuysNothing() {
    engine.putPool(cloud("cloud", 100, HOST));
    engine.putGroup(group("feed", Map.of("cloud", Quota.limitedTo(Limit.of(4_000, 99_999)))));
    engine.putJob(job("feed.api", SMALL));

    assertThat(grow(50)).containsExactly(new HostOrder("cloud", 1));
  }

  @Test
  void executorOverheadAndMaxPerHostCount() {
    cloudOf(
        cloud("cloud", 100, HOST), job("feed.api", SMALL, new Constraint.MaxPer("host", 2, false)));
    assertThat(grow(10)).containsExactly(new HostOrder("cloud", 5));
    engine.putJob(job("feed.api", SMALL));
    engine.hostOverhead(Resources.of(100, 64));
    assertThat(grow(12)).containsExactly(new HostOrder("cloud", 4));
  }

  @Test
  void aPoolWithoutStockIsSkippedForTheNextOneAndAskedAgainLater() {
    engine.putPool(cloud("east", 100, HOST));
    engine.putPool(cloud("west", 100, HOST));
    engine.putGroup(group("feed", Map.of("east", unlimited(), "west", unlimited())));
    engine.putJob(in(job("feed.api", SMALL), "east", "west"));

    engine.outOfStock("east", NOON);
    assertThat(grow(4)).containsExactly(new HostOrder("west", 1));
    assertThat(
            engine.growth(List.of(new Pending("feed.api", ids("a", 0, 4))), NOON.plusSeconds(61)))
        .containsExactly(new HostOrder("east", 1));
  }

  @Test
  void severalOrdersThatRunDryAtOnceAreOneRefusal() {
    cloudOf(cloud("cloud", 100, HOST), job("feed.api", SMALL));
    List<Pending> one = List.of(new Pending("feed.api", ids("a", 0, 1)));
    engine.outOfStock("cloud", NOON);
    engine.outOfStock("cloud", NOON.plusSeconds(1));
    engine.outOfStock("cloud", NOON.plusSeconds(2));
    engine.inStock("cloud", NOON.plusSeconds(3));
    assertThat(engine.askedAgain("cloud")).contains(NOON.plusSeconds(60));
    assertThat(engine.growth(one, NOON.plusSeconds(59))).isEmpty();
    assertThat(engine.growth(one, NOON.plusSeconds(60))).hasSize(1);
  }

  @Test
  void idleHostsGoBackAlsoWhenNoMoreCanBeOrdered() {
    engine.putPool(cloud("cloud", 100, HOST));
    engine.putHost(host("c1", "cloud", HOST));
    Pool pool = cloud("cloud", 100, HOST);
    engine.putPool(
        Documents.with(pool, pool.buffer(), Optional.empty(), 420_000, OptionalLong.empty()));
    assertThat(engine.idle(NOON)).isEmpty();
    assertThat(engine.idle(NOON.plus(Duration.ofHours(1)))).containsExactly("c1");
  }

  @Test
  void theBufferAndTheMinimumAreBoughtWithoutAnyDemand() {
    cloudOf(buffered(cloud("cloud", 100, HOST), 2), job("feed.api", SMALL));
    assertThat(engine.growth(List.of(), NOON)).containsExactly(new HostOrder("cloud", 2));
    engine.putHost(host("c1", "cloud", HOST));
    engine.putHost(host("c2", "cloud", HOST));
    assertThat(engine.growth(List.of(), NOON)).isEmpty();
    engine.place("feed.api", ids("a", 0, 5), NOON);
    assertThat(engine.growth(List.of(), NOON))
        .as("the burst landed on the buffer, which is refilled")
        .containsExactly(new HostOrder("cloud", 2));
  }

  @Test
  void idleHostsGoBackAfterAWhileButNotTheBuffer() {
    cloudOf(buffered(cloud("cloud", 100, HOST), 1), job("feed.api", SMALL));
    for (int i = 1; i <= 4; i++) {
      engine.putHost(host("c" + i, "cloud", HOST));
    }
    engine.place("feed.api", ids("a", 0, 1), NOON);

    assertThat(engine.idle(NOON)).isEmpty();
    assertThat(engine.idle(NOON.plus(Duration.ofMinutes(9)))).isEmpty();
    assertThat(engine.idle(NOON.plus(Duration.ofMinutes(10)))).hasSize(2).doesNotContain("c1");
  }

  @Test
  void withoutAnOrderOfPoolsTheCheapestForTheJobIsFilledAndBoughtFirst() {
    Pool dear = cloud("a-dear", 100, HOST);
    Pool large = cloud("b-large", 100, Resources.of(40_000, 81_920));
    engine.putPool(dear);
    engine.putPool(
        Documents.with(large, Buffer.NONE, large.template(), 2_100_000, OptionalLong.empty()));
    engine.putPool(Documents.owned("own"));
    engine.putHost(host("own-1", "own", HOST));
    engine.putGroup(
        group("feed", Map.of("a-dear", unlimited(), "b-large", unlimited(), "own", unlimited())));
    engine.putJob(job("feed.api", SMALL));

    assertThat(engine.place("feed.api", ids("own", 0, 4), NOON).placements())
        .as("what is owned and free comes first")
        .allMatch(p -> p.pool().equals("own"))
        .hasSize(4);
    assertThat(grow(4))
        .as("five times the price for ten times the host")
        .containsExactly(new HostOrder("b-large", 1));
    engine.putHost(host("dear-1", "a-dear", HOST).in(HostCondition.PROVISIONING));
    assertThat(grow(4)).as("what is on its way already comes before").isEmpty();
  }

  private List<HostOrder> grow(int instances) {
    return engine.growth(List.of(new Pending("feed.api", ids("a", 0, instances))), NOON);
  }
}
