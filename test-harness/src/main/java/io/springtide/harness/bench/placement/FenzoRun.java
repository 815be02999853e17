package io.springtide.harness.bench.placement;

import com.netflix.fenzo.ConstraintEvaluator;
import com.netflix.fenzo.SchedulingResult;
import com.netflix.fenzo.TaskAssignmentResult;
import com.netflix.fenzo.TaskRequest;
import com.netflix.fenzo.TaskScheduler;
import com.netflix.fenzo.TaskTrackerState;
import com.netflix.fenzo.VMAssignmentResult;
import com.netflix.fenzo.VMTaskFitnessCalculator;
import com.netflix.fenzo.VirtualMachineCurrentState;
import com.netflix.fenzo.VirtualMachineLease;
import com.netflix.fenzo.plugins.BalancedHostAttrConstraint;
import com.netflix.fenzo.plugins.BinPackingFitnessCalculators;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.mesos.Protos;

/**
 * The workload in Fenzo 1.0.1, the same constraints as its plugins: max per host, match and
 * anti-affinity as hard constraints, zone as Fenzo's own balanced-attribute constraint, rack as the
 * same made soft, its bin packer for cpus and memory as the fitness. All tasks go into one
 * scheduling iteration, which is how it is fastest.
 */
final class FenzoRun {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Workload workload;
  private final boolean ports;
  private final Map<String, Workload.Host> hosts = new HashMap<>();

  /**
   * @param ports each instance takes one
   */
  FenzoRun(Workload workload, boolean ports) {
    this.workload = workload;
    this.ports = ports;
    workload.hosts().forEach(host -> hosts.put(host.id(), host));
  }

  /**
   * What one iteration did.
   *
   * @param cpuNanos CPU time of all threads that took part: Fenzo looks at hosts on several
   */
  record Iteration(Map<String, String> hostOf, long nanos, long cpuNanos) {}

  Iteration run() {
    List<VirtualMachineLease> leases = new ArrayList<>();
    workload.hosts().forEach(host -> leases.add(new Lease(host, ports)));
    List<TaskRequest> tasks = new ArrayList<>();
    for (Workload.Job job : workload.jobs()) {
      Rules rules = rules(job);
      job.instances().forEach(instance -> tasks.add(new Task(instance, job, rules, ports)));
    }
    TaskScheduler scheduler =
        new TaskScheduler.Builder()
            .withLeaseOfferExpirySecs(1_000_000)
            .withLeaseRejectAction(lease -> {})
            .withFitnessCalculator(BinPackingFitnessCalculators.cpuMemBinPacker)
            .disableShortfallEvaluation()
            .build();
    try {
      long begun = System.nanoTime();
      long cpuBegun = cpuNanos();
      SchedulingResult result = scheduler.scheduleOnce(tasks, leases);
      long nanos = System.nanoTime() - begun;
      long cpuNanos = cpuNanos() - cpuBegun;
      Map<String, String> hostOf = new HashMap<>();
      for (VMAssignmentResult vm : result.getResultMap().values()) {
        for (TaskAssignmentResult task : vm.getTasksAssigned()) {
          hostOf.put(task.getTaskId(), vm.getHostname());
        }
      }
      return new Iteration(hostOf, nanos, cpuNanos);
    } finally {
      scheduler.shutdown();
    }
  }

  /** Of all threads that run Java. */
  private static long cpuNanos() {
    long sum = 0;
    for (long thread : THREADS.getAllThreadIds()) {
      sum += Math.max(0, THREADS.getThreadCpuTime(thread));
    }
    return sum;
  }

  private record Rules(List<ConstraintEvaluator> hard, List<VMTaskFitnessCalculator> soft) {}

  private Rules rules(Workload.Job job) {
    List<ConstraintEvaluator> hard = new ArrayList<>();
    List<VMTaskFitnessCalculator> soft = new ArrayList<>();
    if (job.maxPerHost() > 0) {
      hard.add(new Rule("maxPerHost", vm -> count(vm, job.id()) < job.maxPerHost()));
    }
    if (job.ssd()) {
      hard.add(new Rule("ssd", vm -> hosts.get(vm.getHostname()).disk().equals("ssd")));
    }
    if (job.apartFrom() >= 0) {
      String other = workload.jobs().get(job.apartFrom()).id();
      hard.add(new Rule("apart", vm -> count(vm, other) == 0));
    }
    if (job.spread()) {
      Set<String> all = new HashSet<>(job.instances());
      int zones = (int) workload.hosts().stream().map(Workload.Host::zone).distinct().count();
      soft.add(new BalancedHostAttrConstraint(id -> all, "rack", 40).asSoftConstraint());
      hard.add(new BalancedHostAttrConstraint(id -> all, "zone", zones));
    }
    return new Rules(hard, soft);
  }

