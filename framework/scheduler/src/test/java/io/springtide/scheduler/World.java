package io.springtide.scheduler;

import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.state.TaskRef;
import io.springtide.scheduler.told.AgentReport;
import io.springtide.scheduler.told.HostReport;
import io.springtide.scheduler.told.Maintenance;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A Mesos master with agents and executors, and a cloud, as far as a scheduler can tell them apart
 * from real ones. Everything that happens in it is asked for; nothing happens by chance.
 */
final class World {
  private static final PortRanges PORTS = PortRanges.of(31000, 31099);
  private static final Resources OVERHEAD = CoreConfig.of("executor-1").overhead();

  /** An agent; its tasks live on while it is out of sight. */
  private static final class Agent {
    final String id;
    final String host;
    final Map<String, String> attributes;
    final Resources total;
    boolean inSight = true;
    boolean there = true;
    boolean executor;

    Agent(String id, String host, Map<String, String> attributes, Resources total) {
      this.id = id;
      this.host = host;
      this.attributes = attributes;
      this.total = total;
    }
  }

  /** A task on its agent. */
  private static final class Live {
    final TaskLaunch launch;
    final Agent agent;
    TaskState state = TaskState.STAGING;

    /** Updates not yet acknowledged, oldest first. */
    final Deque<TaskUpdate> updates = new ArrayDeque<>();

    Live(TaskLaunch launch, Agent agent) {
      this.launch = launch;
      this.agent = agent;
    }

    String id() {
      return launch.task().id();
    }
  }

  private record Open(Offer offer, Agent agent) {}

  /** No more than this is offered of the agent until then; more than this is. */
  private record Filter(Resources refused, Instant until) {}

  private final Map<String, Agent> agents = new TreeMap<>();
  private final Map<String, Live> tasks = new TreeMap<>();
  private final Map<String, Open> open = new LinkedHashMap<>();
  private final Map<String, List<Filter>> filters = new HashMap<>();
  private final Set<String> rescinded = new HashSet<>();

  /** Containers that lost their executor, by task. */
  private final Map<String, Live> leftovers = new TreeMap<>();

  /** Hosts whose engine cannot remove any. */
  private final Set<String> stuck = new HashSet<>();

  private final Map<String, Maintenance> windows = new TreeMap<>();
  private final Map<String, String> asked = new HashMap<>();
  private final WorldClouds clouds = new WorldClouds();
  private final Deque<Event> toCore = new ArrayDeque<>();
  private final Deque<Event> fromCloud = new ArrayDeque<>();
  private boolean subscribed;
  private boolean suppressed;
  private int agentCount;
  private int offerCount;
  private int uuidCount;
  private int maxCloud;
  private Instant now = Instant.EPOCH;

  void at(Instant instant) {
    now = instant;
  }

  void maxCloud(int hosts) {
    maxCloud = hosts;
  }

  // ---- What is asked of it.

  void join(String host, Map<String, String> attributes, Resources total) {
    String id = "S" + ++agentCount;
    agents.put(id, new Agent(id, host, attributes, total));
  }

  void subscribe() {
    disconnect();
    subscribed = true;
    suppressed = false;
    filters.clear();
    toCore.add(new Event.Subscribed("fw-1"));
    tasks.values().forEach(this::sendHead);
  }

  /** Whatever was under way to the scheduler is lost; updates will come again. */
  void disconnect() {
    subscribed = false;
    toCore.clear();
    fromCloud.clear();
    open.clear();
  }

  boolean subscribed() {
    return subscribed;
  }

  /** The allocator's round: all that is free, of all agents in sight. */
  void offer() {
    if (!subscribed || suppressed) {
      return;
    }
    List<Offer> offers = new ArrayList<>();
    for (Agent agent : agents.values()) {
      Resources free = free(agent);
      boolean filtered =
          filters.getOrDefault(agent.id, List.of()).stream()
              .anyMatch(f -> f.until().isAfter(now) && f.refused().covers(free));
      if (!agent.inSight || !agent.there || filtered || free.cpuMillis() < 10) {
        continue;
      }
      Offer offer =
          new Offer(
              "o" + ++offerCount,
              agent.id,
              agent.host,
              "10.0.0.1:5051",
              agent.attributes,
              free,
              // One host is reserved to us; what the others have could be anybody's.
              agent.host.equals("h1") ? Resources.ZERO : free,
              freePorts(agent),
              agent.executor ? Set.of("executor-1") : Set.of(),
              Optional.ofNullable(windows.get(agent.host)));
      open.put(offer.id(), new Open(offer, agent));
      offers.add(offer);
    }
    if (!offers.isEmpty()) {
      toCore.add(new Event.OffersReceived(offers));
    }
  }

