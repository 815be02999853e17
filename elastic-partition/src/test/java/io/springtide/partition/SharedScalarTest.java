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
import static io.springtide.partition.Documents.unlimited;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.HostOrder;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placed;
import io.springtide.partition.answer.Reason;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Bandwidth between the pools is the pool's: all its hosts together have so much of it. */
class SharedScalarTest {
  private static final Resources HOST = Resources.of(4_000, 8_192);
  private static final Resources LINKED =
      new Resources(1_000, 1_024, 0, 0, new TreeMap<>(Map.of("crossLinkMbps", 30L)));

  private final Engine engine = Engine.withoutOffers();

  @Test
  void instancesInThePoolTakeNoMoreTogetherAndTheRestIsToldWhy() {
    engine.putPool(linked(owned("idc"), 100));
    engine.putHost(host("h1", "idc", HOST));
    engine.putHost(host("h2", "idc", HOST));
    engine.putGroup(group("feed", Map.of("idc", unlimited())));
    engine.putJob(job("feed.api", LINKED));

    Placed placed = engine.place("feed.api", ids("a", 0, 8), NOON);

    assertThat(placed.placements()).hasSize(3);
    assertThat(placed.refusals().get(0).reason()).isEqualTo(Reason.POOL_SHARED);
    assertThat(placed.refusals().get(0).detail()).contains("crossLinkMbps 90 used + 30 wanted");
    engine.release("a#0");
    assertThat(engine.place("feed.api", ids("b", 0, 8), NOON).placements()).hasSize(1);
    engine.putPool(linked(owned("idc"), 200));
    assertThat(engine.place("feed.api", ids("c", 0, 8), NOON).placements()).hasSize(3);
  }

  @Test
  void aPoolThatSharesNoneAsksItOfEachHost() {
    engine.putPool(owned("idc"));
    engine.putHost(host("h1", "idc", HOST));
    engine.putHost(
        host(
            "h2",
            "idc",
            new Resources(4_000, 8_192, 0, 0, new TreeMap<>(Map.of("crossLinkMbps", 60L)))));
    engine.putGroup(group("feed", Map.of("idc", unlimited())));
    engine.putJob(job("feed.api", LINKED));

    assertThat(engine.place("feed.api", ids("a", 0, 8), NOON).placements())
        .hasSize(2)
        .allMatch(p -> p.host().equals("h2"));
  }

  @Test
  void hostsThatTheLinkWouldNotServeAreNotBought() {
    engine.putPool(linked(cloud("cloud", 100, HOST), 150));
    engine.putGroup(group("feed", Map.of("cloud", unlimited())));
    engine.putJob(job("feed.api", LINKED));

    assertThat(engine.growth(List.of(new Pending("feed.api", ids("a", 0, 40))), NOON))
        .containsExactly(new HostOrder("cloud", 2));
  }

  @Test
  void aGuaranteeOfItIsWithinWhatIsSharedAndComesBackByReclaim() {
    engine.putPool(linked(owned("idc"), 90));
    engine.putHost(host("h1", "idc", HOST));
    Resources half = new Resources(2_000, 4_096, 0, 0, new TreeMap<>(Map.of("crossLinkMbps", 60L)));
    engine.putGroup(group("feed", Map.of("idc", guaranteed(half))));
    assertThatThrownBy(() -> engine.putGroup(group("other", Map.of("idc", guaranteed(half)))))
        .isInstanceOfSatisfying(
            InvalidModelException.class,
            e -> assertThat(e.field()).isEqualTo("quotas.idc.guarantee"));
    engine.putGroup(group("search", Map.of("idc", unlimited())));
    engine.putJob(in(job("feed.api", LINKED), "idc"));
    engine.putJob(in(job("search.api", LINKED), "idc"));
    assertThat(engine.place("search.api", ids("s", 0, 3), NOON).placements()).hasSize(3);

    List<Pending> pending = List.of(new Pending("feed.api", ids("f", 0, 2)));
    List<Eviction> evictions = engine.reclaim(pending, NOON.plus(Duration.ofHours(1)));
    assertThat(evictions).as("the host has a core to spare, the link has not").hasSize(2);
    evictions.forEach(e -> engine.release(e.instance()));
    assertThat(engine.place("search.api", ids("t", 0, 2), NOON).placements()).isEmpty();
    assertThat(engine.place("feed.api", ids("f", 0, 2), NOON).placements()).hasSize(2);
  }

  @Test
  void whatHostsDoNotShareIsRefused() {
    assertThatThrownBy(() -> owned("idc").sharing(new TreeMap<>(Map.of("cpus", 5L))))
        .isInstanceOfSatisfying(
            InvalidModelException.class, e -> assertThat(e.field()).isEqualTo("shared.cpus"));
    assertThatThrownBy(() -> linked(owned("idc"), -1))
        .isInstanceOfSatisfying(
            InvalidModelException.class,
            e -> assertThat(e.field()).isEqualTo("shared.crossLinkMbps"));
  }

  private static Pool linked(Pool pool, long mbps) {
    return pool.sharing(new TreeMap<>(Map.of("crossLinkMbps", mbps)));
  }
}
