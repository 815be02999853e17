package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.wire.EventStream;
import io.springtide.harness.emulator.wire.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;

/** Frameworks come, come back, change and go. */
final class Subscriptions {

  private final MasterState state;
  private final Allocator allocator;
  private final Offers offers;
  private final Tasks tasks;
  private final Maintenance maintenance;

  Subscriptions(
      MasterState state, Allocator allocator, Offers offers, Tasks tasks, Maintenance maintenance) {
    this.state = state;
    this.allocator = allocator;
    this.offers = offers;
    this.tasks = tasks;
    this.maintenance = maintenance;
  }

  /** SUBSCRIBE that passed the door: ends in SUBSCRIBED, or in ERROR and the end of the stream. */
  void subscribe(
      Call.Subscribe subscribe, EventStream<Event> stream, String streamId, String principal) {
    FrameworkInfo info = subscribe.getFrameworkInfo();
    if (!principal.isEmpty() && !info.hasPrincipal()) {
      info = info.toBuilder().setPrincipal(principal).build();
    }
    Optional<String> error = refused(info, subscribe);
    if (error.isPresent()) {
      stream.send(Events.error(error.get()));
      stream.end();
      return;
    }
    Framework framework = state.frameworks.get(info.getId().getValue());
    boolean known = framework != null;
    boolean wasActive = known && framework.active;
    if (!known) {
      boolean fresh = info.getId().getValue().isEmpty();
      String id = fresh ? state.nextFrameworkId() : info.getId().getValue();
      framework = new Framework(id, info.toBuilder().setId(Events.framework(id)).build());
      framework.registered = state.loop.now();
      framework.reregistered = framework.registered;
      state.frameworks.put(id, framework);
    } else {
      framework.info = resubscribed(framework.info, info);
      framework.reregistered = state.loop.now();
      if (framework.recovered) {
        framework.recovered = false;
      }
      replace(framework);
    }
    attach(framework, stream, streamId);
    framework.suppressed.clear();
    framework.suppressed.addAll(subscribe.getSuppressedRolesList());
    framework.constraints = subscribe.getOfferConstraints();
    Event.Builder event = Event.newBuilder().setType(Event.Type.SUBSCRIBED);
    event
        .getSubscribedBuilder()
        .setFrameworkId(Events.framework(framework.id))
        .setHeartbeatIntervalSeconds(state.config.timings().heartbeat().toNanos() / 1e9)
        .setMasterInfo(state.config.info());
    framework.send(event.build());
    heartbeat(framework);
    if (known) {
      state.events.frameworkUpdated(framework);
    } else {
      state.events.frameworkAdded(framework);
    }
    tellAgents(framework);
    if (!wasActive) {
      allocator.allocateSoon();
    }
  }

  private Optional<String> refused(FrameworkInfo info, Call.Subscribe subscribe) {
    Optional<String> error = FrameworkRules.validate(info, state.config.roles());
    if (error.isEmpty()) {
      error = FrameworkRules.suppressed(info, subscribe.getSuppressedRolesList());
    }
    if (error.isEmpty()) {
      error = FrameworkRules.constraints(info, subscribe.getOfferConstraints());
    }
    String id = info.getId().getValue();
    if (error.isEmpty() && state.completedFrameworks.containsKey(id)) {
      error = Optional.of("Framework has been removed");
    }
    Framework known = state.frameworks.get(id);
    if (error.isEmpty()
        && known != null
        && !known.info.getPrincipal().equals(info.getPrincipal())) {
      error = Optional.of("Changing framework's principal is not allowed.");
    }
    return error;
  }

  /** A newer SUBSCRIBE always wins. */
  private void replace(Framework framework) {
    if (framework.failover != null) {
      framework.failover.cancel();
      framework.failover = null;
    }
    if (framework.connected) {
      EventStream<Event> old = framework.stream;
      old.send(Events.error("Framework failed over"));
      detach(framework);
      old.end();
    }
    offers.removeAll(framework);
    maintenance.drop(framework);
  }

  /** Everything but user and checkpoint, which never change. */
  private static FrameworkInfo resubscribed(FrameworkInfo before, FrameworkInfo after) {
    return after.toBuilder()
        .setId(before.getId())
        .setUser(before.getUser())
        .setCheckpoint(before.getCheckpoint())
        .build();
  }

  private void attach(Framework framework, EventStream<Event> stream, String streamId) {
    framework.stream = stream;
    framework.streamId = streamId;
    framework.connected = true;
    framework.active = true;
  }

  private void detach(Framework framework) {
    framework.connected = false;
    framework.active = false;
    if (framework.heartbeat != null) {
      framework.heartbeat.cancel();
      framework.heartbeat = null;
    }
  }

