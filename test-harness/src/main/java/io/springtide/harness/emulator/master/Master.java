package io.springtide.harness.emulator.master;

import com.google.protobuf.ByteString;
import io.springtide.harness.emulator.FrameworkView;
import io.springtide.harness.emulator.TaskView;
import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.wire.AgentPeer;
import io.springtide.harness.emulator.wire.EventStream;
import io.springtide.harness.emulator.wire.Ids;
import io.springtide.harness.emulator.wire.MasterPeer;
import io.springtide.harness.emulator.wire.Registration;
import io.springtide.harness.emulator.wire.Reply;
import io.springtide.harness.emulator.wire.StatusUpdate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.allocator.Protos.InverseOfferStatus;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;

/**
 * A Mesos master without its HTTP: calls and agents' messages in, events out. Everything happens on
 * the loop.
 */
public final class Master implements MasterPeer {

  private final MasterState state;
  private final Allocator allocator;
  private final Offers offers;
  private final Tasks tasks;
  private final Maintenance maintenance;
  private final Subscriptions subscriptions;
  private final Admission admission;
  private final Pings pings;
  private final Departures departures;
  private final Acceptance acceptance;
  private final Reconciler reconciler;
  private final Operations operations;

  public Master(Loop loop, Ids ids, MasterConfig config, Registry registry) {
    state = new MasterState(loop, ids, config, registry);
    allocator = new Allocator(state);
    offers = new Offers(state, allocator);
    tasks = new Tasks(state, allocator);
    maintenance = new Maintenance(state, allocator);
    subscriptions = new Subscriptions(state, allocator, offers, tasks, maintenance);
    departures = new Departures(state, allocator, offers, tasks, maintenance);
    pings = new Pings(state, departures);
    admission = new Admission(state, allocator, tasks, maintenance, departures, pings);
    acceptance = new Acceptance(state, allocator, offers, tasks);
    reconciler = new Reconciler(state, tasks);
    operations = new Operations(state);
    state.markGone = departures::gone;
  }

  /** Begins to allocate and to wait for the agents of the registry. */
  public void start() {
    admission.expectRecovered();
    allocator.start(offers::send);
    maintenance.start(offers);
  }

  /** Ends it as {@code kill -9} does; the streams are the caller's to break. */
  public void stop() {
    state.stopped = true;
  }

  MasterState state() {
    return state;
  }

  void reallocate() {
    allocator.allocateSoon();
  }

  Offers offers() {
    return offers;
  }

  Departures departures() {
    return departures;
  }

  Maintenance maintenance() {
    return maintenance;
  }

  Subscriptions subscriptions() {
    return subscriptions;
  }

  /** SUBSCRIBE of a scheduler whose Accept and headers are right. */
  public void subscribe(
      Call.Subscribe subscribe, EventStream<Event> stream, String streamId, String principal) {
    subscriptions.subscribe(subscribe, stream, streamId, principal);
  }

  /** The connection of a scheduler's subscription broke. */
  public void schedulerGone(EventStream<Event> stream) {
    subscriptions.disconnected(stream);
  }

  /**
   * Any other call of a scheduler, already validated by itself.
   *
   * @param streamId the header Mesos-Stream-Id; empty when absent
   * @param principal the authenticated principal; empty without authentication
   */
  public Reply call(Call call, String streamId, String principal) {
    Framework framework = state.frameworks.get(call.getFrameworkId().getValue());
    if (framework == null) {
      return Reply.error(400, "Framework cannot be found");
    }
    String owner = framework.info.getPrincipal();
    if (!principal.isEmpty() && !owner.isEmpty() && !principal.equals(owner)) {
      return Reply.error(
          400,
          "Authenticated principal '"
              + principal
              + "' does not match principal '"
              + owner
              + "' set in `FrameworkInfo`");
    }
    if (!framework.connected) {
      return Reply.error(403, "Framework is not subscribed");
    }
    if (streamId.isEmpty()) {
      return Reply.error(
          400, "All non-subscribe calls should include the 'Mesos-Stream-Id' header");
    }
    if (!streamId.equals(framework.streamId)) {
      return Reply.error(
          400,
          "The stream ID '"
              + streamId
              + "' included in this request didn't match the stream ID"
              + " currently associated with framework ID "
              + framework.id);
    }
    return dispatch(framework, call);
  }