  void rescind(int pick) {
    pick(open.keySet(), pick).ifPresent(this::rescind);
  }

  /** A host's machine is to be away then, or not after all; what is offered of it is asked back. */
  void schedule(String host, Optional<Maintenance> window) {
    window.ifPresentOrElse(w -> windows.put(host, w), () -> windows.remove(host));
    agents.values().stream()
        .filter(agent -> agent.host.equals(host) && agent.inSight && agent.there)
        .forEach(
            agent -> {
              List.copyOf(open.values()).stream()
                  .filter(o -> o.agent() == agent)
                  .forEach(o -> rescind(o.offer().id()));
              askToLeave(agent);
            });
  }

  private void askToLeave(Agent agent) {
    Maintenance window = windows.get(agent.host);
    if (window != null && subscribed) {
      String id = "i" + ++offerCount;
      asked.put(id, agent.id);
      toCore.add(new Event.InverseOffered(id, agent.id, window));
    }
  }

  /** The master is asked what it makes of its agents. */
  void reportAgents() {
    if (!subscribed) {
      return;
    }
    List<AgentReport> reports =
        agents.values().stream()
            .filter(agent -> agent.inSight && agent.there)
            .map(
                agent ->
                    new AgentReport(
                        agent.id,
                        AgentReport.State.ACTIVE,
                        agent.total,
                        PORTS,
                        Optional.ofNullable(windows.get(agent.host))))
            .toList();
    toCore.add(new Event.AgentsReported(reports, Set.of(), Optional.of(Map.copyOf(windows))));
  }

  /** No machine goes away. */
  void stay() {
    List.copyOf(windows.keySet()).forEach(host -> schedule(host, Optional.empty()));
  }

  /** A task goes one step on its way. */
  void advance(int pick) {
    pick(lively(), pick).ifPresent(task -> advance(task));
  }

  void advanceAll() {
    lively().forEach(this::advance);
  }

  /** A task ends by itself. */
  void end(int pick, TaskState state) {
    pick(lively(), pick)
        .filter(task -> !task.launch.warden())
        .ifPresent(task -> ends(task, state, "", "by itself"));
  }

  void killExecutor(int pick) {
    pick(agents.values().stream().filter(a -> a.executor).toList(), pick)
        .ifPresent(this::executorDies);
  }

  /** Wardens remove what earlier executors left on their hosts, if they can, and say so. */
  void report() {
    for (Live task : tasks.values()) {
      boolean speaks = task.launch.warden() && task.state == TaskState.RUNNING;
      if (speaks && task.agent.there && task.agent.executor) {
        report(task);
      }
    }
  }

  private void report(Live warden) {
    String host = warden.agent.host;
    if (!stuck.contains(host)) {
      leftovers.values().removeIf(left -> left.agent.host.equals(host));
    }
    HostReport.Engine engine =
        new HostReport.Engine("docker", true, "docker 28.1", leftoversOn(host).isEmpty());
    if (subscribed && warden.agent.inSight) {
      toCore.add(
          new Event.HostReported(
              warden.agent.id,
              new HostReport(now, List.of(engine), Optional.empty(), warden.id())));
    }
  }

  /** A host's engine cannot remove containers from now on. */
  void stick(int pick) {
    pick(agents.values(), pick).ifPresent(agent -> stuck.add(agent.host));
  }

  void unstick() {
    stuck.clear();
  }

  /** An agent goes out of sight; what it runs runs on. */
  void hide(int pick) {
    pick(agents.values().stream().filter(a -> a.inSight && a.there).toList(), pick)
        .ifPresent(this::hide);
  }

  void show(int pick) {
    pick(agents.values().stream().filter(a -> !a.inSight && a.there).toList(), pick)
        .ifPresent(this::show);
  }

  void showAll() {
    agents.values().stream().filter(a -> !a.inSight && a.there).forEach(this::show);
  }

