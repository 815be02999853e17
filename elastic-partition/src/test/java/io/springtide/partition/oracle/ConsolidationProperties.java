package io.springtide.partition.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Documents;
import io.springtide.partition.Engine;
import io.springtide.partition.answer.Drain;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.model.Allocation;
import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.FitPolicy;
import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PoolKind;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Scale-in, with instances of one size so that an oracle can count slots. */
class ConsolidationProperties {
  private static final int SLOTS = 4;
  private static final Resources HOST = Resources.of(SLOTS * 1_000, 8_192);

  @Property(tries = 300)
  void theCheapestGoesFirstAllThatMovesFitsAndBufferAndMinimumStay(@ForAll long seed) {
    Random random = new Random(seed);
    int min = random.nextInt(4);
    Buffer buffer = random.nextBoolean() ? Buffer.NONE : new Buffer(random.nextInt(3), 0);
    TreeMap<String, Integer> held = new TreeMap<>();
    for (int i = 0; i < 1 + random.nextInt(25); i++) {
      held.put("c%02d".formatted(i), random.nextInt(SLOTS + 1));
    }
    Engine engine = engine(held, min, buffer);

    assertThat(engine.consolidate(List.of(), World.NOON)).as("not at once").isEmpty();
    List<Drain> drains = engine.consolidate(List.of(), World.NOON.plus(Duration.ofMinutes(10)));

    long empty = held.values().stream().filter(n -> n == 0).count();
    if (empty > buffer.hosts() || cheapest(held, min, buffer) < 0) {
      assertThat(drains).as("seed %d", seed).isEmpty();
      return;
    }
    assertThat(drains).as("seed %d: one could go", seed).isNotEmpty();
    assertThat(drains.get(0).moves()).hasSize(cheapest(held, min, buffer));
    assertThat(drains).hasSizeLessThanOrEqualTo(Math.max(1, held.size() / 10));
    for (Drain drain : drains) {
      assertThat(drain.moves()).hasSize(held.get(drain.host()));
      held.remove(drain.host());
      for (Placement move : drain.moves()) {
        assertThat(held).as("not onto a host that goes").containsKey(move.host());
        held.merge(move.host(), 1, Integer::sum);
      }
    }
    assertThat(held.values()).allMatch(n -> n <= SLOTS);
    assertThat(held.size()).isGreaterThanOrEqualTo(min);
    assertThat(held.values().stream().filter(n -> n == 0).count())
        .isGreaterThanOrEqualTo(Math.min(buffer.hosts(), held.size()));
  }

  /** Drained, moved and given back, over and over: it comes to rest and nothing is lost. */
  @Property(tries = 60)
  void roundsOfItComeToRest(@ForAll long seed) {
    Random random = new Random(seed);
    TreeMap<String, Integer> held = new TreeMap<>();
    for (int i = 0; i < 1 + random.nextInt(15); i++) {
      held.put("c%02d".formatted(i), random.nextInt(SLOTS + 1));
    }
    int instances = held.values().stream().mapToInt(n -> n).sum();
    Engine engine = engine(held, 0, Buffer.NONE);
    Instant now = World.NOON;
    int atRest = 0;
    int next = 0;
    for (int round = 0; round < 80; round++) {
      now = now.plus(Duration.ofMinutes(6));
      List<String> idle = engine.idle(now);
      idle.forEach(engine::removeHost);
      idle.forEach(held::remove);
      List<Drain> drains = engine.consolidate(List.of(), now);
      for (Drain drain : drains) {
        for (Placement move : drain.moves()) {
          engine.release(move.instance());
          engine.allocate(new Allocation("n" + next++, "g.w", move.host(), Label.BURST, now));
          held.merge(move.host(), 1, Integer::sum);
        }
        held.put(drain.host(), 0);
      }
      assertThat(engine.growth(List.of(), now)).isEmpty();
      atRest = idle.isEmpty() && drains.isEmpty() ? atRest + 1 : 0;
    }
    assertThat(atRest).as("seed %d", seed).isGreaterThan(10);
    assertThat(held).as("as few hosts as will do").hasSize((instances + SLOTS - 1) / SLOTS);
  }

  /** The fewest instances on a host that can be emptied, by counting slots; -1 if none can. */
  private static int cheapest(Map<String, Integer> held, int min, Buffer buffer) {
    int cheapest = -1;
    for (String host : held.keySet()) {
      int here = held.get(host);
      long empty = held.values().stream().filter(n -> n == 0).count();
      long free =
          held.values().stream().filter(n -> n > 0).mapToLong(n -> SLOTS - n).sum()
              - (SLOTS - here);
      long kept = Math.min(buffer.hosts(), held.size() - 1);
      free += Math.max(0, empty - kept) * SLOTS;
      boolean may = here > 0 && free >= here && held.size() - 1 >= min && empty >= kept;
      if (may && (cheapest < 0 || here < cheapest)) {
        cheapest = here;
      }
    }
    return cheapest;
  }

  private static Engine engine(Map<String, Integer> held, int min, Buffer buffer) {
    Engine engine = Engine.withoutOffers();
    engine.putPool(
        new Pool(
            "cloud",
            PoolKind.ON_DEMAND,
            "",
            Map.of(),
            min,
            100,
            buffer,
            FitPolicy.PACK,
            1,
            Duration.ofMinutes(10),
            Duration.ZERO,
            OptionalLong.empty(),
            Optional.of(new HostTemplate("local", HOST, Map.of(), Map.of())),
            Collections.emptySortedMap()));
    engine.putGroup(Documents.group("g", Map.of("cloud", Documents.unlimited())));
    engine.putJob(Documents.job("g.w", Resources.of(1_000, 512)));
    held.forEach(
        (host, count) -> {
          engine.putHost(Documents.host(host, "cloud", HOST));
          for (int i = 0; i < count; i++) {
            engine.allocate(new Allocation(host + "#" + i, "g.w", host, Label.BURST, World.NOON));
          }
        });
    return engine;
  }
}
