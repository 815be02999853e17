package io.springtide.harness.emulator.live;

import io.springtide.harness.emulator.Probes;
import io.springtide.mesos.CallListener;
import io.springtide.mesos.HttpMesos;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.OfferID;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.Value;
import org.apache.mesos.v1.scheduler.Mesos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.apache.mesos.v1.scheduler.Scheduler;

/**
 * A framework of its own at a master that others use, too: finds offers by need and declines the
 * rest at once, acknowledges what it is told, and is torn down when the story is over, however it
 * ends.
 */
final class LiveScheduler implements Scheduler, CallListener<Call>, AutoCloseable {

  /** What every task of these tests takes, and an offer must have. */
  static final double CPUS = 0.1;

  static final double MEM = 32;
  static final double DISK = 10;

  static final double ROOM = 4;

  /** How long what is declined stays with others. */
  private static final double REFUSE_SECONDS = 2;

  final LiveMaster master;
  private final HttpMesos mesos;
  private final FrameworkInfo info;
  private final Set<String> suppressed;
  private final List<Event> events = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final Map<OfferID, Offer> held = new LinkedHashMap<>();
  private boolean acknowledges = true;
  private boolean over;
  private FrameworkID id;

  private LiveScheduler(LiveMaster master, FrameworkInfo info, Set<String> suppressed) {
    this.master = master;
    this.info = info;
    this.suppressed = suppressed;
    this.id = info.hasId() ? info.getId() : null;
    this.mesos = new HttpMesos(master.masters(), master.options(), this, this);
  }

  /** A new framework, subscribed. */
  static LiveScheduler subscribed(LiveMaster master) throws InterruptedException {
    return subscribed(master, framework(master).build(), Set.of());
  }

  /** A framework that is told of nothing yet but SUBSCRIBED. */
  static LiveScheduler subscribed(LiveMaster master, FrameworkInfo info, Set<String> suppressed)
      throws InterruptedException {
    LiveScheduler scheduler = new LiveScheduler(master, info, suppressed);
    scheduler.mesos.start();
    try {
      scheduler.await("SUBSCRIBED", event -> event.getType() == Event.Type.SUBSCRIBED);
    } catch (AssertionError | InterruptedException e) {
      scheduler.mesos.close();
      throw e;
    }
    return scheduler;
  }

  /** A framework whose subscription may be refused. */
  static LiveScheduler subscribing(LiveMaster master, FrameworkInfo info) {
    LiveScheduler scheduler = new LiveScheduler(master, info, Set.of());
    scheduler.over = true;
    scheduler.mesos.start();
    return scheduler;
  }

  static FrameworkInfo.Builder framework(LiveMaster master) {
    FrameworkInfo.Builder info =
        Probes.framework(
            master.user(),
            "springtide-conformance-" + UUID.randomUUID().toString().substring(0, 8),
            master.role(),
            FrameworkInfo.Capability.Type.MULTI_ROLE,
            FrameworkInfo.Capability.Type.PARTITION_AWARE,
            FrameworkInfo.Capability.Type.TASK_KILLING_STATE,
            FrameworkInfo.Capability.Type.GPU_RESOURCES,
            FrameworkInfo.Capability.Type.REGION_AWARE,
            FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT);
    info.setFailoverTimeout(30);
    if (!master.principal().isEmpty()) {
      info.setPrincipal(master.principal());
    }
    return info;
  }

  // --- callbacks

  @Override
  public void connected(Mesos connected) {
    Call.Builder call = Probes.subscribe(info, id());
    call.getSubscribeBuilder().addAllSuppressedRoles(suppressed);
    connected.send(call.build());
  }

  @Override
  public void disconnected(Mesos disconnected) {
    tell("disconnected");
  }

