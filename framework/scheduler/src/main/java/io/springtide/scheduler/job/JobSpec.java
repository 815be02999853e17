package io.springtide.scheduler.job;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Names;
import io.springtide.partition.model.Resources;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A job as its owner writes it.
 *
 * @param id {@code <group>.<name>}
 * @param kind service, batch or system
 * @param instances how many are wanted, 0 to {@link #MAX_INSTANCES}; 0 for a system job, whose
 *     hosts decide
 * @param resources what one instance needs, tools included; cpus and memory above 0
 * @param runtime what runs it
 * @param container the main container
 * @param tools containers beside the main one; runtime docker only
 * @param health how its health is known; empty: running is healthy
 * @param discovery how it is announced
 * @param pools order of preference, without repetition; empty: the group's pools, cheapest first
 * @param constraints where instances may be
 * @param priority 0 to 1000, higher is served first
 * @param reclaimable whether it may run on borrowed room, and be moved when that is wanted back
 * @param update how a change is rolled out
 * @param failure what follows a failure
 * @param stop how instances are stopped
 * @param batch how it comes to its end; the default for all but batch jobs
 * @param after batch jobs that must have finished before its first instance is started, distinct
 * @param notes what it says of itself to people
 */
public record JobSpec(
    String id,
    JobKind kind,
    int instances,
    Resources resources,
    RuntimeKind runtime,
    ContainerSpec container,
    List<ToolSpec> tools,
    Optional<HealthSpec> health,
    List<DiscoverySpec> discovery,
    List<String> pools,
    List<Constraint> constraints,
    int priority,
    boolean reclaimable,
    UpdatePolicy update,
    FailurePolicy failure,
    StopPolicy stop,
    BatchPolicy batch,
    List<String> after,
    JobNotes notes) {
  public static final int MAX_INSTANCES = 100_000;
  public static final int DEFAULT_PRIORITY = 100;

  /** The most jobs that a job comes after. */
  public static final int MOST_AFTER = 20;

  public JobSpec {
    Names.requirePath("id", id);
    if (id.indexOf('.') < 0) {
      throw new InvalidModelException(
          "id", "'" + id + "' names no group", "write <group>.<name>, such as weibo.feed.api");
    }
    requireNonNull(kind);
    requireInstances(kind, instances);
    requireNonNull(resources);
    if (resources.cpuMillis() == 0) {
      throw new InvalidModelException(
          "resources.cpus", "an instance needs cpus", "write something such as 0.1");
    }
    if (resources.memoryMiB() == 0) {
      throw new InvalidModelException(
          "resources.memoryMiB", "an instance needs memory", "write something such as 64");
    }
    requireNonNull(runtime);
    requireNonNull(container);
    tools = List.copyOf(tools);
    requireNonNull(health);
    discovery = List.copyOf(discovery);
    pools = List.copyOf(pools);
    constraints = List.copyOf(constraints);
    if (priority < 0 || priority > GroupPolicy.MAX_PRIORITY) {
      throw new InvalidModelException(
          "priority", priority + " is no priority", "write 0 to " + GroupPolicy.MAX_PRIORITY);
    }
    requireNonNull(update);
    requireNonNull(failure);
    requireNonNull(stop);
    requireBatch(kind, batch);
    after = List.copyOf(after);
    requireAfter(id, after);
    requireNonNull(notes);
    requireUpdate(kind, update);
    requireRunnable(runtime, container, tools);
    requirePortsExist(container, health, discovery);
    requirePools(pools);
  }

  /** The path of the group that it belongs to. */
  public String group() {
    return Names.parentOf(id);
  }

  /** A job that says no more than it must: everything else is at its default. */
  public static Builder of(String id, Resources resources, ContainerSpec container) {
    return new Builder().id(id).resources(resources).container(container);
  }

  /** The same job, but for what is said next. */
  public Builder but() {
    return new Builder()
        .id(id)
        .kind(kind)
        .instances(instances)
        .resources(resources)
        .runtime(runtime)
        .container(container)
        .tools(tools)
        .health(health)
        .discovery(discovery)
        .pools(pools)
        .constraints(constraints)
        .priority(priority)
        .reclaimable(reclaimable)
        .update(update)
        .failure(failure)
        .stop(stop)
        .batch(batch)
        .after(after)
        .notes(notes);
  }

  /** The same job with another number of instances. */
  public JobSpec withInstances(int count) {
    return but().instances(count).build();
  }

  /** The same job, whose instances run what those of {@code other} do. */
  public JobSpec running(JobSpec other) {
    return but()
        .resources(other.resources)
        .runtime(other.runtime)
        .container(other.container)
        .tools(other.tools)
        .health(other.health)
        .discovery(other.discovery)
        .build();
  }

  /** The constraints that rule out hosts, in no order. */
  public Set<Constraint> hardConstraints() {
    Set<Constraint> hard = new HashSet<>(constraints);
    hard.removeIf(Constraint::soft);
    return hard;
  }

  /** Whether a running instance of this job is one of {@code other} too: nothing to replace. */
  public boolean runsTheSameAs(JobSpec other) {
    return resources.equals(other.resources)
        && runtime == other.runtime
        && container.equals(other.container)
        && tools.equals(other.tools)
        && health.equals(other.health)
        && discovery.equals(other.discovery);
  }

  private static void requireInstances(JobKind kind, int instances) {
    if (kind == JobKind.SYSTEM && instances != 0) {
      throw new InvalidModelException(
          "instances", "a system job has one instance on every matching host", "leave it out");
    }
    if (instances < 0 || instances > MAX_INSTANCES) {
      throw new InvalidModelException(
          "instances", instances + " is no number of instances", "write 0 to " + MAX_INSTANCES);
    }
  }

  private static void requireBatch(JobKind kind, BatchPolicy batch) {
    if (kind != JobKind.BATCH && !batch.equals(BatchPolicy.DEFAULT)) {
      throw new InvalidModelException(
          "batch", "only a batch job comes to an end", "write kind: batch, or leave it out");
    }
  }

  private static void requireAfter(String id, List<String> after) {
    if (after.size() > MOST_AFTER) {
      throw new InvalidModelException(
          "after", after.size() + " are too many", "write " + MOST_AFTER + " at most");
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < after.size(); i++) {
      String field = "after[" + i + "]";
      Names.requirePath(field, after.get(i));
      if (after.get(i).equals(id)) {
        throw new InvalidModelException(field, "it would wait for itself", "leave it out");
      }
      if (!seen.add(after.get(i))) {
        throw new InvalidModelException(field, after.get(i) + " is named twice", "leave one out");
      }
    }
  }

  /** What a kind of job cannot have is refused, so that nobody relies on it. */
  private static void requireUpdate(JobKind kind, UpdatePolicy update) {
    if (kind != JobKind.SERVICE && update.maxSurge() > 0) {
      throw new InvalidModelException(
          "update.maxSurge",
          "only a service can have more instances while it changes",
          "leave it out: it is 0");
    }
    if (kind == JobKind.BATCH && (update.canary() > 0 || update.autoRollback())) {
      throw new InvalidModelException(
          update.canary() > 0 ? "update.canary" : "update.autoRollback",
          "a change of a batch job is no deployment: its instances end by themselves",
          "leave it out");
    }
  }

  private static void requireRunnable(
      RuntimeKind runtime, ContainerSpec container, List<ToolSpec> tools) {
    if (runtime == RuntimeKind.DOCKER) {
      if (container.image().isBlank()) {
        throw new InvalidModelException("container.image", "no image is named", "name one");
      }
    } else {
      if (container.command().isEmpty()) {
        throw new InvalidModelException(
            "container.command", "a process needs a command", "write its arguments");
      }
      if (!container.network().equals(ContainerSpec.HOST_NETWORK)) {
        throw new InvalidModelException(
            "container.network",
            "a process has no network of its own",
            "write host, or the runtime docker");
      }
      if (!tools.isEmpty()) {
        throw new InvalidModelException(
            "tools", "a process has no tool containers", "write the runtime docker");
      }
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < tools.size(); i++) {
      if (!names.add(tools.get(i).name())) {
        throw new InvalidModelException(
            "tools[" + i + "].name",
            "a tool is already named " + tools.get(i).name(),
            "name it otherwise");
      }
    }
  }

  private static void requirePortsExist(
      ContainerSpec container, Optional<HealthSpec> health, List<DiscoverySpec> discovery) {
    String probed = health.map(h -> h.probe().port()).orElse("");
    if (!probed.isEmpty() || health.filter(JobSpec::needsPort).isPresent()) {
      requirePort("health." + health.get().probe().word(), probed, container);
    }
    for (int i = 0; i < discovery.size(); i++) {
      DiscoverySpec spec = discovery.get(i);
      requirePort("discovery[" + i + "]." + spec.word(), spec.port(), container);
    }
  }

  private static boolean needsPort(HealthSpec health) {
    return !(health.probe() instanceof HealthSpec.Command);
  }

  private static void requirePort(String field, String name, ContainerSpec container) {
    if (container.port(name).isEmpty()) {
      throw new InvalidModelException(
          field + ".port",
          "the container has no port named '" + name + "'",
          container.ports().isEmpty()
              ? "list it under container.ports first, such as [{name: http, container: 8080}]"
              : "name one of its ports: "
                  + container.ports().stream()
                      .map(PortSpec::name)
                      .collect(Collectors.joining(", ")));
    }
  }

  private static void requirePools(List<String> pools) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < pools.size(); i++) {
      Names.requireName("pools[" + i + "]", pools.get(i));
      if (!seen.add(pools.get(i))) {
        throw new InvalidModelException(
            "pools[" + i + "]", pools.get(i) + " is named twice", "leave one out");
      }
    }
  }

  /** A job whose parts are said by their names. */
  public static final class Builder {
    private String id;
    private JobKind kind = JobKind.SERVICE;
    private int instances = 1;
    private Resources resources;
    private RuntimeKind runtime = RuntimeKind.DOCKER;
    private ContainerSpec container;
    private List<ToolSpec> tools = List.of();
    private Optional<HealthSpec> health = Optional.empty();
    private List<DiscoverySpec> discovery = List.of();
    private List<String> pools = List.of();
    private List<Constraint> constraints = List.of();
    private int priority = DEFAULT_PRIORITY;
    private boolean reclaimable = false;
    private UpdatePolicy update = UpdatePolicy.DEFAULT;
    private FailurePolicy failure = FailurePolicy.DEFAULT;
    private StopPolicy stop = StopPolicy.DEFAULT;
    private BatchPolicy batch = BatchPolicy.DEFAULT;
    private List<String> after = List.of();
    private JobNotes notes = JobNotes.NONE;

    private Builder() {}

    public Builder id(String id) {
      this.id = id;
      return this;
    }

    public Builder kind(JobKind kind) {
      this.kind = kind;
      return this;
    }

    public Builder instances(int instances) {
      this.instances = instances;
      return this;
    }

    public Builder resources(Resources resources) {
      this.resources = resources;
      return this;
    }

    public Builder runtime(RuntimeKind runtime) {
      this.runtime = runtime;
      return this;
    }

    public Builder container(ContainerSpec container) {
      this.container = container;
      return this;
    }

    public Builder tools(List<ToolSpec> tools) {
      this.tools = tools;
      return this;
    }

    public Builder health(Optional<HealthSpec> health) {
      this.health = health;
      return this;
    }

    public Builder discovery(List<DiscoverySpec> discovery) {
      this.discovery = discovery;
      return this;
    }

    public Builder pools(List<String> pools) {
      this.pools = pools;
      return this;
    }

    public Builder constraints(List<Constraint> constraints) {
      this.constraints = constraints;
      return this;
    }

    public Builder priority(int priority) {
      this.priority = priority;
      return this;
    }

    public Builder reclaimable(boolean reclaimable) {
      this.reclaimable = reclaimable;
      return this;
    }

    public Builder update(UpdatePolicy update) {
      this.update = update;
      return this;
    }

    public Builder failure(FailurePolicy failure) {
      this.failure = failure;
      return this;
    }

    public Builder stop(StopPolicy stop) {
      this.stop = stop;
      return this;
    }

    public Builder batch(BatchPolicy batch) {
      this.batch = batch;
      return this;
    }

    public Builder after(List<String> after) {
      this.after = after;
      return this;
    }

    public Builder notes(JobNotes notes) {
      this.notes = notes;
      return this;
    }

    /**
     * Checks it.
     *
     * @throws InvalidModelException if there can be no such job
     */
    public JobSpec build() {
      return new JobSpec(
          id,
          kind,
          instances,
          resources,
          runtime,
          container,
          tools,
          health,
          discovery,
          pools,
          constraints,
          priority,
          reclaimable,
          update,
          failure,
          stop,
          batch,
          after,
          notes);
    }
  }
}
