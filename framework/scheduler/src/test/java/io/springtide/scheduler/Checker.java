package io.springtide.scheduler;

import io.springtide.partition.model.Group;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.job.FailurePolicy;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Gone;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Order;
import io.springtide.scheduler.state.Origin;
import io.springtide.scheduler.state.PortAssignment;
import io.springtide.scheduler.state.Receipt;
import io.springtide.scheduler.state.Remains;
import io.springtide.scheduler.state.Stray;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.Cloud;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import io.springtide.scheduler.view.ClusterView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Watches the promises. It reads the log, the effects and the world, and shares no decision with
 * the core: what is durable it knows by replaying the log itself.
 */
final class Checker {
  private static final Duration GIVEN_UP = CoreConfig.of("executor-1").times().hosts().lostAfter();
  private static final Duration UNREACHABLE_AFTER = FailurePolicy.DEFAULT.unreachableAfter();

  private static final Duration A_DAY = Duration.ofHours(24);
  private static final int MOST_RECEIPTS = 10_000;

  private Instant now = Instant.EPOCH;
  private String frameworkId = "";
  private final Map<String, Instance> instances = new HashMap<>();
  private final Map<String, Job> jobs = new HashMap<>();
  private final Map<String, Host> hosts = new HashMap<>();
  private final Map<String, Gone> gone = new HashMap<>();
  private final Map<String, Order> orders = new HashMap<>();
  private final Map<String, Group> groups = new HashMap<>();
  private final Map<String, Stray> strays = new HashMap<>();
  private final Map<String, Receipt> receipts = new HashMap<>();
  private final Set<String> launched = new HashSet<>();
  private final Set<String> usedOffers = new HashSet<>();
  private final Map<String, TaskState> ended = new HashMap<>();

  /** Tasks of which the core has been told that they are out of sight, or gone. */
  private final Map<String, TaskState> declared = new HashMap<>();

  private final Map<String, Instant> declaredAt = new HashMap<>();

  /** What lost executors left, as the log has it, and when that was first seen. */
  private final Map<String, Remains> remains = new TreeMap<>();

  private final Map<String, Instant> remainsSince = new HashMap<>();

  /**
   * What lost executors may have left, as the core was told: instance and room by task, until its
   * host's warden has said that nothing is left, or the host has gone.
   */
  private final Map<String, Left> left = new TreeMap<>();

  private record Left(String instance, String host, Resources size, List<PortAssignment> ports) {}

  private long everLeft;
  private final Whereabouts where = new Whereabouts(jobs, groups, hosts, instances);

  private final Shown shown = new Shown(jobs, hosts, instances);

  private long evictions;
  private long moves;
  private long remembered;

  /** How often an instance was moved for its job's rules alone. */
  long movesForRules() {
    return moves;
  }

  /** How often a host went and was remembered. */
  long wentAndWasRemembered() {
    return remembered;
  }

  /** How often something came to be left by a lost executor. */
  long remains() {
    return everLeft;
  }

  /** How often somebody was evicted for another's guarantee. */
  long evictions() {
    return evictions;
  }

  /** What is read is what is durable. */
  void shows(ClusterView view) {
    shown.check(view);
  }

