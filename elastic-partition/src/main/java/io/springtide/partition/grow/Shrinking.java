package io.springtide.partition.grow;

import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.PoolState;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PoolKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Which hosts to give back: empty ones that nobody has needed for a while. */
public final class Shrinking {
  private final Cluster cluster;

  public Shrinking(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Ids of empty hosts beyond need, buffer and minimum, since {@code idleAfter} at least. */
  public List<String> idle(Instant now) {
    List<String> idle = new ArrayList<>();
    for (PoolState pool : cluster.pools.values()) {
      // Also in pools that can order no more: hosts ordered before are billed until they are given
      // back.
      if (pool.pool.kind() == PoolKind.ON_DEMAND) {
        idle.addAll(idle(pool, now));
      }
    }
    return idle;
  }

  private List<String> idle(PoolState pool, Instant now) {
    List<Integer> empty = new ArrayList<>();
    int alive = 0;
    for (int m = 0; m < pool.size; m++) {
      int h = pool.members[m];
      HostCondition condition = cluster.hosts.spec[h].condition();
      if (condition == HostCondition.RELEASED || condition == HostCondition.LOST) {
        continue;
      }
      alive++;
      if (condition == HostCondition.READY && free(h)) {
        empty.add(h);
      }
    }
    int surplus = surplus(pool, alive, empty.size());
    if (surplus == 0) {
      pool.surplusSince = null;
      return List.of();
    }
    if (pool.surplusSince == null) {
      pool.surplusSince = now;
      pool.surplusFloor = surplus;
    }
    // What was needed at any time since then is still held; a rise in need starts the wait anew.
    pool.surplusFloor = Math.min(pool.surplusFloor, surplus);
    if (Duration.between(pool.surplusSince, now).compareTo(pool.pool.idleAfter()) < 0) {
      return List.of();
    }
    List<String> back = new ArrayList<>();
    for (int h : empty) {
      if (back.size() < pool.surplusFloor && paidUp(pool.pool, cluster.hosts.spec[h], now)) {
        back.add(cluster.hosts.spec[h].id());
      }
    }
    return back;
  }

  private int surplus(PoolState pool, int alive, int empty) {
    int surplus = 0;
    // Each host given back makes the pool smaller, and with it a buffer in percent.
    while (surplus < empty
        && alive - surplus > pool.pool.minHosts()
        && empty - surplus > pool.pool.buffer().of(alive - surplus)) {
      surplus++;
    }
    return surplus;
  }

  private boolean free(int h) {
    return cluster.hosts.instances[h] == 0 && cluster.nominations.on(h).isEmpty();
  }

  /** Whether the hour that is paid for is nearly over; before that, keeping the host is free. */
  static boolean paidUp(Pool pool, HostSpec host, Instant now) {
    // Documents of earlier releases may hold millennia, which are refused today: never.
    long seconds = Math.min(pool.billingIncrement().toSeconds(), Integer.MAX_VALUE);
    long increment = seconds * 1_000 + pool.billingIncrement().toMillisPart();
    if (increment == 0 || host.billedSince().isEmpty()) {
      return true;
    }
    long billed = Duration.between(host.billedSince().get(), now).toMillis();
    return billed >= 0 && billed % increment >= increment - increment / 6;
  }
}