  /** A host is rebooted: its tasks are gone, and its agent comes back under another id. */
  void reboot(int pick) {
    pick(agents.values().stream().filter(a -> a.inSight && a.there).toList(), pick)
        .ifPresent(
            agent -> {
              vanish(agent);
              join(agent.host, agent.attributes, agent.total);
            });
  }

  /** Ordered hosts come up, and the agents of those given back go: not before. */
  void boot() {
    for (Agent agent : List.copyOf(agents.values())) {
      boolean past = clouds.machine(agent.host).filter(machine -> !machine.there()).isPresent();
      if (past && agent.there) {
        vanish(agent);
      }
    }
    for (WorldClouds.Machine machine : clouds.boot()) {
      join(
          machine.id(),
          Map.of("node", machine.id(), "order", machine.token()),
          Resources.of(4000, 4096, 10_000));
    }
  }

  /** The next thing that a cloud says is lost. */
  void loseAnswer() {
    fromCloud.poll();
  }

  Optional<Event> next() {
    Event event = toCore.poll();
    return Optional.ofNullable(event != null ? event : fromCloud.poll());
  }

  /** Updates that nobody acknowledged come again. */
  void resend() {
    tasks.values().forEach(this::sendHead);
  }

  // ---- What the core does to it.

  void perform(Effect effect) {
    if (effect instanceof Effect.OrderHosts order) {
      fromCloud.add(clouds.order(order));
    } else if (effect instanceof Effect.ReleaseHosts release) {
      fromCloud.add(clouds.release(release));
    } else if (effect instanceof Effect.ListHosts list) {
      fromCloud.add(clouds.list(list.cloud()));
    } else if (effect instanceof Effect.Stop stop) {
      throw new AssertionError("it stops: " + stop.reason());
    } else if (subscribed) {
      call(effect);
    }
  }

  private void call(Effect effect) {
    if (effect instanceof Effect.Accept accept) {
      accept(accept);
    } else if (effect instanceof Effect.Decline decline) {
      for (String id : decline.offerIds()) {
        Open gone = open.remove(id);
        if (gone != null) {
          refuse(gone.agent(), gone.offer().resources(), decline.filter());
        }
      }
    } else if (effect instanceof Effect.Suppress) {
      suppressed = true;
    } else if (effect instanceof Effect.Revive) {
      suppressed = false;
      filters.clear();
    } else if (effect instanceof Effect.Kill kill) {
      kill(kill);
    } else if (effect instanceof Effect.Acknowledge ack) {
      acknowledge(ack);
    } else if (effect instanceof Effect.AnswerInverseOffer answer && !answer.agreed()) {
      // Whoever says no is asked again, sooner or later.
      agents.values().stream().filter(a -> a.inSight && a.there).forEach(this::askToLeave);
    } else if (effect instanceof Effect.Reconcile reconcile) {
      if (reconcile.tasks().isEmpty()) {
        tasks.values().stream()
            .filter(task -> task.agent.inSight && !task.state.terminal())
            .forEach(task -> answer(new TaskRef(task.id(), task.agent.id)));
      } else {
        reconcile.tasks().forEach(this::answer);
      }
    } else if (effect instanceof Effect.ShutdownExecutor shutdown) {
      Agent agent = agents.get(shutdown.agentId());
      if (agent != null && agent.inSight && agent.there && agent.executor) {
        executorDies(agent);
      }
    }
  }

  private void accept(Effect.Accept accept) {
    Agent agent = agents.get(accept.agentId());
    boolean valid = agent.there && agent.inSight;
    Resources room = Resources.ZERO;
    for (String id : accept.offerIds()) {
      Open used = open.remove(id);
      valid &= used != null && used.agent() == agent;
      room = used == null ? room : room.plus(used.offer().resources());
    }
    for (TaskLaunch launch : accept.launches()) {
      Resources need = need(launch);
      if (!agent.executor) {
        need = need.plus(OVERHEAD.minus(CoreConfig.of("executor-1").warden()));
      }
      if (!valid) {
        master(launch.task().id(), agent.id, TaskState.DROPPED, TaskUpdate.INVALID_OFFERS);
      } else if (!room.covers(need)) {
        master(launch.task().id(), agent.id, TaskState.ERROR, "REASON_TASK_INVALID");
      } else {
        room = room.minus(need);
        agent.executor = true;
        tasks.put(launch.task().id(), new Live(launch, agent));
      }
    }
    if (valid) {
      refuse(agent, room, accept.filter());
    }
  }