  private Reply dispatch(Framework framework, Call call) {
    switch (call.getType()) {
      case TEARDOWN -> subscriptions.remove(framework);
      case ACCEPT ->
          acceptance.accept(
              framework,
              call.getAccept().getOfferIdsList(),
              call.getAccept().getOperationsList(),
              call.getAccept().getFilters());
      case DECLINE ->
          acceptance.decline(
              framework, call.getDecline().getOfferIdsList(), call.getDecline().getFilters());
      case ACCEPT_INVERSE_OFFERS ->
          maintenance.answer(
              framework,
              call.getAcceptInverseOffers().getInverseOfferIdsList(),
              InverseOfferStatus.Status.ACCEPT,
              call.getAcceptInverseOffers().getFilters().getRefuseSeconds());
      case DECLINE_INVERSE_OFFERS ->
          maintenance.answer(
              framework,
              call.getDeclineInverseOffers().getInverseOfferIdsList(),
              InverseOfferStatus.Status.DECLINE,
              call.getDeclineInverseOffers().getFilters().getRefuseSeconds());
      case REVIVE -> subscriptions.revive(framework, call.getRevive().getRolesList());
      case SUPPRESS -> subscriptions.suppress(framework, call.getSuppress().getRolesList());
      case KILL -> kill(framework, call.getKill());
      case SHUTDOWN -> {
        Agent agent = state.agents.get(call.getShutdown().getAgentId().getValue());
        if (agent != null && agent.connected) {
          agent.peer.shutdownExecutor(framework.id, call.getShutdown().getExecutorId().getValue());
        }
      }
      case ACKNOWLEDGE ->
          tasks.acknowledge(
              framework,
              state.agents.get(call.getAcknowledge().getAgentId().getValue()),
              call.getAcknowledge().getTaskId().getValue(),
              call.getAcknowledge().getUuid());
      case RECONCILE -> reconciler.reconcile(framework, call.getReconcile().getTasksList());
      case RECONCILE_OPERATIONS ->
          operations.reconcile(framework, call.getReconcileOperations().getOperationsList());
      case MESSAGE -> {
        Agent agent = state.agents.get(call.getMessage().getAgentId().getValue());
        if (agent != null && agent.connected) {
          agent.peer.message(
              framework.id,
              call.getMessage().getExecutorId().getValue(),
              call.getMessage().getData());
        }
      }
      case UPDATE_FRAMEWORK -> {
        return subscriptions.update(framework, call.getUpdateFramework());
      }
      case UNKNOWN, SUBSCRIBE -> {
        return Reply.error(501, "501 Not Implemented.");
      }
      case ACKNOWLEDGE_OPERATION_STATUS, REQUEST -> {
        // Operations of the agent's own resources are over at once; REQUEST does nothing in Mesos.
      }
    }
    return Reply.ACCEPTED;
  }

  private void kill(Framework framework, Call.Kill kill) {
    String taskId = kill.getTaskId().getValue();
    MasterTask task = framework.tasks.get(taskId);
    if (task == null) {
      reconciler.one(framework, taskId, kill.getAgentId().getValue());
    } else if (!kill.hasAgentId() || kill.getAgentId().getValue().equals(task.agentId())) {
      tasks.kill(task, kill.hasKillPolicy() ? kill.getKillPolicy() : null);
    }
  }

  @Override
  public void register(Registration registration, AgentPeer agent) {
    admission.register(registration, agent);
  }

  @Override
  public void reregister(Registration registration, AgentPeer agent) {
    admission.reregister(registration, agent);
  }

  @Override
  public void unregister(String agentId) {
    departures.unregister(agentId);
  }

  @Override
  public void statusUpdate(String agentId, StatusUpdate update) {
    Agent agent = state.agents.get(agentId);
    if (agent != null) {
      tasks.update(agent, update);
    }
  }

  @Override
  public void executorMessage(
      String agentId, String frameworkId, String executorId, ByteString data) {
    Framework framework = state.frameworks.get(frameworkId);
    if (framework != null) {
      framework.send(Events.message(agentId, executorId, data));
    }
  }

  @Override
  public void executorExited(String agentId, String frameworkId, String executorId, int status) {
    departures.executorExited(agentId, frameworkId, executorId, status);
  }

  @Override
  public void pong(String agentId) {
    pings.pong(agentId);
  }

  @Override
  public void disconnected(String agentId) {
    departures.disconnected(agentId);
  }

  /** The frameworks now, for tests. */
  public List<FrameworkView> frameworks() {
    return state.frameworks.values().stream()
        .map(f -> new FrameworkView(f.id, f.info.getName(), f.roles(), f.connected))
        .toList();
  }

  /** From now on it is told of each task that is launched, as the framework described it. */
  public void watchLaunches(Consumer<TaskInfo> watcher) {
    state.launched = watcher;
  }

  /** The tasks now, for tests. */
  public List<TaskView> tasks() {
    List<TaskView> out = new ArrayList<>();
    for (Framework framework : state.frameworks.values()) {
      for (MasterTask task : framework.tasks.values()) {
        out.add(
            new TaskView(
                framework.id, task.id(), task.agentId(), task.executorId(), task.forwarded()));
      }
    }
    return out;
  }

  /** Whether an agent with this id is registered and connected. */
  public boolean registered(String agentId) {
    Agent agent = state.agents.get(agentId);
    return agent != null && agent.connected;
  }
}
