package io.springtide.server.mesos;

import io.springtide.mesos.CallListener;
import io.springtide.mesos.ProtobufGencode;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.told.HostReport;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.scheduler.Mesos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shell's side of Mesos: callbacks become events, effects become calls. It has no thread and no
 * clock of its own: callbacks come on the client's thread, effects on the shell's, and whoever
 * drives both on one thread gets everything in the order in which it drives them.
 */
public final class MesosDesk implements Scheduler, CallListener<Call> {
  static {
    ProtobufGencode.allow();
  }

  private static final Logger log = LoggerFactory.getLogger(MesosDesk.class);

  /** The one executor that the core knows on every host; what Mesos calls it, the table says. */
  public static final String EXECUTOR = "springtide";

  private static final Mesos NOWHERE =
      new Mesos() {
        @Override
        public void send(Call call) {
          log.debug("{} before the first connection is dropped", call.getType());
        }

        @Override
        public void reconnect() {}
      };

  private final FrameworkIdentity identity;
  private final ExecutorTable executors;
  private final TaskWriter tasks;
  private final Resources overhead;
  private final Resources warden;
  private final Consumer<Event> events;
  private final Consumer<Event> inside;
  private final HostReports reports = new HostReports(InstantSource.system());
  private final Map<String, Protos.Offer> offers = new ConcurrentHashMap<>();

  /** Executors of ours that were seen on an agent, or launched there. */
  private final Map<String, Set<String>> seen = new ConcurrentHashMap<>();

  private volatile Mesos mesos = NOWHERE;
  private volatile String frameworkId;

  /**
   * @param frameworkId as it is durable; empty at the very first start
   * @param overhead what an executor takes
   * @param warden what a warden takes
   * @param consul address of each host's Consul agent; empty: none
   * @param events where the core hears of what Mesos says; may block while the core is behind
   * @param inside where it hears of effects that could not be; never blocks
   */
  public MesosDesk(
      FrameworkIdentity identity,
      String frameworkId,
      ExecutorTable executors,
      Resources overhead,
      Resources warden,
      String consul,
      Consumer<Event> events,
      Consumer<Event> inside) {
    this.identity = identity;
    this.frameworkId = frameworkId;
    this.executors = executors;
    this.tasks = new TaskWriter(consul);
    this.overhead = overhead;
    this.warden = warden;
    this.events = events;
    this.inside = inside;
  }

  // ---- From Mesos.

  @Override
  public void connected(Mesos client) {
    mesos = client;
    client.send(identity.subscribe(frameworkId));
  }

  @Override
  public void disconnected(Mesos client) {
    offers.clear();
    events.accept(new Event.Disconnected());
  }

  @Override
  public void received(Mesos client, org.apache.mesos.v1.scheduler.Protos.Event event) {
    switch (event.getType()) {
      case SUBSCRIBED -> {
        frameworkId = event.getSubscribed().getFrameworkId().getValue();
        log.info("Subscribed as framework {}", frameworkId);
        events.accept(new Event.Subscribed(frameworkId));
      }
      case OFFERS ->
          events.accept(
              new Event.OffersReceived(
                  event.getOffers().getOffersList().stream().map(this::offered).toList()));
      case RESCIND -> {
        String id = event.getRescind().getOfferId().getValue();
        offers.remove(id);
        events.accept(new Event.OfferRescinded(id));
      }
      case UPDATE -> updated(event.getUpdate().getStatus());
      case MESSAGE -> reported(event.getMessage());
      case FAILURE -> failed(event.getFailure());
      case INVERSE_OFFERS ->
          event
              .getInverseOffers()
              .getInverseOffersList()
              .forEach(offer -> events.accept(Events.inverseOffer(offer)));
      case RESCIND_INVERSE_OFFER ->
          events.accept(
              new Event.InverseOfferRescinded(
                  event.getRescindInverseOffer().getInverseOfferId().getValue()));
      case ERROR -> events.accept(new Event.FrameworkRefused(event.getError().getMessage()));
      case HEARTBEAT, UNKNOWN -> {
        // The client counts heartbeats; what a newer master says more is not for us.
      }
      default -> log.info("Mesos says {}, which we do nothing about", event.getType());
    }
  }

  private void reported(org.apache.mesos.v1.scheduler.Protos.Event.Message message) {
    String agent = message.getAgentId().getValue();
    if (executors.of(message.getExecutorId().getValue()).isEmpty()) {
      return;
    }
    try {
      HostReport report = reports.read(message.getData().toByteArray());
      events.accept(new Event.HostReported(agent, report));
    } catch (IllegalArgumentException e) {
      log.warn("The executor on agent {} sends no report: {}", agent, e.getMessage());
    }
  }

  private Offer offered(Protos.Offer offer) {
    offers.put(offer.getId().getValue(), offer);
    Set<String> ids = new HashSet<>();
    for (ExecutorID executor : offer.getExecutorIdsList()) {
      saw(offer.getAgentId().getValue(), executor.getValue());
      ids.add(name(executor.getValue()));
    }
    return Events.offer(offer, ids);
  }

  private void updated(Protos.TaskStatus status) {
    if (status.hasExecutorId()) {
      saw(status.getAgentId().getValue(), status.getExecutorId().getValue());
    }
    events.accept(new Event.TaskUpdated(Events.update(status)));
  }

  private void failed(org.apache.mesos.v1.scheduler.Protos.Event.Failure failure) {
    String agent = failure.getAgentId().getValue();
    if (failure.hasExecutorId()) {
      String executor = failure.getExecutorId().getValue();
      Set<String> here = seen.get(agent);
      if (here != null) {
        here.remove(executor);
      }
      events.accept(new Event.ExecutorEnded(agent));
    } else {
      seen.remove(agent);
      events.accept(new Event.AgentLost(agent));
    }
  }