  private void refuse(Agent agent, Resources refused, Duration time) {
    filters
        .computeIfAbsent(agent.id, id -> new ArrayList<>())
        .add(new Filter(refused, now.plus(time)));
  }

  private void kill(Effect.Kill kill) {
    Live task = tasks.get(kill.taskId());
    if (task == null || task.state.terminal()) {
      answer(new TaskRef(kill.taskId(), kill.agentId()));
    } else if (task.agent.inSight && task.agent.there) {
      ends(task, TaskState.KILLED, "", "");
    }
  }

  private void acknowledge(Effect.Acknowledge ack) {
    Live task = tasks.get(ack.taskId());
    if (task != null && !task.updates.isEmpty() && task.updates.peek().uuid().equals(ack.uuid())) {
      task.updates.poll();
      sendHead(task);
    }
  }

  private void answer(TaskRef ref) {
    Live task = tasks.get(ref.taskId());
    Agent agent = task != null ? task.agent : agents.get(ref.agentId());
    TaskState state;
    if (agent == null) {
      state = TaskState.UNKNOWN;
    } else if (!agent.inSight || !agent.there) {
      state = TaskState.UNREACHABLE;
    } else if (task == null || (task.state.terminal() && task.updates.isEmpty())) {
      state = TaskState.GONE;
    } else {
      state = task.state;
    }
    master(ref.taskId(), agent == null ? "" : agent.id, state, TaskUpdate.RECONCILIATION);
  }

  // ---- What can be seen of it.

  /** The agent that an inverse offer was about. */
  Optional<String> agentAskedFor(String inverseOffer) {
    return Optional.ofNullable(asked.get(inverseOffer));
  }

  boolean agentIsThere(String id) {
    return agents.get(id).there;
  }

  boolean rescinded(String offer) {
    return rescinded.contains(offer);
  }

  int maxHosts(String pool) {
    return pool.equals("cloud") ? maxCloud : Integer.MAX_VALUE;
  }

  boolean runs(String task) {
    return Optional.ofNullable(tasks.get(task))
        .filter(live -> live.state == TaskState.RUNNING && live.agent.there)
        .isPresent();
  }

  /** Whether the core may believe it: its warden may have died a moment ago. */
  boolean wardenRuns(String host) {
    return tasks.values().stream()
        .anyMatch(
            task ->
                task.launch.warden()
                    && task.agent.host.equals(host)
                    && (task.state == TaskState.RUNNING
                        || !task.updates.isEmpty()
                        || task.state.terminal()));
  }

  List<String> live() {
    return tasks.values().stream()
        .filter(task -> !task.state.terminal() && task.agent.there)
        .map(Live::id)
        .toList();
  }

  List<String> liveTasksOf(String instance) {
    return tasks.values().stream()
        .filter(task -> !task.state.terminal() && task.agent.there)
        .filter(task -> task.launch.instance().equals(instance))
        .map(Live::id)
        .toList();
  }

  /** Tasks whose containers are left on a host without an executor of theirs. */
  List<String> leftoversOn(String host) {
    return leftovers.values().stream()
        .filter(left -> left.agent.host.equals(host))
        .map(Live::id)
        .toList();
  }

  /** What an agent has for instances beside its executor and those that live there. */
  Resources room(String agentId) {
    Agent agent = agents.get(agentId);
    Resources room = agent.total.minus(OVERHEAD);
    for (Live task : tasks.values()) {
      if (task.agent == agent && !task.state.terminal() && !task.launch.warden()) {
        room = room.minus(need(task.launch));
      }
    }
    return room;
  }

  WorldClouds clouds() {
    return clouds;
  }

  // ---- How it works inside.

  private List<Live> lively() {
    return tasks.values().stream()
        .filter(task -> !task.state.terminal() && task.agent.inSight && task.agent.there)
        .toList();
  }

  private void advance(Live task) {
    TaskState next =
        switch (task.state) {
          case STAGING -> TaskState.STARTING;
          default -> TaskState.RUNNING;
        };
    if (next != task.state) {
      say(task, next, "", "");
    }
  }

  private void ends(Live task, TaskState state, String reason, String message) {
    if (!task.state.terminal()) {
      say(task, state, reason, message);
    }
  }

