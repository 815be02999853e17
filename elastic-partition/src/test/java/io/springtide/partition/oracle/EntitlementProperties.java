package io.springtide.partition.oracle;

import static io.springtide.partition.oracle.PlacementProperties.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Documents;
import io.springtide.partition.Engine;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * What groups may hold: within the pool and every limit, guarantees first, fair in what is left.
 */
class EntitlementProperties {
  private static final long CPUS = 64_000;
  private static final long MEMORY = 64_000;

  /**
   * The condition for max-min fairness on dominant shares: whoever gets less than it wants has a
   * bottleneck, a resource that is used up and of which nobody who gets any has a higher share by
   * weight.
   */
  @Property(tries = 200)
  void whoGetsLessThanItWantsHasABottleneckWhereNobodyHasMore(@ForAll long seed) {
    Random random = new Random(seed);
    int groups = 2 + random.nextInt(5);
    Tree tree = new Tree();
    for (int g = 0; g < groups; g++) {
      tree.group("g" + g, 0, Limit.UNLIMITED, 1 + random.nextInt(4));
      tree.wants(
          "g" + g, 250L * (1 + random.nextInt(8)), 250L * (1 + random.nextInt(8)), 40, random);
    }
    Map<String, Resources> entitled = tree.entitled();

    long cpus = entitled.values().stream().mapToLong(Resources::cpuMillis).sum();
    long memory = entitled.values().stream().mapToLong(Resources::memoryMiB).sum();
    assertThat(cpus).isLessThanOrEqualTo(CPUS);
    assertThat(memory).isLessThanOrEqualTo(MEMORY);
    for (String group : tree.groups.keySet()) {
      Resources demand = tree.demand(group);
      assertThat(demand.covers(entitled.get(group))).as("no more than it wants").isTrue();
      if (entitled.get(group).covers(demand)) {
        continue;
      }
      double mine = tree.share(group, entitled);
      boolean cpuBound = CPUS - cpus <= groups;
      boolean memoryBound = MEMORY - memory <= groups;
      assertThat(cpuBound || memoryBound).as("seed %d: something is used up", seed).isTrue();
      for (String other : tree.groups.keySet()) {
        assertThat(tree.share(other, entitled))
            .as("seed %d: %s beside %s, which wants more", seed, other, group)
            .isLessThanOrEqualTo(mine + 1e-3);
      }
    }
  }

  @Property(tries = 200)
  void inATreeGuaranteesComeFirstAndNoLevelGetsMoreThanItsLimit(@ForAll long seed) {
    Random random = new Random(seed);
    Tree tree = new Tree();
    for (String top : List.of("a", "b", "c")) {
      long guarantee = 1_000L * random.nextInt(16);
      Limit limit =
          random.nextBoolean() ? Limit.UNLIMITED : Limit.of(guarantee + 8_000, guarantee + 8_000);
      tree.group(top, guarantee, limit, 1 + random.nextInt(3));
      tree.group(top + ".x", guarantee / 2, Limit.UNLIMITED, 1 + random.nextInt(3));
      tree.group(top + ".y", guarantee / 4, Limit.UNLIMITED, 1);
      for (String leaf : List.of(top + ".x", top + ".y")) {
        tree.wants(leaf, 500, 500, 60, random);
      }
    }
    Map<String, Resources> entitled = tree.entitled();

    for (String dimension : List.of("cpus", "memoryMiB")) {
      long sum = 0;
      for (String top : List.of("a", "b", "c")) {
        long all = entitled.get(top).amount(dimension);
        long below = 0;
        for (String leaf : List.of(top + ".x", top + ".y")) {
          long mine = entitled.get(leaf).amount(dimension);
          long guarantee = tree.groups.get(leaf).guarantee().amount(dimension);
          long wanted = tree.demand(leaf).amount(dimension);
          assertThat(mine).as("seed %d %s", seed, leaf).isLessThanOrEqualTo(wanted);
          assertThat(mine)
              .as("seed %d: guarantee of %s", seed, leaf)
              .isGreaterThanOrEqualTo(Math.min(guarantee, wanted));
          below += mine;
        }
        assertThat(below).as("seed %d: below %s", seed, top).isLessThanOrEqualTo(all);
        assertThat(all)
            .isLessThanOrEqualTo(
                tree.groups.get(top).limit().of(dimension).orElse(Resources.MAX_AMOUNT));
        sum += all;
      }
      assertThat(sum).isLessThanOrEqualTo(CPUS);
    }
  }

  @Property(tries = 100)
  void moreWeightNeverMeansLess(@ForAll long seed) {
    Random random = new Random(seed);
    Tree tree = new Tree();
    for (String top : List.of("a", "b", "c")) {
      tree.group(top, 4_000, Limit.UNLIMITED, 1 + random.nextInt(3));
      tree.group(top + ".x", 2_000, Limit.UNLIMITED, 1 + random.nextInt(3));
      tree.group(top + ".y", 1_000, Limit.UNLIMITED, 2);
      tree.wants(top + ".x", 1_000, 1_000, 60, random);
      tree.wants(top + ".y", 1_000, 1_000, 60, random);
    }
    String heavier = List.of("a", "a.x", "b.y").get(random.nextInt(3));
    long before = tree.entitled().get(heavier).cpuMillis();
    Quota q = tree.groups.get(heavier);
    tree.groups.put(heavier, new Quota(q.guarantee(), q.lendable(), q.limit(), q.weight() + 1));
    assertThat(tree.entitled().get(heavier).cpuMillis()).isGreaterThanOrEqualTo(before);
  }

  /** Groups with their quotas, what they want, and one pool. */
  private static final class Tree {
    final Map<String, Quota> groups = new LinkedHashMap<>();
    private final Map<String, JobDemand> jobs = new LinkedHashMap<>();
    private final Map<String, Integer> counts = new LinkedHashMap<>();

    void group(String path, long guarantee, Limit limit, int weight) {
      Resources g = Resources.of(guarantee, guarantee);
      groups.put(path, new Quota(g, g, limit, weight));
    }

    void wants(String group, long cpus, long memory, int most, Random random) {
      jobs.put(group, Documents.job(group + ".w", Resources.of(cpus, memory)));
      counts.put(group, random.nextInt(most));
    }

    Resources demand(String group) {
      return jobs.get(group).each().times(counts.get(group));
    }

    /** The larger of its parts of cpus and memory, over its weight. */
    double share(String group, Map<String, Resources> entitled) {
      Resources mine = entitled.get(group);
      double share = Math.max((double) mine.cpuMillis() / CPUS, (double) mine.memoryMiB() / MEMORY);
      return share / groups.get(group).weight();
    }

    Map<String, Resources> entitled() {
      Engine engine = Engine.withoutOffers();
      engine.putPool(Documents.owned("idc"));
      engine.putHost(Documents.host("h", "idc", Resources.of(CPUS, MEMORY)));
      groups.forEach((path, quota) -> engine.putGroup(Documents.group(path, Map.of("idc", quota))));
      List<Pending> pending = new ArrayList<>();
      jobs.forEach(
          (group, job) -> {
            engine.putJob(job);
            pending.add(new Pending(job.id(), ids(job.id(), counts.get(group))));
          });
      return engine.entitlements("idc", pending);
    }
  }
}
