package io.springtide.scheduler.turn;

import io.springtide.partition.Engine;
import io.springtide.partition.answer.Breach;
import io.springtide.partition.answer.Demotion;
import io.springtide.partition.answer.Drain;
import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.HostOrder;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Served;
import io.springtide.partition.model.Allocation;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.partition.model.SharingPolicy;
import io.springtide.partition.model.Version;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.PortSpec;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Order;
import io.springtide.scheduler.state.Remains;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps the engine's books in step with the state: whatever has a task, or room kept for it, is
 * charged to its group and its host, and what lost executors may have left to its host (promise 3).
 */
public final class Ledger {
  private final Engine engine;
  private final Resources overhead;

  /** What the engine has booked, by instance: the task that the room is for. */
  private final Map<String, Task> booked = new HashMap<>();

  private int added;

  /** Whether a host is kept for as long as it is paid for; not in a forecast. */
  private final boolean billed;

  private record Room(Resources free, PortRanges ports) {}

  /** What the engine was last told of a host's offers. */
  private final Map<String, Room> offered = new HashMap<>();

  public Ledger(Resources overhead, SharingPolicy sharing) {
    this(new Engine(), overhead, true);
    engine.hostOverhead(overhead);
    engine.sharing(sharing);
  }

  private Ledger(Engine engine, Resources overhead, boolean billed) {
    this.engine = engine;
    this.overhead = overhead;
    this.billed = billed;
  }

  /**
   * A copy of the engine's books for a forecast, to be given its state by {@link #follow(State)}.
   * Free room is taken from the records, and reclaim is not damped, since a guarantee overrides all
   * damping in the end.
   */
  public Ledger copy() {
    Ledger copy = new Ledger(engine.copyOnRecords(), overhead, false);
    copy.engine.sharing(
        new SharingPolicy(
            Duration.ZERO, Duration.ZERO, Integer.MAX_VALUE, Duration.ZERO, Duration.ofDays(1)));
    return copy;
  }

  /** Takes over whose the room is that the engine has booked, from a state in step with it. */
  public void follow(State state) {
    for (String job : state.jobs().keySet()) {
      for (Instance instance : state.instancesOf(job)) {
        instance.task().ifPresent(task -> booked.put(instance.id(), task));
      }
    }
  }

  /** Enters all of a restored state. */
  public void enter(State state) {
    state.pools().values().forEach(pool -> engine.restorePool(pool.value()));
    state.hosts().values().forEach(this::put);
    state.orders().values().forEach(order -> put(order, state.arrived(order.token())));
    state.groups().values().forEach(group -> engine.restoreGroup(group.value()));
    for (Job job : state.jobs().values()) {
      put(job);
      state.instancesOf(job.id()).forEach(i -> follow(Optional.empty(), Optional.of(i)));
    }
    state.remains().values().forEach(this::keep);
  }

  /** Refuses with an InvalidModelException what cannot be; nothing is then changed. */
  public void put(Pool pool) {
    engine.putPool(pool);
  }

  public void removePool(String name) {
    engine.removePool(name);
  }

  /** Refuses with an InvalidModelException what cannot be; nothing is then changed. */
  public void put(Group group) {
    engine.putGroup(group);
  }

  public void removeGroup(String path) {
    engine.removeGroup(path);
  }

  /** Refuses with an InvalidModelException what cannot be; changes nothing. */
  public void admit(JobSpec spec) {
    engine.checkJob(demand(spec, 0));
  }

  /** Follows a job that was admitted, by whatever rules there were then. */
  public void put(Job job) {
    engine.restoreJob(
        demand(job.spec(), job.revision()),
        job.earlier().stream().map(old -> demand(old.spec(), old.revision()).footprint()).toList());
  }

  void removeJob(String id) {
    engine.removeJob(id);
  }

  public void put(Host host) {
    engine.putHost(
        new HostSpec(
            host.id(),
            host.pool(),
            host.condition(),
            host.attributes(),
            host.capacity(),
            overhead,
            host.ports(),
            billed ? host.billedSince() : Optional.empty()));
  }

  void removeHost(String id) {
    engine.removeHost(id);
    offered.remove(id);
  }

  /**
   * An order counts as the hosts that it will bring, until their names are known.
   *
   * @param arrived hosts of the order whose agents came before the cloud's answer
   */
  void put(Order order, int arrived) {
    for (int i = 0; i < order.count(); i++) {
      if (i < arrived) {
        engine.removeHost(awaited(order, i));
        continue;
      }
      add(awaited(order, i), order.pool(), order.template(), HostCondition.PROVISIONING);
    }
  }

  /**
   * The hosts of an order that are not known yet are there, ready. Returns what they are called.
   */
  public List<String> arrive(Order order, int arrived) {
    List<String> hosts = new ArrayList<>();
    for (int i = arrived; i < order.count(); i++) {
      add(awaited(order, i), order.pool(), order.template(), HostCondition.READY);
      hosts.add(awaited(order, i));
    }
    return hosts;
  }

