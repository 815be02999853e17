package io.springtide.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.CountingOutputStream;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.PoolKind;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.job.ContainerSpec;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.PortSpec;
import io.springtide.scheduler.state.Agent;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Commit;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.PortAssignment;
import io.springtide.scheduler.state.Seat;
import io.springtide.scheduler.state.StateStore;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.TaskState;
import io.springtide.server.loop.Standby;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.apache.curator.framework.CuratorFramework;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a snapshot of 100,000 running tasks costs, and whom it keeps waiting. Prints figures. */
class SnapshotCostTest {
  private static final int JOBS = 100;
  private static final int INSTANCES = 1000;
  private static final int HOSTS = 1000;
  private static final Instant NOON = Instant.parse("2026-02-17T12:00:00.123456Z");

  @TempDir Path dir;
  private long version;

  @Test
  void commitsGoOnWhileASnapshotIsWritten() {
    try (EmbeddedZooKeeper zooKeeper = EmbeddedZooKeeper.start(dir);
        CuratorFramework curator =
            ZooKeeperClient.connect(zooKeeper.connectString(), Duration.ofSeconds(60))) {
      ZooKeeperStateStore store = new ZooKeeperStateStore(curator);
      store.load();
      for (List<Change> some : commits(state())) {
        store.commit(Commit.of(++version, some)).toCompletableFuture().join();
      }
      store.snapshot().join();
      report("commits without a snapshot", commits(store, 400, () -> true));
      long began = System.nanoTime();
      CompletableFuture<Void> snapshot = store.snapshot();
      long[] meanwhile = commits(store, Integer.MAX_VALUE, () -> !snapshot.isDone());
      System.out.printf("snapshot: %d ms, ", (System.nanoTime() - began) / 1_000_000);
      System.out.printf("of CPU %d ms on its own thread%n", cpuMillis("store-snapshot"));
      report("commits during the snapshot", meanwhile);
      assertThat(meanwhile).as("commits go on meanwhile").isNotEmpty();
      began = System.nanoTime();
      CompletableFuture<Long> export = export(store);
      meanwhile = commits(store, Integer.MAX_VALUE, () -> !export.isDone());
      System.out.printf(
          "export: %d MiB in %d ms%n",
          export.join() >> 20, (System.nanoTime() - began) / 1_000_000);
      report("commits during the export", meanwhile);
      store.close();

      long cpu = cpuNanos();
      began = System.nanoTime();
      StateStore next = new ZooKeeperStateStore(curator);
      StateStore.Loaded loaded = next.load();
      long read = System.nanoTime();
      long readCpu = cpuNanos();
      SchedulerCore restored = core(loaded);
      System.out.printf(
          "restore: read in %d ms (%d of CPU), restored in %d ms (%d of CPU)%n",
          (read - began) / 1_000_000,
          (readCpu - cpu) / 1_000_000,
          (System.nanoTime() - read) / 1_000_000,
          (cpuNanos() - readCpu) / 1_000_000);
      assertThat(restored.view().jobs().values())
          .hasSize(JOBS)
          .allSatisfy(job -> assertThat(job.instances()).hasSize(INSTANCES));
      takeOver(next, curator);
      next.close();
    }
  }

  /** What of that is left for who has followed. */
  private void takeOver(StateStore leader, CuratorFramework curator) {
    Instant later = NOON.plusSeconds(3600);
    Standby standby =
        new Standby(CoreConfig.of("executor-1"), InstantSource.fixed(later), System::nanoTime);
    Tail tail = new Tail(curator, standby, () -> {});
    tail.look();
    commit(leader);
    long began = System.nanoTime();
    long cpu = cpuNanos();
    ZooKeeperStateStore warm = new ZooKeeperStateStore(curator);
    warm.takeOver(tail);
    long read = System.nanoTime();
    SchedulerCore core = standby.core();
    core.lead(later);
    assertThat(core.view().version()).isEqualTo(version);
    System.out.printf(
        "takeover by who has followed: read in %d ms, leading in %d ms (%d of CPU, both)%n",
        (read - began) / 1_000_000,
        (System.nanoTime() - read) / 1_000_000,
        (cpuNanos() - cpu) / 1_000_000);
    warm.close();
  }