  @Override
  public void received(Mesos from, Event event) {
    boolean acknowledge;
    synchronized (events) {
      switch (event.getType()) {
        case SUBSCRIBED -> id = event.getSubscribed().getFrameworkId();
        case OFFERS ->
            event.getOffers().getOffersList().forEach(offer -> held.put(offer.getId(), offer));
        case RESCIND -> held.remove(event.getRescind().getOfferId());
        default -> {}
      }
      acknowledge = acknowledges;
      events.add(event);
      events.notifyAll();
    }
    if (acknowledge && event.getType() == Event.Type.UPDATE) {
      acknowledge(event.getUpdate().getStatus());
    }
  }

  @Override
  public void refused(Call call, int status, String message) {
    tell("refused " + call.getType() + " " + status + " " + message);
  }

  @Override
  public void failed(Call call, Fate fate, String reason) {
    tell("failed " + call.getType() + " " + fate + " " + reason);
  }

  @Override
  public void subscriptionLost(String reason) {
    tell("lost " + reason);
  }

  private void tell(String what) {
    synchronized (events) {
      told.add(what);
      events.notifyAll();
    }
  }

  // --- calls

  FrameworkID id() {
    synchronized (events) {
      return id;
    }
  }

  FrameworkInfo info() {
    return info.toBuilder().setId(id()).build();
  }

  Call.Builder call(Call.Type type) {
    return Call.newBuilder().setType(type).setFrameworkId(id());
  }

  void send(Call.Builder call) {
    mesos.send(call.build());
  }

  /** From now on updates are (not) acknowledged as they come. */
  void acknowledges(boolean now) {
    synchronized (events) {
      acknowledges = now;
    }
  }

  void acknowledge(TaskStatus status) {
    if (status.hasUuid()) {
      send(Probes.acknowledging(call(Call.Type.ACKNOWLEDGE), status));
    }
  }

  void decline(List<OfferID> offers, double refuseSeconds) {
    if (!offers.isEmpty()) {
      Call.Builder call = call(Call.Type.DECLINE);
      call.getDeclineBuilder().addAllOfferIds(offers);
      call.getDeclineBuilder().getFiltersBuilder().setRefuseSeconds(refuseSeconds);
      send(call);
    }
  }

  /** Declines all that it holds. */
  void declineAll(double refuseSeconds) {
    List<OfferID> rest;
    synchronized (events) {
      rest = List.copyOf(held.keySet());
      held.clear();
    }
    decline(rest, refuseSeconds);
  }

  /** ACCEPT of some offers with these operations; what is left is free again soon. */
  void accept(List<OfferID> offers, Offer.Operation... operations) {
    Call.Builder call = call(Call.Type.ACCEPT);
    call.getAcceptBuilder().addAllOfferIds(offers).addAllOperations(List.of(operations));
    call.getAcceptBuilder().getFiltersBuilder().setRefuseSeconds(0);
    send(call);
  }

  /** Launches these in one LAUNCH on an offer. */
  void launch(Offer offer, TaskInfo... tasks) {
    accept(List.of(offer.getId()), launch(tasks));
  }

  /** Launches a command and waits until it runs. */
  AgentID run(String taskId, String command) throws InterruptedException {
    Offer offer = offer();
    launch(offer, command(offer, taskId, command));
    update(taskId, TaskState.TASK_STARTING);
    update(taskId, TaskState.TASK_RUNNING);
    return offer.getAgentId();
  }

  static Offer.Operation launch(TaskInfo... tasks) {
    Offer.Operation.Builder operation =
        Offer.Operation.newBuilder().setType(Offer.Operation.Type.LAUNCH);
    operation.getLaunchBuilder().addAllTaskInfos(List.of(tasks));
    return operation.build();
  }

  void kill(String taskId) {
    Call.Builder call = call(Call.Type.KILL);
    call.getKillBuilder().getTaskIdBuilder().setValue(taskId);
    send(call);
  }

  // --- offers and tasks

  /** An offer with room for a few tasks; all others are declined. */
  Offer offer() throws InterruptedException {
    return offer(offer -> true);
  }