  private void saw(String agent, String executor) {
    if (executors.of(executor).isPresent()) {
      seen.computeIfAbsent(agent, a -> ConcurrentHashMap.newKeySet()).add(executor);
    }
  }

  private String name(String executorId) {
    return executors.of(executorId).isPresent() ? EXECUTOR : executorId;
  }

  // ---- To Mesos.

  public void accept(Effect.Accept effect) {
    List<Protos.Offer> used =
        effect.offerIds().stream().map(offers::remove).filter(Objects::nonNull).toList();
    if (used.size() < effect.offerIds().size()) {
      // Rescinded or void since the core decided: Mesos would drop the launches, and use up the
      // rest.
      drop(effect.launches(), "the offer was rescinded before it could be used");
      List<String> left = used.stream().map(offer -> offer.getId().getValue()).toList();
      if (!left.isEmpty()) {
        send(Calls.decline(new Effect.Decline(left, Duration.ZERO)));
      }
      return;
    }
    List<Resource> resources =
        used.stream().flatMap(offer -> offer.getResourcesList().stream()).toList();
    OfferedRoom room = new OfferedRoom(resources);
    List<TaskInfo> infos = new ArrayList<>();
    if (!effect.launches().isEmpty()) {
      Optional<ExecutorInfo> executor = executor(effect, used, room);
      for (TaskLaunch launch : effect.launches()) {
        executor.flatMap(info -> task(launch, room, info)).ifPresent(infos::add);
      }
    }
    send(Calls.accept(effect.offerIds(), infos, effect.filter()));
  }

  /** The live executor's own description; a fresh one where none lives. */
  private Optional<ExecutorInfo> executor(
      Effect.Accept effect, List<Protos.Offer> used, OfferedRoom room) {
    for (Protos.Offer offer : used) {
      for (ExecutorID id : offer.getExecutorIdsList()) {
        Optional<ExecutorInfo> live = executors.of(id.getValue());
        if (live.isPresent()) {
          return live;
        }
      }
    }
    try {
      ExecutorInfo info = executors.fresh(frameworkId, overhead, room);
      saw(effect.agentId(), info.getExecutorId().getValue());
      return Optional.of(info);
    } catch (OfferedRoom.Lacking e) {
      drop(effect.launches(), "no room for the executor: " + e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<TaskInfo> task(TaskLaunch launch, OfferedRoom room, ExecutorInfo executor) {
    List<Integer> ports = launch.task().hostPorts();
    try {
      List<Resource> resources = room.take(need(launch), ports);
      return Optional.of(tasks.write(launch, resources, executor));
    } catch (OfferedRoom.Lacking e) {
      drop(List.of(launch), e.getMessage());
      return Optional.empty();
    }
  }

  private Resources need(TaskLaunch launch) {
    return launch.job().map(job -> job.resources()).orElse(warden);
  }

  /** Nothing was sent, so nothing runs: the core hears what Mesos would say of a void offer. */
  private void drop(List<TaskLaunch> launches, String why) {
    for (TaskLaunch launch : launches) {
      log.warn("Launch of {} is dropped: {}", launch.task().id(), why);
      inside.accept(
          new Event.TaskUpdated(
              new TaskUpdate(
                  launch.task().id(),
                  launch.task().agentId(),
                  TaskState.DROPPED,
                  TaskUpdate.INVALID_OFFERS,
                  why,
                  Optional.empty(),
                  "")));
    }
  }

  public void answer(Effect.AnswerInverseOffer effect) {
    send(Calls.answer(effect));
  }

  public void decline(Effect.Decline effect) {
    effect.offerIds().forEach(offers::remove);
    send(Calls.decline(effect));
  }

  public void suppress() {
    send(Calls.suppress());
  }

  public void revive() {
    send(Calls.revive());
  }

  public void kill(Effect.Kill effect) {
    send(Calls.kill(effect));
  }

  public void acknowledge(Effect.Acknowledge effect) {
    send(Calls.acknowledge(effect));
  }

  public void reconcile(Effect.Reconcile effect) {
    send(Calls.reconcile(effect));
  }

  /** Every executor of ours that may be there: to end one that is not is no error to Mesos. */
  public void shutdown(Effect.ShutdownExecutor effect) {
    if (!effect.executorId().equals(EXECUTOR)) {
      send(Calls.shutdown(effect.agentId(), effect.executorId()));
      return;
    }
    Set<String> here = seen.getOrDefault(effect.agentId(), Set.of());
    for (String id : here.isEmpty() ? executors.ids() : here) {
      send(Calls.shutdown(effect.agentId(), id));
    }
  }

  private void send(Call call) {
    mesos.send(Calls.by(frameworkId, call));
  }

  // ---- What became of calls.

  @Override
  public void refused(Call call, int status, String message) {
    if (call.getType() == Call.Type.SUBSCRIBE) {
      events.accept(
          new Event.FrameworkRefused(
              "the master refuses the subscription: " + status + " " + message));
      return;
    }
    log.warn("Mesos refuses a {}: {} {}", call.getType(), status, message);
  }

  @Override
  public void failed(Call call, Fate fate, String reason) {
    log.info("A {} did not get through ({}): {}", call.getType(), fate, reason);
  }

  @Override
  public void subscriptionLost(String reason) {
    // The client logs it, with when it tries again.
    log.debug("Not subscribed: {}", reason);
  }
}
