package io.springtide.partition;

import static io.springtide.partition.Documents.NOON;
import static io.springtide.partition.Documents.cloud;
import static io.springtide.partition.Documents.group;
import static io.springtide.partition.Documents.guaranteed;
import static io.springtide.partition.Documents.host;
import static io.springtide.partition.Documents.ids;
import static io.springtide.partition.Documents.in;
import static io.springtide.partition.Documents.job;
import static io.springtide.partition.Documents.owned;
import static io.springtide.partition.Documents.priority;
import static io.springtide.partition.Documents.unlimited;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.HostOrder;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placed;
import io.springtide.partition.answer.Reason;
import io.springtide.partition.answer.Refusal;
import io.springtide.partition.answer.Served;
import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.FitPolicy;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PoolKind;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import io.springtide.partition.model.SharingPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SharingTest {
  private static final Resources HOST = Resources.of(4_000, 8_192);
  private static final Resources CORE = Resources.of(1_000, 2_048);
  private static final Instant LATER = NOON.plus(Duration.ofMinutes(5));

  private final Engine engine = Engine.withoutOffers();

  @BeforeEach
  void twoTenantsShareTwoHosts() {
    engine.putPool(owned("idc"));
    engine.putHost(host("h1", "idc", HOST));
    engine.putHost(host("h2", "idc", HOST));
    engine.putGroup(group("feed", Map.of("idc", guaranteed(Resources.of(4_000, 8_192)))));
    engine.putGroup(group("search", Map.of("idc", guaranteed(Resources.of(4_000, 8_192)))));
    engine.putJob(job("feed.api", CORE));
    engine.putJob(job("search.api", CORE));
  }

  @Test
  void whatIsLentComesBackInOneRoundAndGoesToItsClaimantOnly() {
    assertThat(place("feed.api", "f", 0, 8)).isEqualTo(8);
    List<Pending> pending = List.of(new Pending("search.api", ids("s", 0, 3)));
    assertThat(engine.placeAll(pending, LATER).placements()).isEmpty();

    List<Eviction> evictions = engine.reclaim(pending, LATER);
    assertThat(evictions).hasSize(3).allMatch(e -> e.group().equals("feed"));
    assertThat(engine.reclaim(pending, LATER)).as("nothing is ordered twice").isEmpty();
    evictions.forEach(e -> engine.release(e.instance()));

    Placed former = engine.place("feed.api", ids("f2", 0, 3), LATER);
    assertThat(former.placements()).as("the former holder may not have it back").isEmpty();
    assertThat(former.refusals()).extracting(Refusal::reason).contains(Reason.NOMINATED);
    assertThat(place("search.api", "s", 0, 3)).isEqualTo(3);
  }

  @Test
  void nominatedRoomIsFreeForAllOnceItsTimeIsOver() {
    place("feed.api", "f", 0, 8);
    List<Pending> pending = List.of(new Pending("search.api", ids("s", 0, 2)));
    engine.reclaim(pending, LATER).forEach(e -> engine.release(e.instance()));
    engine.reclaim(List.of(), LATER);
    assertThat(place("feed.api", "g", 0, 2)).isZero();

    engine.reclaim(List.of(), LATER.plus(Duration.ofMinutes(3)));
    assertThat(place("feed.api", "g", 0, 2)).isEqualTo(2);
  }

  @Test
  void nobodyIsEvictedForRoomThatFreesAnyway() {
    place("feed.api", "f", 0, 8);
    engine.ending("f#2");
    List<Pending> two = List.of(new Pending("search.api", ids("s", 0, 2)));
    List<Eviction> evictions = engine.reclaim(two, LATER);
    assertThat(evictions).hasSize(1);
    assertThat(evictions.get(0).instance()).isNotEqualTo("f#2");
    assertThat(evictions.get(0).claimant()).isEqualTo("search.api");

    Instant late = LATER.plus(SharingPolicy.DEFAULT.reclaimWithin());
    assertThat(engine.reclaim(two, late)).as("who waits too long waits for no end").hasSize(1);
  }

  @Test
  void whoWantsMoreMeanwhileEvictsOnlyForTheMore() {
    place("feed.api", "f", 0, 8);
    engine.reclaim(List.of(new Pending("search.api", ids("s", 0, 2))), LATER);
    engine.putJob(job("search.api", CORE));
    assertThat(engine.reclaim(List.of(new Pending("search.api", ids("s", 0, 3))), LATER))
        .hasSize(1);
  }

  @Test
  void whatIsOnlyTriedTakesNothingFromTheOffers() {
    Engine held = new Engine();
    held.putPool(owned("idc"));
    held.putHost(host("h1", "idc", HOST));
    held.putGroup(group("feed", Map.of("idc", guaranteed(HOST))));
    held.putJob(job("feed.api", CORE));
    held.offer("h1", HOST, PortRanges.of(31_000, 31_999));
    List<Pending> pending = List.of(new Pending("feed.api", ids("f", 0, 4)));
    held.growth(pending, NOON);
    held.reclaim(pending, NOON);
    assertThat(held.explain("feed.api")).isEmpty();
    assertThat(held.placeAll(pending, NOON).placements()).hasSize(4);
  }

  @Test
  void theTimeOfNominatedRoomBeginsWhenItIsOffered() {
    Engine held = new Engine();
    held.putPool(owned("idc"));
    held.putHost(host("h1", "idc", HOST));
    held.putGroup(group("feed", Map.of("idc", guaranteed(Resources.of(2_000, 4_096)))));
    held.putGroup(group("search", Map.of("idc", guaranteed(Resources.of(2_000, 4_096)))));
    held.putJob(job("feed.api", CORE));
    held.putJob(job("search.api", CORE));
    held.offer("h1", HOST, PortRanges.of(31_000, 31_999));
    held.placeAll(List.of(new Pending("feed.api", ids("f", 0, 4))), NOON);
    held.withdrawOffer("h1");
    List<Pending> claim = List.of(new Pending("search.api", ids("s", 0, 1)));
    held.reclaim(claim, LATER).forEach(e -> held.release(e.instance()));
    held.reclaim(claim, LATER.plusSeconds(1));

    Instant slow = LATER.plus(Duration.ofMinutes(4));
    held.reclaim(claim, slow);
    held.offer("h1", CORE, PortRanges.of(31_000, 31_999));
    held.reclaim(claim, slow.plusSeconds(1));
    List<Pending> other = List.of(new Pending("feed.api", ids("g", 0, 1)));
    assertThat(held.placeAll(other, slow.plusSeconds(60)).placements()).isEmpty();
    held.reclaim(List.of(), slow.plusSeconds(122));
    assertThat(held.placeAll(other, slow.plusSeconds(122)).placements()).hasSize(1);
  }

  @Test
  void victimsAreOfTheLowestPriorityThenTheYoungest() {
    engine.putJob(priority(job("feed.batch", CORE), 10));
    engine.putJob(priority(job("feed.live", CORE), 500));
    place("feed.api", "f", 0, 4);
    engine.place("feed.live", ids("live", 0, 2), NOON);
    engine.place("feed.batch", ids("old", 0, 1), NOON);
    engine.place("feed.batch", ids("young", 0, 1), NOON.plusSeconds(60));

    assertThat(engine.reclaim(List.of(new Pending("search.api", ids("s", 0, 1))), LATER))
        .extracting(Eviction::instance)
        .containsExactly("young#0");
  }

  @Test
  void theYoungAreProtectedUntilTheClaimHasWaitedTooLong() {
    engine.sharing(
        new SharingPolicy(
            Duration.ofHours(1),
            Duration.ofMinutes(1),
            10,
            Duration.ofMinutes(2),
            Duration.ofMinutes(2)));
    place("feed.api", "f", 0, 8);
    List<Pending> pending = List.of(new Pending("search.api", ids("s", 0, 1)));

    assertThat(engine.reclaim(pending, LATER)).isEmpty();
    assertThat(engine.reclaim(pending, LATER.plusSeconds(119))).isEmpty();
    assertThat(engine.reclaim(pending, LATER.plusSeconds(120))).hasSize(1);
  }

  @Test
  void borrowedWorkIsPromotedWhenItsGuaranteeFrees() {
    place("feed.api", "f", 0, 6);
    assertThat(engine.allocation("f#5").orElseThrow().label()).isEqualTo(Label.BORROWED);
    engine.release("f#0");
    assertThat(engine.promote()).containsExactly("f#4");
    assertThat(engine.allocation("f#4").orElseThrow().label()).isEqualTo(Label.GUARANTEED);
  }

  @Test
  void whatIsNeverLentIsNotBorrowed() {
    engine.putGroup(
        group(
            "search",
            Map.of(
                "idc",
                new Quota(
                    Resources.of(4_000, 8_192), Resources.of(1_000, 2_048), Limit.UNLIMITED, 1))));
    Placed placed = engine.place("feed.api", ids("f", 0, 8), NOON);

    assertThat(placed.placements()).hasSize(5);
    assertThat(placed.refusals().get(0).reason()).isEqualTo(Reason.NOT_LENT);
  }

  @Test
  void borrowedWorkNeverLandsOnTheBuffer() {
    engine.putPool(Documents.buffered(owned("idc"), 1));
    Placed placed = engine.place("feed.api", ids("f", 0, 8), NOON);
    assertThat(placed.placements()).hasSize(4);
    assertThat(placed.refusals()).extracting(Refusal::reason).contains(Reason.BUFFER);
    assertThat(place("search.api", "s", 0, 4)).as("guaranteed work may").isEqualTo(4);
  }

  @Test
  void idleRoomIsSharedEvenlyByWeight() {
    engine.putGroup(group("feed", Map.of("idc", weighted(3))));
    engine.putGroup(group("search", Map.of("idc", weighted(1))));
    Served served =
        engine.placeAll(
            List.of(
                new Pending("search.api", ids("s", 0, 8)), new Pending("feed.api", ids("f", 0, 8))),
            NOON);
    assertThat(served.placements()).hasSize(8);
    assertThat(served.placements().stream().filter(p -> p.instance().startsWith("f"))).hasSize(6);
  }

  @Test
  void lostHostsScaleGuaranteesDown() {
    assertThat(engine.degraded()).isEmpty();
    engine.putHost(host("h2", "idc", HOST).in(HostCondition.LOST));
    assertThat(engine.degraded()).containsExactly("idc");
    assertThat(
            engine
                .placeAll(
                    List.of(
                        new Pending("search.api", ids("s", 0, 8)),
                        new Pending("feed.api", ids("f", 0, 8))),
                    NOON)
                .placements())
        .filteredOn(p -> p.label() == Label.GUARANTEED)
        .hasSize(4);
  }

  @Test
  void entitlementIsTheGuaranteeThenAnEvenShareOfTheRest() {
    engine.putHost(host("h3", "idc", HOST));
    List<Pending> pending =
        List.of(
            new Pending("search.api", ids("s", 0, 2)), new Pending("feed.api", ids("f", 0, 20)));
    assertThat(engine.entitlements("idc", pending))
        .containsEntry("search", Resources.of(2_000, 4_096))
        .containsEntry("feed", Resources.of(10_000, 20_480));
  }

  @Test
  void aPlanSaysWhatWouldBeDoneAndDoesNothing() {
    engine.putPool(cloud("cloud", 10, HOST));
    engine.putGroup(
        group("feed", Map.of("idc", guaranteed(Resources.of(4_000, 8_192)), "cloud", unlimited())));
    JobDemand burst = in(job("feed.burst", CORE), "cloud");
    engine.putJob(burst);

    Plan plan = Plan.rehearsed(engine, List.of(new Pending("feed.burst", ids("b", 0, 6))), NOON);

    assertThat(plan.orders()).containsExactly(new HostOrder("cloud", 2));
    assertThat(engine.allocation("b#0")).isEmpty();
  }

  @Test
  void aLimitThatBorrowedWorkBesideHoldsUpIsMadeFreeForTheGuarantee() {
    Quota limited = new Quota(CORE.times(4), CORE.times(4), Limit.of(4_000, 99_999), 1);
    engine.putHost(host("h3", "idc", HOST));
    engine.putGroup(group("shop", Map.of("idc", limited)));
    engine.putGroup(group("shop.cart", Map.of("idc", guaranteed(CORE.times(2)))));
    engine.putGroup(group("shop.ads", Map.of("idc", weighted(1))));
    engine.putJob(job("shop.cart.api", CORE));
    engine.putJob(job("shop.ads.api", CORE));
    assertThat(place("shop.ads.api", "ads", 0, 9)).as("all of shop's limit, lent").isEqualTo(4);

    List<Pending> pending = List.of(new Pending("shop.cart.api", ids("cart", 0, 2)));
    assertThat(engine.placeAll(pending, LATER).placements()).isEmpty();
    List<Eviction> evictions = engine.reclaim(pending, LATER);
    assertThat(evictions).hasSize(2).allMatch(e -> e.group().equals("shop.ads"));
    evictions.forEach(e -> engine.release(e.instance()));
    assertThat(place("shop.ads.api", "more", 0, 2)).as("kept for the claimant").isZero();
    assertThat(place("shop.cart.api", "cart", 0, 2)).isEqualTo(2);
  }

  @Test
  void theSameWhereThereAreTooManyBorrowersToTryThemAll() {
    Quota limited = new Quota(CORE.times(4), CORE.times(4), Limit.of(12_000, 99_999), 1);
    for (int i = 3; i < 9; i++) {
      engine.putHost(host("h" + i, "idc", HOST));
    }
    engine.putGroup(group("shop", Map.of("idc", limited)));
    engine.putGroup(group("shop.cart", Map.of("idc", guaranteed(CORE.times(2)))));
    engine.putGroup(group("shop.ads", Map.of("idc", weighted(1))));
    engine.putJob(job("shop.cart.api", CORE));
    engine.putJob(job("shop.ads.api", CORE));
    assertThat(place("shop.ads.api", "ads", 0, 12)).isEqualTo(12);

    List<Pending> pending = List.of(new Pending("shop.cart.api", ids("cart", 0, 2)));
    List<Eviction> evictions = engine.reclaim(pending, LATER);
    assertThat(evictions).hasSize(2).allMatch(e -> e.group().equals("shop.ads"));
  }

  @Test
  void aBufferThatNothingElseRefillsIsRefilledByReclaim() {
    engine.putPool(Documents.buffered(owned("idc"), 1));
    engine.putGroup(group("search", Map.of("idc", weighted(1))));
    engine.putJob(job("search.api", CORE));
    place("feed.api", "f", 0, 4);
    place("search.api", "s", 0, 4);
    assertThat(engine.allocation("s#0")).as("the buffer is not lent").isEmpty();
    engine.putPool(owned("idc"));
    place("search.api", "s", 0, 4);
    engine.putPool(Documents.buffered(owned("idc"), 1));

    assertThat(engine.reclaim(List.of(), LATER)).as("attrition has its time").isEmpty();
    List<Eviction> evictions = engine.reclaim(List.of(), LATER.plus(Duration.ofMinutes(2)));
    assertThat(evictions).hasSize(4).allMatch(e -> e.group().equals("search"));
    assertThat(engine.reclaim(List.of(), LATER.plus(Duration.ofMinutes(3)))).isEmpty();
    engine.release("s#0");
    assertThat(place("search.api", "t", 0, 1)).as("what leaves does not come back").isZero();
    ids("s", 1, 4).forEach(engine::release);
    assertThat(place("search.api", "t", 0, 4)).as("nor into the buffer").isZero();
    assertThat(engine.reclaim(List.of(), LATER.plus(Duration.ofHours(1)))).isEmpty();
  }

  @Test
  void aBufferThatCanBeBoughtEvictsNobody() {
    Pool prepaid =
        Documents.with(
            Documents.pool("paid", PoolKind.PREPAID, Buffer.NONE, FitPolicy.PACK, 0, 3),
            Buffer.NONE,
            java.util.Optional.of(Documents.template(HOST)),
            0,
            java.util.OptionalLong.empty());
    engine.putPool(prepaid);
    engine.putHost(host("p1", "paid", HOST));
    engine.putGroup(group("search", Map.of("paid", weighted(1))));
    engine.putJob(job("search.api", CORE));
    place("search.api", "s", 0, 4);
    engine.putPool(Documents.buffered(prepaid, 1));
    assertThat(engine.growth(List.of(), LATER)).containsExactly(new HostOrder("paid", 1));
    engine.reclaim(List.of(), LATER);
    assertThat(engine.reclaim(List.of(), LATER.plus(Duration.ofHours(1)))).isEmpty();

    engine.outOfStock("paid", LATER.plus(Duration.ofHours(1)));
    engine.reclaim(List.of(), LATER.plus(Duration.ofHours(1)));
    assertThat(engine.reclaim(List.of(), LATER.plus(Duration.ofMinutes(60)).plusSeconds(30)))
        .as("out of stock for less than the patience")
        .isEmpty();
  }

  private int place(String job, String prefix, int from, int to) {
    return engine.place(job, ids(prefix, from, to), NOON).placements().size();
  }

  private static Quota weighted(int weight) {
    return new Quota(Resources.ZERO, Resources.ZERO, Limit.UNLIMITED, weight);
  }
}
