package io.springtide.harness.bench.placement;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.Placement;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How fast, how tight and how right the placement engine is, beside Fenzo. */
@Command(
    name = "placement",
    mixinStandardHelpOptions = true,
    description = "Places a generated or given workload: speed, memory, packing, beside Fenzo.")
public final class PlacementBench implements Callable<Integer> {
  private static final int SINGLES = 20_000;
  private static final int BATCH = 1_000;

  @Option(names = "--hosts", defaultValue = "1000", description = "default: ${DEFAULT-VALUE}")
  private int hosts;

  @Option(names = "--instances", description = "default: 100 for each host")
  private Integer instances;

  @Option(names = "--seed", defaultValue = "42", description = "of the generator; ${DEFAULT-VALUE}")
  private long seed;

  @Option(names = "--runs", defaultValue = "10", description = "default: ${DEFAULT-VALUE}")
  private int runs;

  @Option(names = "--warm-ups", defaultValue = "5", description = "default: ${DEFAULT-VALUE}")
  private int warmUps;

  @Option(
      names = "--fenzo-instances",
      defaultValue = "1000",
      description = "instances that Fenzo places, scaled per decision; 0 leaves it out")
  private int fenzoInstances;

  @Option(names = "--packing", description = "mixed shapes, no constraint: how many hosts it takes")
  private boolean packing;

  @Option(names = "--sharing", description = "times entitlement, reclaim and growth instead")
  private boolean sharing;

  @Option(names = "--hosts-file", description = "host,cpu_milli,memory_mib,rack,zone")
  private Path hostsFile;

  @Option(names = "--instances-file", description = "instance,job,cpu_milli,memory_mib")
  private Path instancesFile;

  @Option(
      names = "--out",
      description = "writes instance,host, and the workload to FILE.hosts.csv, FILE.instances.csv")
  private Path out;

  @Option(names = "--json", description = "one JSON object on stdout, nothing else")
  private boolean json;

  private final ObjectNode result = new ObjectMapper().createObjectNode();

  @Override
  public Integer call() throws IOException {
    if ((hostsFile == null) != (instancesFile == null)) {
      System.err.println("--hosts-file and --instances-file go together: give both or neither");
      return 2;
    }
    if (hosts < 1 || runs < 1 || warmUps < 0 || (instances != null && instances < 1)) {
      System.err.println("--hosts, --instances and --runs are 1 or more");
      return 2;
    }
    if (sharing) {
      sharing();
    } else if (hostsFile != null) {
      trace();
    } else if (packing) {
      packing();
    } else {
      speed();
    }
    print();
    return result.path("violations").asLong() == 0 ? 0 : 1;
  }

  private int instanceCount() {
    return instances == null ? hosts * 100 : instances;
  }

