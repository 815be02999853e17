package io.springtide.partition;

import static io.springtide.partition.Documents.NOON;
import static io.springtide.partition.Documents.group;
import static io.springtide.partition.Documents.guaranteed;
import static io.springtide.partition.Documents.host;
import static io.springtide.partition.Documents.ids;
import static io.springtide.partition.Documents.job;
import static io.springtide.partition.Documents.owned;
import static io.springtide.partition.Documents.priority;
import static io.springtide.partition.Documents.rigid;
import static io.springtide.partition.Documents.unlimited;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.answer.Reason;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where schedulers that share came to grief, told of this one. */
class SharingStoriesTest {
  private static final Resources HOST = Resources.of(4_000, 8_192);
  private static final Resources CORE = Resources.of(1_000, 1_024);
  private static final Instant LATER = NOON.plus(Duration.ofMinutes(5));

  private final Engine engine = Engine.withoutOffers();

  @BeforeEach
  void fourHosts() {
    engine.putPool(owned("idc"));
    for (int i = 1; i <= 4; i++) {
      engine.putHost(host("h" + i, "idc", HOST));
    }
  }

  private void groups(Map<String, Resources> guarantees) {
    new TreeMap<>(guarantees)
        .forEach((path, g) -> engine.putGroup(group(path, Map.of("idc", guaranteed(g)))));
  }

  /** A guarantee that nobody can give back must not be waited for without a word of who has it. */
  @Test
  void whoHoldsWhatAPoolThatLostHostsPromisedToOthersIsNamed() {
    groups(Map.of("feed", Resources.of(8_000, 16_384), "search", Resources.of(8_000, 16_384)));
    engine.putJob(rigid(job("feed.db", CORE)));
    engine.putJob(job("search.web", CORE));
    assertThat(place("feed.db", "f", 8)).isEqualTo(8);
    assertThat(engine.explain("search.web")).isEmpty();

    Set<String> used = new HashSet<>();
    ids("f", 0, 8).forEach(id -> used.add(engine.allocation(id).orElseThrow().host()));
    List.of("h1", "h2", "h3", "h4").stream()
        .filter(host -> !used.contains(host))
        .forEach(engine::removeHost);

    assertThat(engine.explain("search.web"))
        .filteredOn(refusal -> refusal.reason() == Reason.HELD_BY_OTHERS)
        .singleElement()
        .satisfies(
            refusal ->
                assertThat(refusal.detail())
                    .contains("search", "idc", "by feed (", "cpus 8 of 4 guaranteed now"));
    assertThat(engine.explain("feed.db"))
        .as("its own guarantee is what is used up")
        .noneMatch(refusal -> refusal.reason() == Reason.HELD_BY_OTHERS);
    engine.putJob(job("feed.db", CORE));
    engine.demote();
    assertThat(engine.explain("search.web"))
        .as("what can be demoted will make way")
        .noneMatch(refusal -> refusal.reason() == Reason.HELD_BY_OTHERS);
  }

  /** A victim that is served before its preemptor, and a loop of both without end. */
  @Test
  void aVictimOfHigherPriorityThatWaitsAgainDoesNotGetItsRoomBack() {
    groups(Map.of("owner", HOST, "guest", Resources.ZERO));
    engine.putJob(job("owner.api", CORE));
    engine.putJob(priority(job("guest.api", CORE), 900));
    assertThat(place("guest.api", "g", 16)).isEqualTo(16);
    List<String> victims = evict(new Pending("owner.api", ids("o", 0, 4)));
    assertThat(victims).hasSize(4);

    List<Pending> both =
        List.of(new Pending("guest.api", victims), new Pending("owner.api", ids("o", 0, 4)));
    assertThat(engine.placeAll(both, LATER).placements())
        .extracting(Placement::instance)
        .containsExactlyInAnyOrderElementsOf(ids("o", 0, 4));
    assertThat(evict(new Pending("guest.api", victims))).isEmpty();
  }