  /** More hosts of a pool's template, ready. Returns what they are called. */
  public List<String> add(Pool pool, int count, String prefix) {
    List<String> hosts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String id = prefix + pool.name() + "-" + ++added;
      add(id, pool.name(), pool.template().orElseThrow(), HostCondition.READY);
      hosts.add(id);
    }
    return hosts;
  }

  private void add(String id, String pool, HostTemplate template, HostCondition condition) {
    engine.putHost(
        new HostSpec(
            id,
            pool,
            condition,
            template.attributes(),
            template.resources(),
            overhead,
            Host.AWAITED_PORTS));
  }

  void removeOrder(Order order) {
    for (int i = 0; i < order.count(); i++) {
      engine.removeHost(awaited(order, i));
    }
  }

  void follow(Optional<Instance> before, Optional<Instance> after) {
    String id = after.or(() -> before).orElseThrow().id();
    Optional<Task> wanted = after.flatMap(Instance::task);
    Task had = booked.get(id);
    if (had != null
        && wanted
            .filter(task -> task.host().equals(had.host()) && task.label() == had.label())
            .isPresent()) {
      booked.put(id, wanted.get());
      end(id, after);
      return;
    }
    if (had != null) {
      engine.release(id);
      booked.remove(id);
    }
    wanted.ifPresent(
        task -> {
          engine.allocate(
              new Allocation(
                  id,
                  after.orElseThrow().job(),
                  task.revision(),
                  task.host(),
                  task.label(),
                  task.launched(),
                  task.hostPorts()));
          booked.put(id, task);
        });
    end(id, after);
  }

  /** Its room frees soon: nobody else need be evicted for what that will serve. */
  private void end(String id, Optional<Instance> after) {
    if (after.filter(instance -> instance.goal() != Goal.RUN).isPresent()) {
      engine.ending(id);
    }
  }

  /** Has a job keep away from a host, or no longer; what runs there stays. */
  public void avoid(String job, String host, boolean avoids) {
    engine.avoid(job, host, avoids);
  }

  /** Whether some host could run the job that it does not keep away from. */
  public boolean couldRun(String job) {
    return engine.couldRun(job);
  }

  /** The room of what a lost executor may have left is nobody's (promise 3). */
  void keep(Remains remains) {
    engine.keep(remains.taskId(), remains.job(), remains.host(), remains.size(), remains.ports());
  }

  public void release(Remains remains) {
    engine.release(remains.taskId());
  }

  /** What a host's held offers give to new instances. Returns whether that is something new. */
  public boolean offer(String host, Resources free, PortRanges ports) {
    Room room = new Room(free, ports);
    engine.offer(host, free, ports);
    return !room.equals(offered.put(host, room));
  }

  public void withdraw(String host) {
    engine.withdrawOffer(host);
    offered.remove(host);
  }

  /** Whether a host that is of no use now will be, with what is free there. */
  public boolean willServe(String host, Resources free, Collection<Version> waiting) {
    return engine.willServe(host, free, waiting);
  }

  /** Finds places; the engine books them, and the caller launches there or gives them back. */
  public Served place(List<Pending> pending, Instant now) {
    return engine.placeAll(pending, now);
  }

  /** What breaks its job's newest rules; see {@link Engine#breaches}. */
  public List<Breach> breaches(
      String job, List<String> instances, Set<String> older, int waiting, int most) {
    return engine.breaches(job, instances, older, waiting, most);
  }

  /** What groups hold above their limits, in words, by path. */
  public Map<String, List<String>> overLimits() {
    return engine.overLimits();
  }

  /** Whom to end so that enforced limits are kept. */
  public List<String> beyondEnforcedLimits() {
    return engine.beyondEnforcedLimits();
  }

  /** Guaranteed instances that are borrowed by now; the engine has changed their labels. */
  public List<Demotion> demote() {
    return engine.demote();
  }

  /** Borrowed instances that have become guaranteed; the engine has changed their labels. */
  public List<String> promote() {
    return engine.promote();
  }

  /** Who must make way for what waits within a guarantee. */
  public List<Eviction> reclaim(List<Pending> pending, Instant now) {
    return engine.reclaim(pending, now);
  }

  public void release(String instance) {
    engine.release(instance);
    booked.remove(instance);
  }

  /** Says that what the engine has booked is that task's. */
  public void placed(String instance, Task task) {
    booked.put(instance, task);
  }

  public List<HostOrder> growth(List<Pending> pending, Instant now) {
    return engine.growth(pending, now);
  }

  public void outOfStock(String pool, Instant now) {
    engine.outOfStock(pool, now);
  }

  public void inStock(String pool, Instant now) {
    engine.inStock(pool, now);
  }

  /** When a cloud that had no stock is asked again; empty: at once. */
  public Optional<Instant> askedAgain(String pool) {
    return engine.askedAgain(pool);
  }

  /** Whether the pool may have one more host than there are and are on order. */
  public boolean hasRoom(String pool) {
    return engine.hasRoom(pool);
  }

  public List<String> idle(Instant now) {
    return engine.idle(now);
  }

  /** Hosts to empty and give back, since what runs there fits elsewhere. */
  public List<Drain> consolidate(List<Pending> pending, Instant now) {
    return engine.consolidate(pending, now);
  }

  static JobDemand demand(JobSpec spec, long revision) {
    List<Integer> fixed = new ArrayList<>();
    int dynamic = 0;
    for (PortSpec port : spec.container().ports()) {
      if (port.fixed()) {
        fixed.add(port.host());
      } else {
        dynamic++;
      }
    }
    List<Constraint> constraints = new ArrayList<>(spec.constraints());
    if (spec.kind() == JobKind.SYSTEM) {
      constraints.add(new Constraint.MaxPer(Constraint.HOST, 1, false));
    }
    return new JobDemand(
        spec.id(),
        revision,
        spec.group(),
        spec.resources(),
        fixed,
        dynamic,
        constraints,
        spec.pools(),
        spec.priority(),
        spec.reclaimable(),
        Set.of(),
        evictable(spec));
  }

  /** A batch instance serves nobody while it runs, so only a service has a budget to keep. */
  private static int evictable(JobSpec spec) {
    return spec.kind() == JobKind.BATCH ? Integer.MAX_VALUE : spec.update().maxUnavailable();
  }

  private static String awaited(Order order, int index) {
    return order.token() + "/" + index;
  }
}
