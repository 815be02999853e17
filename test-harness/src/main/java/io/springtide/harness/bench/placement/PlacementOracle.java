package io.springtide.harness.bench.placement;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Counts broken hard rules of a finished placement. It knows the workload and no scheduler. */
final class PlacementOracle {
  private PlacementOracle() {}

  static long violations(Workload workload, Map<String, String> hostOf) {
    Map<String, Workload.Host> hosts = new HashMap<>();
    workload.hosts().forEach(host -> hosts.put(host.id(), host));
    Map<String, long[]> used = new HashMap<>();
    Map<String, Map<String, Integer>> perHost = new HashMap<>();
    long violations = 0;
    long known = 0;
    for (Workload.Job job : workload.jobs()) {
      for (String instance : job.instances()) {
        String on = hostOf.get(instance);
        if (on == null) {
          continue;
        }
        known++;
        Workload.Host host = hosts.get(on);
        if (host == null) {
          violations++;
          continue;
        }
        long[] sum = used.computeIfAbsent(on, h -> new long[3]);
        sum[0] += job.cpuMillis();
        sum[1] += job.memoryMiB();
        sum[2] += job.gpus();
        perHost.computeIfAbsent(job.id(), j -> new HashMap<>()).merge(on, 1, Integer::sum);
        violations += job.ssd() && !host.disk().equals("ssd") ? 1 : 0;
      }
    }
    violations += hostOf.size() - known;
    for (Map.Entry<String, long[]> e : used.entrySet()) {
      Workload.Host host = hosts.get(e.getKey());
      violations += e.getValue()[0] > host.cpuMillis() ? 1 : 0;
      violations += e.getValue()[1] > host.memoryMiB() ? 1 : 0;
      violations += e.getValue()[2] > host.gpus() ? 1 : 0;
    }
    for (Workload.Job job : workload.jobs()) {
      Map<String, Integer> here = perHost.getOrDefault(job.id(), Map.of());
      if (job.maxPerHost() > 0) {
        violations += here.values().stream().filter(n -> n > job.maxPerHost()).count();
      }
      violations += job.spread() ? unevenZones(workload, job, hosts, here) : 0;
      if (job.apartFrom() >= 0) {
        String other = workload.jobs().get(job.apartFrom()).id();
        Set<String> both = new HashSet<>(here.keySet());
        both.retainAll(perHost.getOrDefault(other, Map.of()).keySet());
        violations += both.size();
      }
    }
    return violations;
  }

  /** By how much more than one the fullest zone that the job may use differs from the emptiest. */
  private static long unevenZones(
      Workload workload,
      Workload.Job job,
      Map<String, Workload.Host> hosts,
      Map<String, Integer> here) {
    Map<String, Integer> perZone = new HashMap<>();
    for (Workload.Host host : workload.hosts()) {
      if (!job.ssd() || host.disk().equals("ssd")) {
        perZone.put(host.zone(), 0);
      }
    }
    here.forEach(
        (id, count) -> {
          Workload.Host host = hosts.get(id);
          if (host != null) {
            perZone.merge(host.zone(), count, Integer::sum);
          }
        });
    int most = perZone.values().stream().max(Integer::compare).orElse(0);
    int least = perZone.values().stream().min(Integer::compare).orElse(0);
    return Math.max(0, most - least - 1);
  }
}