  /** Evictions that end one after the other, and former holders who take what is free meanwhile. */
  @Test
  void whatFreesOneByOneIsKeptUntilItIsEnough() {
    groups(Map.of("owner", HOST, "guest", Resources.ZERO));
    engine.putJob(job("owner.db", HOST));
    engine.putJob(job("guest.api", CORE));
    place("guest.api", "g", 16);
    List<Pending> claim = List.of(new Pending("owner.db", List.of("db")));
    List<Eviction> evictions = engine.reclaim(claim, LATER);
    assertThat(evictions).as("four small ones for a large one").hasSize(4);
    for (Eviction e : evictions) {
      engine.release(e.instance());
      assertThat(place("guest.api", e.instance() + "again", 1)).isZero();
    }
    assertThat(engine.placeAll(claim, LATER).placements()).hasSize(1);
  }

  /** A hundred claimants and as many periods of grace, one after the other. */
  @Test
  void allClaimantsAreServedTogether() {
    groups(Map.of("guest", Resources.ZERO));
    List<Pending> claims = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      engine.putGroup(group("g" + i, Map.of("idc", guaranteed(CORE))));
      engine.putJob(job("g" + i + ".api", CORE));
      claims.add(new Pending("g" + i + ".api", List.of("i" + i)));
    }
    engine.putJob(job("guest.api", CORE));
    assertThat(place("guest.api", "g", 16)).isEqualTo(16);
    List<Eviction> evictions = engine.reclaim(claims, LATER);
    assertThat(evictions).extracting(Eviction::claimant).hasSize(16).doesNotHaveDuplicates();
    evictions.forEach(e -> engine.release(e.instance()));
    assertThat(engine.placeAll(claims, LATER).placements()).hasSize(16);
  }

  /** Small claimants that share the victims of a large one, which then never gets enough. */
  @Test
  void smallClaimantsDoNotStarveALargeOne() {
    groups(Map.of("large", HOST, "small", HOST, "guest", Resources.ZERO));
    engine.putJob(job("large.db", HOST));
    engine.putJob(job("small.api", CORE));
    engine.putJob(job("guest.api", CORE));
    place("guest.api", "g", 16);
    List<Pending> claims =
        List.of(new Pending("large.db", List.of("db")), new Pending("small.api", ids("s", 0, 4)));
    List<Eviction> evictions = engine.reclaim(claims, LATER);
    assertThat(evictions).hasSize(8);
    evictions.forEach(e -> engine.release(e.instance()));
    assertThat(engine.placeAll(claims, LATER).placements()).hasSize(5);
  }

  /** Two groups without guarantees below a parent with one, evicting each other for ever. */
  @Test
  void borrowersBesideEachOtherNeverEvictEachOther() {
    groups(Map.of("line", Resources.of(8_000, 16_384)));
    groups(Map.of("line.a", Resources.ZERO, "line.b", Resources.ZERO));
    engine.putJob(job("line.a.api", CORE));
    engine.putJob(job("line.b.api", CORE));
    place("line.a.api", "a", 16);
    assertThat(evict(new Pending("line.b.api", ids("b", 0, 8)))).isEmpty();
    Instant late = LATER.plus(Duration.ofHours(1));
    List<Pending> pending = List.of(new Pending("line.b.api", ids("b", 0, 8)));
    assertThat(engine.reclaim(pending, late)).as("however long it waits").isEmpty();
  }

  /** What lies across the guarantee, evicted, placed again first, and evicted again. */
  @Test
  void whatLiesAcrossItsGuaranteeIsEvictedOnceAndComesToRest() {
    groups(Map.of("wide", Resources.of(3_000, 8_192), "owner", Resources.of(13_000, 24_576)));
    engine.putJob(job("wide.db", HOST));
    engine.putJob(job("owner.api", CORE));
    List<Placement> db = engine.place("wide.db", List.of("db"), NOON).placements();
    assertThat(db).extracting(Placement::label).containsExactly(Label.BORROWED);
    assertThat(place("owner.api", "o", 12)).isEqualTo(12);

    List<Pending> claim = List.of(new Pending("owner.api", List.of("o#12")));
    List<Pending> both =
        List.of(new Pending("owner.api", List.of("o#12")), new Pending("wide.db", List.of("db")));
    List<Eviction> evictions = engine.reclaim(claim, LATER);
    assertThat(evictions).extracting(Eviction::instance).containsExactly("db");
    engine.release("db");
    assertThat(engine.placeAll(both, LATER).placements())
        .extracting(Placement::instance)
        .containsExactly("o#12");
    List<Pending> left = List.of(new Pending("wide.db", List.of("db")));
    for (int minute = 1; minute < 20; minute++) {
      Instant now = LATER.plus(Duration.ofMinutes(minute));
      assertThat(engine.placeAll(left, now).placements()).isEmpty();
      assertThat(engine.reclaim(left, now)).isEmpty();
    }
  }

  /** Dead zones and tenths per round that end at 95 % of what is guaranteed. */
  @Test
  void oneRoundGivesBackTheWholeOfAGuarantee() {
    groups(Map.of("owner", Resources.of(16_000, 16_384), "guest", Resources.ZERO));
    engine.putJob(job("owner.api", CORE));
    engine.putJob(job("guest.api", CORE));
    place("guest.api", "g", 16);
    assertThat(evict(new Pending("owner.api", ids("o", 0, 16)))).hasSize(16);
    assertThat(place("owner.api", "o", 16)).isEqualTo(16);
  }

  /** Victims given back until the shares that justified the evictions are gone. */
  @Test
  void victimsComeFromWhoeverHasBorrowedMostAtTheMoment() {
    groups(Map.of("owner", Resources.of(16_000, 32_768)));
    groups(Map.of("a", Resources.ZERO, "b", Resources.ZERO, "c", Resources.ZERO));
    engine.putJob(job("owner.api", CORE));
    for (String guest : List.of("a", "b", "c")) {
      engine.putJob(job(guest + ".api", CORE));
    }
    place("a.api", "a", 6);
    place("b.api", "b", 6);
    place("c.api", "c", 4);
    List<Eviction> evictions =
        engine.reclaim(List.of(new Pending("owner.api", ids("o", 0, 7))), LATER);
    assertThat(evictions).hasSize(7);
    assertThat(count(evictions)).as("three are left to each").containsEntry("a", 3L);
    assertThat(count(evictions)).containsEntry("b", 3L).containsEntry("c", 1L);
  }

  @Test
  void andSoWhereThereAreFewEnoughToTryThemAll() {
    groups(Map.of("owner", HOST, "a", Resources.ZERO, "b", Resources.ZERO));
    groups(Map.of("rest", Resources.of(12_000, 24_576)));
    engine.putJob(job("rest.api", CORE));
    assertThat(place("rest.api", "r", 12)).isEqualTo(12);
    engine.putJob(job("owner.api", CORE));
    engine.putJob(job("a.api", CORE));
    engine.putJob(job("b.api", CORE));
    place("a.api", "a", 2);
    place("b.api", "b", 2);
    List<Eviction> evictions =
        engine.reclaim(List.of(new Pending("owner.api", ids("o", 0, 2))), LATER);
    assertThat(count(evictions)).isEqualTo(Map.of("a", 1L, "b", 1L));
  }

  /** A line that borrows more for being divided into more groups. */
  @Test
  void whatIsIdleGoesToWhoHasBorrowedLeastLevelByLevel() {
    groups(Map.of("many", Resources.ZERO, "one", Resources.ZERO));
    List<Pending> pending = new ArrayList<>();
    for (String leaf : List.of("many.a", "many.b", "many.c", "one")) {
      engine.putGroup(group(leaf, Map.of("idc", unlimited())));
      engine.putJob(job(leaf + ".api", CORE));
      pending.add(new Pending(leaf + ".api", ids(leaf, 0, 16)));
    }
    Map<String, Resources> entitled = engine.entitlements("idc", pending);
    List<Placement> placed = engine.placeAll(pending, NOON).placements();
    long one = placed.stream().filter(p -> p.instance().startsWith("one#")).count();
    assertThat(one).isEqualTo(8);
    assertThat(entitled.get("one")).isEqualTo(CORE.times(8));
    assertThat(entitled.get("many")).isEqualTo(CORE.times(8));
  }

  /** One guarantee, claimed by one job of the group and then by another. */
  @Test
  void aGuaranteeIsReclaimedOnceWhicheverOfItsJobsWaits() {
    groups(Map.of("owner", Resources.of(2_000, 8_192), "guest", Resources.ZERO));
    engine.putJob(job("owner.a", CORE));
    engine.putJob(rigid(job("owner.b", CORE)));
    engine.putJob(job("guest.api", CORE));
    place("guest.api", "g", 16);
    List<Pending> both =
        List.of(new Pending("owner.a", ids("a", 0, 2)), new Pending("owner.b", ids("b", 0, 2)));
    List<Eviction> first = engine.reclaim(both.subList(0, 1), LATER);
    assertThat(first).hasSize(2);
    assertThat(engine.reclaim(both, LATER.plusSeconds(10))).as("the other job's turn").isEmpty();
    first.forEach(e -> engine.release(e.instance()));
    assertThat(engine.placeAll(both, LATER).placements())
        .extracting(Placement::instance)
        .containsExactlyInAnyOrder("a#0", "a#1");
  }

  /** What the hosts of a pool share is held by many, on other hosts than the claimant's. */
  @Test
  void aGuaranteedPartOfASharedLinkComesBackToo() {
    engine.putPool(owned("idc").sharing(new TreeMap<>(Map.of("mbps", 120L))));
    groups(Map.of("owner", mbps(2_000, 60), "guest", Resources.ZERO));
    engine.putJob(job("owner.sync", mbps(1_000, 60)));
    engine.putJob(job("guest.copy", mbps(1_000, 10)));
    assertThat(place("guest.copy", "g", 12)).as("all of the link").isEqualTo(12);

    assertThat(evict(new Pending("owner.sync", List.of("s")))).hasSize(6);
    assertThat(place("owner.sync", "s", 1)).isEqualTo(1);
  }

  @Test
  void roomThatIsKeptOnAHostGoesWithThePoolThatTheHostLeaves() {
    engine.putPool(owned("other"));
    groups(Map.of("owner", HOST, "guest", Resources.ZERO));
    engine.putJob(job("owner.api", HOST));
    engine.putJob(job("guest.api", HOST));
    place("guest.api", "g", 4);
    List<Eviction> evictions =
        engine.reclaim(List.of(new Pending("owner.api", List.of("o"))), LATER);
    assertThat(evictions).hasSize(1);
    engine.release(evictions.get(0).instance());
    engine.putHost(host(evictions.get(0).host(), "other", HOST));
    engine.putGroup(group("third", Map.of("other", unlimited())));
    engine.putJob(job("third.api", CORE));
    assertThat(place("third.api", "t", 4)).isEqualTo(4);
  }

  private static Resources mbps(long cpuMillis, long mbps) {
    return new Resources(cpuMillis, 1_024, 0, 0, new TreeMap<>(Map.of("mbps", mbps)));
  }

  private static Map<String, Long> count(List<Eviction> evictions) {
    return evictions.stream()
        .collect(Collectors.groupingBy(Eviction::group, Collectors.counting()));
  }

  private List<String> evict(Pending claim) {
    List<Eviction> evictions = engine.reclaim(List.of(claim), LATER);
    evictions.forEach(e -> engine.release(e.instance()));
    return evictions.stream().map(Eviction::instance).toList();
  }

  private int place(String job, String prefix, int count) {
    return engine.place(job, ids(prefix, 0, count), NOON).placements().size();
  }
}