  void durable(List<Change> changes) {
    boolean claimed = claimed();
    Set<String> movable = jobsWithAPlace();
    Set<String> leaving = hostsToBeEmpty();
    List<Instance> evicted = new ArrayList<>();
    List<Instance> placed = new ArrayList<>();
    for (Change change : changes) {
      if (change instanceof Change.InstancePut put && put.instance().goal() == Goal.REPLACE) {
        Optional.ofNullable(instances.get(put.instance().id()))
            .filter(before -> before.goal() == Goal.RUN)
            .ifPresent(evicted::add);
      } else if (change instanceof Change.InstancePut put && isPlaced(put.instance())) {
        placed.add(put.instance());
      }
    }
    Map<String, Instance> before = new HashMap<>(instances);
    for (Change change : changes) {
      if (change instanceof Change.FrameworkIdSet set) {
        frameworkId = set.frameworkId();
      } else if (change instanceof Change.InstancePut put) {
        instances.put(put.instance().id(), put.instance());
      } else if (change instanceof Change.InstanceRemoved removed) {
        instances.remove(removed.id());
      } else if (change instanceof Change.JobPut put) {
        jobs.put(put.job().id(), put.job());
      } else if (change instanceof Change.JobRemoved removed) {
        jobs.remove(removed.id());
      } else if (change instanceof Change.HostPut put) {
        hosts.put(put.host().id(), put.host());
      } else if (change instanceof Change.HostRemoved removed) {
        hosts.remove(removed.id());
        left.values().removeIf(one -> one.host().equals(removed.id()));
      } else if (change instanceof Change.GonePut put) {
        gone.put(put.gone().id(), put.gone());
        remembered++;
      } else if (change instanceof Change.GoneRemoved removed) {
        gone.remove(removed.id());
      } else if (change instanceof Change.OrderPut put) {
        orders.put(put.order().token(), put.order());
      } else if (change instanceof Change.OrderRemoved removed) {
        orders.remove(removed.token());
      } else if (change instanceof Change.GroupPut put) {
        groups.put(put.group().path(), put.group());
      } else if (change instanceof Change.StrayPut put) {
        strays.put(put.stray().taskId(), put.stray());
      } else if (change instanceof Change.StrayRemoved removed) {
        strays.remove(removed.taskId());
      } else if (change instanceof Change.RemainsPut put) {
        everLeft += remains.put(put.remains().taskId(), put.remains()) == null ? 1 : 0;
        remainsSince.putIfAbsent(put.remains().taskId(), now);
      } else if (change instanceof Change.RemainsRemoved removed) {
        remains.remove(removed.taskId());
      } else if (change instanceof Change.ReceiptPut put) {
        checkOnce(put.receipt());
      } else if (change instanceof Change.ReceiptRemoved removed) {
        receipts.remove(removed.asker() + "'s " + removed.key());
      }
    }
    before.values().forEach(this::checkRemembered);
    checkKept();
    checkLimits();
    checkFinality();
    checkRevisions();
    placed.forEach(this::checkPlace);
    leaving.addAll(hostsToBeEmpty());
    evicted.removeIf(instance -> mustMoveAnyway(instance, leaving));
    movable.addAll(jobsWithAPlace());
    evicted.removeIf(instance -> movesForRules(instance, movable));
    evicted.forEach(i -> checkEviction(i, claimed || claimed()));
  }

  /** What was asked under a key is not done again. */
  private void checkOnce(Receipt receipt) {
    Receipt before = receipts.put(receipt.asker() + "'s " + receipt.key(), receipt);
    boolean again =
        before != null && Duration.between(before.at(), receipt.at()).compareTo(A_DAY) < 0;
    require(7, !again, receipt + " is done a second time, after " + before);
    require(7, receipts.size() <= MOST_RECEIPTS, "too many receipts");
  }

  /** Who was detached waits for its return, has returned, or is remembered for what it left. */
  private void checkRemembered(Instance before) {
    if (before.state() != InstanceState.DETACHED) {
      return;
    }
    Task task = before.task().orElseThrow();
    boolean waits =
        Optional.ofNullable(instances.get(before.id()))
            .flatMap(Instance::task)
            .filter(now -> now.id().equals(task.id()))
            .isPresent();
    boolean known = waits || remains.containsKey(task.id()) || !left.containsKey(task.id());
    require(3, known, "%s is forgotten, and may still run", task);
  }

  /** Whatever may be left, and nobody waits for, is in the books with all its room. */
  private void checkKept() {
    for (Map.Entry<String, Left> entry : left.entrySet()) {
      boolean others =
          instances.values().stream()
              .anyMatch(i -> i.task().filter(t -> t.id().equals(entry.getKey())).isPresent());
      Remains kept = remains.get(entry.getKey());
      Left what = entry.getValue();
      boolean same =
          kept != null && kept.size().equals(what.size()) && kept.host().equals(what.host());
      require(3, others || same, "%s is in no book: %s", entry.getKey(), what);
    }
    for (Remains one : remains.values()) {
      require(3, hosts.containsKey(one.host()), "%s outlives its host", one);
    }
  }

  /** Whether it has a place now, and kept none before. */
  private boolean isPlaced(Instance instance) {
    Instance before = instances.get(instance.id());
    return instance.task().isPresent() && (before == null || before.task().isEmpty());
  }

  private void checkPlace(Instance instance) {
    Instance now = instances.get(instance.id());
    if (now != null && now.task().equals(instance.task())) {
      require(0, !where.breaks(now), "%s is placed against its rules", now);
    }
  }

  private Set<String> jobsWithAPlace() {
    Set<String> with = new HashSet<>();
    jobs.values().stream().filter(where::placeFor).forEach(job -> with.add(job.id()));
    return with;
  }

