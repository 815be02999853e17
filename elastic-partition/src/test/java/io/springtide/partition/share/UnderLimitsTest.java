package io.springtide.partition.share;

import static io.springtide.partition.Documents.NOON;
import static io.springtide.partition.Documents.guaranteed;
import static io.springtide.partition.Documents.host;
import static io.springtide.partition.Documents.ids;
import static io.springtide.partition.Documents.job;
import static io.springtide.partition.Documents.spread;
import static io.springtide.partition.Documents.unlimited;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Engine;
import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * A limit above the claimant is filled with what others borrow, one of them on each of very many
 * hosts: on no host would it help to evict all there is, and there are too many to try them all
 * together. Every host has room; only the limit has none.
 */
class UnderLimitsTest {
  private static final int HOSTS = 1_100;
  private static final Resources CORE = Resources.of(1_000, 1_024);
  private static final Resources FOUR = Resources.of(4_000, 4_096);
  private static final Instant LATER = NOON.plus(Duration.ofMinutes(5));

  private final Engine engine = Engine.withoutOffers();

  private void hosts() {
    engine.putPool(spread("idc"));
    for (int i = 0; i < HOSTS; i++) {
      engine.putHost(host("h" + i, "idc", Resources.of(8_000, 8_192)));
    }
  }

  private List<Eviction> claimFour() {
    engine.putGroup(group("weibo.feed", guaranteed(FOUR), Limit.UNLIMITED));
    engine.putGroup(group("weibo.ad", unlimited(), Limit.UNLIMITED));
    engine.putJob(job("weibo.feed.db", FOUR));
    engine.putJob(job("weibo.ad.copy", CORE));
    assertThat(engine.place("weibo.ad.copy", ids("a", 0, HOSTS), NOON).placements())
        .extracting(Placement::host)
        .as("one on each host")
        .hasSize(HOSTS)
        .doesNotHaveDuplicates();
    return engine.reclaim(List.of(new Pending("weibo.feed.db", List.of("db"))), LATER);
  }

  @Test
  void roomIsMadeUnderTheTopmostGroupsLimitInThePool() {
    hosts();
    Quota full = new Quota(FOUR, FOUR, Limit.of(1_000L * HOSTS, 1L << 40), 1);
    engine.putGroup(group("weibo", full, Limit.UNLIMITED));
    List<Eviction> evictions = claimFour();
    assertThat(evictions).hasSize(4);
    evictions.forEach(e -> engine.release(e.instance()));
    assertThat(engine.place("weibo.feed.db", List.of("db"), LATER).placements()).hasSize(1);
  }

  @Test
  void roomIsMadeUnderTheTopmostGroupsLimitOverAllPools() {
    hosts();
    Quota open = new Quota(FOUR, FOUR, Limit.UNLIMITED, 1);
    engine.putGroup(group("weibo", open, Limit.of(1_000L * HOSTS, 1L << 40)));
    List<Eviction> evictions = claimFour();
    assertThat(evictions).hasSize(4);
    evictions.forEach(e -> engine.release(e.instance()));
    assertThat(engine.place("weibo.feed.db", List.of("db"), LATER).placements()).hasSize(1);
  }

  private static Group group(String path, Quota quota, Limit total) {
    return new Group(path, "", "", new TreeMap<>(Map.of("idc", quota)), total, GroupPolicy.DEFAULT);
  }
}
