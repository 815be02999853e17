package io.springtide.partition;

import static io.springtide.partition.Documents.NOON;
import static io.springtide.partition.Documents.cloud;
import static io.springtide.partition.Documents.group;
import static io.springtide.partition.Documents.guaranteed;
import static io.springtide.partition.Documents.host;
import static io.springtide.partition.Documents.ids;
import static io.springtide.partition.Documents.job;
import static io.springtide.partition.Documents.owned;
import static io.springtide.partition.Documents.unlimited;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.partition.answer.HostOrder;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.answer.Served;
import io.springtide.partition.model.Allocation;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.Footprint;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Resources;
import io.springtide.partition.model.Version;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is to run an earlier revision of a job is as large as that. */
class VersionsTest {
  private static final Resources HOST = Resources.of(4_000, 4_096);
  private static final Footprint SMALL =
      new Footprint(1, Resources.of(1_000, 1_024), List.of(80), 0);
  private static final Version OLD = new Version("feed.web", 1);
  private static final Version NEW = new Version("feed.web", 2);

  private final Engine engine = Engine.withoutOffers();

  @BeforeEach
  void oneHost() {
    engine.putPool(owned("idc"));
    engine.putGroup(group("feed", Map.of("idc", unlimited())));
    engine.putHost(host("h1", "idc", HOST));
  }

  private static JobDemand large(Constraint... constraints) {
    Resources each = Resources.of(3_000, 3_072);
    return job("feed.web", each, constraints).as(new Footprint(2, each, List.of(), 1));
  }

  private static Pending waits(Version version, int count) {
    return new Pending(version, ids("feed.web@" + version.revision(), 0, count));
  }

  @Test
  void eachWaitsWithItsOwnSizeAndPortsAndIsRefusedForItself() {
    engine.restoreJob(large(), List.of(SMALL));
    Served served = engine.placeAll(List.of(waits(OLD, 2), waits(NEW, 2)), NOON);
    assertThat(served.placements())
        .extracting(Placement::instance)
        .containsExactlyInAnyOrder("feed.web@1#0", "feed.web@2#0");
    assertThat(served.placements())
        .filteredOn(p -> p.instance().equals("feed.web@1#0"))
        .flatExtracting(Placement::ports)
        .containsExactly(80);
    assertThat(served.refusals()).containsOnlyKeys(OLD, NEW);
  }

  @Test
  void whatRunsIsBookedAsTheRevisionThatItRuns() {
    engine.restoreJob(large(), List.of(SMALL));
    for (int i = 0; i < 3; i++) {
      engine.allocate(new Allocation("a#" + i, "feed.web", 1, "h1", Label.BURST, NOON, List.of()));
    }
    assertThat(engine.placeAll(List.of(waits(OLD, 1)), NOON).placements()).hasSize(1);
  }

  /** What runs, runs: nothing says how large it is but its job. */
  @Test
  void whatRunsARevisionThatNobodyKnowsIsBookedAsTheNewest() {
    engine.restoreJob(large(), List.of(SMALL));
    engine.allocate(new Allocation("a#0", "feed.web", 7, "h1", Label.BURST, NOON, List.of()));
    assertThat(engine.placeAll(List.of(waits(NEW, 1)), NOON).placements()).isEmpty();
    assertThat(engine.placeAll(List.of(waits(OLD, 1)), NOON).placements()).hasSize(1);
  }

  @Test
  void aRevisionIsKnownUntilTheJobIsPutWithoutIt() {
    engine.restoreJob(large(), List.of(new Footprint(1, SMALL.each(), List.of(), 0)));
    engine.putJob(large(new Constraint.MaxPer(Constraint.HOST, 2, false)));
    assertThat(engine.placeAll(List.of(waits(OLD, 3)), NOON).placements())
        .as("by the rules that the job has now")
        .hasSize(2);
    engine.restoreJob(large(), List.of());
    assertThatThrownBy(() -> engine.placeAll(List.of(waits(OLD, 1)), NOON))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("feed.web has no revision 1");
    assertThatThrownBy(() -> engine.placeAll(List.of(waits(new Version("feed.no", 1), 1)), NOON))
        .hasMessageContaining("feed.no is not known");
  }

  @Test
  void aGroupCanGoOnceNoRevisionOfItsJobsIsThereOrRuns() {
    engine.restoreJob(large(), List.of(SMALL));
    engine.placeAll(List.of(waits(OLD, 1)), NOON);
    engine.release("feed.web@1#0");
    engine.restoreJob(large(), List.of());
    assertThatThrownBy(() -> engine.removeGroup("feed")).isInstanceOf(InvalidModelException.class);

    engine.restoreJob(large(), List.of(SMALL));
    engine.placeAll(List.of(waits(OLD, 1)), NOON);
    engine.removeJob("feed.web");
    assertThatThrownBy(() -> engine.removeGroup("feed")).isInstanceOf(InvalidModelException.class);
    engine.release("feed.web@1#0");
    engine.removeGroup("feed");
  }

