package io.springtide.harness.bench.core;

import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.state.TaskRef;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * As little of a master, its agents and their executors as keeps a core busy. Whatever is launched
 * starts and runs, whatever is killed ends; all room is reserved to us.
 */
final class VirtualMaster {
  private static final String ID = "77ad78c0-e0fd-4dbc-ad24-22e9979ca0f8";
  private static final PortRanges PORTS = PortRanges.of(31_000, 32_999);

  private final CoreConfig config;
  private final List<Agent> agents = new ArrayList<>();
  private final Map<String, Agent> byOffer = new HashMap<>();
  private final Map<String, Running> tasks = new HashMap<>();
  private final Deque<TaskUpdate> updates = new ArrayDeque<>();
  private int started;
  private long offers;
  private long said;

  private static final class Agent {
    private final int number;
    private Resources free;
    private PortRanges ports = PORTS;
    private boolean executorLives;

    /** Offered by now, or declined and not to be offered before a revive. */
    private boolean quiet;

    private Agent(int number, Resources free) {
      this.number = number;
      this.free = free;
    }

    private String id() {
      return ID + "-S" + number;
    }
  }

  private static final class Running {
    private final Agent agent;
    private final Resources takes;
    private final List<Integer> ports;

    /** Whether the core has been told that it runs. */
    private boolean told;

    private Running(Agent agent, Resources takes, List<Integer> ports) {
      this.agent = agent;
      this.takes = takes;
      this.ports = ports;
    }
  }

  VirtualMaster(CoreConfig config, int hosts, Resources each) {
    this.config = config;
    for (int i = 0; i < hosts; i++) {
      agents.add(new Agent(i, each));
    }
  }

  int hosts() {
    return agents.size();
  }

  String agentId(int host) {
    return agents.get(host).id();
  }

  int running() {
    return tasks.size();
  }

  boolean isQuiet() {
    return updates.isEmpty();
  }

  /** How many tasks have been said to run, each once. */
  int started() {
    return started;
  }

  /** At most {@code most} updates that are due, in order. */
  List<Event> updates(int most) {
    List<Event> due = new ArrayList<>();
    while (!updates.isEmpty() && due.size() < most) {
      TaskUpdate next = updates.poll();
      Running task = tasks.get(next.taskId());
      if (task != null && next.state() == TaskState.RUNNING && !task.told) {
        task.told = true;
        started++;
      }
      due.add(new Event.TaskUpdated(next));
    }
    return due;
  }

  /** One allocation: all that is free and not offered yet; empty if there is nothing. */
  Optional<Event> allocation() {
    List<Offer> all = new ArrayList<>();
    for (Agent agent : agents) {
      if (!agent.quiet && !agent.free.isZero()) {
        agent.quiet = true;
        Offer offer = offer(agent);
        byOffer.put(offer.id(), agent);
        all.add(offer);
      }
    }
    return all.isEmpty() ? Optional.empty() : Optional.of(new Event.OffersReceived(all));
  }

  private Offer offer(Agent agent) {
    String name = "host-" + agent.number + ".cloud.example";
    return new Offer(
        ID + "-O" + offers++,
        agent.id(),
        name,
        name + ":5051",
        Map.of("node", "host-" + agent.number, "rack", "r" + agent.number % 40),
        agent.free,
        Resources.ZERO,
        agent.ports,
        agent.executorLives ? Set.of(config.executorId()) : Set.of(),
        Optional.empty());
  }

  /** Does what the core wants done, as far as it concerns a master. */
  void take(Effect effect, Instant now) {
    if (effect instanceof Effect.Accept accept) {
      accept.offerIds().forEach(id -> byOffer.get(id).quiet = false);
      Agent agent = byOffer.get(accept.offerIds().get(0));
      accept.offerIds().forEach(byOffer::remove);
      accept.launches().forEach(launch -> launch(agent, launch, now));
    } else if (effect instanceof Effect.Decline decline) {
      decline.offerIds().forEach(byOffer::remove);
    } else if (effect instanceof Effect.Revive) {
      agents.forEach(agent -> agent.quiet = byOffer.containsValue(agent));
    } else if (effect instanceof Effect.Kill kill) {
      say(kill.taskId(), TaskState.KILLING, Optional.empty(), now);
      end(kill.taskId(), TaskState.KILLED, now);
    } else if (effect instanceof Effect.Reconcile asked) {
      List<String> ids =
          asked.tasks().isEmpty()
              ? List.copyOf(tasks.keySet())
              : asked.tasks().stream().map(TaskRef::taskId).toList();
      ids.forEach(id -> say(id, TaskState.RUNNING, Optional.empty(), now));
    }
  }

  private void launch(Agent agent, TaskLaunch launch, Instant now) {
    Resources takes =
        launch
            .job()
            .map(JobSpec::resources)
            .orElse(agent.executorLives ? config.warden() : config.overhead());
    agent.executorLives = true;
    List<Integer> ports = launch.task().hostPorts();
    agent.free = agent.free.minus(takes);
    agent.ports = agent.ports.minus(ports);
    tasks.put(launch.task().id(), new Running(agent, takes, ports));
    say(launch.task().id(), TaskState.STARTING, Optional.empty(), now);
    say(launch.task().id(), TaskState.RUNNING, Optional.empty(), now);
  }

  /** The task ends, and its room is free. */
  void end(String task, TaskState how, Instant now) {
    say(task, how, Optional.empty(), now);
    Running ended = tasks.remove(task);
    if (ended != null) {
      Agent agent = ended.agent;
      agent.free = agent.free.plus(ended.takes);
      agent.ports = agent.ports.plus(PortRanges.of(ended.ports));
    }
  }

  /** The task's executor says how it is. */
  void say(String task, TaskState state, Optional<Boolean> healthy, Instant now) {
    Running known = tasks.get(task);
    updates.add(
        new TaskUpdate(
            task,
            known == null ? "" : known.agent.id(),
            known == null ? TaskState.KILLED : state,
            "",
            "",
            healthy,
            "u" + said++));
  }
}