  /** It breaks its job's rules where it is, which takes another place and a part of the budget. */
  private boolean movesForRules(Instance instance, Set<String> movable) {
    if (!where.breaks(instance)) {
      return false;
    }
    moves++;
    require(0, movable.contains(instance.job()), "moves %s, which has no place", instance.id());
    return true;
  }

  /** Its host is to be empty, or its job has changed. */
  private boolean mustMoveAnyway(Instance instance, Set<String> leaving) {
    Task task = instance.task().orElseThrow();
    return leaving.contains(task.host()) || jobs.get(instance.job()).revision() != task.revision();
  }

  private Set<String> hostsToBeEmpty() {
    Set<String> leaving = new HashSet<>();
    for (Host host : hosts.values()) {
      if (host.wish() == Host.Wish.DRAIN
          || host.wish() == Host.Wish.RELEASE
          || host.condition() == HostCondition.DRAINING
          || host.condition() == HostCondition.MAINTENANCE) {
        leaving.add(host.id());
      }
    }
    return leaving;
  }

  private void checkEviction(Instance instance, boolean claimed) {
    evictions++;
    Job job = jobs.get(instance.job());
    Label label = instance.task().orElseThrow().label();
    require(0, label == Label.BORROWED, "evicts %s, which is %s", instance.id(), label);
    require(0, job.spec().reclaimable(), "evicts %s, which is not reclaimable", instance.id());
    require(0, claimed, "evicts %s, and nobody waits within a guarantee", instance.id());
  }