  @Test
  void aCopyKnowsTheRevisionsToo() {
    engine.restoreJob(large(), List.of(SMALL));
    Engine copy = engine.copyOnRecords();
    copy.placeAll(List.of(waits(OLD, 1)), NOON);
    copy.release("feed.web@1#0");
    copy.restoreJob(large(), List.of());
    assertThatThrownBy(() -> copy.removeGroup("feed")).isInstanceOf(InvalidModelException.class);
    assertThat(engine.placeAll(List.of(waits(OLD, 1)), NOON).placements())
        .as("what is forgotten there is known here")
        .hasSize(1);
  }

  @Test
  void anEarlierRevisionMayBecomeTheNewestAgain() {
    engine.restoreJob(large(), List.of(SMALL));
    engine.restoreJob(large().as(SMALL), List.of(large().footprint()));
    assertThat(engine.placeAll(List.of(waits(OLD, 1), waits(NEW, 1)), NOON).placements())
        .hasSize(2);
    engine.release("feed.web@1#0");
    engine.restoreJob(large().as(SMALL), List.of());
    engine.release("feed.web@2#0");
    assertThatThrownBy(() -> engine.removeGroup("feed")).isInstanceOf(InvalidModelException.class);
    engine.removeJob("feed.web");
    engine.removeGroup("feed");
  }

  @Test
  void hostsAreOrderedForEachBySize() {
    engine.putPool(cloud("cloud", 10, HOST));
    engine.putGroup(group("feed", Map.of("cloud", unlimited())));
    engine.restoreJob(large(), List.of(new Footprint(1, SMALL.each(), List.of(), 0)));
    assertThat(engine.growth(List.of(waits(OLD, 4)), NOON))
        .extracting(HostOrder::count)
        .containsExactly(1);
    assertThat(engine.growth(List.of(waits(OLD, 3), waits(NEW, 2)), NOON))
        .extracting(HostOrder::count)
        .containsExactly(3);
  }

  @Test
  void aGroupIsEntitledToWhatWaitsBySize() {
    engine.restoreJob(large(), List.of(SMALL));
    assertThat(engine.entitlements("idc", List.of(waits(OLD, 1))).get("feed"))
        .isEqualTo(SMALL.each());
    assertThat(engine.entitlements("idc", List.of(waits(NEW, 1))).get("feed"))
        .isEqualTo(large().each());
  }

  /** Room for one, kept for the job, serves one of them: the other claims its own. */
  @Test
  void roomThatIsKeptForAJobCountsForOneOfItsRevisions() {
    Resources all = Resources.of(8_000, 8_192);
    engine.putHost(host("h2", "idc", HOST));
    engine.putGroup(group("feed", Map.of("idc", guaranteed(all))));
    engine.putGroup(group("lent", Map.of("idc", unlimited())));
    engine.restoreJob(large(), List.of(SMALL));
    engine.putJob(job("lent.batch", Resources.of(4_000, 4_096)));
    engine.place("lent.batch", ids("b", 0, 2), NOON);

    Instant later = NOON.plusSeconds(600);
    assertThat(engine.reclaim(List.of(waits(NEW, 1)), later)).hasSize(1);
    assertThat(engine.reclaim(List.of(waits(OLD, 1), waits(NEW, 1)), later)).hasSize(1);
    assertThat(engine.reclaim(List.of(waits(OLD, 1), waits(NEW, 1)), later)).isEmpty();
  }

  @Test
  void roomThatIsKeptForARevisionIsNoLargerAfterAChangeOfTheNewest() {
    engine.putGroup(group("feed", Map.of("idc", guaranteed(HOST))));
    engine.putGroup(group("lent", Map.of("idc", unlimited())));
    engine.restoreJob(large(), List.of(SMALL));
    engine.putJob(job("lent.batch", HOST));
    engine.putJob(job("lent.other", Resources.of(3_000, 3_072)));
    engine.place("lent.batch", ids("b", 0, 1), NOON);
    Instant later = NOON.plusSeconds(600);
    engine.reclaim(List.of(waits(OLD, 1)), later);
    engine.release("b#0");

    engine.putJob(large(new Constraint.MaxPer(Constraint.HOST, 2, true)));
    assertThat(engine.place("lent.other", ids("o", 0, 1), later).placements())
        .as("beside what is kept for a small one")
        .hasSize(1);
  }
}
