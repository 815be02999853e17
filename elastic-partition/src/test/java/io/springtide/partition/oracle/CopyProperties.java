package io.springtide.partition.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Engine;
import io.springtide.partition.Plan;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** A copy of an engine is on its own: it may be used up on another thread. */
class CopyProperties {
  private static final Instant LATER = World.NOON.plusSeconds(600);
  private static final Instant LAST = LATER.plusSeconds(600);

  @Property(tries = 150)
  void whatIsDoneToACopyIsNotDoneToTheOriginal(@ForAll long seed) {
    World world = World.random(seed);
    Engine engine = lived(world);
    Engine untouched = lived(world);
    useUp(engine.copyOnRecords(), world, new Random(seed));
    List<Pending> pending = pending(world, "last");
    assertThat(Plan.made(engine, pending, LAST))
        .as("seed %d", seed)
        .isEqualTo(Plan.made(untouched, pending, LAST));
    for (String instance : instances(world)) {
      assertThat(engine.allocation(instance)).isEqualTo(untouched.allocation(instance));
    }
  }

  /** Questions are answered by trying, and nothing of what was tried stays. */
  @Property(tries = 150)
  void whatIsOnlyAskedChangesNothing(@ForAll long seed) {
    World world = World.random(seed);
    Engine engine = lived(world);
    Engine untouched = lived(world);
    List<Pending> pending = pending(world, "last");
    List<String> instances = instances(world);
    for (int i = 0; i < 2; i++) {
      for (String job : world.jobs.keySet()) {
        engine.explain(job);
        engine.breaches(job, instances, Set.copyOf(instances), 2, 3);
      }
      engine.growth(pending, LAST);
      engine.consolidate(pending, LAST);
    }
    assertThat(Plan.made(engine, pending, LAST))
        .as("seed %d", seed)
        .isEqualTo(Plan.made(untouched, pending, LAST));
    for (String instance : instances) {
      assertThat(engine.allocation(instance)).isEqualTo(untouched.allocation(instance));
    }
  }

  /** Some of everything: old versions that hold room, evictions under way, room that is kept. */
  private static Engine lived(World world) {
    Engine engine = world.engine(new Random(1));
    for (JobDemand job : world.jobs.values()) {
      engine.place(job.id(), PlacementProperties.ids(job.id() + "-old", 8), World.NOON);
      engine.putJob(sized(job, job.each().plus(Resources.of(100, 64))));
    }
    Plan.made(engine, pending(world, "new"), LATER);
    return engine;
  }

  private static List<Pending> pending(World world, String prefix) {
    List<Pending> pending = new ArrayList<>();
    for (String job : world.jobs.keySet()) {
      pending.add(new Pending(job, PlacementProperties.ids(job + "-" + prefix, 4)));
    }
    return pending;
  }

  private static List<String> instances(World world) {
    List<String> all = new ArrayList<>();
    for (String job : world.jobs.keySet()) {
      all.addAll(PlacementProperties.ids(job + "-old", 8));
      all.addAll(PlacementProperties.ids(job + "-new", 4));
      all.addAll(PlacementProperties.ids(job + "-last", 4));
    }
    return all;
  }

  private static void useUp(Engine copy, World world, Random random) {
    world.groups.values().forEach(group -> copy.restoreGroup(renamed(group)));
    for (String instance : instances(world)) {
      if (random.nextBoolean()) {
        copy.release(instance);
      } else {
        copy.ending(instance);
      }
    }
    Plan.made(copy, pending(world, "copied"), LATER);
    // Only now, for then the tables grow, and what has grown is nobody else's anyway.
    for (int i = 0; i < 20; i++) {
      copy.putHost(
          new HostSpec(
              "more-" + i,
              "idc-a",
              HostCondition.READY,
              Map.of("rack", "new-" + i, "disk", "tape"),
              new Resources(16_000, 32_768, 0, 1, new TreeMap<>(Map.of("ownScalar", 5L))),
              Resources.ZERO,
              PortRanges.of(1, 100)));
    }
    world.jobs.values().forEach(job -> copy.putJob(sized(job, Resources.of(50, 50))));
    Plan.made(copy, pending(world, "again"), LATER.plusSeconds(300));
    world.hosts.keySet().forEach(copy::removeHost);
    world.jobs.keySet().forEach(copy::removeJob);
  }

  private static Group renamed(Group group) {
    return new Group(
        group.path(), "of the copy", "", group.quotas(), group.totalLimit(), group.policy());
  }

  private static JobDemand sized(JobDemand job, Resources each) {
    return new JobDemand(
        job.id(),
        0,
        job.group(),
        each,
        job.fixedPorts(),
        job.dynamicPorts(),
        job.constraints(),
        job.pools(),
        job.priority(),
        job.reclaimable(),
        job.labels(),
        job.evictable());
  }
}
