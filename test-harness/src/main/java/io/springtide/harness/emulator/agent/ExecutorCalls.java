package io.springtide.harness.emulator.agent;

import io.springtide.harness.emulator.wire.EventStream;
import io.springtide.harness.emulator.wire.Reply;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.mesos.v1.Protos.ContainerID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;

/** The executor API: subscriptions, updates and messages of executors. */
final class ExecutorCalls {

  private final Agent agent;
  private final Executors executors;
  private final TaskDelivery delivery;
  private final Statuses statuses;

  ExecutorCalls(Agent agent, Executors executors, TaskDelivery delivery) {
    this.agent = agent;
    this.executors = executors;
    this.delivery = delivery;
    this.statuses = executors.statuses();
  }

  Reply subscribe(Call call, EventStream<Event> stream) {
    Reply refused = refused(call, agent.booted());
    if (refused != null) {
      return refused;
    }
    ExecutorRun run = run(call);
    if (run.registration != null) {
      run.registration.cancel();
    }
    EventStream<Event> old = run.stream;
    run.stream = stream;
    if (old != null) {
      old.end();
    }
    Map<TaskStatus, ExecutorRun> safe = new LinkedHashMap<>();
    for (Call.Update update : call.getSubscribe().getUnacknowledgedUpdatesList()) {
      TaskStatus status = update.getStatus();
      statuses.fromExecutor(run, status).ifPresent(owner -> safe.put(status, owner));
    }
    dropUnknownTasks(run, call.getSubscribe().getUnacknowledgedTasksList());
    boolean first = run.state == ExecutorRun.State.REGISTERING;
    if (run.state == ExecutorRun.State.TERMINATING
        || (first && run.queued.isEmpty() && run.launched.isEmpty())) {
      if (run.state == ExecutorRun.State.TERMINATING) {
        run.send(Event.newBuilder().setType(Event.Type.SHUTDOWN).build());
      } else {
        executors.shutdown(run);
      }
      return null;
    }
    run.state = ExecutorRun.State.RUNNING;
    Event.Builder event = Event.newBuilder().setType(Event.Type.SUBSCRIBED);
    event
        .getSubscribedBuilder()
        .setExecutorInfo(run.info)
        .setFrameworkInfo(agent.disk.frameworks.get(run.frameworkId))
        .setAgentInfo(agent.info())
        .setContainerId(ContainerID.newBuilder().setValue(run.containerId));
    run.send(event.build());
    safe.forEach((status, owner) -> statuses.acknowledge(owner, status));
    delivery.deliver(run);
    return null;
  }

  /** A task that was on its way when the agent ended, and that the executor never got. */
  private void dropUnknownTasks(ExecutorRun run, List<TaskInfo> unacknowledged) {
    if (run.state != ExecutorRun.State.REGISTERING) {
      return;
    }
    Set<String> named = new HashSet<>();
    unacknowledged.forEach(task -> named.add(task.getTaskId().getValue()));
    for (String taskId : List.copyOf(run.launched.keySet())) {
      if (run.launched.get(taskId).getState() == TaskState.TASK_STAGING
          && !named.contains(taskId)) {
        statuses.generate(
            run.frameworkId,
            taskId,
            run.id(),
            statuses.aware(run.frameworkId) ? TaskState.TASK_DROPPED : TaskState.TASK_LOST,
            TaskStatus.Reason.REASON_AGENT_RESTARTED,
            "Task launched during agent restart");
      }
    }
  }

  private Reply unknown(Call call) {
    String frameworkId = call.getFrameworkId().getValue();
    if (!agent.disk.frameworks.containsKey(frameworkId)) {
      return Reply.error(400, "Framework cannot be found");
    }
    return executors.find(frameworkId, call.getExecutorId().getValue()) == null
        ? Reply.error(400, "Executor cannot be found")
        : null;
  }

  /** Why the call is not taken, or null. */
  private Reply refused(Call call, boolean ready) {
    return ready ? unknown(call) : Reply.error(503, "Agent has not finished recovery");
  }

  private ExecutorRun run(Call call) {
    return executors.find(call.getFrameworkId().getValue(), call.getExecutorId().getValue());
  }

  /** As verifyExecutorClaims in Mesos' src/slave/http.cpp; what is unknown is refused later. */
  Reply foreign(Call call, ExecutorTokens.Found.Bearer bearer) {
    String frameworkId = call.getFrameworkId().getValue();
    String executorId = call.getExecutorId().getValue();
    ExecutorRun run = agent.booted() ? executors.find(frameworkId, executorId) : null;
    if (run == null) {
      return null;
    }
    String who =
        "Authenticated principal '{ cid: "
            + bearer.containerId()
            + ", eid: "
            + bearer.executorId()
            + ", fid: "
            + bearer.frameworkId()
            + " }' does not contain ";
    if (!bearer.frameworkId().equals(frameworkId)) {
      return Reply.error(
          403,
          who
              + "an 'fid' claim with the framework ID "
              + frameworkId
              + ", which is set in the call");
    }
    if (!bearer.executorId().equals(executorId)) {
      return Reply.error(
          403,
          who + "an 'eid' claim with the executor ID " + executorId + ", which is set in the call");
    }
    return bearer.containerId().equals(run.containerId)
        ? null
        : Reply.error(403, who + "a 'cid' claim with the correct active ContainerID");
  }

  Reply call(Call call) {
    if (agent.booted() && call.getType() == Call.Type.HEARTBEAT) {
      return Reply.ACCEPTED; // Mesos looks neither at who sends it nor at its own recovery
    }
    Reply refused = refused(call, agent.booted() && agent.phase != Agent.Phase.RECOVERING);
    if (refused != null) {
      return refused;
    }
    ExecutorRun run = run(call);
    if (run.state == ExecutorRun.State.REGISTERING) {
      return Reply.error(403, "Executor is not subscribed");
    }
    switch (call.getType()) {
      case UPDATE -> {
        TaskStatus status = call.getUpdate().getStatus();
        statuses.fromExecutor(run, status).ifPresent(owner -> statuses.acknowledge(owner, status));
      }
      case MESSAGE ->
          agent.master.messageToScheduler(run.frameworkId, run.id(), call.getMessage().getData());
      default -> {
        return Reply.error(501, "501 Not Implemented.");
      }
    }
    return Reply.ACCEPTED;
  }
}