  /** An offer of one agent; all others are declined. */
  Offer offerOf(AgentID agent) throws InterruptedException {
    return offer(offer -> offer.getAgentId().equals(agent));
  }

  private Offer offer(Predicate<Offer> wanted) throws InterruptedException {
    if (!master.roomForRole()) {
      LiveConformance.needs(
          "an agent with room for role "
              + master.role()
              + ", not reserved to another (--default_role); -Dmesos.role names the tests' role");
    }
    long end = System.nanoTime() + master.patience().toNanos();
    while (true) {
      awaitOffers(end);
      Offer found;
      synchronized (events) {
        found =
            held.values().stream()
                .filter(offer -> wanted.test(offer) && roomy(offer))
                .findFirst()
                .orElse(null);
        if (found != null) {
          held.remove(found.getId());
        }
      }
      declineAll(REFUSE_SECONDS);
      if (found != null) {
        return found;
      }
    }
  }

  private void awaitOffers(long end) throws InterruptedException {
    synchronized (events) {
      while (held.isEmpty()) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new AssertionError(
              "no offer with "
                  + (CPUS * ROOM)
                  + " cpus, "
                  + (MEM * ROOM)
                  + " MB of memory and "
                  + (DISK * ROOM)
                  + " MB of disk came to role "
                  + info.getRolesList()
                  + " within "
                  + master.patience().toSeconds()
                  + " s: is there an agent with as much room, and do other frameworks leave it?");
        }
        events.wait(left);
      }
    }
  }

  /** Offers of two agents, held at the same time; empty where only one agent offers. */
  List<Offer> offersOfTwoAgents(Duration within) throws InterruptedException {
    long end = System.nanoTime() + within.toNanos();
    synchronized (events) {
      while (true) {
        Map<AgentID, Offer> byAgent = new LinkedHashMap<>();
        held.values().forEach(offer -> byAgent.putIfAbsent(offer.getAgentId(), offer));
        if (byAgent.size() > 1) {
          List<Offer> two = List.copyOf(byAgent.values()).subList(0, 2);
          two.forEach(offer -> held.remove(offer.getId()));
          return two;
        }
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return List.of();
        }
        events.wait(left);
      }
    }
  }

  private static boolean roomy(Offer offer) {
    return part(offer, "cpus", CPUS * ROOM) != null
        && part(offer, "mem", MEM * ROOM) != null
        && part(offer, "disk", DISK * ROOM) != null;
  }

  /** So much of an offered resource, reserved and allocated as it was offered; null if none is. */
  static Resource part(Offer offer, String name, double amount) {
    for (Resource resource : offer.getResourcesList()) {
      boolean plain = !resource.hasDisk() && !resource.hasRevocable() && !resource.hasShared();
      if (plain
          && resource.getName().equals(name)
          && resource.getScalar().getValue() >= amount - 1e-9) {
        return resource.toBuilder().setScalar(Value.Scalar.newBuilder().setValue(amount)).build();
      }
    }
    return null;
  }

  /** A task without command or executor yet, with the usual resources of an offer. */
  static TaskInfo.Builder task(Offer offer, String taskId) {
    TaskInfo.Builder task = TaskInfo.newBuilder().setName(taskId).setAgentId(offer.getAgentId());
    task.getTaskIdBuilder().setValue(taskId);
    return task.addResources(part(offer, "cpus", CPUS)).addResources(part(offer, "mem", MEM));
  }

  /** A task that runs a shell command. */
  static TaskInfo command(Offer offer, String taskId, String command) {
    TaskInfo.Builder task = task(offer, taskId);
    task.getCommandBuilder().setValue(command);
    return task.build();
  }

  /** A task of an executor of its own, which is a shell command and speaks to nobody. */
  static TaskInfo custom(Offer offer, String taskId, String executorId, String command) {
    ExecutorInfo.Builder executor = ExecutorInfo.newBuilder().setType(ExecutorInfo.Type.CUSTOM);
    executor.getExecutorIdBuilder().setValue(executorId);
    executor.getCommandBuilder().setValue(command);
    executor.addResources(part(offer, "cpus", CPUS)).addResources(part(offer, "mem", MEM));
    return task(offer, taskId).setExecutor(executor).build();
  }

  /** A task id that no task ever had. */
  static String taskId(String name) {
    return "conformance-" + UUID.randomUUID().toString().substring(0, 8) + "-" + name;
  }

  // --- what came

  /** The next update of a task; the client tells of each only once. */
  TaskStatus update(String taskId) throws InterruptedException {
    return await("an update of " + taskId, Probes.updateOf(taskId)).getUpdate().getStatus();
  }

  /** The next update of a task, which must have this state. */
  TaskStatus update(String taskId, TaskState state) throws InterruptedException {
    TaskStatus status = update(taskId);
    if (status.getState() != state) {
      throw new AssertionError(
          "expected " + taskId + " to become " + state + ", but got " + status);
    }
    return status;
  }

  /** Waits for an event, past or coming, and takes it away. */
  Event await(String what, Predicate<Event> wanted) throws InterruptedException {
    return await(what, wanted, master.patience());
  }

  Event await(String what, Predicate<Event> wanted, Duration patience) throws InterruptedException {
    return Probes.await(events, wanted, patience).orElseThrow(() -> notCome(what, patience));
  }

  private AssertionError notCome(String what, Duration patience) {
    synchronized (events) {
      return new AssertionError(
          what
              + " did not come within "
              + patience.toSeconds()
              + " s; the client told "
              + told
              + "; events not asked for: "
              + events.stream().map(LiveScheduler::brief).toList());
    }
  }

  private static String brief(Event event) {
    return event.getType() == Event.Type.UPDATE
        ? event.getUpdate().getStatus().getTaskId().getValue()
            + " "
            + event.getUpdate().getStatus().getState()
            + " "
            + event.getUpdate().getStatus().getMessage()
        : event.getType().name();
  }

  /** Waits for something that the client says of a call or the subscription. */
  String awaitTold(String beginning) throws InterruptedException {
    long end = System.nanoTime() + master.patience().toNanos();
    synchronized (events) {
      while (true) {
        for (String one : told) {
          if (one.startsWith(beginning)) {
            told.remove(one);
            return one;
          }
        }
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new AssertionError("not told \"" + beginning + "…\", but " + told);
        }
        events.wait(left);
      }
    }
  }

  /** The events of a kind that have come and were not asked for, taken away. */
  List<Event> take(Predicate<Event> wanted) {
    synchronized (events) {
      List<Event> out = events.stream().filter(wanted).toList();
      events.removeAll(out);
      return out;
    }
  }

  /** The agents that offered something within {@code time}; nothing is declined meanwhile. */
  Set<AgentID> offering(Duration time) throws InterruptedException {
    take(event -> event.getType() == Event.Type.OFFERS);
    Thread.sleep(time.toMillis());
    Set<AgentID> agents = new LinkedHashSet<>();
    take(event -> event.getType() == Event.Type.OFFERS)
        .forEach(e -> e.getOffers().getOffersList().forEach(o -> agents.add(o.getAgentId())));
    return agents;
  }

  /** TEARDOWN was sent by the story itself, or somebody else has taken over. */
  void over() {
    over = true;
  }

  /** Removes the framework with all its tasks, and closes the client. */
  @Override
  public void close() {
    try {
      if (!over) {
        send(call(Call.Type.TEARDOWN));
        awaitTold("disconnected");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (AssertionError e) {
      System.out.println(
          "framework "
              + id().getValue()
              + " could not be torn down, it ends with its failover timeout of 30 s: "
              + e.getMessage());
    } finally {
      mesos.close();
    }
  }
}
