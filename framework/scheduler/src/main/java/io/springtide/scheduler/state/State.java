package io.springtide.scheduler.state;

import io.springtide.partition.answer.Pending;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All that is durable, in memory. Changed in one way only, by {@link #apply}: so what a restart
 * finds in the log is what this process acted on.
 */
public final class State {
  /** A document and its version. */
  public record Versioned<T>(T value, long version) {}

  private String frameworkId = "";
  private final SortedMap<String, Versioned<Pool>> pools = new TreeMap<>();
  private final SortedMap<String, Versioned<Group>> groups = new TreeMap<>();
  private final SortedMap<String, Job> jobs = new TreeMap<>();
  private final SortedMap<String, Runs> runs = new TreeMap<>();
  private final Map<String, NavigableMap<Long, Deployment>> deployments = new HashMap<>();
  private final Map<String, NavigableMap<Integer, Instance>> instances = new HashMap<>();
  private final SortedMap<String, Host> hosts = new TreeMap<>();
  private final SortedMap<String, Order> orders = new TreeMap<>();
  private final SortedMap<String, Gone> gone = new TreeMap<>();
  private final SortedMap<String, Stray> strays = new TreeMap<>();
  private final SortedMap<String, Remains> remains = new TreeMap<>();
  private final SortedMap<String, Long> counters = new TreeMap<>();

  /** In the order in which they were given. */
  private final Map<String, Receipt> receipts = new LinkedHashMap<>();

  // Indices, derived.
  private final InstanceIndex index = new InstanceIndex();
  private final Map<String, String> hostByWarden = new HashMap<>();
  private final SortedSet<String> hostsWithoutWarden = new TreeSet<>();
  private final Map<String, SortedSet<String>> remainsByHost = new HashMap<>();

  private final Applied applied = new Applied();

  public void apply(Change change) {
    change.accept(applied);
  }

  /** Changes that give this state when applied to nothing. */
  public List<Change> snapshot() {
    List<Change> all = new ArrayList<>();
    if (!frameworkId.isEmpty()) {
      all.add(new Change.FrameworkIdSet(frameworkId));
    }
    counters.forEach((name, value) -> all.add(new Change.CounterSet(name, value)));
    pools.values().forEach(pool -> all.add(new Change.PoolPut(pool.value(), pool.version())));
    groups.values().forEach(group -> all.add(new Change.GroupPut(group.value(), group.version())));
    orders.values().forEach(order -> all.add(new Change.OrderPut(order)));
    hosts.values().forEach(host -> all.add(new Change.HostPut(host)));
    gone.values().forEach(host -> all.add(new Change.GonePut(host)));
    jobs.values()
        .forEach(
            job -> {
              all.add(new Change.JobPut(job));
              runs(job.id()).ifPresent(one -> all.add(new Change.RunsPut(one)));
              deploymentsOf(job.id()).forEach(d -> all.add(new Change.DeploymentPut(d)));
              instancesOf(job.id()).forEach(i -> all.add(new Change.InstancePut(i)));
            });
    strays.values().forEach(stray -> all.add(new Change.StrayPut(stray)));
    remains.values().forEach(left -> all.add(new Change.RemainsPut(left)));
    receipts.values().forEach(receipt -> all.add(new Change.ReceiptPut(receipt)));
    return all;
  }

  public String frameworkId() {
    return frameworkId;
  }

  public SortedMap<String, Versioned<Pool>> pools() {
    return Collections.unmodifiableSortedMap(pools);
  }

  public SortedMap<String, Versioned<Group>> groups() {
    return Collections.unmodifiableSortedMap(groups);
  }

  public SortedMap<String, Job> jobs() {
    return Collections.unmodifiableSortedMap(jobs);
  }

  public SortedMap<String, Host> hosts() {
    return Collections.unmodifiableSortedMap(hosts);
  }

  public SortedMap<String, Order> orders() {
    return Collections.unmodifiableSortedMap(orders);
  }

  /** Hosts that went, and are remembered for a while, by id. */
  public SortedMap<String, Gone> gone() {
    return Collections.unmodifiableSortedMap(gone);
  }

  public SortedMap<String, Stray> strays() {
    return Collections.unmodifiableSortedMap(strays);
  }

  /** What lost executors may have left, by task id. */
  public SortedMap<String, Remains> remains() {
    return Collections.unmodifiableSortedMap(remains);
  }

  /** Of commands that were done, the oldest first. */
  public Collection<Receipt> receipts() {
    return Collections.unmodifiableCollection(receipts.values());
  }

  /** The one that this asker has for that key. */
  public Optional<Receipt> receipt(String asker, String key) {
    return Optional.ofNullable(receipts.get(Receipt.id(asker, key)));
  }

  public long counter(String name) {
    return counters.getOrDefault(name, 0L);
  }

  public Optional<Pool> pool(String name) {
    return Optional.ofNullable(pools.get(name)).map(Versioned::value);
  }

  public Optional<Job> job(String id) {
    return Optional.ofNullable(jobs.get(id));
  }

  public Optional<Host> host(String id) {
    return Optional.ofNullable(hosts.get(id));
  }

  /** What has become of the job's runs; empty: it is of those that run from the first. */
  public Optional<Runs> runs(String job) {
    return Optional.ofNullable(runs.get(job));
  }

  /** How many instances the job has that stay in it. */
  public Tally tally(String job) {
    return index.tally(job);
  }

  /** The lowest index that no instance of the job has. */
  public int freeIndex(String job) {
    NavigableMap<Integer, Instance> all = instances.get(job);
    if (all == null) {
      return 0;
    }
    int most = all.lastKey() + 1;
    if (all.size() == most) {
      return most;
    }
    int free = 0;
    while (all.containsKey(free)) {
      free++;
    }
    return free;
  }

  /** How many hosts of that order we know. */
  public int arrived(String token) {
    return (int) hosts.values().stream().filter(host -> host.order().equals(token)).count();
  }

  /** A job's instances, by index. The collection is a live view: copy it before changing them. */
  public Collection<Instance> instancesOf(String job) {
    NavigableMap<Integer, Instance> all = instances.get(job);
    return all == null ? List.of() : Collections.unmodifiableCollection(all.values());
  }

  /** A job's deployments, the latest last. */
  public List<Deployment> deploymentsOf(String job) {
    NavigableMap<Long, Deployment> all = deployments.get(job);
    return all == null ? List.of() : List.copyOf(all.values());
  }

  /** The latest deployment of a job. */
  public Optional<Deployment> deployment(String job) {
    NavigableMap<Long, Deployment> all = deployments.get(job);
    return all == null ? Optional.empty() : Optional.of(all.lastEntry().getValue());
  }

  /**
   * The revisions that the job's instances run or want, or that its deployment leads to or back.
   */
  public Set<Long> revisionsInUse(String job) {
    Set<Long> used = new TreeSet<>();
    deployment(job)
        .filter(latest -> latest.state().underWay() || latest.state() == DeploymentState.FAILED)
        .ifPresent(latest -> used.addAll(List.of(latest.from(), latest.to())));
    for (Instance instance : instancesOf(job)) {
      used.add(instance.revision());
      instance.task().ifPresent(task -> used.add(task.revision()));
    }
    return used;
  }

  public Optional<Instance> instance(String id) {
    int hash = id.lastIndexOf('#');
    return instance(id.substring(0, hash), Integer.parseInt(id.substring(hash + 1)));
  }

  /** The job's instance of that index. */
  public Optional<Instance> instance(String job, int index) {
    NavigableMap<Integer, Instance> all = instances.get(job);
    return all == null ? Optional.empty() : Optional.ofNullable(all.get(index));
  }

  /** The instance whose current attempt that task is. */
  public Optional<Instance> instanceOfTask(String taskId) {
    return index.ofTask(taskId);
  }

  /** The host whose warden that task is. */
  public Optional<Host> hostOfWarden(String taskId) {
    return Optional.ofNullable(hostByWarden.get(taskId)).flatMap(this::host);
  }

  /** The hosts that have no warden that lives or may live, in order. */
  public SortedSet<String> hostsWithoutWarden() {
    return Collections.unmodifiableSortedSet(hostsWithoutWarden);
  }

  /** The instances that take room on a host, in order of their ids. */
  public List<Instance> instancesOn(String host) {
    return index.on(host);
  }

  public boolean hasInstances(String host) {
    return index.hasAnyOn(host);
  }

  /** The instances that wait for their own host, in order of their ids. */
  public List<Instance> returningTo(String host) {
    return index.returningTo(host);
  }

  /** The hosts that instances wait for, in order. */
  public Set<String> hostsToReturnTo() {
    return Collections.unmodifiableSet(index.hostsToReturnTo());
  }

  /** The hosts on which tasks of that agent take room, in order. */
  public Set<String> hostsOf(String agentId) {
    return Collections.unmodifiableSet(index.hostsOf(agentId));
  }

  /** What lost executors may have left on a host, in order of the task ids. */
  public List<Remains> remainsOn(String host) {
    SortedSet<String> ids = remainsByHost.get(host);
    return ids == null ? List.of() : ids.stream().map(remains::get).toList();
  }

  /** Whether nothing of ours takes room on a host, neither an instance nor remains of one. */
  public boolean isEmpty(String host) {
    return !hasInstances(host) && !remainsByHost.containsKey(host);
  }

  /** The jobs with instances that are on their way: neither settled nor waiting for any place. */
  public List<String> unsettledJobs() {
    return List.copyOf(index.unsettledJobs());
  }

  /** The job's instances that are on their way, by index. */
  public List<Instance> unsettledOf(String job) {
    return index.unsettledOf(job).stream().map(number -> instances.get(job).get(number)).toList();
  }

  /**
   * The jobs, and the revisions that is to run, of which instances wait for any place with their
   * back-off over, in order.
   */
  public List<Version> waitingVersions() {
    return List.copyOf(index.queue().versions());
  }

  /** What waits so of a version, by index. */
  public List<String> waitingOf(Version version) {
    return index.queue().of(version);
  }

  /** All of them. */
  public List<Pending> waiting() {
    return index.queue().versions().stream()
        .map(version -> new Pending(version, index.queue().of(version)))
        .toList();
  }

  /** Time passes: the instances whose back-off has ended. */
  public List<Instance> wake(Instant now) {
    return index.queue().wake(now);
  }

  private void unindex(Remains before) {
    if (before != null) {
      remainsByHost.computeIfPresent(
          before.host(),
          (host, ids) -> {
            ids.remove(before.taskId());
            return ids.isEmpty() ? null : ids;
          });
    }
  }

  private void indexWarden(Host host) {
    host.warden().ifPresent(task -> hostByWarden.put(task.id(), host.id()));
    if (host.warden().filter(task -> !task.state().terminal()).isEmpty()) {
      hostsWithoutWarden.add(host.id());
    }
  }

  private void unindexWarden(Host before) {
    if (before != null) {
      before.warden().ifPresent(task -> hostByWarden.remove(task.id()));
      hostsWithoutWarden.remove(before.id());
    }
  }

  private void remove(String id) {
    instance(id)
        .ifPresent(
            instance -> {
              index.remove(instance);
              NavigableMap<Integer, Instance> all = instances.get(instance.job());
              all.remove(instance.index());
              if (all.isEmpty()) {
                instances.remove(instance.job());
              }
            });
  }

  /** What each change does. */
  private final class Applied implements Change.Visitor {
    @Override
    public void on(Change.FrameworkIdSet set) {
      frameworkId = set.frameworkId();
    }

    @Override
    public void on(Change.PoolPut put) {
      pools.put(put.pool().name(), new Versioned<>(put.pool(), put.version()));
    }

    @Override
    public void on(Change.PoolRemoved removed) {
      pools.remove(removed.name());
    }

    @Override
    public void on(Change.GroupPut put) {
      groups.put(put.group().path(), new Versioned<>(put.group(), put.version()));
    }

    @Override
    public void on(Change.GroupRemoved removed) {
      groups.remove(removed.path());
    }

    @Override
    public void on(Change.JobPut put) {
      jobs.put(put.job().id(), put.job());
    }

    @Override
    public void on(Change.JobRemoved removed) {
      jobs.remove(removed.id());
      runs.remove(removed.id());
      deployments.remove(removed.id());
    }

    @Override
    public void on(Change.DeploymentPut put) {
      deployments
          .computeIfAbsent(put.deployment().job(), job -> new TreeMap<>())
          .put(put.deployment().number(), put.deployment());
    }

    @Override
    public void on(Change.DeploymentRemoved removed) {
      NavigableMap<Long, Deployment> all = deployments.get(removed.job());
      if (all != null && all.remove(removed.number()) != null && all.isEmpty()) {
        deployments.remove(removed.job());
      }
    }

    @Override
    public void on(Change.RunsPut put) {
      runs.put(put.runs().job(), put.runs());
    }

    @Override
    public void on(Change.InstancePut put) {
      instance(put.instance().id()).ifPresent(index::remove);
      instances
          .computeIfAbsent(put.instance().job(), job -> new TreeMap<>())
          .put(put.instance().index(), put.instance());
      index.add(put.instance());
    }

    @Override
    public void on(Change.InstanceRemoved removed) {
      remove(removed.id());
    }

    @Override
    public void on(Change.HostPut put) {
      unindexWarden(hosts.put(put.host().id(), put.host()));
      indexWarden(put.host());
    }

    @Override
    public void on(Change.HostRemoved removed) {
      unindexWarden(hosts.remove(removed.id()));
    }

    @Override
    public void on(Change.OrderPut put) {
      orders.put(put.order().token(), put.order());
    }

    @Override
    public void on(Change.OrderRemoved removed) {
      orders.remove(removed.token());
    }

    @Override
    public void on(Change.GonePut put) {
      gone.put(put.gone().id(), put.gone());
    }

    @Override
    public void on(Change.GoneRemoved removed) {
      gone.remove(removed.id());
    }

    @Override
    public void on(Change.StrayPut put) {
      strays.put(put.stray().taskId(), put.stray());
    }

    @Override
    public void on(Change.StrayRemoved removed) {
      strays.remove(removed.taskId());
    }

    @Override
    public void on(Change.RemainsPut put) {
      unindex(remains.put(put.remains().taskId(), put.remains()));
      remainsByHost
          .computeIfAbsent(put.remains().host(), host -> new TreeSet<>())
          .add(put.remains().taskId());
    }

    @Override
    public void on(Change.RemainsRemoved removed) {
      unindex(remains.remove(removed.taskId()));
    }

    @Override
    public void on(Change.ReceiptPut put) {
      receipts.remove(put.receipt().id());
      receipts.put(put.receipt().id(), put.receipt());
    }

    @Override
    public void on(Change.ReceiptRemoved removed) {
      receipts.remove(Receipt.id(removed.asker(), removed.key()));
    }

    @Override
    public void on(Change.CounterSet set) {
      counters.merge(set.name(), set.value(), Math::max);
    }
  }
}
