package io.springtide.server.mesos;

import com.google.protobuf.ByteString;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.state.TaskRef;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.Filters;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.KillPolicy;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.OfferID;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.scheduler.Protos.Call;

/** Writes effects as calls of the v1 scheduler API. */
final class Calls {
  private static final double MILLIS = 1000.0;

  private Calls() {}

  static Call accept(List<String> offerIds, List<TaskInfo> tasks, Duration filter) {
    Call.Accept.Builder accept = Call.Accept.newBuilder().setFilters(filters(filter));
    offerIds.forEach(id -> accept.addOfferIds(offerId(id)));
    if (!tasks.isEmpty()) {
      accept.addOperations(
          Offer.Operation.newBuilder()
              .setType(Offer.Operation.Type.LAUNCH)
              .setLaunch(Offer.Operation.Launch.newBuilder().addAllTaskInfos(tasks)));
    }
    return Call.newBuilder().setType(Call.Type.ACCEPT).setAccept(accept).build();
  }

  static Call decline(Effect.Decline effect) {
    Call.Decline.Builder decline = Call.Decline.newBuilder().setFilters(filters(effect.filter()));
    effect.offerIds().forEach(id -> decline.addOfferIds(offerId(id)));
    return Call.newBuilder().setType(Call.Type.DECLINE).setDecline(decline).build();
  }

  static Call answer(Effect.AnswerInverseOffer effect) {
    OfferID id = offerId(effect.id());
    Filters filters = filters(effect.filter());
    Call.Builder call = Call.newBuilder();
    if (effect.agreed()) {
      call.setType(Call.Type.ACCEPT_INVERSE_OFFERS);
      call.getAcceptInverseOffersBuilder().addInverseOfferIds(id).setFilters(filters);
    } else {
      call.setType(Call.Type.DECLINE_INVERSE_OFFERS);
      call.getDeclineInverseOffersBuilder().addInverseOfferIds(id).setFilters(filters);
    }
    return call.build();
  }

  static Call suppress() {
    return Call.newBuilder().setType(Call.Type.SUPPRESS).build();
  }

  static Call revive() {
    return Call.newBuilder().setType(Call.Type.REVIVE).build();
  }

  static Call kill(Effect.Kill effect) {
    Call.Kill.Builder kill = Call.Kill.newBuilder().setTaskId(taskId(effect.taskId()));
    if (!effect.agentId().isEmpty()) {
      kill.setAgentId(agentId(effect.agentId()));
    }
    effect
        .grace()
        .ifPresent(
            grace ->
                kill.setKillPolicy(
                    KillPolicy.newBuilder().setGracePeriod(TaskWriter.duration(grace))));
    return Call.newBuilder().setType(Call.Type.KILL).setKill(kill).build();
  }

  static Call acknowledge(Effect.Acknowledge effect) {
    return Call.newBuilder()
        .setType(Call.Type.ACKNOWLEDGE)
        .setAcknowledge(
            Call.Acknowledge.newBuilder()
                .setTaskId(taskId(effect.taskId()))
                .setAgentId(agentId(effect.agentId()))
                .setUuid(ByteString.copyFrom(Base64.getDecoder().decode(effect.uuid()))))
        .build();
  }

  static Call reconcile(Effect.Reconcile effect) {
    Call.Reconcile.Builder reconcile = Call.Reconcile.newBuilder();
    for (TaskRef task : effect.tasks()) {
      Call.Reconcile.Task.Builder one =
          Call.Reconcile.Task.newBuilder().setTaskId(taskId(task.taskId()));
      // Without an agent the master cannot tell "gone" from "unknown".
      if (!task.agentId().isEmpty()) {
        one.setAgentId(agentId(task.agentId()));
      }
      reconcile.addTasks(one);
    }
    return Call.newBuilder().setType(Call.Type.RECONCILE).setReconcile(reconcile).build();
  }

  static Call shutdown(String agentId, String executorId) {
    return Call.newBuilder()
        .setType(Call.Type.SHUTDOWN)
        .setShutdown(
            Call.Shutdown.newBuilder()
                .setAgentId(agentId(agentId))
                .setExecutorId(ExecutorID.newBuilder().setValue(executorId)))
        .build();
  }

  static Call by(String frameworkId, Call call) {
    return call.toBuilder().setFrameworkId(FrameworkID.newBuilder().setValue(frameworkId)).build();
  }

  /** An absent filter means 5 seconds to Mesos, so zero is said explicitly. */
  private static Filters filters(Duration refuse) {
    return Filters.newBuilder().setRefuseSeconds(refuse.toMillis() / MILLIS).build();
  }

  private static OfferID offerId(String id) {
    return OfferID.newBuilder().setValue(id).build();
  }

  private static TaskID taskId(String id) {
    return TaskID.newBuilder().setValue(id).build();
  }

  private static AgentID agentId(String id) {
    return AgentID.newBuilder().setValue(id).build();
  }
}