  private void heartbeat(Framework framework) {
    framework.send(Events.HEARTBEAT);
    framework.heartbeat =
        state.loop.after(
            state.config.timings().heartbeat(),
            () -> {
              if (framework.connected) {
                heartbeat(framework);
              }
            });
  }

  private void tellAgents(Framework framework) {
    for (Agent agent : state.agents.values()) {
      if (agent.connected
          && (agent.tasks.containsKey(framework.id) || agent.executors.containsKey(framework.id))) {
        agent.peer.updateFramework(framework.info);
      }
    }
  }

  /** The connection of a subscription broke. */
  void disconnected(EventStream<Event> stream) {
    for (Framework framework : new ArrayList<>(state.frameworks.values())) {
      if (framework.connected && framework.stream == stream) {
        detach(framework);
        offers.removeAll(framework);
        maintenance.drop(framework);
        double seconds = Math.max(0, framework.info.getFailoverTimeout());
        Duration wait = Duration.ofNanos((long) (seconds * 1e9));
        if (wait.isZero()) {
          remove(framework);
        } else {
          framework.failover = state.loop.after(wait, () -> remove(framework));
        }
      }
    }
  }

  /** TEARDOWN, or the end of failover_timeout: all of the framework ends, nothing is told to it. */
  void remove(Framework framework) {
    if (state.frameworks.get(framework.id) != framework) {
      return;
    }
    offers.removeAll(framework);
    maintenance.drop(framework);
    EventStream<Event> stream = framework.connected ? framework.stream : null;
    detach(framework);
    for (Agent agent : state.agents.values()) {
      if (agent.tasks.containsKey(framework.id) || agent.executors.containsKey(framework.id)) {
        agent.peer.shutdownFramework(framework.id);
      }
      for (MasterTask task :
          List.copyOf(agent.tasks.getOrDefault(framework.id, java.util.Map.of()).values())) {
        killed(framework, agent, task);
      }
      agent.forget(framework.id);
    }
    if (framework.failover != null) {
      framework.failover.cancel();
    }
    framework.unregistered = state.loop.now();
    state.frameworks.remove(framework.id);
    state.completedFrameworks.put(framework.id, framework);
    allocator.removedFramework(framework.id);
    state.events.frameworkRemoved(framework);
    if (stream != null) {
      stream.end();
    }
  }

  private void killed(Framework framework, Agent agent, MasterTask task) {
    if (!task.terminal()) {
      tasks.change(
          task,
          agent,
          TaskState.TASK_KILLED,
          TaskStatus.Reason.REASON_FRAMEWORK_REMOVED,
          "Framework " + framework.id + " removed");
    }
    tasks.remove(task, agent);
  }

  /** UPDATE_FRAMEWORK. */
  Reply update(Framework framework, Call.UpdateFramework update) {
    FrameworkInfo info = update.getFrameworkInfo();
    Optional<String> error = FrameworkRules.validate(info, state.config.roles());
    if (error.isEmpty()) {
      error = FrameworkRules.suppressed(info, update.getSuppressedRolesList());
    }
    if (error.isPresent()) {
      return Reply.error(400, "Supplied FrameworkInfo is not valid: " + error.get());
    }
    error = FrameworkRules.update(framework.info, info);
    if (error.isPresent()) {
      return Reply.error(400, "FrameworkInfo update is not valid: " + error.get());
    }
    error = FrameworkRules.constraints(info, update.getOfferConstraints());
    if (error.isPresent()) {
      return Reply.error(400, error.get());
    }
    framework.info = info;
    framework.constraints = update.getOfferConstraints();
    framework.suppressed.clear();
    framework.suppressed.addAll(update.getSuppressedRolesList());
    offers.rescindOutside(framework, framework.roles());
    state.events.frameworkUpdated(framework);
    tellAgents(framework);
    return Reply.OK;
  }

  /** SUPPRESS; no roles means all. */
  void suppress(Framework framework, List<String> roles) {
    framework.suppressed.addAll(roles.isEmpty() ? framework.roles() : roles);
  }

  /** REVIVE: filters are forgotten and offers come at once; no roles means all. */
  void revive(Framework framework, List<String> asked) {
    List<String> roles =
        asked.isEmpty()
            ? List.copyOf(framework.roles())
            : asked.stream().filter(framework.roles()::contains).toList();
    if (roles.isEmpty()) {
      return;
    }
    framework.suppressed.removeAll(roles);
    allocator.filters().clear(framework.id, roles);
    allocator.allocateSoon();
  }
}
