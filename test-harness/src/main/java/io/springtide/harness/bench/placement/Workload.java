package io.springtide.harness.bench.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Hosts and jobs to place, in plain values that neither scheduler owns.
 *
 * <p>{@link #generate}: host {@code i} is in rack {@code i mod 40}, each rack in zone {@code rack
 * mod 3}; three rows of racks in four have {@code disk=ssd}; hosts have one, one and a half or two
 * times a unit, drawn evenly, the n-th hosts of all zones alike; the unit is chosen so that all
 * instances take 60 % of each resource. There are 200 jobs (fewer if there are fewer instances) of
 * eight shapes in turn; job {@code j} may have 2 to 8 instances on one host, drawn evenly; every
 * job must be even over the zones (skew 1 at most) and asks softly for an even spread over racks;
 * every eighth must be on ssd; every tenth must be apart from the job before it.
 *
 * <p>All of it can be placed, also by a scheduler that fills one host after the other, because no
 * job needs more than a third of the hosts, and one that must be on ssd or apart from another no
 * more than an eighth: a draw of instances per host is raised where it would be more. Being apart
 * is asked for only where every rack has two hosts and the two jobs together have no more instances
 * than there are hosts. In clusters of few hosts the unit is larger, so that no zone is more than
 * 80 % full and every host holds four of any shape.
 *
 * <p>{@link #packing}: equal hosts, the same shapes, no constraint.
 */
record Workload(List<Host> hosts, List<Job> jobs) {
  static final int JOBS = 200;
  private static final int RACKS = 40;
  private static final int ZONES = 3;
  private static final double FULL = 0.6;
  private static final double FULL_ZONE = 0.8;

  /** Every host holds this many of any shape. */
  private static final int LEAST_PER_HOST = 4;

  /** Milli-cpus and MiB of the eight shapes. */
  private static final int[][] SHAPES = {
    {100, 256}, {250, 512}, {250, 1_024}, {500, 1_024},
    {500, 2_048}, {1_000, 1_024}, {1_000, 4_096}, {2_000, 4_096}
  };

  record Host(
      String id,
      long cpuMillis,
      long memoryMiB,
      long gpus,
      String rack,
      String zone,
      String disk) {}

  /**
   * A job and its instances.
   *
   * @param maxPerHost 0 where there is no such rule
   * @param spread whether it must be even over zones and would be even over racks
   * @param apartFrom index of the job that it must be apart from, or -1
   */
  record Job(
      String id,
      long cpuMillis,
      long memoryMiB,
      long gpus,
      List<String> instances,
      int maxPerHost,
      boolean spread,
      boolean ssd,
      int apartFrom) {}

  static Workload generate(int hostCount, int instances, long seed) {
    Random random = new Random(seed);
    List<Job> jobs = jobs(instances, hostCount, random, true);
    double[] size = sizes(hostCount, random);
    double sum = Arrays.stream(size).sum();
    double[] inZone = new double[Math.min(ZONES, hostCount)];
    for (int i = 0; i < hostCount; i++) {
      inZone[zone(i)] += size[i];
    }
    double smallest = Arrays.stream(inZone).min().orElseThrow() * inZone.length;
    double full = Math.min(FULL, FULL_ZONE * smallest / sum);
    List<Host> hosts = new ArrayList<>(hostCount);
    for (int i = 0; i < hostCount; i++) {
      hosts.add(
          new Host(
              "host-%06d".formatted(i),
              (long) (unit(jobs, true, full, sum) * size[i]),
              (long) (unit(jobs, false, full, sum) * size[i]),
              0,
              "rack-" + i % RACKS,
              "zone-" + zone(i),
              ssd(i) ? "ssd" : "hdd"));
    }
    return new Workload(hosts, jobs);
  }

  private static long unit(List<Job> jobs, boolean cpus, double full, double sizes) {
    long largest = 0;
    for (int[] shape : SHAPES) {
      largest = Math.max(largest, shape[cpus ? 0 : 1]);
    }
    return Math.max(LEAST_PER_HOST * largest, (long) Math.ceil(demand(jobs, cpus) / full / sizes));
  }

  private static int zone(int host) {
    return host % RACKS % ZONES;
  }

  private static boolean ssd(int host) {
    return host / RACKS % 4 != 3;
  }

  /** By host; the n-th of every zone the same. */
  private static double[] sizes(int hostCount, Random random) {
    List<Double> drawn = new ArrayList<>();
    int[] inZone = new int[ZONES];
    double[] size = new double[hostCount];
    for (int i = 0; i < hostCount; i++) {
      int nth = inZone[zone(i)]++;
      if (nth == drawn.size()) {
        drawn.add(1 + random.nextInt(3) / 2.0);
      }
      size[i] = drawn.get(nth);
    }
    return size;
  }

  static Workload packing(int hostCount, int instances, long seed) {
    Random random = new Random(seed);
    List<Job> jobs = jobs(instances, hostCount, random, false);
    long cpu = (long) Math.ceil(demand(jobs, true) / FULL / hostCount);
    long memory = (long) Math.ceil(demand(jobs, false) / FULL / hostCount);
    List<Host> hosts = new ArrayList<>(hostCount);
    for (int i = 0; i < hostCount; i++) {
      hosts.add(new Host("host-%06d".formatted(i), cpu, memory, 0, "rack-0", "zone-0", "ssd"));
    }
    return new Workload(hosts, jobs);
  }

  /** The same hosts and jobs with at most {@code perJob} instances of each. */
  Workload sample(int perJob) {
    List<Job> fewer = new ArrayList<>();
    for (Job job : jobs) {
      List<String> some = job.instances().subList(0, Math.min(perJob, job.instances().size()));
      fewer.add(
          new Job(
              job.id(),
              job.cpuMillis(),
              job.memoryMiB(),
              job.gpus(),
              some,
              job.maxPerHost(),
              job.spread(),
              job.ssd(),
              job.apartFrom()));
    }
    return new Workload(hosts, fewer);
  }

  int instances() {
    return jobs.stream().mapToInt(job -> job.instances().size()).sum();
  }

  /** How much of all cpus, and of all memory, a placement takes; 0 where there is none. */
  double[] allocatedPercent(Map<String, String> hostOf) {
    double[] used = new double[2];
    for (Job job : jobs) {
      long placed = job.instances().stream().filter(hostOf::containsKey).count();
      used[0] += (double) job.cpuMillis() * placed;
      used[1] += (double) job.memoryMiB() * placed;
    }
    double cpus = hosts.stream().mapToDouble(Host::cpuMillis).sum();
    double memory = hosts.stream().mapToDouble(Host::memoryMiB).sum();
    return new double[] {
      cpus > 0 ? 100 * used[0] / cpus : 0, memory > 0 ? 100 * used[1] / memory : 0
    };
  }

  /** The fewest hosts that could hold everything, each resource by itself, largest hosts first. */
  int hostsLowerBound() {
    return Math.max(
        fewest(Job::cpuMillis, Host::cpuMillis),
        Math.max(fewest(Job::memoryMiB, Host::memoryMiB), fewest(Job::gpus, Host::gpus)));
  }

  private int fewest(ToLongFunction<Job> each, Function<Host, Long> capacity) {
    double left = 0;
    for (Job job : jobs) {
      left += (double) each.applyAsLong(job) * job.instances().size();
    }
    List<Long> sizes = hosts.stream().map(capacity).sorted(Comparator.reverseOrder()).toList();
    int count = 0;
    while (left > 0 && count < sizes.size()) {
      left -= sizes.get(count++);
    }
    return count;
  }

  private static double demand(List<Job> jobs, boolean cpus) {
    double sum = 0;
    for (Job job : jobs) {
      sum += (double) (cpus ? job.cpuMillis() : job.memoryMiB()) * job.instances().size();
    }
    return sum;
  }

  private static List<Job> jobs(int instances, int hosts, Random random, boolean constrained) {
    int count = Math.min(JOBS, instances);
    List<Job> jobs = new ArrayList<>(count);
    for (int j = 0; j < count; j++) {
      int[] shape = SHAPES[j % SHAPES.length];
      String id = "bench.job-%03d".formatted(j);
      int size = instances / count + (j < instances % count ? 1 : 0);
      List<String> ids = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        ids.add(id + "#" + i);
      }
      boolean ssd = constrained && j % 8 == 3;
      boolean pair = constrained && j % 10 >= 8 && hosts >= 2 * RACKS && 2L * size <= hosts;
      boolean apart = pair && j % 10 == 9;
      double most = pair || ssd ? hosts / 8.0 : hosts / 3.0;
      int least = (int) Math.ceil(size / most);
      int maxPerHost = Math.max(2 + random.nextInt(7), least);
      jobs.add(
          new Job(
              id,
              shape[0],
              shape[1],
              0,
              ids,
              constrained ? maxPerHost : 0,
              constrained,
              ssd,
              apart ? j - 1 : -1));
    }
    return jobs;
  }
}