  /** Whether somebody waits for what its group is guaranteed. */
  private boolean claimed() {
    Map<String, Resources> used = used(Label.GUARANTEED);
    for (Instance instance : instances.values()) {
      Job job = jobs.get(instance.job());
      if (instance.state() != InstanceState.PENDING || instance.task().isPresent()) {
        continue;
      }
      Group group = groups.get(job.spec().group());
      for (Map.Entry<String, Quota> quota : group.quotas().entrySet()) {
        String key = group.path() + " in " + quota.getKey();
        Resources then = used.getOrDefault(key, Resources.ZERO).plus(job.spec().resources());
        if (covers(quota.getValue().guarantee(), then)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean covers(Resources guarantee, Resources used) {
    return used.cpuMillis() <= guarantee.cpuMillis() && used.memoryMiB() <= guarantee.memoryMiB();
  }

  /**
   * Once the faults have stopped and time has passed, where more may be wanted than there is.
   *
   * @param guaranteed instances that each group is guaranteed, all of equal size
   * @param room instances that all hosts have room for
   */
  void shared(World world, Map<String, Integer> guaranteed, int room) {
    Map<String, Integer> wanted = new TreeMap<>();
    Map<String, Integer> running = new TreeMap<>();
    for (Job job : jobs.values()) {
      require(0, !job.removing(), "job %s is still being removed", job.id());
      wanted.merge(job.spec().group(), job.spec().instances(), Integer::sum);
    }
    for (Instance instance : instances.values()) {
      boolean runs = instance.state() == InstanceState.RUNNING;
      if (runs && world.runs(instance.task().orElseThrow().id())) {
        running.merge(jobs.get(instance.job()).spec().group(), 1, Integer::sum);
      } else {
        require(0, instance.state() == InstanceState.PENDING, "%s is not settled", instance);
      }
    }
    int total = 0;
    int demand = 0;
    for (Map.Entry<String, Integer> group : wanted.entrySet()) {
      int runs = running.getOrDefault(group.getKey(), 0);
      int least = Math.min(group.getValue(), guaranteed.get(group.getKey()));
      require(0, runs >= least, "%s runs %s, and is guaranteed %s", group.getKey(), runs, least);
      total += runs;
      demand += group.getValue();
    }
    require(0, total == Math.min(demand, room), "%s run of %s wanted: %s", total, demand, running);
    require(0, strays.isEmpty(), "strays are left: %s", strays);
  }

  /** The core is told. */
  void delivered(Event event, Instant now) {
    this.now = now;
    if (event instanceof Event.HostReported reported) {
      boolean clean = reported.report().engines().get(0).clean();
      for (Host host : hosts.values()) {
        if (clean && host.agentId().equals(reported.agentId())) {
          left.values().removeIf(one -> one.host().equals(host.id()));
        }
      }
    }
    if (event instanceof Event.TaskUpdated updated) {
      TaskUpdate update = updated.update();
      if (update.state().alive()) {
        declared.remove(update.taskId());
        declaredAt.remove(update.taskId());
      } else {
        if (update.reason().equals(TaskUpdate.EXECUTOR_TERMINATED)) {
          current(update.taskId()).ifPresent(this::leave);
        }
        declared.put(update.taskId(), update.state());
        declaredAt.putIfAbsent(update.taskId(), now);
        if (update.state().terminal() && !update.uuid().isEmpty()) {
          ended.putIfAbsent(update.taskId(), update.state());
        }
      }
    }
  }

  private void leave(Instance instance) {
    Task task = instance.task().orElseThrow();
    JobSpec spec = jobs.get(instance.job()).specOf(task.revision()).orElseThrow();
    if (spec.runtime().survivesExecutor()) {
      left.put(task.id(), new Left(instance.id(), task.host(), spec.resources(), task.ports()));
    }
  }

  /** An effect is about to be carried out; all that it depends on must be durable. */
  void performed(Effect effect, World world) {
    if (effect instanceof Effect.Accept accept) {
      accepted(accept, world);
    } else if (effect instanceof Effect.Kill kill) {
      boolean wanted =
          current(kill.taskId()).filter(instance -> instance.goal() == Goal.RUN).isPresent();
      require(2, !wanted, "kills %s, which is to run", kill.taskId());
      boolean intended = strays.containsKey(kill.taskId()) || current(kill.taskId()).isPresent();
      require(2, intended, "kills %s without a durable intent", kill.taskId());
    } else if (effect instanceof Effect.Acknowledge ack) {
      acknowledged(ack);
    } else if (effect instanceof Effect.AnswerInverseOffer answer) {
      List<String> left = onAgentsHost(world.agentAskedFor(answer.id()).orElseThrow());
      require(4, !answer.agreed() || left.isEmpty(), "lets a machine go with %s on it", left);
    } else if (effect instanceof Effect.OrderHosts order) {
      require(2, orders.containsKey(order.token()), "orders %s undurably", order.token());
      long size =
          hosts.values().stream().filter(host -> host.pool().equals(order.pool())).count()
              + orders.values().stream()
                  .filter(other -> other.pool().equals(order.pool()))
                  .mapToInt(this::stillToCome)
                  .sum();
      require(3, size <= world.maxHosts(order.pool()), "pool %s grows to %s", order.pool(), size);
    } else if (effect instanceof Effect.ReleaseHosts release) {
      for (String id : release.ids()) {
        Host host = hosts.get(id);
        Gone past = gone.get(id);
        Optional<Origin> origin =
            host != null ? host.origin() : Optional.ofNullable(past).map(Gone::origin);
        require(6, origin.isPresent(), "releases %s, which is not ours", id);
        boolean intended = host != null ? host.wish() == Host.Wish.RELEASE : past.givenBack();
        require(2, intended, "releases %s undurably", id);
        require(4, on(id).isEmpty(), "releases %s with %s on it", id, on(id));
        for (Remains one : remains.values()) {
          Duration age = Duration.between(remainsSince.get(one.taskId()), now);
          boolean hopeless =
              host == null
                  || host.condition() == HostCondition.LOST
                  || age.compareTo(GIVEN_UP) >= 0;
          require(6, !one.host().equals(id) || hopeless, "releases %s with %s", id, one);
        }
        Cloud cloud = world.clouds().machine(id).map(WorldClouds.Machine::cloud).orElseThrow();
        require(6, release.cloud().equals(cloud), "gives %s back to %s", id, release.cloud());
      }
    } else if (!(effect instanceof Effect.Persist)) {
      require(2, !frameworkId.isEmpty() || !(effect instanceof Effect.Revive), "nameless revive");
    }
  }

  /**
   * Once the faults have stopped and time has passed, where rules may keep instances waiting, or
   * where they are: whatever breaks its rules, or waits, has no place anywhere.
   */
  void quiescentByRules(World world) {
    for (Instance instance : instances.values()) {
      Job job = jobs.get(instance.job());
      boolean runs = instance.state() == InstanceState.RUNNING;
      boolean waits = instance.state() == InstanceState.PENDING && instance.task().isEmpty();
      require(0, runs || waits, "%s is not settled", instance);
      require(0, instance.goal() == Goal.RUN, "%s is still to go", instance);
      if (runs) {
        require(0, world.runs(instance.task().orElseThrow().id()), "%s does not run", instance);
      }
      if (waits || where.breaks(instance)) {
        require(0, !where.placeFor(job), "%s has a place, and is not there", instance);
        long grown = hosts.values().stream().filter(Host::ordered).count();
        boolean grows = where.wouldTake(job, "cloud") && grown < world.maxHosts("cloud");
        require(0, !grows, "%s would have a place in the cloud", instance);
      }
    }
    for (Job job : jobs.values()) {
      long has = instances.values().stream().filter(i -> i.job().equals(job.id())).count();
      require(0, has == job.spec().instances(), "%s has %s instances", job.id(), has);
    }
    nothingElse(world);
  }

  /** Once the faults have stopped and time has passed. */
  void quiescent(World world) {
    require(0, remains.isEmpty(), "remains are left: %s", remains);
    for (String host : hosts.keySet()) {
      require(0, world.leftoversOn(host).isEmpty(), "containers are left on %s", host);
    }
    for (Job job : jobs.values()) {
      require(0, !job.removing(), "job %s is still being removed", job.id());
      List<Instance> all =
          instances.values().stream().filter(i -> i.job().equals(job.id())).toList();
      long running =
          all.stream()
              .filter(instance -> instance.state() == InstanceState.RUNNING)
              .filter(instance -> world.runs(instance.task().orElseThrow().id()))
              .count();
      require(
          0,
          running == job.spec().instances() && all.size() == running,
          "job %s wants %s, has %s: %s",
          job.id(),
          job.spec().instances(),
          running,
          all);
      for (Instance instance : all) {
        require(
            0,
            instance.task().orElseThrow().revision() == job.revision(),
            "%s runs an old revision",
            instance.id());
      }
    }
    nothingElse(world);
  }

  /** Nothing runs that nobody wants, and what is paid for is known. */
  private void nothingElse(World world) {
    for (String task : world.live()) {
      boolean known =
          current(task).isPresent()
              || hosts.values().stream()
                  .anyMatch(host -> host.warden().filter(w -> w.id().equals(task)).isPresent());
      require(1, known, "%s still lives and nobody wants it", task);
    }
    // Of an agent that never comes back nobody says more than that it is out of sight.
    List<Stray> left =
        strays.values().stream().filter(stray -> world.agentIsThere(stray.agentId())).toList();
    require(0, left.isEmpty(), "strays are left: %s", left);
    require(0, orders.isEmpty(), "orders are left: %s", orders);
    Set<String> paid = new HashSet<>();
    for (WorldClouds.Machine machine : world.clouds().there()) {
      Host host = hosts.get(machine.id());
      require(6, host != null, "%s is forgotten", machine);
      require(6, host.ordered(), "%s will never be given back", machine);
      paid.add(machine.id());
    }
    for (Host host : hosts.values()) {
      require(6, !host.ordered() || paid.contains(host.id()), "%s is not there", host);
    }
  }

  private void accepted(Effect.Accept accept, World world) {
    for (String offer : accept.offerIds()) {
      require(3, usedOffers.add(offer), "uses offer %s twice", offer);
      require(3, !world.rescinded(offer), "uses offer %s after its rescind", offer);
    }
    checkRoom(accept, world);
    for (TaskLaunch launch : accept.launches()) {
      String id = launch.task().id();
      require(1, launched.add(id), "uses task id %s twice", id);
      if (launch.warden()) {
        boolean intended =
            hosts.get(launch.task().host()).warden().filter(w -> w.id().equals(id)).isPresent();
        require(2, intended, "launches %s undurably", id);
        continue;
      }
      boolean intended =
          Optional.ofNullable(instances.get(launch.instance()))
              .flatMap(Instance::task)
              .filter(task -> task.id().equals(id))
              .isPresent();
      require(2, intended, "launches %s undurably", id);
      boolean asItSays =
          Optional.ofNullable(instances.get(launch.instance()))
              .flatMap(of -> jobs.get(of.job()).specOf(launch.task().revision()))
              .filter(spec -> spec.runsTheSameAs(launch.job().orElseThrow()))
              .isPresent();
      require(0, asItSays, "launches %s as another revision than it says", id);
      require(0, world.wardenRuns(launch.task().host()), "launches %s without a warden", id);
      for (String other : world.liveTasksOf(launch.instance())) {
        require(
            1,
            declared.containsKey(other),
            "launches %s while %s lives and is in sight",
            id,
            other);
        Duration window = Duration.between(declaredAt.get(other), now);
        require(
            1,
            declared.get(other).terminal() || window.compareTo(UNREACHABLE_AFTER) >= 0,
            "launches %s while %s is out of sight for %s only",
            id,
            other,
            window);
      }
    }
  }

  /** What may be left on the host keeps its room and its ports, and runs no second time beside. */
  private void checkRoom(Effect.Accept accept, World world) {
    for (TaskLaunch launch : accept.launches()) {
      String host = launch.task().host();
      Resources room = world.room(accept.agentId());
      for (TaskLaunch each : accept.launches()) {
        room = room.minusOrZero(each.job().map(JobSpec::resources).orElse(Resources.ZERO));
      }
      for (Left one : left.values()) {
        if (one.host().equals(host) && !launch.warden()) {
          require(1, !one.instance().equals(launch.instance()), "%s starts beside %s", launch, one);
          require(3, room.covers(one.size()), "%s takes the room of %s", launch, one);
          room = room.minus(one.size());
          for (PortAssignment port : launch.task().ports()) {
            boolean free = one.ports().stream().noneMatch(its -> its.host() == port.host());
            require(3, free, "%s takes port %s of %s", launch, port.host(), one);
          }
        }
      }
    }
  }

  private int stillToCome(Order order) {
    long there = hosts.values().stream().filter(h -> h.order().equals(order.token())).count();
    return (int) Math.max(0, order.count() - there);
  }

  private void acknowledged(Effect.Acknowledge ack) {
    TaskState state = ended.get(ack.taskId());
    if (state != null) {
      boolean stillLive =
          current(ack.taskId())
              .filter(instance -> instance.state().hasTask())
              .flatMap(Instance::task)
              .filter(task -> !task.state().terminal())
              .isPresent();
      require(2, !stillLive, "acknowledges %s of %s undurably", state, ack.taskId());
    }
  }

  private Map<String, Resources> used(Label... labels) {
    Map<String, Resources> used = new TreeMap<>();
    for (Instance instance : instances.values()) {
      instance
          .task()
          .filter(task -> List.of(labels).contains(task.label()))
          .ifPresent(
              task -> {
                Job job = jobs.get(instance.job());
                Resources each = job.specOf(task.revision()).orElseThrow().resources();
                used.merge(job.spec().group() + " in " + task.pool(), each, Resources::plus);
              });
    }
    return used;
  }

  private void checkLimits() {
    Map<String, Resources> used = used(Label.values());
    Map<String, Resources> guaranteed = used(Label.GUARANTEED);
    for (Group group : groups.values()) {
      group
          .quotas()
          .forEach(
              (pool, quota) -> {
                Limit limit = quota.limit();
                Resources now = used.getOrDefault(group.path() + " in " + pool, Resources.ZERO);
                require(3, limit.covers(now), "%s in %s uses %s", group.path(), pool, now);
                Resources own =
                    guaranteed.getOrDefault(group.path() + " in " + pool, Resources.ZERO);
                require(
                    3,
                    covers(quota.guarantee(), own),
                    "%s in %s has %s as guaranteed",
                    group.path(),
                    pool,
                    own);
              });
    }
  }

  /** What runs on runs what its instance wants, and what is wanted is known. */
  private void checkRevisions() {
    for (Instance instance : instances.values()) {
      Job job = jobs.get(instance.job());
      require(0, job.specOf(instance.revision()).isPresent(), "nobody knows what %s is", instance);
      boolean asWanted =
          instance.goal() != Goal.RUN
              || instance.task().filter(t -> t.revision() != instance.revision()).isEmpty();
      require(0, asWanted, "%s runs on, and does not run what it wants", instance);
    }
  }

  private void checkFinality() {
    for (Instance instance : instances.values()) {
      instance
          .task()
          .filter(task -> instance.state().hasTask())
          .ifPresent(
              task ->
                  require(4, !task.state().terminal(), "%s lives on in %s", task, instance.id()));
    }
  }

  private Optional<Instance> current(String task) {
    return instances.values().stream()
        .filter(instance -> instance.state().hasTask())
        .filter(instance -> instance.task().filter(t -> t.id().equals(task)).isPresent())
        .findFirst();
  }

  private List<String> on(String host) {
    List<String> there = new ArrayList<>();
    for (Instance instance : instances.values()) {
      if (instance.task().filter(task -> task.host().equals(host)).isPresent()) {
        there.add(instance.id());
      }
    }
    return there;
  }

  private List<String> onAgentsHost(String agent) {
    return hosts.values().stream()
        .filter(host -> host.agentId().equals(agent))
        .flatMap(host -> on(host.id()).stream())
        .toList();
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static void require(int promise, boolean kept, String broken, Object... details) {
    if (!kept) {
      throw new AssertionError("promise " + promise + ": " + broken.formatted(details));
    }
  }
}
