package io.springtide.partition.place;

import static io.springtide.partition.Documents.NOON;
import static io.springtide.partition.Documents.cloud;
import static io.springtide.partition.Documents.group;
import static io.springtide.partition.Documents.guaranteed;
import static io.springtide.partition.Documents.host;
import static io.springtide.partition.Documents.ids;
import static io.springtide.partition.Documents.in;
import static io.springtide.partition.Documents.job;
import static io.springtide.partition.Documents.owned;
import static io.springtide.partition.Documents.rigid;
import static io.springtide.partition.Documents.spread;
import static io.springtide.partition.Documents.unlimited;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Documents;
import io.springtide.partition.Engine;
import io.springtide.partition.answer.Placed;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.answer.Reason;
import io.springtide.partition.answer.Refusal;
import io.springtide.partition.model.Allocation;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.FitPolicy;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PlacementTest {
  private static final Resources BIG = Resources.of(16_000, 32_768);
  private static final Resources SMALL = Resources.of(1_000, 2_048);

  private final Engine engine = Engine.withoutOffers();

  @Test
  void packsUntilTheHostIsFullAndSaysWhyTheRestWaits() {
    engine.putPool(owned("idc"));
    engine.putHost(host("h1", "idc", Resources.of(4_000, 65_536)));
    engine.putHost(host("h2", "idc", Resources.of(4_000, 65_536)));
    engine.putGroup(group("feed", Map.of("idc", unlimited())));
    engine.putJob(job("feed.api", SMALL));

    Placed placed = engine.place("feed.api", ids("feed.api", 0, 10), NOON);

    assertThat(perHost(placed)).containsEntry("h1", 4L).containsEntry("h2", 4L);
    assertThat(placed.refusals()).hasSize(1);
    assertThat(placed.refusals().get(0).reason()).isEqualTo(Reason.CPUS);
    assertThat(placed.refusals().get(0).hosts()).isEqualTo(2);
  }

  @Test
  void aSpreadingPoolKeepsAJobsOwnInstancesApartThoughOneHostIsEmptier() {
    oneLargeHostAndTwoSmallToSpreadOver();
    engine.putJob(job("feed.other", SMALL));
    engine.putJob(job("feed.api", SMALL));
    assertThat(engine.place("feed.other", ids("feed.other", 0, 2), NOON).placements()).hasSize(2);

    Placed five = engine.place("feed.api", ids("feed.api", 0, 5), NOON);

    assertThat(perHost(five)).containsOnlyKeys("h1", "h2", "h3");
    assertThat(perHost(five).values()).allMatch(count -> count <= 2);
  }

  @Test
  void instancesThatComeOneAfterAnotherAreKeptApartToo() {
    oneLargeHostAndTwoSmallToSpreadOver();
    engine.putJob(job("feed.api", SMALL));
    Map<String, Long> hosts = new TreeMap<>();
    for (int i = 0; i < 5; i++) {
      perHost(engine.place("feed.api", ids("feed.api", i, i + 1), NOON))
          .forEach((host, count) -> hosts.merge(host, count, Long::sum));
    }
    assertThat(hosts).containsOnlyKeys("h1", "h2", "h3");
    assertThat(hosts.values()).allMatch(count -> count <= 2);
  }

  @Test
  void whatDoesNotFitApartFitsTogether() {
    engine.putPool(spread("idc"));
    engine.putHost(host("h1", "idc", BIG));
    engine.putHost(host("h2", "idc", SMALL));
    engine.putGroup(group("feed", Map.of("idc", unlimited())));
    engine.putJob(job("feed.api", SMALL));

    Placed five = engine.place("feed.api", ids("feed.api", 0, 5), NOON);

    assertThat(perHost(five)).containsEntry("h1", 4L).containsEntry("h2", 1L);
  }

  @Test
  void executorAndWardenTakeTheirPartOfTheHost() {
    engine.putPool(owned("idc"));
    HostSpec bare = host("h1", "idc", Resources.of(2_000, 4_096));
    engine.putHost(Documents.with(bare, Resources.of(100, 128), bare.ports()));
    engine.putGroup(group("feed", Map.of("idc", unlimited())));
    engine.putJob(job("feed.api", SMALL));

    assertThat(engine.place("feed.api", ids("feed.api", 0, 2), NOON).placements()).hasSize(1);
  }

  @Test
  void aLimitHoldsAtEveryLevelOfTheTree() {
    engine.putPool(owned("idc"));
    engine.putHost(host("h1", "idc", BIG));
    engine.putGroup(group("weibo", Map.of("idc", Quota.limitedTo(Limit.of(3_000, 65_536)))));
    engine.putGroup(group("weibo.feed", Map.of("idc", unlimited())));
    engine.putGroup(group("weibo.search", Map.of("idc", unlimited())));
    engine.putJob(job("weibo.feed.api", SMALL));
    engine.putJob(job("weibo.search.api", SMALL));

    assertThat(engine.place("weibo.feed.api", ids("f", 0, 2), NOON).placements()).hasSize(2);
    Placed placed = engine.place("weibo.search.api", ids("s", 0, 2), NOON);

    assertThat(placed.placements()).hasSize(1);
    assertThat(placed.refusals().get(0).reason()).isEqualTo(Reason.QUOTA_LIMIT);
    assertThat(placed.refusals().get(0).detail()).contains("weibo in idc").contains("cpus");
  }

  @Test
  void whatExceedsTheGuaranteeIsBorrowedAndOnlyByReclaimableWork() {
    engine.putPool(owned("idc"));
    engine.putHost(host("h1", "idc", BIG));
    engine.putGroup(group("feed", Map.of("idc", guaranteed(Resources.of(2_000, 4_096)))));
    engine.putJob(job("feed.api", SMALL));
    engine.putJob(rigid(job("feed.db", SMALL)));

    assertThat(engine.place("feed.api", ids("a", 0, 3), NOON).placements())
        .extracting(Placement::label)
        .containsExactly(Label.GUARANTEED, Label.GUARANTEED, Label.BORROWED);
    Placed db = engine.place("feed.db", ids("d", 0, 1), NOON);
    assertThat(db.placements()).isEmpty();
    assertThat(db.refusals().get(0).reason()).isEqualTo(Reason.GUARANTEE_ONLY);
  }

  @Test
  void aGuaranteeThatIsMissingUsedUpOrWithoutHostsIsToldApart() {
    engine.putPool(owned("idc"));
    engine.putGroup(group("feed", Map.of("idc", guaranteed(Resources.of(2_000, 4_096)))));
    engine.putGroup(group("search", Map.of("idc", unlimited())));
    engine.putJob(rigid(job("feed.db", SMALL)));
    engine.putJob(rigid(job("search.db", SMALL)));

    assertThat(engine.place("feed.db", ids("d", 0, 1), NOON).refusals())
        .extracting(Refusal::reason)
        .containsExactly(Reason.NO_HOST);
    assertThat(engine.place("search.db", ids("s", 0, 1), NOON).refusals())
        .extracting(Refusal::detail)
        .containsExactly("search has no guarantee in idc");

    engine.putHost(host("h1", "idc", BIG));
    assertThat(engine.place("feed.db", ids("d", 0, 3), NOON).refusals())
        .extracting(Refusal::detail)
        .containsExactly("the guarantee of feed in idc is used up");
  }

  @Test
  void whatAPoolRefusesSpillsToTheNextInTheJobsOrder() {
    engine.putPool(owned("idc"));
    engine.putPool(cloud("cloud", 5, BIG));
    engine.putHost(host("h1", "idc", Resources.of(2_000, 65_536)));
    engine.putHost(host("c1", "cloud", BIG));
    engine.putGroup(
        group(
            "feed", Map.of("idc", guaranteed(Resources.of(2_000, 65_536)), "cloud", unlimited())));
    engine.putJob(rigid(in(job("feed.api", SMALL), "idc", "cloud")));

    assertThat(engine.place("feed.api", ids("a", 0, 3), NOON).placements())
        .extracting(Placement::label)
        .containsExactly(Label.GUARANTEED, Label.GUARANTEED, Label.BURST);
  }

  @Test
  void spreadsOverHostsWhereThePoolSaysSo() {
    engine.putPool(spread("idc"));
    for (int i = 0; i < 4; i++) {
      engine.putHost(host("h" + i, "idc", BIG));
    }
    engine.putGroup(group("feed", Map.of("idc", unlimited())));
    engine.putJob(job("feed.api", SMALL));

    assertThat(perHost(engine.place("feed.api", ids("a", 0, 8), NOON)).values()).containsOnly(2L);
  }

  @Test
  void maxPerHostAndHardSpreadOverRacks() {
    engine.putPool(owned("idc"));
    for (int i = 0; i < 6; i++) {
      engine.putHost(host("h" + i, "idc", BIG, "rack", i < 4 ? "r1" : "r2"));
    }
    engine.putGroup(group("feed", Map.of("idc", unlimited())));
    engine.putJob(
        job(
            "feed.api",
            SMALL,
            new Constraint.MaxPer("host", 1, false),
            new Constraint.Spread("rack", 1, false)));

    Placed placed = engine.place("feed.api", ids("a", 0, 6), NOON);

    // Two hosts in rack r2 carry one each; with a skew of one, r1 may carry three.
    assertThat(placed.placements()).hasSize(5);
    assertThat(placed.refusals())
        .extracting(Refusal::reason)
        .containsExactlyInAnyOrder(Reason.MAX_PER, Reason.SPREAD);
  }

  @Test
  void matchRegexExclusiveAndAntiAffinityInBothDirections() {
    engine.putPool(owned("idc"));
    engine.putHost(host("h1", "idc", BIG, "disk", "ssd"));
    engine.putHost(host("h2", "idc", BIG, "disk", "hdd"));
    engine.putHost(host("h3", "idc", BIG));
    engine.putGroup(group("feed", Map.of("idc", unlimited())));
    engine.putJob(
        job(
            "feed.cache",
            SMALL,
            new Constraint.Match("disk", java.util.Set.of("ssd"), false, false),
            new Constraint.Near("feed.api", "host", true, false)));
    engine.putJob(job("feed.api", SMALL, new Constraint.Like("disk", "s.*", false, false)));
    engine.putJob(job("feed.solo", SMALL, new Constraint.Exclusive(false)));

    assertThat(perHost(engine.place("feed.cache", ids("c", 0, 1), NOON))).containsOnlyKeys("h1");
    Placed api = engine.place("feed.api", ids("a", 0, 1), NOON);
    assertThat(api.placements()).isEmpty();
    assertThat(api.refusals())
        .extracting(Refusal::reason)
        .contains(Reason.ANTI_AFFINITY, Reason.LIKE);
    assertThat(perHost(engine.place("feed.solo", ids("s", 0, 9), NOON))).doesNotContainKey("h1");
    engine.putJob(job("feed.any", SMALL));
    assertThat(perHost(engine.place("feed.any", ids("n", 0, 9), NOON))).doesNotContainKey("h2");
  }

  @Test
  void portsAreTakenOnceAndComeBack() {
    engine.putPool(owned("idc"));
    PortRanges three = PortRanges.of(31_000, 31_002);
    engine.putHost(Documents.with(host("h1", "idc", BIG), Resources.ZERO, three));
    engine.putGroup(group("feed", Map.of("idc", unlimited())));
    engine.putJob(
        new JobDemand("feed.api", "feed", SMALL, List.of(80), 2, List.of(), List.of(), 100, true));

    Placed placed = engine.place("feed.api", ids("a", 0, 2), NOON);

    assertThat(placed.placements().get(0).ports()).containsExactly(80, 31_000, 31_001);
    assertThat(placed.placements()).hasSize(1);
    assertThat(placed.refusals().get(0).reason()).isEqualTo(Reason.PORTS);
    engine.release("a#0");
    assertThat(engine.place("feed.api", ids("a", 1, 2), NOON).placements()).hasSize(1);
  }

  @Test
  void withOffersOnlyWhatIsOfferedFitsAndTheRecordsBoundIt() {
    Engine live = new Engine();
    live.putPool(owned("idc"));
    live.putHost(host("h1", "idc", BIG));
    live.putHost(host("h2", "idc", Resources.of(1_000, 4_096)));
    live.putGroup(group("feed", Map.of("idc", unlimited())));
    live.putJob(job("feed.api", SMALL));
    assertThat(live.place("feed.api", ids("a", 0, 1), NOON).refusals().get(0).reason())
        .isEqualTo(Reason.NO_OFFER);

    live.offer("h1", SMALL, PortRanges.NONE);
    live.offer("h2", BIG, PortRanges.NONE);
    Placed placed = live.place("feed.api", ids("a", 0, 4), NOON);

    assertThat(perHost(placed)).containsEntry("h1", 1L).containsEntry("h2", 1L);
    placed.placements().stream()
        .filter(p -> p.host().equals("h1"))
        .forEach(p -> live.release(p.instance()));
    assertThat(live.place("feed.api", ids("b", 0, 1), NOON).placements())
        .as("freed room is used when it is offered, not before")
        .isEmpty();
  }

  @Test
  void packingOpensTheLargestHostsFirstAndKeepsHalfOfTheRareOnes() {
    engine.putPool(owned("idc"));
    for (int i = 0; i < 4; i++) {
      engine.putHost(host("giant-" + i, "idc", Resources.of(8_000, 16_384)));
    }
    for (int i = 0; i < 20; i++) {
      engine.putHost(host("large-%02d".formatted(i), "idc", Resources.of(4_000, 8_192)));
      engine.putHost(host("small-%02d".formatted(i), "idc", Resources.of(2_000, 4_096)));
    }
    engine.putGroup(group("feed", Map.of("idc", unlimited())));
    engine.putJob(job("feed.api", SMALL));
    engine.putJob(job("feed.huge", Resources.of(8_000, 16_384)));

    assertThat(perHost(engine.place("feed.api", ids("feed.api", 0, 16 + 80), NOON)).keySet())
        .as("the giants that are not kept, then the large")
        .contains("giant-1", "giant-3", "large-00", "large-19")
        .doesNotContain("giant-0", "giant-2")
        .noneMatch(host -> host.startsWith("small"));
    assertThat(perHost(engine.place("feed.huge", ids("feed.huge", 0, 1), NOON)))
        .as("what needs a giant finds one")
        .containsOnlyKeys("giant-0");
    assertThat(perHost(engine.place("feed.api", ids("feed.api", 100, 148), NOON)).keySet())
        .as("kept until nothing else fits")
        .hasSize(20 + 1)
        .contains("small-00", "small-19", "giant-2");
  }

  @Test
  void packingLeavesWhatIsLeftEvenAndOpensNoHostWhileAnotherFits() {
    engine.putPool(owned("idc"));
    engine.putHost(host("h1", "idc", Resources.of(8_000, 8_192)));
    engine.putHost(host("h2", "idc", Resources.of(8_000, 8_192)));
    engine.putHost(host("h0-empty", "idc", Resources.of(2_000, 2_048)));
    engine.putGroup(group("feed", Map.of("idc", unlimited())));
    engine.putJob(job("feed.cpus", Resources.of(4_500, 1_024)));
    engine.putJob(job("feed.memory", Resources.of(1_000, 5_120)));
    engine.allocate(new Allocation("c", "feed.cpus", "h1", Label.BORROWED, NOON));
    engine.allocate(new Allocation("m", "feed.memory", "h2", Label.BORROWED, NOON));
    engine.putJob(job("feed.more", Resources.of(1_000, 3_072)));

    // On h2 less would be left, but cpus that nobody has memory for.
    assertThat(engine.place("feed.more", List.of("more"), NOON).placements())
        .extracting(Placement::host)
        .containsExactly("h1");
    engine.putJob(job("feed.small", Resources.of(1_000, 1_024)));
    assertThat(engine.place("feed.small", List.of("small"), NOON).placements())
        .extracting(Placement::host)
        .doesNotContain("h0-empty");
  }

  @ParameterizedTest
  @EnumSource
  void hostsWithGpusAreLeftToThoseThatNeedThem(FitPolicy policy) {
    engine.putPool(policy == FitPolicy.PACK ? owned("idc") : spread("idc"));
    engine.putHost(
        host("a-gpu", "idc", new Resources(8_000, 8_192, 0, 2, Collections.emptySortedMap())));
    engine.putHost(host("b", "idc", Resources.of(2_000, 2_048)));
    engine.putGroup(group("feed", Map.of("idc", unlimited())));
    engine.putJob(
        job("feed.train", new Resources(1_000, 1_024, 0, 1, Collections.emptySortedMap())));
    engine.putJob(job("feed.api", Resources.of(1_000, 1_024)));

    engine.place("feed.train", List.of("train"), NOON);
    assertThat(engine.place("feed.api", ids("a", 0, 3), NOON).placements())
        .extracting(Placement::host)
        .containsExactly("b", "b", "a-gpu");
  }

  private void oneLargeHostAndTwoSmallToSpreadOver() {
    engine.putPool(spread("idc"));
    engine.putHost(host("h1", "idc", BIG));
    engine.putHost(host("h2", "idc", Resources.of(4_000, 8_192)));
    engine.putHost(host("h3", "idc", Resources.of(4_000, 8_192)));
    engine.putGroup(group("feed", Map.of("idc", unlimited())));
  }

  private static Map<String, Long> perHost(Placed placed) {
    return placed.placements().stream()
        .collect(Collectors.groupingBy(Placement::host, Collectors.counting()));
  }
}
