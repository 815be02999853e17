package io.springtide.harness.bench.placement;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.answer.Placement;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/** Times a generated workload: placements per second, latencies of single calls, memory, Fenzo. */
final class SpeedBench {
  private static final int SINGLES = 20_000;
  private static final int BATCHES = 400;
  private static final int BATCH = 1_000;

  private final Workload workload;
  private final boolean offers;
  private final ObjectNode result;
  private final Progress progress;

  SpeedBench(Workload workload, boolean offers, ObjectNode result, Progress progress) {
    this.workload = workload;
    this.offers = offers;
    this.result = result;
    this.progress = progress;
  }

  /** Runs it all; returns where the last run put the instances. */
  Map<String, String> run(int warmUps, int runs, int fenzoInstances) {
    List<Placement> placements = List.of();
    double[] perSecond = new double[runs];
    double[] perCpuSecond = new double[runs];
    EngineRun run = null;
    for (int i = -warmUps; i < runs; i++) {
      progress.at(
          i < 0 ? "warm-up" : "run", i < 0 ? warmUps + i + 1 : i + 1, i < 0 ? warmUps : runs);
      run = new EngineRun(workload, offers);
      long begun = System.nanoTime();
      long cpuBegun = cpuNanos();
      placements = run.placeJobByJob();
      long nanos = System.nanoTime() - begun;
      long cpuNanos = cpuNanos() - cpuBegun;
      if (i >= 0) {
        perSecond[i] = placements.size() * 1e9 / nanos;
        perCpuSecond[i] = placements.size() * 1e9 / cpuNanos;
      }
    }
    Arrays.sort(perSecond);
    Arrays.sort(perCpuSecond);
    Map<String, String> hostOf = EngineRun.byInstance(placements);
    result.put("placed", placements.size());
    result.put("placementsPerSecond", Math.round(perSecond[runs / 2]));
    // Of this thread alone: what a machine that others use too would give with nobody else on it.
    result.put("placementsPerCpuSecond", Math.round(perCpuSecond[runs / 2]));
    latencies(run, 1, "");
    latencies(run, BATCH, "batch1000");
    result.put("hostsUsed", new HashSet<>(hostOf.values()).size());
    result.put("hostsLowerBound", workload.hostsLowerBound());
    result.put("violations", PlacementOracle.violations(workload, hostOf));
    result.put("bytesPerInstance", bytesPerInstance());
    nearlyFull();
    if (fenzoInstances > 0) {
      fenzo(fenzoInstances, perSecond[runs / 2], perCpuSecond[runs / 2]);
    }
    return hostOf;
  }

  /** Whole calls, each followed by giving the room back, on the cluster as the runs left it. */
  private void latencies(EngineRun run, int batch, String prefix) {
    List<Workload.Job> jobs = workload.jobs();
    int calls = batch == 1 ? SINGLES : BATCHES;
    double[] micros = new double[calls];
    List<String> ids = new ArrayList<>(batch);
    for (int n = 0; n < batch; n++) {
      ids.add("extra#" + n);
    }
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < calls; i++) {
        progress.at("call", round * calls + i + 1, 2 * calls);
        Workload.Job job = jobs.get(i % jobs.size());
        long begun = System.nanoTime();
        List<Placement> placed = run.engine.place(job.id(), ids, EngineRun.NOW).placements();
        micros[i] = (System.nanoTime() - begun) / 1e3;
        run.giveBack(placed);
      }
    }
    Arrays.sort(micros);
    String p50 = prefix.isEmpty() ? "p50Micros" : prefix + "P50Micros";
    String p99 = prefix.isEmpty() ? "p99Micros" : prefix + "P99Micros";
    result.put(p50, round(micros[micros.length / 2]));
    result.put(p99, round(micros[(int) (micros.length * 0.99)]));
  }

  /** One pending instance at a time on hosts with next to no room: most look, few fit. */
  private void nearlyFull() {
    EngineRun run = new EngineRun(workload, offers);
    run.placeJobByJob();
    int extra = 0;
    int at = 0;
    for (Workload.Job job : workload.jobs()) {
      progress.at("filling up with job", ++at, workload.jobs().size());
      int placed = BATCH;
      while (placed == BATCH) {
        List<String> ids = new ArrayList<>(BATCH);
        for (int n = 0; n < BATCH; n++) {
          ids.add("fill#" + (extra + n));
        }
        placed = run.engine.place(job.id(), ids, EngineRun.NOW).placements().size();
        extra += placed;
      }
    }
    result.put("nearlyFullExtra", extra);
    latencies(run, 1, "nearlyFull");
  }

  private void fenzo(int instances, double ours, double oursByCpu) {
    int perJob = Math.max(1, instances / workload.jobs().size());
    Workload sample = workload.sample(perJob);
    new FenzoRun(sample.sample(1), offers).run();
    progress.at("Fenzo, run", 2, 2);
    FenzoRun.Iteration fenzo = new FenzoRun(sample, offers).run();
    double perSecond = fenzo.hostOf().size() * 1e9 / fenzo.nanos();
    result.put("fenzoPlaced", fenzo.hostOf().size());
    result.put("fenzoViolations", PlacementOracle.violations(sample, fenzo.hostOf()));
    result.put("fenzoPlacementsPerSecond", round(perSecond));
    double perCpuSecond = fenzo.hostOf().size() * 1e9 / fenzo.cpuNanos();
    result.put("fenzoPlacementsPerCpuSecond", round(perCpuSecond));
    result.put("ratioToFenzo", perSecond > 0 ? round(ours / perSecond) : 0);
    // Neither's wait for the machine counts, nor that Fenzo has more than one core to itself.
    result.put("ratioToFenzoByCpu", perCpuSecond > 0 ? round(oursByCpu / perCpuSecond) : 0);
  }

  /** Heap that the engine keeps for a placed instance; the ids are the caller's own strings. */
  private double bytesPerInstance() {
    EngineRun run = new EngineRun(workload, offers);
    long before = heap();
    int placed = run.placeJobByJob().size();
    long after = heap();
    // Keeps the engine alive until the heap was looked at.
    run.engine.allocation("");
    return round((double) Math.max(0, after - before) / Math.max(1, placed));
  }

  private static long heap() {
    Runtime runtime = Runtime.getRuntime();
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  static double round(double value) {
    return Math.round(value * 100) / 100.0;
  }
}