  /** All of it in words, on a thread of its own; how many bytes they are. */
  private static CompletableFuture<Long> export(StateStore store) {
    return CompletableFuture.supplyAsync(
        () -> {
          long began = System.nanoTime();
          StateStore.Loaded state = store.current().toCompletableFuture().join();
          System.out.printf("list for an export: %d ms%n", (System.nanoTime() - began) / 1_000_000);
          try (CountingOutputStream out =
              new CountingOutputStream(OutputStream.nullOutputStream())) {
            StateFile.write(state, out);
            return out.getCount();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static SchedulerCore core(StateStore.Loaded loaded) {
    return SchedulerCore.restore(CoreConfig.of("executor-1"), loaded, NOON.plusSeconds(3600));
  }

  private static List<List<Change>> commits(List<Change> changes) {
    List<List<Change>> commits = new ArrayList<>();
    for (int from = 0; from < changes.size(); from += 1000) {
      commits.add(changes.subList(from, Math.min(changes.size(), from + 1000)));
    }
    return commits;
  }

  private long[] commits(StateStore store, int most, BooleanSupplier more) {
    List<Long> nanos = new ArrayList<>();
    while (nanos.size() < most && more.getAsBoolean()) {
      long before = System.nanoTime();
      commit(store);
      nanos.add(System.nanoTime() - before);
    }
    return nanos.stream().mapToLong(Long::longValue).toArray();
  }

  private void commit(StateStore store) {
    store.commit(Commit.of(++version, List.of(instance("g.j0", 0)))).toCompletableFuture().join();
  }

  private static void report(String what, long[] nanos) {
    Arrays.sort(nanos);
    System.out.printf(
        "%s: %d, p50 %.1f ms, p99 %.1f ms, most %.1f ms%n",
        what,
        nanos.length,
        nanos[nanos.length / 2] / 1e6,
        nanos[nanos.length * 99 / 100] / 1e6,
        nanos[nanos.length - 1] / 1e6);
  }

  /** This thread's: tells more than the time on a machine that has other things to do. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static long cpuMillis(String thread) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long nanos = 0;
    for (ThreadInfo info : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (info != null && info.getThreadName().equals(thread)) {
        nanos += Math.max(0, threads.getThreadCpuTime(info.getThreadId()));
      }
    }
    return nanos / 1_000_000;
  }

  private static List<Change> state() {
    List<Change> state = new ArrayList<>();
    state.add(new Change.PoolPut(LivelyCluster.pool("idc", PoolKind.OWNED, Map.of()), 1));
    state.add(new Change.GroupPut(group(), 1));
    for (int h = 0; h < HOSTS; h++) {
      state.add(new Change.HostPut(host(h)));
    }
    for (int j = 0; j < JOBS; j++) {
      String job = "g.j" + j;
      state.add(new Change.JobPut(Job.created(spec(job), 1, new Job.Made("", NOON))));
      for (int i = 0; i < INSTANCES; i++) {
        state.add(instance(job, i));
      }
    }
    return state;
  }

  private static Host host(int index) {
    return new Host(
        "h" + index,
        "idc",
        Optional.empty(),
        Optional.of(
            new Agent(
                "3c8e9ab1-7b0f-4c2c-9d44-0d4fbd1f12aa-S" + index,
                "h" + index + ".example",
                Map.of("node", "h" + index, "rack", "k" + index % 40),
                Resources.of(64_000, 128_000, 100_000),
                PortRanges.of(31000, 31999))),
        new Seat(Optional.empty(), 0, NOON),
        HostCondition.READY,
        Host.Wish.SERVE,
        NOON,
        NOON);
  }

  private static Group group() {
    Quota quota = Quota.limitedTo(Limit.UNLIMITED);
    return new Group("g", "", "", Map.of("idc", quota), Limit.UNLIMITED, GroupPolicy.DEFAULT);
  }

  private static Change instance(String job, int index) {
    Task task =
        new Task(
            job + "." + index + "." + (index + 7),
            index + 7,
            1,
            "h" + index % HOSTS,
            "3c8e9ab1-7b0f-4c2c-9d44-0d4fbd1f12aa-S" + index % HOSTS,
            "idc",
            Label.GUARANTEED,
            Optional.empty(),
            List.of(new PortAssignment("http", 8080, 31000 + index % 900)),
            TaskState.RUNNING,
            Optional.of(true),
            "172.17.0." + index % 250,
            NOON.plusNanos(index * 1_000_037L),
            NOON.plusNanos(index * 1_000_991L));
    return new Change.InstancePut(
        new Instance(
            job,
            index,
            1,
            InstanceState.RUNNING,
            Goal.RUN,
            "",
            Optional.of(task),
            0,
            0,
            0,
            NOON,
            NOON.plusNanos(index * 1_000_991L),
            List.of()));
  }

  private static JobSpec spec(String id) {
    return JobSpec.of(
            id,
            Resources.of(100, 64),
            new ContainerSpec(
                "web:1",
                List.of(),
                Map.of(),
                ContainerSpec.HOST_NETWORK,
                List.of(new PortSpec("http", 0, 0)),
                List.of(),
                false))
        .instances(INSTANCES)
        .reclaimable(true)
        .build();
  }
}
