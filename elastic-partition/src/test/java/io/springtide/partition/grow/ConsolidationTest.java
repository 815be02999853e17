package io.springtide.partition.grow;

import static io.springtide.partition.Documents.NOON;
import static io.springtide.partition.Documents.buffered;
import static io.springtide.partition.Documents.cloud;
import static io.springtide.partition.Documents.group;
import static io.springtide.partition.Documents.host;
import static io.springtide.partition.Documents.job;
import static io.springtide.partition.Documents.timed;
import static io.springtide.partition.Documents.unlimited;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Engine;
import io.springtide.partition.answer.Drain;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.model.Allocation;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Hosts in use go back when their work fits elsewhere; the cheapest to empty first. */
class ConsolidationTest {
  private static final Resources HOST = Resources.of(4_000, 8_192);
  private static final Resources CORE = Resources.of(1_000, 1_024);
  private static final Instant LATER = NOON.plus(Duration.ofMinutes(10));

  private final Engine engine = Engine.withoutOffers();

  @BeforeEach
  void threeHostsHalfFull() {
    engine.putPool(cloud("cloud", 100, HOST));
    engine.putGroup(group("feed", Map.of("cloud", unlimited())));
    engine.putJob(job("feed.api", CORE));
    holds("c1", 3);
    holds("c2", 1);
    holds("c3", 2);
  }

  @Test
  void theHostThatIsCheapestToEmptyIsDrainedOnceItHasBeenSoForAWhile() {
    assertThat(engine.consolidate(List.of(), NOON)).isEmpty();
    List<Drain> drains = engine.consolidate(List.of(), LATER);

    assertThat(drains).hasSize(1);
    assertThat(drains.get(0).host()).isEqualTo("c2");
    assertThat(drains.get(0).moves()).extracting(Placement::host).containsExactly("c1");
    assertThat(engine.allocation("c2#0").orElseThrow().host()).as("only planned").isEqualTo("c2");
  }

  @Test
  void notWhileSomethingWaitsNorWhileAnEmptyHostIsToSpareNorWhileOneDrains() {
    engine.consolidate(List.of(), NOON);
    engine.putJob(job("feed.huge", Resources.of(4_000, 1)));
    assertThat(engine.consolidate(List.of(new Pending("feed.huge", List.of("x"))), LATER))
        .isEmpty();
    engine.consolidate(List.of(), LATER);
    engine.putHost(host("c9", "cloud", HOST));
    assertThat(engine.consolidate(List.of(), LATER.plus(Duration.ofMinutes(10)))).isEmpty();
    engine.removeHost("c9");
    engine.putHost(host("c1", "cloud", HOST).in(HostCondition.DRAINING));
    assertThat(engine.consolidate(List.of(), LATER.plus(Duration.ofMinutes(60)))).isEmpty();
  }

  @Test
  void neverBelowTheMinimumNorIntoTheBuffer() {
    engine.putPool(timed(cloud("cloud", 100, HOST), 3, Duration.ZERO, Duration.ZERO));
    engine.consolidate(List.of(), NOON);
    assertThat(engine.consolidate(List.of(), LATER)).isEmpty();

    engine.putPool(buffered(cloud("cloud", 100, HOST), 1));
    engine.putHost(host("c4", "cloud", HOST));
    holds("c5", 4);
    engine.consolidate(List.of(), NOON);
    assertThat(engine.consolidate(List.of(), LATER))
        .extracting(Drain::host)
        .as("not the buffer, and not into it")
        .containsExactly("c2");
    engine.place("feed.api", List.of("a", "b", "c"), NOON);
    engine.consolidate(List.of(), NOON);
    assertThat(engine.consolidate(List.of(), LATER))
        .as("only the buffer would have room for what moves")
        .isEmpty();
  }

  @Test
  void whatIsPaidForIsUsedUpFirst() {
    engine.putPool(
        timed(cloud("cloud", 100, HOST), 0, Duration.ofMinutes(10), Duration.ofHours(1)));
    HostSpec c2 = host("c2", "cloud", HOST);
    for (String id : List.of("c1", "c2", "c3")) {
      Instant since = id.equals("c2") ? NOON : NOON.plus(Duration.ofMinutes(20));
      engine.putHost(
          new HostSpec(
              id,
              "cloud",
              HostCondition.READY,
              Map.of(),
              HOST,
              Resources.ZERO,
              c2.ports(),
              Optional.of(since)));
    }
    for (int minute = 0; minute < 50; minute += 5) {
      assertThat(engine.consolidate(List.of(), NOON.plus(Duration.ofMinutes(minute)))).isEmpty();
    }
    assertThat(engine.consolidate(List.of(), NOON.plus(Duration.ofMinutes(55))))
        .extracting(Drain::host)
        .containsExactly("c2");
  }

  @Test
  void aJobWhoseInstancesMayNotBeMovedKeepsItsHost() {
    engine.putJob(
        new JobDemand(
            "feed.calm",
            0,
            "feed",
            CORE,
            List.of(),
            0,
            List.of(),
            List.of(),
            1,
            true,
            Set.of(),
            0));
    engine.allocate(new Allocation("calm", "feed.calm", "c2", Label.BURST, NOON));
    engine.consolidate(List.of(), NOON);
    assertThat(engine.consolidate(List.of(), LATER)).extracting(Drain::host).containsExactly("c3");
  }

  private void holds(String host, int instances) {
    engine.putHost(host(host, "cloud", HOST));
    for (int i = 0; i < instances; i++) {
      engine.allocate(new Allocation(host + "#" + i, "feed.api", host, Label.BURST, NOON));
    }
  }
}