  private void executorDies(Agent agent) {
    agent.executor = false;
    if (agent.inSight && subscribed) {
      toCore.add(new Event.ExecutorEnded(agent.id));
    }
    for (Live task : tasks.values()) {
      if (task.agent == agent) {
        boolean survives =
            task.launch.job().filter(job -> job.runtime().survivesExecutor()).isPresent();
        if (survives && !task.state.terminal()) {
          leftovers.put(task.id(), task);
        }
        ends(task, TaskState.FAILED, TaskUpdate.EXECUTOR_TERMINATED, "executor terminated");
      }
    }
  }

  private void hide(Agent agent) {
    agent.inSight = false;
    List.copyOf(open.values()).stream()
        .filter(o -> o.agent() == agent)
        .forEach(o -> rescind(o.offer().id()));
    for (Live task : tasks.values()) {
      if (task.agent == agent && !task.state.terminal()) {
        master(task.id(), agent.id, TaskState.UNREACHABLE, "REASON_SLAVE_REMOVED");
      }
    }
    if (subscribed) {
      toCore.add(new Event.AgentLost(agent.id));
    }
  }

  private void show(Agent agent) {
    agent.inSight = true;
    for (Live task : tasks.values()) {
      if (task.agent == agent && !task.state.terminal()) {
        master(task.id(), agent.id, task.state, "REASON_AGENT_REREGISTERED");
      }
      sendHead(task);
    }
  }

  /** An agent is never seen again; nothing that it ran runs on. */
  private void vanish(Agent agent) {
    if (agent.inSight) {
      hide(agent);
    }
    agent.there = false;
    agent.executor = false;
    for (Live task : tasks.values()) {
      if (task.agent == agent) {
        task.updates.clear();
        if (!task.state.terminal()) {
          task.state = TaskState.LOST;
        }
      }
    }
  }

  private void rescind(String id) {
    if (open.remove(id) != null && subscribed) {
      toCore.add(new Event.OfferRescinded(id));
    }
  }

  /** The core has been told; from now on the offer must not be used. */
  void toldOf(Event event) {
    if (event instanceof Event.OfferRescinded gone) {
      rescinded.add(gone.offerId());
    }
  }

  private void say(Live task, TaskState state, String reason, String message) {
    task.state = state;
    task.updates.add(update(task.id(), task.agent.id, state, reason, message, "u" + ++uuidCount));
    if (task.updates.size() == 1) {
      sendHead(task);
    }
  }

  private void sendHead(Live task) {
    if (subscribed && task.agent.inSight && task.agent.there && !task.updates.isEmpty()) {
      toCore.add(new Event.TaskUpdated(task.updates.peek()));
    }
  }

  private void master(String task, String agent, TaskState state, String reason) {
    if (subscribed) {
      toCore.add(new Event.TaskUpdated(update(task, agent, state, reason, "", "")));
    }
  }

  private TaskUpdate update(
      String task, String agent, TaskState state, String reason, String message, String uuid) {
    return new TaskUpdate(task, agent, state, reason, message, Optional.empty(), uuid);
  }

  private Resources free(Agent agent) {
    Resources free = agent.executor ? agent.total.minus(OVERHEAD.minus(warden())) : agent.total;
    for (Live task : tasks.values()) {
      if (task.agent == agent && !task.state.terminal()) {
        free = free.minus(need(task.launch));
      }
    }
    for (Open offer : open.values()) {
      if (offer.agent() == agent) {
        free = free.minus(offer.offer().resources());
      }
    }
    return free;
  }

  private PortRanges freePorts(Agent agent) {
    Set<Integer> taken = new HashSet<>();
    for (Live task : tasks.values()) {
      if (task.agent == agent && !task.state.terminal()) {
        task.launch.task().ports().forEach(port -> taken.add(port.host()));
      }
    }
    PortRanges free = PORTS.minus(taken);
    for (Open offer : open.values()) {
      free = offer.agent() == agent ? free.minus(offer.offer().ports()) : free;
    }
    return free;
  }

  private static Resources need(TaskLaunch launch) {
    return launch.job().map(JobSpec::resources).orElseGet(World::warden);
  }

  private static Resources warden() {
    return CoreConfig.of("executor-1").warden();
  }

  private static <T> Optional<T> pick(java.util.Collection<T> from, int pick) {
    return from.isEmpty()
        ? Optional.empty()
        : from.stream().skip(Math.floorMod(pick, from.size())).findFirst();
  }
}
