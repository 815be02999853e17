package io.springtide.harness.bench.placement;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Hosts and jobs to place, in plain values that neither scheduler owns.
 *
 * <p>{@link #generate}: host {@code i} is in rack {@code i mod 40}, each rack in zone {@code rack
 * mod 3}; every second host has {@code disk=ssd}; hosts have one, one and a half or two times a
 * unit, drawn evenly, the unit chosen so that all instances take 60 % of the scarcer resource.
 * There are 200 jobs (fewer if there are fewer instances) of eight shapes in turn; job {@code j}
 * may have 2 to 8 instances on one host, drawn evenly; every job asks softly for an even spread
 * over racks and over zones; every eighth must be on ssd; every tenth must be apart from the job
 * before it.
 *
 * <p>{@link #packing}: equal hosts, the same shapes, no constraint.
 */
record Workload(List<Host> hosts, List<Job> jobs) {
  static final int JOBS = 200;
  private static final int RACKS = 40;
  private static final int ZONES = 3;
  private static final double FULL = 0.6;

  /** Milli-cpus and MiB of the eight shapes. */
  private static final int[][] SHAPES = {
    {100, 256}, {250, 512}, {250, 1_024}, {500, 1_024},
    {500, 2_048}, {1_000, 1_024}, {1_000, 4_096}, {2_000, 4_096}
  };

  record Host(String id, long cpuMillis, long memoryMiB, String rack, String zone, String disk) {}

  /**
   * A job and its instances.
   *
   * @param maxPerHost 0 where there is no such rule
   * @param apartFrom index of the job that it must be apart from, or -1
   */
  record Job(
      String id,
      long cpuMillis,
      long memoryMiB,
      List<String> instances,
      int maxPerHost,
      boolean spread,
      boolean ssd,
      int apartFrom) {}

  static Workload generate(int hostCount, int instances, long seed) {
    Random random = new Random(seed);
    List<Job> jobs = jobs(instances, random, true);
    double[] size = new double[hostCount];
    double sizes = 0;
    for (int i = 0; i < hostCount; i++) {
      size[i] = 1 + random.nextInt(3) / 2.0;
      sizes += size[i];
    }
    long cpuUnit = (long) Math.ceil(demand(jobs, true) / FULL / sizes);
    long memoryUnit = (long) Math.ceil(demand(jobs, false) / FULL / sizes);
    List<Host> hosts = new ArrayList<>(hostCount);
    for (int i = 0; i < hostCount; i++) {
      int rack = i % RACKS;
      hosts.add(
          new Host(
              "host-%06d".formatted(i),
              (long) (cpuUnit * size[i]),
              (long) (memoryUnit * size[i]),
              "rack-" + rack,
              "zone-" + rack % ZONES,
              i / RACKS % 2 == 0 ? "ssd" : "hdd"));
    }
    return new Workload(hosts, jobs);
  }

  static Workload packing(int hostCount, int instances, long seed) {
    Random random = new Random(seed);
    List<Job> jobs = jobs(instances, random, false);
    long cpu = (long) Math.ceil(demand(jobs, true) / FULL / hostCount);
    long memory = (long) Math.ceil(demand(jobs, false) / FULL / hostCount);
    List<Host> hosts = new ArrayList<>(hostCount);
    for (int i = 0; i < hostCount; i++) {
      hosts.add(new Host("host-%06d".formatted(i), cpu, memory, "rack-0", "zone-0", "ssd"));
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

  /** The fewest hosts that could hold everything, each resource by itself, largest hosts first. */
  int hostsLowerBound() {
    return Math.max(fewest(true), fewest(false));
  }

  private int fewest(boolean cpus) {
    double left = demand(jobs, cpus);
    List<Long> sizes =
        hosts.stream()
            .map(h -> cpus ? h.cpuMillis() : h.memoryMiB())
            .sorted(java.util.Comparator.reverseOrder())
            .toList();
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

  private static List<Job> jobs(int instances, Random random, boolean constrained) {
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
      int maxPerHost = 2 + random.nextInt(7);
      jobs.add(
          new Job(
              id,
              shape[0],
              shape[1],
              ids,
              constrained ? maxPerHost : 0,
              constrained,
              constrained && j % 8 == 3,
              constrained && j % 10 == 9 ? j - 1 : -1));
    }
    return jobs;
  }
}
