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

import io.springtide.partition.answer.HostOrder;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What fits is decided on offers; what is only tried uses none of them up. */
class OffersTest {
  private static final Resources HOST = Resources.of(4_000, 8_192);
  private static final Resources CORE = Resources.of(1_000, 1_024);
  private static final PortRanges PORTS = PortRanges.of(31_000, 31_009);

  private final Engine engine = new Engine();

  @BeforeEach
  void oneHostOfOursAndACloud() {
    engine.putPool(owned("idc"));
    engine.putPool(cloud("cloud", 10, HOST));
    engine.putHost(host("h1", "idc", HOST));
    engine.putGroup(
        group("feed", Map.of("idc", guaranteed(Resources.of(2_000, 4_096)), "cloud", unlimited())));
    engine.putJob(job("feed.api", CORE));
  }

  @Test
  void askingWhatToBuyToReclaimOrToPlanUsesNoOfferUp() {
    engine.offer("h1", HOST, PORTS);
    List<Pending> pending = List.of(new Pending("feed.api", ids("a", 0, 4)));
    for (int i = 0; i < 3; i++) {
      assertThat(engine.growth(pending, NOON)).isEmpty();
      assertThat(engine.reclaim(pending, NOON)).isEmpty();
      assertThat(engine.explain("feed.api")).isEmpty();
      assertThat(Plan.rehearsed(engine, pending, NOON).placements()).hasSize(4);
      assertThat(engine.consolidate(List.of(), NOON)).isEmpty();
    }
    assertThat(engine.place("feed.api", pending.get(0).instances(), NOON).placements()).hasSize(4);
  }

  @Test
  void roomThatOtherFrameworksHaveIsNotCountedAsFree() {
    engine.offer("h1", Resources.of(1_000, 2_048), PORTS);
    List<Pending> pending = List.of(new Pending("feed.api", ids("a", 0, 4)));

    assertThat(engine.growth(pending, NOON))
        .as("one fits here, three on a new host")
        .containsExactly(new HostOrder("cloud", 1));
    engine.withdrawOffer("h1");
    assertThat(engine.growth(pending, NOON))
        .as("the others have not gone because the offer has")
        .containsExactly(new HostOrder("cloud", 1));
    engine.offer("h1", HOST, PORTS);
    assertThat(engine.growth(pending, NOON)).isEmpty();
  }

  @Test
  void whatEndsIsExpectedToBeOfferedAgain() {
    engine.offer("h1", HOST, PORTS);
    engine.place("feed.api", ids("a", 0, 4), NOON);
    engine.release("a#0");

    assertThat(engine.growth(List.of(new Pending("feed.api", ids("b", 0, 1))), NOON)).isEmpty();
  }

  @Test
  void nobodyIsEvictedForRoomThatOthersHold() {
    engine.putGroup(group("search", Map.of("idc", unlimited())));
    engine.putJob(job("search.api", CORE));
    engine.offer("h1", Resources.of(1_000, 8_192), PORTS);
    assertThat(engine.place("search.api", ids("s", 0, 1), NOON).placements()).hasSize(1);
    engine.putJob(job("feed.large", Resources.of(2_000, 1_024)));

    assertThat(
            engine.reclaim(
                List.of(new Pending("feed.large", ids("f", 0, 1))), NOON.plus(Duration.ofHours(1))))
        .as("the core of the borrower would not be enough")
        .isEmpty();
  }
}
