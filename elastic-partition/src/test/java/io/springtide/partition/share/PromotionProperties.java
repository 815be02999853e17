package io.springtide.partition.share;

import static io.springtide.partition.Documents.NOON;
import static io.springtide.partition.Documents.group;
import static io.springtide.partition.Documents.guaranteed;
import static io.springtide.partition.Documents.host;
import static io.springtide.partition.Documents.owned;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Engine;
import io.springtide.partition.model.Allocation;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Resources;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** However many there are: who becomes guaranteed is what going through all of them would give. */
class PromotionProperties {
  private static final List<JobDemand> JOBS =
      List.of(
          job("feed.a", Resources.of(100, 64), 100),
          job("feed.b", Resources.of(700, 16), 500),
          job("feed.c", Resources.of(50, 900), 100),
          job("feed.d", Resources.of(100, 64), 900));

  private static JobDemand job(String id, Resources each, int priority) {
    return new JobDemand(id, "feed", each, List.of(), 0, List.of(), List.of(), priority, true);
  }

  /** A borrowed instance, since that many seconds. */
  private record Borrowed(String id, JobDemand job, int since) {}

  @Property(tries = 60)
  void theHighestPriorityFirstThenTheOldestAsLongAsThereIsRoom(
      @ForAll @Size(min = 1, max = 700) List<@IntRange(max = 799) Integer> drawn,
      @ForAll @IntRange(max = 60_000) int cpuMillis,
      @ForAll @IntRange(max = 60_000) int memoryMiB) {
    Engine engine = Engine.withoutOffers();
    engine.putPool(owned("idc"));
    engine.putHost(host("h", "idc", Resources.of(1_000_000, 1_000_000)));
    engine.putGroup(group("feed", Map.of("idc", guaranteed(Resources.of(0, 1)))));
    JOBS.forEach(engine::putJob);
    List<Borrowed> all = new ArrayList<>();
    for (int i = 0; i < drawn.size(); i++) {
      Borrowed one = new Borrowed("i" + i, JOBS.get(drawn.get(i) % 4), drawn.get(i) / 4);
      all.add(one);
      engine.allocate(
          new Allocation(
              one.id, one.job.id(), "h", Label.BORROWED, NOON.plusSeconds(one.since), List.of()));
    }
    Resources guarantee = Resources.of(cpuMillis, memoryMiB + 1);
    engine.putGroup(group("feed", Map.of("idc", guaranteed(guarantee))));

    all.sort(
        Comparator.comparingInt((Borrowed one) -> -one.job.priority())
            .thenComparingInt(Borrowed::since)
            .thenComparing(Borrowed::id));
    List<String> expected = new ArrayList<>();
    Resources left = guarantee;
    for (Borrowed one : all) {
      if (left.covers(one.job.each())) {
        left = left.minus(one.job.each());
        expected.add(one.id);
      }
    }
    assertThat(engine.promote()).isEqualTo(expected);
    assertThat(engine.promote()).isEmpty();
  }
}
