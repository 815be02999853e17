package io.springtide.partition;

import io.springtide.partition.answer.Demotion;
import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.HostOrder;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Plan;
import io.springtide.partition.answer.Served;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.grow.Growth;
import io.springtide.partition.grow.Shrinking;
import io.springtide.partition.share.Demotions;
import io.springtide.partition.share.Promotion;
import io.springtide.partition.share.Reclaim;
import io.springtide.partition.share.Serving;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** All that is decided in one go, one thing after the other, and what it comes to. */
final class Round {
  private final Cluster cluster;
  private final Serving serving;
  private final Reclaim reclaim;
  private final Growth growth;
  private final Shrinking shrinking;

  Round(Cluster cluster, Serving serving, Reclaim reclaim, Growth growth, Shrinking shrinking) {
    this.cluster = cluster;
    this.serving = serving;
    this.reclaim = reclaim;
    this.growth = growth;
    this.shrinking = shrinking;
  }

  Plan run(List<Pending> pending, Instant now) {
    long before = growth.microsPerHour();
    List<Demotion> demotions = new Demotions(cluster).all();
    List<String> promotions = Promotion.all(cluster);
    Served served = serving.serve(pending, now.toEpochMilli());
    List<Pending> left = new ArrayList<>();
    for (Pending waiting : pending) {
      left.add(
          new Pending(
              waiting.job(),
              waiting.instances().stream().filter(i -> cluster.allocations.find(i) < 0).toList()));
    }
    List<Eviction> evictions = reclaim.round(left, now);
    List<HostOrder> orders = growth.orders(left, now);
    List<String> releases = shrinking.idle(now);
    long after = before;
    for (HostOrder order : orders) {
      after += order.count() * cluster.pools.get(order.pool()).pool.microsPerHour();
    }
    for (String host : releases) {
      after -= cluster.hosts.pool[cluster.hosts.find(host)].pool.microsPerHour();
    }
    return new Plan(
        demotions,
        promotions,
        served.placements(),
        served.refusals(),
        evictions,
        orders,
        releases,
        before,
        after);
  }
}
