package io.springtide.partition;

import io.springtide.partition.answer.Demotion;
import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.HostOrder;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.answer.Refusal;
import io.springtide.partition.answer.Served;
import io.springtide.partition.model.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** All that an engine decides of what waits, one thing after the other as a scheduler asks it. */
public record Plan(
    List<Demotion> demotions,
    List<String> promotions,
    List<Placement> placements,
    Map<Version, List<Refusal>> refusals,
    List<Eviction> evictions,
    List<HostOrder> orders,
    List<String> releases) {

  /** Placements, labels and nominations are booked. */
  public static Plan made(Engine engine, List<Pending> pending, Instant now) {
    List<Demotion> demotions = engine.demote();
    List<String> promotions = engine.promote();
    Served served = engine.placeAll(pending, now);
    List<Pending> left = new ArrayList<>();
    for (Pending waiting : pending) {
      left.add(
          new Pending(
              waiting.version(),
              waiting.instances().stream().filter(i -> engine.allocation(i).isEmpty()).toList()));
    }
    return new Plan(
        demotions,
        promotions,
        served.placements(),
        served.refusals(),
        engine.reclaim(left, now),
        engine.growth(left, now),
        engine.idle(now));
  }

  /** On a copy: the engine stays as it is. */
  public static Plan rehearsed(Engine engine, List<Pending> pending, Instant now) {
    return made(engine.copy(), pending, now);
  }
}
