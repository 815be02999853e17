package io.springtide.harness.bench.placement;

import io.springtide.partition.answer.Placed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The engine under JMH: a call that places one instance, one that places a thousand, and a sharing
 * round. Each placement is given back, so that the cluster stays 60 % full. {@link PlacementJmhRun}
 * runs it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx2g")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class PlacementJmh {

  /** A cluster of a thousand or ten thousand hosts with a hundred instances on each. */
  @State(Scope.Thread)
  public static class Cluster {
    @Param({"1000", "10000"})
    public int hosts;

    private EngineRun run;
    private List<Workload.Job> jobs;
    private final List<String> thousand = new ArrayList<>();
    private int next;

    @Setup
    public void fill() {
      Workload workload = Workload.generate(hosts, hosts * 100, 42);
      run = new EngineRun(workload, false);
      run.placeJobByJob();
      jobs = workload.jobs();
      for (int i = 0; i < 1_000; i++) {
        thousand.add("extra#" + i);
      }
    }

    private Placed place(int count) {
      List<String> ids = thousand.subList(0, count);
      Placed placed = run.engine.place(jobs.get(next++ % jobs.size()).id(), ids, EngineRun.NOW);
      ids.forEach(run.engine::release);
      return placed;
    }
  }

  /** A full cluster in which some want their guarantees back and others want more. */
  @State(Scope.Thread)
  public static class Full {
    @Param({"1000", "3000", "10000"})
    public int fullHosts;

    private SharingRun run;

    @Setup(Level.Invocation)
    public void fill() {
      run = new SharingRun(fullHosts / 10, fullHosts);
    }
  }

  @Benchmark
  public Placed placeOne(Cluster cluster) {
    return cluster.place(1);
  }

  @Benchmark
  public Placed placeThousand(Cluster cluster) {
    return cluster.place(1_000);
  }

  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  @Warmup(iterations = 10)
  @Measurement(iterations = 15)
  public Object sharingRound(Full full) {
    return full.run.round(Instant.parse("2026-01-01T01:00:00Z"));
  }
}
