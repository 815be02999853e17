package io.springtide.partition;

import static io.springtide.partition.Documents.NOON;
import static io.springtide.partition.Documents.cloud;
import static io.springtide.partition.Documents.group;
import static io.springtide.partition.Documents.host;
import static io.springtide.partition.Documents.job;
import static io.springtide.partition.Documents.owned;
import static io.springtide.partition.Documents.unlimited;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.partition.answer.Placed;
import io.springtide.partition.answer.Reason;
import io.springtide.partition.answer.Refusal;
import io.springtide.partition.model.Allocation;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a lost executor may have left keeps its room on its host, and nothing else. */
class RemainsTest {
  private static final Resources HOST = Resources.of(4_000, 8_192);
  private static final Resources CORE = Resources.of(1_000, 1_024);

  private final Engine engine = Engine.withoutOffers();

  @BeforeEach
  void twoHosts() {
    engine.putPool(owned("idc"));
    engine.putHost(host("h1", "idc", HOST));
    engine.putGroup(group("feed", Map.of("idc", Quota.limitedTo(Limit.of(4_000, 8_192)))));
    engine.putJob(job("feed.api", CORE));
    engine.putJob(job("feed.web", CORE));
  }

  @Test
  void theirRoomIsNotGivenToOthersUntilTheyAreReleased() {
    engine.keep("feed.api.0.7", "feed.api", "h1", Resources.of(2_000, 1_024), List.of());
    assertThat(place("feed.web", 4)).isEqualTo(2);
    engine.release("feed.api.0.7");
    assertThat(place("feed.web", 2)).isEqualTo(2);
  }

  @Test
  void neitherAreTheirPortsWhetherTheAgentsOrNot() {
    JobDemand plain = job("feed.fixed", CORE);
    engine.putJob(
        new JobDemand(
            plain.id(),
            plain.group(),
            CORE,
            List.of(31_005, 80),
            0,
            List.of(),
            List.of(),
            100,
            true));
    for (int port : new int[] {31_005, 80}) {
      engine.keep("left", "feed.api", "h1", CORE, List.of(port));
      assertThat(place("feed.fixed", 1)).as("port %s", port).isZero();
      engine.release("left");
    }
    assertThat(place("feed.fixed", 1)).isEqualTo(1);
  }

  /** A host that died may hold them for long; whoever waits must not wait for it. */
  @Test
  void noQuotaIsChargedForThem() {
    engine.putHost(host("h2", "idc", HOST));
    engine.keep("left", "feed.api", "h1", HOST, List.of());
    assertThat(place("feed.web", 5)).as("all of the group's limit").isEqualTo(4);
    engine.removeJob("feed.api");
    assertThatThrownBy(() -> engine.removeGroup("feed")).hasMessageContaining("job");
    engine.removeJob("feed.web");
  }

  @Test
  void aGroupMayGoBeforeThem() {
    engine.keep("left", "feed.api", "h1", CORE, List.of());
    engine.removeJob("feed.api");
    engine.removeJob("feed.web");
    engine.removeGroup("feed");
    engine.release("left");
    engine.removeHost("h1");
    engine.removePool("idc");
  }

  @Test
  void noInstanceOfTheJobIsPlacedBesideThemAndWhoRunsThereMayStay() {
    assertThat(place("feed.api", 1)).isEqualTo(1);
    engine.keep("left", "feed.api", "h1", CORE, List.of());
    Placed placed = engine.place("feed.api", List.of("feed.api#9"), NOON);
    assertThat(placed.placements()).isEmpty();
    assertThat(placed.refusals()).extracting(Refusal::reason).contains(Reason.REMAINS);
    assertThat(engine.breaches("feed.api", List.of("feed.api#0"), java.util.Set.of(), 0, 9))
        .isEmpty();
    engine.putHost(host("h2", "idc", HOST));
    assertThat(place("feed.api", 2)).isEqualTo(2);
    assertThat(engine.allocation("feed.api#1").orElseThrow().host()).isEqualTo("h2");
  }

  @Test
  void aHostThatHoldsThemIsNeitherIdleNorCheapToEmpty() {
    engine.putPool(cloud("cloud", 9, HOST));
    engine.putGroup(group("search", Map.of("cloud", unlimited())));
    engine.putJob(job("search.api", CORE));
    engine.putHost(host("c1", "cloud", HOST));
    engine.putHost(host("c2", "cloud", HOST));
    engine.allocate(new Allocation("search.api#0", "search.api", "c1", Label.BURST, NOON));
    engine.keep("left", "search.api", "c2", CORE, List.of());
    engine.idle(NOON);
    engine.consolidate(List.of(), NOON);
    assertThat(engine.idle(NOON.plus(Duration.ofHours(1)))).isEmpty();
    assertThat(engine.consolidate(List.of(), NOON.plus(Duration.ofHours(1))))
        .as("neither can what they are be moved, nor is the host beside them good for its work")
        .isEmpty();
    engine.release("left");
    engine.idle(NOON);
    assertThat(engine.idle(NOON.plus(Duration.ofHours(1)))).containsExactly("c2");
  }

  @Test
  void aCopyHasThemTooAndTheyEndWithTheirHost() {
    engine.keep("left", "feed.api", "h1", HOST, List.of());
    Engine copy = engine.copyOnRecords();
    assertThat(copy.place("feed.web", List.of("feed.web#0"), NOON).placements()).isEmpty();
    copy.release("left");
    assertThat(copy.place("feed.web", List.of("feed.web#0"), NOON).placements()).hasSize(1);
    assertThat(place("feed.web", 1)).as("the first is as it was").isZero();
    engine.removeHost("h1");
    engine.putHost(host("h1", "idc", HOST));
    assertThat(place("feed.api", 4)).isEqualTo(4);
  }

  private int place(String job, int count) {
    List<String> ids = new java.util.ArrayList<>();
    for (int i = 0; ids.size() < count; i++) {
      if (engine.allocation(job + "#" + i).isEmpty()) {
        ids.add(job + "#" + i);
      }
    }
    return engine.place(job, ids, NOON).placements().size();
  }
}
