package io.springtide.partition.oracle;

import static io.springtide.partition.oracle.PlacementProperties.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Documents;
import io.springtide.partition.Engine;
import io.springtide.partition.answer.HostOrder;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.model.Allocation;
import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.FitPolicy;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PoolKind;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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

  /** One kind of instance, so that hosts can be counted: slots there, in flight, and to buy. */
  @Property(tries = 200)
  void theCheapestThatMayGrowIsBoughtUpToItsMaximumAndBudget(@ForAll long seed) {
    Random random = new Random(seed);
    Engine engine = Engine.withoutOffers();
    int perHost = 4;
    int count = 1 + random.nextInt(40);
    int allowed = 1 + random.nextInt(60);
    int left = Math.min(count, allowed);
    Map<String, Quota> quotas = new HashMap<>();
    List<Pool> pools = new ArrayList<>();
    Map<String, Integer> there = new HashMap<>();
    for (String name : List.of("east", "north", "west")) {
      int price = 1 + random.nextInt(1_000);
      int hosts = random.nextInt(3);
      OptionalLong budget =
          random.nextBoolean()
              ? OptionalLong.empty()
              : OptionalLong.of((long) price * random.nextInt(8));
      Pool pool = cloud(name, price, hosts + random.nextInt(8), budget);
      engine.putPool(pool);
      for (int i = 0; i < hosts; i++) {
        HostCondition condition =
            List.of(HostCondition.READY, HostCondition.PROVISIONING, HostCondition.INITIALISING)
                .get(random.nextInt(3));
        engine.putHost(Documents.host(name + i, name, HOST).in(condition));
      }
      left -= hosts * perHost;
      there.put(name, hosts);
      pools.add(pool);
      quotas.put(name, Quota.limitedTo(Limit.UNLIMITED));
    }
    Limit limit = Limit.of(1_000L * allowed, 1 << 20);
    engine.putGroup(new Group("g", "", "", quotas, limit, GroupPolicy.DEFAULT));
    Resources each = Resources.of(1_000, 512);
    engine.putJob(Documents.job("g.w", each));
    String dry = random.nextBoolean() ? "none" : pools.get(random.nextInt(3)).name();
    engine.outOfStock(dry, World.NOON);

    List<HostOrder> orders =
        engine.growth(List.of(new Pending("g.w", ids("w", count))), World.NOON.plusSeconds(30));

    Map<String, Integer> expected = new HashMap<>();
    pools.sort(Comparator.comparingLong(Pool::microsPerHour).thenComparing(Pool::name));
    for (Pool pool : pools) {
      int most = pool.maxHosts() - there.get(pool.name());
      if (pool.budgetMicrosPerHour().isPresent()) {
        long paid = pool.budgetMicrosPerHour().getAsLong() / pool.microsPerHour();
        most = Math.min(most, (int) Math.max(0, paid - there.get(pool.name())));
      }
      int buy = Math.min(most, Math.max(0, (left + perHost - 1) / perHost));
      if (buy > 0 && !pool.name().equals(dry)) {
        expected.put(pool.name(), buy);
        left -= buy * perHost;
      }
    }
    Map<String, Integer> ordered = new HashMap<>();
    orders.forEach(o -> ordered.put(o.pool(), o.count()));
    assertThat(ordered).as("seed %d", seed).isEqualTo(expected);
  }

  /** Doubles with each refusal up to half an hour; one sale and the pool is as good as new. */
  @Property(tries = 50)
  void aPoolWithoutStockIsLeftInPeaceForLongerAndLonger(@ForAll long seed) {
    Random random = new Random(seed);
    Engine engine = engine(Resources.of(1_000, 512), 0);
    List<Pending> pending = List.of(new Pending("g.w", ids("w", 1)));
    Instant now = World.NOON;
    long minutes = 1;
    for (int refusal = 0; refusal < 12; refusal++) {
      if (random.nextInt(5) == 0) {
        engine.inStock("cloud", now);
        assertThat(engine.growth(pending, now)).hasSize(1);
        minutes = 1;
      }
      engine.outOfStock("cloud", now);
      Instant again = now.plus(Duration.ofMinutes(minutes));
      assertThat(engine.growth(pending, again.minusSeconds(1))).isEmpty();
      assertThat(engine.growth(pending, again)).hasSize(1);
      now = again.plusSeconds(random.nextInt(100));
      minutes = Math.min(30, minutes * 2);
    }
  }

  @Property(tries = 100)
  void theBufferIsFullOnceWhatIsOrderedIsThereAndNotAHostTooMany(@ForAll long seed) {
    Random random = new Random(seed);
    Buffer buffer =
        random.nextBoolean()
            ? new Buffer(1 + random.nextInt(5), 0)
            : new Buffer(0, 1 + random.nextInt(60));
    Engine engine = engine(Resources.of(1_000, 512), 0);
    engine.putPool(buffered(buffer));
    int hosts = random.nextInt(12);
    int empty = hosts;
    for (int i = 0; i < hosts; i++) {
      engine.putHost(host("c" + i));
      if (random.nextBoolean()) {
        engine.allocate(new Allocation("i" + i, "g.w", "c" + i, Label.BURST, World.NOON));
        empty--;
      }
    }
    int bought = engine.growth(List.of(), World.NOON).stream().mapToInt(HostOrder::count).sum();
    assertThat(empty + bought).isGreaterThanOrEqualTo(kept(buffer, hosts + bought));
    if (bought > 0) {
      assertThat(empty + bought - 1).isLessThan(kept(buffer, hosts + bought - 1));
    }
  }

  private static int kept(Buffer buffer, int hosts) {
    return buffer.hosts() > 0 ? buffer.hosts() : (int) Math.ceil(hosts * buffer.percent() / 100.0);
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
      released += engine.consolidate(List.of(), now).size();
    }
    assertThat(released).as("released").isZero();
    assertThat(boughtLate).as("bought again").isZero();
  }

  private static Pool buffered(Buffer buffer) {
    Pool pool = World.pool("cloud", new Random(0));
    return cloud("cloud", 1, pool.maxHosts(), OptionalLong.empty(), buffer);
  }

  private static Pool cloud(String name, long price, int max, OptionalLong budget) {
    return cloud(name, price, max, budget, Buffer.NONE);
  }

  private static Pool cloud(String name, long price, int max, OptionalLong budget, Buffer buffer) {
    return new Pool(
        name,
        PoolKind.ON_DEMAND,
        "",
        Map.of(),
        0,
        max,
        buffer,
        FitPolicy.PACK,
        price,
        Duration.ofMinutes(10),
        Duration.ZERO,
        budget,
        Optional.of(new HostTemplate("local", HOST, Map.of(), Map.of())),
        Collections.emptySortedMap());
  }

  private static Engine engine(Resources each, int hosts) {
    Engine engine = Engine.withoutOffers();
    Pool pool = World.pool("cloud", new Random(0));
    engine.putPool(pool);
    engine.putGroup(Documents.group("g", Map.of("cloud", Documents.unlimited())));
    engine.putJob(Documents.job("g.w", each));
    for (int i = 0; i < hosts; i++) {
      engine.putHost(host("c" + i));
    }
    return engine;
  }

  private static HostSpec host(String id) {
    return Documents.host(id, "cloud", HOST);
  }
}
