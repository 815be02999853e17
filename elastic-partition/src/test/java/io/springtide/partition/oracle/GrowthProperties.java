package io.springtide.partition.oracle;

import static io.springtide.partition.oracle.PlacementProperties.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Engine;
import io.springtide.partition.Group;
import io.springtide.partition.GroupPolicy;
import io.springtide.partition.HostCondition;
import io.springtide.partition.HostOrder;
import io.springtide.partition.HostSpec;
import io.springtide.partition.JobDemand;
import io.springtide.partition.Limit;
import io.springtide.partition.Pending;
import io.springtide.partition.Pool;
import io.springtide.partition.PortRanges;
import io.springtide.partition.Quota;
import io.springtide.partition.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What growing and shrinking promise: enough hosts, not one too many, and no wobbling. */
class GrowthProperties {
  private static final Resources HOST = Resources.of(4_000, 8_192, 4_096);

  @Property(tries = 150)
  void whatIsOrderedIsEnoughAndOneHostFewerWouldNotBe(@ForAll long seed) {
    Random random = new Random(seed);
    Resources each = Resources.of(250L * (1 + random.nextInt(12)), 512);
    int count = 1 + random.nextInt(60);
    List<Pending> pending = List.of(new Pending("g.w", ids("w", count)));

    List<HostOrder> orders = engine(each, 0).growth(pending, World.NOON);

    int perHost = (int) (4_000 / each.cpuMillis());
    int needed = Math.min(50, (count + perHost - 1) / perHost);
    assertThat(orders).containsExactly(new HostOrder("cloud", needed));
    Engine grown = engine(each, needed);
    assertThat(grown.place("g.w", pending.get(0).instances(), World.NOON).placements())
        .hasSize(Math.min(count, needed * perHost));
    assertThat(grown.growth(List.of(), World.NOON)).isEmpty();
  }

  @Property(tries = 40)
  void demandThatWobblesByAFifthDoesNotBuyAndReleaseInTurn(@ForAll long seed) {
    int period = 1 + new Random(seed).nextInt(4);
    Engine engine = engine(Resources.of(1_000, 512), 0);
    List<String> running = new ArrayList<>();
    Instant now = World.NOON;
    int hosts = 0;
    int boughtLate = 0;
    int released = 0;
    int next = 0;
    for (int minute = 0; minute < 240; minute++) {
      now = now.plus(Duration.ofMinutes(1));
      // Up and down by a fifth, each way for up to four minutes.
      int wanted = 100 + (minute / period % 2 == 0 ? 20 : -20);
      while (running.size() > wanted) {
        engine.release(running.remove(running.size() - 1));
      }
      List<String> waiting = new ArrayList<>();
      while (running.size() + waiting.size() < wanted) {
        waiting.add("w#" + next++);
      }
      engine.place("g.w", waiting, now).placements().forEach(p -> running.add(p.instance()));
      waiting.removeAll(running);
      for (HostOrder order : engine.growth(List.of(new Pending("g.w", waiting)), now)) {
        boughtLate += minute > 20 ? order.count() : 0;
        for (int i = 0; i < order.count(); i++) {
          engine.putHost(host("c" + hosts++));
        }
      }
      engine.place("g.w", waiting, now).placements().forEach(p -> running.add(p.instance()));
      for (String host : engine.idle(now)) {
        released++;
        engine.removeHost(host);
      }
    }
    assertThat(released).as("released").isZero();
    assertThat(boughtLate).as("bought again").isZero();
  }

  private static Engine engine(Resources each, int hosts) {
    Engine engine = Engine.withoutOffers();
    Pool pool = World.pool("cloud", new Random(0));
    engine.putPool(pool);
    engine.putGroup(
        new Group(
            "g",
            "",
            "",
            Map.of("cloud", Quota.limitedTo(Limit.UNLIMITED)),
            Limit.UNLIMITED,
            GroupPolicy.DEFAULT));
    engine.putJob(new JobDemand("g.w", "g", each, List.of(), 0, List.of(), List.of(), 100, true));
    for (int i = 0; i < hosts; i++) {
      engine.putHost(host("c" + i));
    }
    return engine;
  }

  private static HostSpec host(String id) {
    return new HostSpec(
        id, "cloud", HostCondition.READY, Map.of(), HOST, Resources.ZERO, PortRanges.NONE);
  }
}
