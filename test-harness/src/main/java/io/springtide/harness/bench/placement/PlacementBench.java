package io.springtide.harness.bench.placement;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.model.Pool;
import java.io.IOException;
import java.nio.file.Path;
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
    sortOptions = false,
    description = {
      "Places a workload with the scheduler's placement engine and says how fast, how tightly and"
          + " in how much memory, beside Fenzo on the same work.",
      "",
      "The workload is drawn from a seed: 3 zones, 40 racks, hosts of several sizes, jobs of 8"
          + " shapes with limits per host, a spread over racks and zones, attributes to match and"
          + " jobs to be apart from; 60 %% of all is taken in the end. Or it is read from two"
          + " files."
    },
    footer = {
      "",
      "An oracle that shares no code with the engine counts violations; there must be none. Times"
          + " are medians of --runs after --warm-ups; p50 and p99 are of whole calls, with one"
          + " instance and with a thousand.",
      "",
      "  ./tide bench placement --hosts 10000 --instances 1000000",
      "  ./tide bench placement --packing --json",
      "  ./tide bench placement --hosts-file hosts.csv --instances-file instances.csv",
      "  ./tide bench placement --sharing",
      "",
      "1,000 hosts take half a minute, 10,000 some two minutes."
    })
public final class PlacementBench implements Callable<Integer> {
  private static final int MAX_INSTANCES = 20_000_000;

  @Option(
      names = "--hosts",
      defaultValue = "1000",
      description = "how many hosts are drawn (default: ${DEFAULT-VALUE})")
  private int hosts;

  @Option(
      names = "--instances",
      description = "how many instances are drawn (default: 100 for each host)")
  private Integer instances;

  @Option(
      names = "--seed",
      defaultValue = "42",
      description = "of all that is random (default: ${DEFAULT-VALUE})")
  private long seed;

  @Option(
      names = "--runs",
      defaultValue = "10",
      description = "how often it is measured (default: ${DEFAULT-VALUE})")
  private int runs;

  @Option(
      names = "--warm-ups",
      defaultValue = "5",
      description = "runs before that, not measured (default: ${DEFAULT-VALUE})")
  private int warmUps;

  @Option(
      names = "--fenzo-instances",
      defaultValue = "1000",
      description =
          "instances that Fenzo places, scaled per decision; 0 leaves it out (default:"
              + " ${DEFAULT-VALUE})")
  private int fenzoInstances;

  @Option(names = "--packing", description = "mixed shapes, no constraint: how many hosts it takes")
  private boolean packing;

  @Option(
      names = "--offers",
      description = "as in production: on held offers, each instance with a port of its own")
  private boolean offers;

  @Option(names = "--sharing", description = "times entitlement, reclaim and growth instead")
  private boolean sharing;

  @Option(
      names = "--hosts-file",
      description = "hosts to place on: host,cpu_milli,memory_mib,rack,zone and, if any has, gpus")
  private Path hostsFile;

  @Option(
      names = "--instances-file",
      description =
          "what to place, in this order: instance,job,cpu_milli,memory_mib and, if any, gpus")
  private Path instancesFile;

  @Option(
      names = "--out",
      description = "writes instance,host, and the workload to FILE.hosts.csv, FILE.instances.csv")
  private Path out;

  @Option(names = "--json", description = "one JSON object on stdout, nothing else")
  private boolean json;

  private final ObjectNode result = new ObjectMapper().createObjectNode();
  private final Progress progress = new Progress(System.err, System::nanoTime);

  @Override
  public Integer call() {
    String wrong = wrongOptions();
    if (!wrong.isEmpty()) {
      System.err.println("placement: " + wrong);
      return 2;
    }
    try {
      if (out != null) {
        // Now rather than after long work.
        TraceFiles.write(out, new Workload(List.of(), List.of()), Map.of());
      }
      run();
    } catch (BadTraceException e) {
      System.err.println("placement: " + e.getMessage());
      return 2;
    } catch (IOException e) {
      System.err.println("placement: --out " + out + " cannot be written: " + e);
      return 2;
    }
    print();
    return result.path("violations").asLong() == 0 ? 0 : 1;
  }

