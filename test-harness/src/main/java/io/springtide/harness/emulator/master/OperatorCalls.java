package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.wire.EventStream;
import io.springtide.harness.emulator.wire.Reply;
import io.springtide.harness.emulator.wire.Versions;
import java.util.Map;
import org.apache.mesos.v1.Protos.DrainConfig;
import org.apache.mesos.v1.master.Protos.Call;
import org.apache.mesos.v1.master.Protos.Event;
import org.apache.mesos.v1.master.Protos.Response;

/** Carries out the operator API's calls. */
public final class OperatorCalls {

  private final Master master;
  private final MasterState state;
  private final Quotas quotas;
  private final Weights weights;

  public OperatorCalls(Master master) {
    this.master = master;
    this.state = master.state();
    this.quotas = new Quotas(state);
    this.weights = new Weights(state);
  }

  /** SUBSCRIBE: the whole state first, then what changes. */
  public void subscribe(EventStream<Event> stream) {
    Event.Builder first = Event.newBuilder().setType(Event.Type.SUBSCRIBED);
    first
        .getSubscribedBuilder()
        .setGetState(OperatorViews.state(state))
        .setHeartbeatIntervalSeconds(state.config.timings().heartbeat().toNanos() / 1e9);
    state.events.subscribe(stream, first.build());
  }

  public void disconnected(EventStream<Event> stream) {
    state.events.disconnected(stream);
  }

  @SuppressWarnings("deprecation") // SET_QUOTA and REMOVE_QUOTA are still answered.
  public Reply call(Call call) {
    Response.Builder out = Response.newBuilder();
    switch (call.getType()) {
      case GET_HEALTH -> out.getGetHealthBuilder().setHealthy(true);
      case GET_VERSION -> out.getGetVersionBuilder().setVersionInfo(Versions.MESOS);
      case GET_MASTER ->
          out.getGetMasterBuilder()
              .setMasterInfo(state.config.info())
              .setStartTime(seconds())
              .setElectedTime(seconds());
      case GET_AGENTS -> out.setGetAgents(OperatorViews.agents(state));
      case GET_FRAMEWORKS -> out.setGetFrameworks(OperatorViews.frameworks(state));
      case GET_EXECUTORS -> out.setGetExecutors(OperatorViews.executors(state));
      case GET_TASKS -> out.setGetTasks(OperatorViews.tasks(state));
      case GET_STATE -> out.setGetState(OperatorViews.state(state));
      case GET_ROLES -> out.setGetRoles(OperatorViews.roles(state));
      case GET_OPERATIONS -> out.getGetOperationsBuilder();
      case GET_QUOTA -> out.getGetQuotaBuilder().setStatus(quotas.status());
      case UPDATE_QUOTA -> {
        return changed(
            quotas.update(
                call.getUpdateQuota().getQuotaConfigsList(), call.getUpdateQuota().getForce()));
      }
      case SET_QUOTA -> {
        return changed(quotas.set(call.getSetQuota().getQuotaRequest()));
      }
      case REMOVE_QUOTA -> {
        return changed(quotas.remove(call.getRemoveQuota().getRole()));
      }
      case GET_WEIGHTS -> {
        // Without weights the type alone is the answer.
        if (!state.registry.weights.isEmpty()) {
          weights.show(out.getGetWeightsBuilder());
        }
      }
      case UPDATE_WEIGHTS -> {
        return changed(weights.update(call.getUpdateWeights().getWeightInfosList()));
      }
      case GET_LOGGING_LEVEL -> out.getGetLoggingLevelBuilder().setLevel(0);
      case GET_FLAGS ->
          state
              .config
              .flags()
              .forEach(
                  (name, value) ->
                      out.getGetFlagsBuilder().addFlagsBuilder().setName(name).setValue(value));
      case GET_METRICS ->
          Metrics.of(state)
              .forEach(
                  (name, value) ->
                      out.getGetMetricsBuilder().addMetricsBuilder().setName(name).setValue(value));
      case GET_MAINTENANCE_STATUS ->
          out.getGetMaintenanceStatusBuilder().setStatus(master.maintenance().status());
      case GET_MAINTENANCE_SCHEDULE ->
          out.getGetMaintenanceScheduleBuilder().setSchedule(state.registry.schedule);
      case UPDATE_MAINTENANCE_SCHEDULE -> {
        return master.maintenance().update(call.getUpdateMaintenanceSchedule().getSchedule());
      }
      case START_MAINTENANCE -> {
        return master
            .maintenance()
            .start(master.departures(), call.getStartMaintenance().getMachinesList());
      }
      case STOP_MAINTENANCE -> {
        return master.maintenance().stop(call.getStopMaintenance().getMachinesList());
      }
      case DRAIN_AGENT -> {
        return drain(call.getDrainAgent());
      }
      case DEACTIVATE_AGENT -> {
        return Drains.deactivate(master, call.getDeactivateAgent().getAgentId().getValue());
      }
      case REACTIVATE_AGENT -> {
        return Drains.reactivate(master, call.getReactivateAgent().getAgentId().getValue());
      }
      case TEARDOWN -> {
        return teardown(call.getTeardown().getFrameworkId().getValue());
      }
      case MARK_AGENT_GONE -> {
        return gone(call.getMarkAgentGone().getAgentId().getValue());
      }
      case LIST_FILES, READ_FILE -> {
        return Reply.error(404, "");
      }
      default -> {
        return Reply.error(501, "501 Not Implemented.");
      }
    }
    return Reply.of(out.setType(Response.Type.valueOf(call.getType().name())).build());
  }

  /** The master's metrics by name, sorted. */
  public Map<String, Double> metrics() {
    return Metrics.of(state);
  }

  /** The shares of roles are others now: what is offered is taken back and divided anew. */
  private Reply changed(Reply reply) {
    if (reply.status() == 200) {
      master.offers().rescindAll();
      master.reallocate();
    }
    return reply;
  }

  private double seconds() {
    return state.started.getEpochSecond() + state.started.getNano() / 1e9;
  }

  private Reply drain(Call.DrainAgent drain) {
    DrainConfig.Builder config = DrainConfig.newBuilder();
    if (drain.hasMaxGracePeriod()) {
      config
          .getMaxGracePeriodBuilder()
          .setNanoseconds(
              drain.getMaxGracePeriod().getSeconds() * 1_000_000_000L
                  + drain.getMaxGracePeriod().getNanos());
    }
    if (drain.hasMarkGone()) {
      config.setMarkGone(drain.getMarkGone());
    }
    return Drains.drain(master, drain.getAgentId().getValue(), config.build());
  }

  private Reply teardown(String frameworkId) {
    Framework framework = state.frameworks.get(frameworkId);
    if (framework == null) {
      return Reply.error(400, "No framework found with specified ID");
    }
    master.subscriptions().remove(framework);
    return Reply.OK;
  }

  private Reply gone(String agentId) {
    if (state.registry.gone.containsKey(agentId)) {
      return Reply.OK;
    }
    Agent agent = state.agents.get(agentId);
    if (agent != null) {
      master.departures().gone(agent);
      return Reply.OK;
    }
    if (state.registry.unreachable.containsKey(agentId)
        || state.recoveredAgents.containsKey(agentId)) {
      master.departures().goneUnreachable(agentId);
      return Reply.OK;
    }
    return Reply.error(404, "Agent '" + agentId + "' not found");
  }
}
