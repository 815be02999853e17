package io.springtide.harness.bench.placement;

import io.springtide.partition.Engine;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.model.Allocation;
import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.FitPolicy;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PoolKind;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One sharing round on a full cluster: the entitlements of all pools, reclaim and growth. Ten pools
 * (nine owned, one on-demand), ten instances on every host. Groups have an equal guarantee in each
 * owned pool; the first half of them holds its own and has borrowed what the second half lends, and
 * fills the on-demand pool too. Ten groups of the second half want four instances each, within
 * their guarantees: work on borrowed room must make way. Ten of the first half want forty more
 * each, for which hosts must be bought.
 */
final class SharingRun {
  private static final int POOLS = 10;
  private static final int PER_HOST = 10;
  private static final int ASKING = 10;
  private static final int CLAIM = 4;
  private static final int MORE = 40;
  private static final Resources HOST = Resources.of(16_000, 65_536);
  private static final Resources EACH = Resources.of(1_600, 6_553);
  private static final Instant BEGUN = Instant.parse("2026-01-01T00:00:00Z");

  private final Engine engine = Engine.withoutOffers();
  private final List<Pending> pending = new ArrayList<>();
  private final int ownedPools = POOLS - 1;

  SharingRun(int groups, int hosts) {
    for (int p = 0; p < POOLS; p++) {
      engine.putPool(pool(p));
    }
    int perPool = Math.max(1, hosts / POOLS);
    for (int p = 0; p < POOLS; p++) {
      for (int i = 0; i < perPool; i++) {
        engine.putHost(
            new HostSpec(
                "p%d-host-%06d".formatted(p, i),
                name(p),
                HostCondition.READY,
                Map.of(),
                HOST,
                Resources.ZERO,
                PortRanges.NONE));
      }
    }
    long slots = (long) perPool * PER_HOST;
    long guarantee = slots / groups;
    for (int g = 0; g < groups; g++) {
      Map<String, Quota> quotas = new HashMap<>();
      for (int p = 0; p < POOLS; p++) {
        Resources n = p < ownedPools ? EACH.times(guarantee) : Resources.ZERO;
        quotas.put(name(p), new Quota(n, n, Limit.UNLIMITED, 1 + g % 3));
      }
      engine.putGroup(new Group("g" + g, "", "", quotas, Limit.UNLIMITED, GroupPolicy.DEFAULT));
      engine.putJob(
          new JobDemand(
              "g" + g + ".work", "g" + g, EACH, List.of(), 0, List.of(), List.of(), 100, true));
    }
    fill(groups, perPool, guarantee);
    wants(groups, guarantee);
  }

  private void fill(int groups, int perPool, long guarantee) {
    int half = Math.max(1, groups / 2);
    int instance = 0;
    for (int p = 0; p < POOLS; p++) {
      long[] held = new long[half];
      for (int i = 0; i < perPool; i++) {
        for (int n = 0; n < PER_HOST; n++) {
          int g = instance % half;
          Label label = held[g]++ < guarantee ? Label.GUARANTEED : Label.BORROWED;
          label = p < ownedPools ? label : Label.BURST;
          engine.allocate(
              new Allocation(
                  "i" + instance++,
                  "g" + g + ".work",
                  "p%d-host-%06d".formatted(p, i),
                  label,
                  BEGUN));
        }
      }
    }
  }

  private void wants(int groups, long guarantee) {
    int half = Math.max(1, groups / 2);
    int every = Math.max(1, half / ASKING);
    int claim = (int) Math.max(1, Math.min(CLAIM, guarantee * ownedPools));
    for (int n = 0; n < ASKING && n * every < half; n++) {
      pending.add(new Pending("g" + (half + n * every) + ".work", ids("claim" + n, claim)));
      pending.add(new Pending("g" + n * every + ".work", ids("more" + n, MORE)));
    }
  }

  private static List<String> ids(String prefix, int count) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(prefix + "#" + i);
    }
    return ids;
  }

  /** Times of the three parts and the whole of one round, in nanoseconds, and its work. */
  record Round(long entitlements, long reclaim, long growth, long cpu, int evictions, int ordered) {
    long total() {
      return entitlements + reclaim + growth;
    }
  }

  Round round(Instant now) {
    long cpuBegun = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    long begun = System.nanoTime();
    for (int p = 0; p < POOLS; p++) {
      engine.entitlements(name(p), pending);
    }
    long entitled = System.nanoTime();
    int evictions = engine.reclaim(pending, now).size();
    long reclaimed = System.nanoTime();
    int ordered = engine.growth(pending, now).stream().mapToInt(o -> o.count()).sum();
    long grown = System.nanoTime();
    long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuBegun;
    return new Round(
        entitled - begun, reclaimed - entitled, grown - reclaimed, cpu, evictions, ordered);
  }

  /** The median of {@code rounds} rounds, each on a cluster of its own after one to warm up. */
  static Round median(int groups, int hosts, int rounds) {
    Round[] all = new Round[rounds];
    for (int i = 0; i < rounds; i++) {
      all[i] = new SharingRun(groups, hosts).round(BEGUN.plusSeconds(3600));
    }
    Arrays.sort(all, (a, b) -> Long.compare(a.total(), b.total()));
    return all[rounds / 2];
  }

  private static String name(int p) {
    return "pool-" + p;
  }

  private static Pool pool(int p) {
    boolean cloud = p == POOLS - 1;
    return new Pool(
        name(p),
        cloud ? PoolKind.ON_DEMAND : PoolKind.OWNED,
        "",
        Map.of(),
        0,
        Pool.MAX_HOSTS,
        Buffer.NONE,
        FitPolicy.PACK,
        cloud ? 420_000 : 0,
        Duration.ofMinutes(10),
        Duration.ZERO,
        OptionalLong.empty(),
        cloud ? Optional.of(new HostTemplate("local", HOST, Map.of(), Map.of())) : Optional.empty(),
        Collections.emptySortedMap());
  }
}
