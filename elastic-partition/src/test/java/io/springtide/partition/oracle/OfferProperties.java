package io.springtide.partition.oracle;

import static io.springtide.partition.oracle.PlacementProperties.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.Engine;
import io.springtide.partition.Plan;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** On offers: what is placed was offered and once only, and asking uses nothing up. */
class OfferProperties {

  @Property(tries = 150)
  void whatIsPlacedWasOfferedOnceAndTheRecordsBoundIt(@ForAll long seed) {
    World world = World.random(seed);
    Random random = new Random(seed + 1);
    Engine engine = world.fill(new Engine(), random);
    Ledger ledger = new Ledger(world);
    Map<String, Resources> offered = new HashMap<>();
    Map<String, PortRanges> ports = new HashMap<>();
    List<JobDemand> jobs = new ArrayList<>(world.jobs.values());
    for (int step = 0; step < 12; step++) {
      for (HostSpec host : world.hosts.values()) {
        if (random.nextInt(3) == 0) {
          Resources free = part(host.capacity(), random.nextInt(5));
          engine.offer(host.id(), free, host.ports());
          offered.put(host.id(), free);
          ports.put(host.id(), host.ports());
        } else if (random.nextInt(6) == 0) {
          engine.withdrawOffer(host.id());
          offered.remove(host.id());
        }
      }
      JobDemand job = jobs.get(random.nextInt(jobs.size()));
      for (Placement p :
          engine.place(job.id(), ids(job.id() + "/" + step, 5), World.NOON).placements()) {
        assertThat(ledger.add(job, p)).as("seed %d step %d", seed, step).isEmpty();
        assertThat(offered).as("placed without an offer").containsKey(p.host());
        Resources left = offered.get(p.host());
        Resources need = withoutShared(job, world, p.pool());
        assertThat(left.covers(need)).as("%s of %s for %s", need, left, p).isTrue();
        offered.put(p.host(), left.minus(need));
        for (int port : p.ports()) {
          boolean ofHost = world.hosts.get(p.host()).ports().contains(port);
          assertThat(!ofHost || ports.get(p.host()).contains(port)).isTrue();
        }
        ports.put(p.host(), ports.get(p.host()).minus(p.ports()));
      }
      for (String instance : List.copyOf(ledger.held.keySet())) {
        if (random.nextInt(4) == 0) {
          engine.release(instance);
          ledger.remove(instance);
        }
      }
    }
  }

  @Property(tries = 100)
  void askingChangesNothing(@ForAll long seed) {
    World world = World.random(seed);
    Engine asked = world.fill(new Engine(), new Random(1));
    Engine left = world.fill(new Engine(), new Random(1));
    Random random = new Random(seed);
    for (HostSpec host : world.hosts.values()) {
      Resources free = part(host.capacity(), 1 + random.nextInt(4));
      asked.offer(host.id(), free, host.ports());
      left.offer(host.id(), free, host.ports());
    }
    int step = 0;
    for (JobDemand job : world.jobs.values()) {
      List<Pending> pending = new ArrayList<>();
      for (JobDemand other : world.jobs.values()) {
        pending.add(new Pending(other.id(), ids(other.id() + "/ask", 4)));
        asked.explain(other.id());
      }
      asked.growth(pending, World.NOON);
      Plan.rehearsed(asked, pending, World.NOON);
      asked.consolidate(pending, World.NOON);
      asked.entitlements("idc-a", pending);
      List<String> ids = ids(job.id() + "/" + step++, 3);
      assertThat(asked.place(job.id(), ids, World.NOON))
          .isEqualTo(left.place(job.id(), ids, World.NOON));
    }
  }

  private static Resources part(Resources all, int quarters) {
    return new Resources(
        all.cpuMillis() * quarters / 4,
        all.memoryMiB() * quarters / 4,
        all.diskMiB(),
        0,
        all.scalars());
  }

  private static Resources withoutShared(JobDemand job, World world, String pool) {
    boolean shared = world.pools.get(pool).shared().containsKey("crossLinkMbps");
    Resources each = job.each();
    return shared
        ? new Resources(
            each.cpuMillis(), each.memoryMiB(), 0, 0, java.util.Collections.emptySortedMap())
        : each;
  }
}
