package io.springtide.harness.bench.core;

import io.springtide.partition.model.Group;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.state.Commit;
import io.springtide.scheduler.state.MemoryStateStore;
import io.springtide.scheduler.state.StateStore;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.server.document.Documents;
import io.springtide.server.document.GroupDocument;
import io.springtide.server.document.JobDocument;
import io.springtide.server.document.PoolDocument;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * A core with its master, driven turn by turn as {@code CorePump} does: some events, a tick, a
 * view. Only what the core does is on the clock, which is the CPU time of this thread.
 */
final class DrivenCore {
  static final String EXECUTOR = "springtide-executor";

  /** What one turn of a busy process takes, and how far time goes on in each. */
  static final Duration STEP = Duration.ofMillis(10);

  /** Longer than anything that the core puts off in order to do it once. */
  static final Duration PAUSE = Duration.ofMillis(300);

  private static final Duration ALLOCATION = Duration.ofSeconds(1);

  /** As many events as the server's loop takes at once. */
  static final int BATCH = 256;

  private static final int MOST_TURNS = 100_000;
  private static final int CPU_MILLIS = 100;
  private static final int MEMORY_MIB = 64;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final CoreConfig config = CoreConfig.of(EXECUTOR);
  private final StateStore store = new MemoryStateStore();
  private final VirtualMaster master;
  private final SchedulerCore core;
  private int jobs;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private Instant nextAllocation = now;
  private ClusterView view;

  /** CPU nanoseconds of the core in one turn. */
  record Cost(long deciding, long viewing) {
    long all() {
      return deciding + viewing;
    }
  }

  /**
   * A core with hosts whose wardens run, and room for a tenth more than {@code instances}.
   *
   * @param instances how many are to run in all, as many on each host
   */
  DrivenCore(int hosts, int instances) {
    int each = Math.max(1, instances / hosts) + Math.max(1, instances / hosts / 10);
    Resources room = Resources.of(CPU_MILLIS, MEMORY_MIB).times(each).plus(config.overhead());
    master = new VirtualMaster(config, hosts, room);
    core = SchedulerCore.restore(config, StateStore.Loaded.EMPTY, now);
    view = core.view();
    turn(STEP, List.of(new Event.Subscribed("77ad78c0-e0fd-4dbc-ad24-22e9979ca0f8-0000")));
    turn(
        STEP,
        List.of(
            new Event.PutPool(
                "p",
                PoolDocument.read(
                    Documents.yaml(bytes("{name: idc, kind: owned, hosts: {max: 100000}}"))),
                OptionalLong.empty()),
            new Event.PutGroup("g", group(instances / 2), OptionalLong.empty())));
    rest(hosts);
  }

  /** It is guaranteed the room of so many instances, and borrows the rest. */
  private static Group group(int instances) {
    return GroupDocument.read(
        Documents.yaml(
            bytes(
                String.format(
                    Locale.ROOT,
                    "{path: feed, quotas: {idc: {guarantee: {cpus: %d, memoryMiB: %d},"
                        + " limit: {}}}}",
                    instances * CPU_MILLIS / 1000,
                    instances * MEMORY_MIB))));
  }

  VirtualMaster master() {
    return master;
  }

  ClusterView view() {
    return view;
  }

  SchedulerCore core() {
    return core;
  }

  Instant now() {
    return now;
  }

  StateStore.Loaded durable() {
    return store.load();
  }

  /** A core that goes on from what is durable, as a new leader's. */
  SchedulerCore restored(StateStore.Loaded durable) {
    return SchedulerCore.restore(config, durable, now);
  }

  /** A command that wants a job of so many small instances, each with a port. */
  Event create(int instances) {
    String text =
        String.format(
            Locale.ROOT,
            "{id: %s, instances: %d, reclaimable: true, resources: {cpus: 0.1, memoryMiB: %d},"
                + " container: {image: 'web:1', ports: [{name: http, container: 8080}]}}",
            "feed.web" + jobs++,
            instances,
            MEMORY_MIB);
    return new Event.CreateJob("j", JobDocument.read(Documents.yaml(bytes(text))));
  }

  /**
   * Goes on until all is done that was put off.
   *
   * @param running how many tasks are to run then, wardens included
   */
  void rest(int running) {
    for (int turns = 0; !master.isQuiet() || master.running() != running; turns++) {
      if (turns > MOST_TURNS) {
        throw new IllegalStateException(master.running() + " tasks run, not " + running);
      }
      turn(master.isQuiet() ? PAUSE : STEP, next(List.of()));
    }
    for (int turns = 0; turns < 10; turns++) {
      turn(PAUSE, next(List.of()));
    }
  }

  /** A turn with what the master has to say, after {@code first}. */
  Cost go(List<Event> first) {
    return turn(STEP, next(first));
  }

  private List<Event> next(List<Event> first) {
    List<Event> events = new ArrayList<>(first);
    if (!now.isBefore(nextAllocation)) {
      nextAllocation = now.plus(ALLOCATION);
      master.allocation().ifPresent(events::add);
    }
    events.addAll(master.updates(BATCH - events.size()));
    return events;
  }

  /** One turn, {@code step} after the last. */
  Cost turn(Duration step, List<Event> events) {
    now = now.plus(step);
    List<List<Effect>> effects = new ArrayList<>();
    long begun = cpu();
    for (Event event : events) {
      effects.add(core.handle(event, now));
    }
    effects.add(core.handle(new Event.Tick(), now));
    long decided = cpu();
    view = core.view();
    Cost cost = new Cost(decided - begun, cpu() - decided);
    effects.forEach(all -> all.forEach(this::carryOut));
    return cost;
  }

  private void carryOut(Effect effect) {
    if (effect instanceof Effect.Persist persist) {
      store.commit(Commit.of(persist.version(), persist.changes())).toCompletableFuture().join();
    } else {
      master.take(effect, now);
    }
  }

  /** CPU nanoseconds of this thread so far. */
  static long cpu() {
    return THREADS.getCurrentThreadCpuTime();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