  private String wrongOptions() {
    if ((hostsFile == null) != (instancesFile == null)) {
      return "--hosts-file and --instances-file go together: give both or neither";
    }
    if (hosts < 1 || hosts > Pool.MAX_HOSTS) {
      return "--hosts " + hosts + " is out of range: 1 to " + Pool.MAX_HOSTS;
    }
    if (instances != null && (instances < 1 || instances > MAX_INSTANCES)) {
      return "--instances " + instances + " is out of range: 1 to " + MAX_INSTANCES;
    }
    if (runs < 1 || warmUps < 0 || fenzoInstances < 0) {
      return "--runs is 1 or more, --warm-ups and --fenzo-instances 0 or more";
    }
    if (sharing && (packing || offers || hostsFile != null || out != null)) {
      return "--sharing places nothing: leave --packing, --offers, --out and the files out";
    }
    return "";
  }

  private void run() throws IOException {
    if (sharing) {
      sharing();
    } else if (hostsFile != null) {
      trace();
    } else if (packing) {
      packing();
    } else {
      speed();
    }
  }

  private int instanceCount() {
    return instances == null ? hosts * 100 : instances;
  }

  private void speed() throws IOException {
    Workload workload = Workload.generate(hosts, instanceCount(), seed);
    result.put("hosts", hosts);
    result.put("instances", workload.instances());
    result.put("seed", seed);
    result.put("offers", offers);
    write(
        workload,
        new SpeedBench(workload, offers, result, progress).run(warmUps, runs, fenzoInstances));
  }

  private void packing() throws IOException {
    place(Workload.packing(hosts, instanceCount(), seed));
  }

  private void trace() throws IOException {
    place(TraceFiles.read(hostsFile, instancesFile));
  }

  /** Places once: in the given order, or all together where only the packing counts. */
  private void place(Workload workload) throws IOException {
    EngineRun run = new EngineRun(workload, offers);
    long begun = System.nanoTime();
    List<Placement> placements = packing ? run.placeInOneRound() : run.placeJobByJob(progress);
    long nanos = System.nanoTime() - begun;
    Map<String, String> hostOf = EngineRun.byInstance(placements);
    int used = new HashSet<>(hostOf.values()).size();
    int bound = workload.hostsLowerBound();
    result.put("hosts", workload.hosts().size());
    result.put("instances", workload.instances());
    result.put("placed", placements.size());
    result.put("refused", workload.instances() - placements.size());
    double[] allocated = workload.allocatedPercent(hostOf);
    result.put("cpuAllocatedPercent", SpeedBench.round(allocated[0]));
    result.put("memoryAllocatedPercent", SpeedBench.round(allocated[1]));
    result.put("hostsUsed", used);
    result.put("hostsLowerBound", bound);
    result.put("ratioToLowerBound", bound == 0 ? 0 : Math.round(used * 1000.0 / bound) / 1000.0);
    result.put("violations", PlacementOracle.violations(workload, hostOf));
    result.put("placementsPerSecond", Math.round(placements.size() * 1e9 / Math.max(1, nanos)));
    write(workload, hostOf);
  }

  private void sharing() {
    ArrayNode curve = result.putArray("sharingCurve");
    int[] sizes = {1_000, 3_000, 10_000};
    // All of them first: the smallest must not pay for the compiler.
    for (int size : sizes) {
      if (warmUps > 0) {
        SharingRun.median(size / 10, size, warmUps);
      }
    }
    for (int size : sizes) {
      SharingRun.Round round = SharingRun.median(size / 10, size, runs);
      curve
          .addObject()
          .put("hosts", size)
          .put("groups", size / 10)
          .put("pools", 10)
          .put("roundMillis", SpeedBench.round(round.total() / 1e6))
          .put("roundCpuMillis", SpeedBench.round(round.cpu() / 1e6))
          .put("entitlementMillis", SpeedBench.round(round.entitlements() / 1e6))
          .put("reclaimMillis", SpeedBench.round(round.reclaim() / 1e6))
          .put("growthMillis", SpeedBench.round(round.growth() / 1e6))
          .put("evictions", round.evictions())
          .put("hostsOrdered", round.ordered());
      result.put("roundMillis", SpeedBench.round(round.total() / 1e6));
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
}