  private static int count(VirtualMachineCurrentState vm, String job) {
    int count = 0;
    for (TaskAssignmentResult assigned : vm.getTasksCurrentlyAssigned()) {
      count += assigned.getRequest().taskGroupName().equals(job) ? 1 : 0;
    }
    return count;
  }

  private interface Allows {
    boolean on(VirtualMachineCurrentState vm);
  }

  private record Rule(String name, Allows allows) implements ConstraintEvaluator {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public Result evaluate(
        TaskRequest task, VirtualMachineCurrentState vm, TaskTrackerState tracker) {
      return allows.on(vm) ? new Result(true, "") : new Result(false, name);
    }
  }

  private static final class Task implements TaskRequest {
    private final String id;
    private final Workload.Job job;
    private final Rules rules;
    private final boolean ports;
    private AssignedResources assigned;

    Task(String id, Workload.Job job, Rules rules, boolean ports) {
      this.id = id;
      this.job = job;
      this.rules = rules;
      this.ports = ports;
    }

    @Override
    public String getId() {
      return id;
    }

    @Override
    public String taskGroupName() {
      return job.id();
    }

    @Override
    public double getCPUs() {
      return job.cpuMillis() / 1000.0;
    }

    @Override
    public double getMemory() {
      return job.memoryMiB();
    }

    @Override
    public double getNetworkMbps() {
      return 0;
    }

    @Override
    public double getDisk() {
      return 0;
    }

    @Override
    public int getPorts() {
      return ports ? 1 : 0;
    }

    @Override
    public Map<String, Double> getScalarRequests() {
      return Map.of();
    }

    @Override
    public Map<String, NamedResourceSetRequest> getCustomNamedResources() {
      return Map.of();
    }

    @Override
    public List<? extends ConstraintEvaluator> getHardConstraints() {
      return rules.hard;
    }

    @Override
    public List<? extends VMTaskFitnessCalculator> getSoftConstraints() {
      return rules.soft;
    }

    @Override
    public void setAssignedResources(AssignedResources resources) {
      assigned = resources;
    }

    @Override
    public AssignedResources getAssignedResources() {
      return assigned;
    }
  }

  private static final class Lease implements VirtualMachineLease {
    private final Workload.Host host;
    private final boolean ports;
    private final Map<String, Protos.Attribute> attributes = new HashMap<>();

    Lease(Workload.Host host, boolean ports) {
      this.host = host;
      this.ports = ports;
      attributes.put("rack", text("rack", host.rack()));
      attributes.put("zone", text("zone", host.zone()));
    }

    private static Protos.Attribute text(String name, String value) {
      return Protos.Attribute.newBuilder()
          .setName(name)
          .setType(Protos.Value.Type.TEXT)
          .setText(Protos.Value.Text.newBuilder().setValue(value))
          .build();
    }

    @Override
    public String getId() {
      return "offer-" + host.id();
    }

    @Override
    public long getOfferedTime() {
      return 0;
    }

    @Override
    public String hostname() {
      return host.id();
    }

    @Override
    public String getVMID() {
      return host.id();
    }

    @Override
    public double cpuCores() {
      return host.cpuMillis() / 1000.0;
    }

    @Override
    public double memoryMB() {
      return host.memoryMiB();
    }

    @Override
    public double networkMbps() {
      return 0;
    }

    @Override
    public double diskMB() {
      return 0;
    }

    @Override
    public List<Range> portRanges() {
      return ports ? List.of(new Range(31_000, 32_000)) : List.of();
    }

    @Override
    public Protos.Offer getOffer() {
      return null;
    }

    @Override
    public Map<String, Protos.Attribute> getAttributeMap() {
      return attributes;
    }

    @Override
    public Double getScalarValue(String name) {
      return 0.0;
    }

    @Override
    public Map<String, Double> getScalarValues() {
      return Map.of();
    }
  }
}