  private void speed() throws IOException {
    Workload workload = Workload.generate(hosts, instanceCount(), seed);
    List<Placement> placements = List.of();
    double[] perSecond = new double[runs];
    double[] perCpuSecond = new double[runs];
    EngineRun run = new EngineRun(workload);
    for (int i = -warmUps; i < runs; i++) {
      run = new EngineRun(workload);
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
    result.put("hosts", hosts);
    result.put("instances", workload.instances());
    result.put("seed", seed);
    result.put("placed", placements.size());
    result.put("placementsPerSecond", Math.round(perSecond[runs / 2]));
    // Of this thread alone: what a machine that others use too would give with nobody else on it.
    result.put("placementsPerCpuSecond", Math.round(perCpuSecond[runs / 2]));
    latencies(workload, run, 1, "");
    latencies(workload, run, BATCH, "batch1000");
    result.put("hostsUsed", new HashSet<>(hostOf.values()).size());
    result.put("hostsLowerBound", workload.hostsLowerBound());
    result.put("violations", PlacementOracle.violations(workload, hostOf));
    result.put("bytesPerInstance", bytesPerInstance(workload));
    nearlyFull(workload);
    if (fenzoInstances > 0) {
      fenzo(workload, perSecond[runs / 2]);
    }
    write(workload, hostOf);
  }

  /** Whole calls, each followed by giving the room back, on the cluster as it is when full. */
  private void latencies(Workload workload, EngineRun run, int batch, String prefix) {
    List<Workload.Job> jobs = workload.jobs();
    int calls = batch == 1 ? SINGLES : 400;
    double[] micros = new double[calls];
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < calls; i++) {
        Workload.Job job = jobs.get(i % jobs.size());
        List<String> ids = new ArrayList<>(batch);
        for (int n = 0; n < batch; n++) {
          ids.add("extra#" + n);
        }
        long begun = System.nanoTime();
        run.engine.place(job.id(), ids, EngineRun.NOW);
        micros[i] = (System.nanoTime() - begun) / 1e3;
        ids.forEach(run.engine::release);
      }
    }
    percentiles(micros, prefix);
  }

  private void percentiles(double[] micros, String prefix) {
    Arrays.sort(micros);
    String p50 = prefix.isEmpty() ? "p50Micros" : prefix + "P50Micros";
    String p99 = prefix.isEmpty() ? "p99Micros" : prefix + "P99Micros";
    result.put(p50, round(micros[micros.length / 2]));
    result.put(p99, round(micros[(int) (micros.length * 0.99)]));
  }

  /** One pending instance at a time on hosts with next to no room: most look, few fit. */
  private void nearlyFull(Workload workload) {
    EngineRun run = new EngineRun(workload);
    run.placeJobByJob();
    List<Workload.Job> jobs = workload.jobs();
    int extra = 0;
    int many = workload.instances();
    for (Workload.Job job : jobs) {
      if (job.maxPerHost() == 0 || job.spread()) {
        List<String> ids = new ArrayList<>();
        for (int n = 0; n < many; n++) {
          ids.add("fill-" + job.id() + "#" + n);
        }
        extra += run.engine.place(job.id(), ids, EngineRun.NOW).placements().size();
      }
    }
    result.put("nearlyFullExtra", extra);
    latencies(workload, run, 1, "nearlyFull");
  }

  private void fenzo(Workload workload, double ours) {
    int perJob = Math.max(1, fenzoInstances / workload.jobs().size());
    Workload sample = workload.sample(perJob);
    new FenzoRun(sample.sample(1)).run();
    FenzoRun.Result fenzo = new FenzoRun(sample).run();
    double perSecond = fenzo.hostOf().size() * 1e9 / fenzo.nanos();
    result.put("fenzoPlaced", fenzo.hostOf().size());
    result.put("fenzoViolations", PlacementOracle.violations(sample, fenzo.hostOf()));
    result.put("fenzoPlacementsPerSecond", round(perSecond));
    result.put("ratioToFenzo", round(ours / perSecond));
  }

  /** Heap that the engine keeps for a placed instance; the ids are the caller's own strings. */
  private static double bytesPerInstance(Workload workload) {
    EngineRun run = new EngineRun(workload);
    long before = heap();
    int placed = run.placeJobByJob().size();
    long after = heap();
    // Keeps the engine alive until the heap was looked at.
    run.engine.allocation("");
    return round((double) (after - before) / Math.max(1, placed));
  }

  private static long heap() {
    Runtime runtime = Runtime.getRuntime();
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private void packing() throws IOException {
    Workload workload = Workload.packing(hosts, instanceCount(), seed);
    EngineRun run = new EngineRun(workload);
    long begun = System.nanoTime();
    List<Placement> placements = run.placeInOneRound();
    long nanos = System.nanoTime() - begun;
    Map<String, String> hostOf = EngineRun.byInstance(placements);
    int used = new HashSet<>(hostOf.values()).size();
    int bound = workload.hostsLowerBound();
    result.put("hosts", hosts);
    result.put("instances", workload.instances());
    result.put("placed", placements.size());
    result.put("placementsPerSecond", Math.round(placements.size() * 1e9 / nanos));
    result.put("hostsUsed", used);
    result.put("hostsLowerBound", bound);
    result.put("ratioToLowerBound", Math.round(used * 1000.0 / bound) / 1000.0);
    result.put("violations", PlacementOracle.violations(workload, hostOf));
    write(workload, hostOf);
  }

  private void trace() throws IOException {
    Workload workload = TraceFiles.read(hostsFile, instancesFile);
    EngineRun run = new EngineRun(workload);
    long begun = System.nanoTime();
    List<Placement> placements = run.placeJobByJob();
    long nanos = System.nanoTime() - begun;
    Map<String, String> hostOf = EngineRun.byInstance(placements);
    double[] used = new double[2];
    for (Workload.Job job : workload.jobs()) {
      long placed = job.instances().stream().filter(hostOf::containsKey).count();
      used[0] += (double) job.cpuMillis() * placed;
      used[1] += (double) job.memoryMiB() * placed;
    }
    double cpus = workload.hosts().stream().mapToDouble(Workload.Host::cpuMillis).sum();
    double memory = workload.hosts().stream().mapToDouble(Workload.Host::memoryMiB).sum();
    result.put("placed", placements.size());
    result.put("refused", workload.instances() - placements.size());
    result.put("cpuAllocatedPercent", round(100 * used[0] / cpus));
    result.put("memoryAllocatedPercent", round(100 * used[1] / memory));
    result.put("violations", PlacementOracle.violations(workload, hostOf));
    result.put("placementsPerSecond", Math.round(placements.size() * 1e9 / nanos));
    write(workload, hostOf);
  }

  private void sharing() {
    ArrayNode curve = result.putArray("sharingCurve");
    for (int size : new int[] {1_000, 3_000, 10_000}) {
      if (warmUps > 0) {
        SharingRun.median(size / 10, size, warmUps);
      }
      SharingRun.Round round = SharingRun.median(size / 10, size, runs);
      curve
          .addObject()
          .put("hosts", size)
          .put("groups", size / 10)
          .put("pools", 10)
          .put("roundMillis", round(round.total() / 1e6))
          .put("roundCpuMillis", round(round.cpu() / 1e6))
          .put("entitlementMillis", round(round.entitlements() / 1e6))
          .put("reclaimMillis", round(round.reclaim() / 1e6))
          .put("growthMillis", round(round.growth() / 1e6))
          .put("evictions", round.evictions())
          .put("hostsOrdered", round.ordered());
      result.put("roundMillis", round(round.total() / 1e6));
    }
  }

  private void write(Workload workload, Map<String, String> hostOf) throws IOException {
    if (out != null) {
      TraceFiles.write(out, workload, hostOf);
      TraceFiles.writeWorkload(out, workload);
    }
  }

  private void print() {
    if (json) {
      System.out.println(result);
    } else {
      result.properties().forEach(e -> System.out.printf("%-28s %s%n", e.getKey(), e.getValue()));
    }
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static double round(double value) {
    return Math.round(value * 100) / 100.0;
  }
}
