package io.springtide.harness.emulator.agent;

import com.google.protobuf.ByteString;
import io.springtide.harness.emulator.wire.EventStream;
import io.springtide.harness.emulator.wire.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.ContainerID;
import org.apache.mesos.v1.Protos.DrainConfig;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.KillPolicy;
import org.apache.mesos.v1.Protos.Task;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;

/** The executors of an agent: started, subscribed, fed with tasks, listened to, ended. */
final class Executors {

  private final Agent agent;
  private final ExecutorLauncher launcher;
  private final Statuses statuses;
  private final Set<String> terminatingFrameworks = new HashSet<>();

  Executors(Agent agent, ExecutorLauncher launcher) {
    this.agent = agent;
    this.launcher = launcher;
    this.statuses = new Statuses(agent, this);
  }

  private AgentDisk disk() {
    return agent.disk;
  }

  ExecutorRun find(String frameworkId, String executorId) {
    for (ExecutorRun run : disk().runs) {
      if (run.frameworkId.equals(frameworkId)
          && run.id().equals(executorId)
          && run.state != ExecutorRun.State.TERMINATED) {
        return run;
      }
    }
    return null;
  }

  ExecutorRun ofTask(String frameworkId, String taskId) {
    for (ExecutorRun run : disk().runs) {
      if (run.frameworkId.equals(frameworkId) && run.knows(taskId)) {
        return run;
      }
    }
    return null;
  }

  boolean terminating(String frameworkId) {
    return terminatingFrameworks.contains(frameworkId);
  }

  boolean checkpoints(String frameworkId) {
    FrameworkInfo framework = disk().frameworks.get(frameworkId);
    return framework != null && framework.getCheckpoint();
  }

  // ------------------------------------------------------------------ restart of the agent

  /** Takes up what the last process left; false when there is nobody to wait for. */
  boolean recover() {
    for (ExecutorRun run : List.copyOf(disk().runs)) {
      if (!checkpoints(run.frameworkId)) {
        launcher.kill(run.containerId);
        disk().runs.remove(run);
      }
    }
    disk().frameworks.values().removeIf(framework -> !framework.getCheckpoint());
    boolean any = false;
    for (ExecutorRun run : disk().runs) {
      // What was last sent to the master is not on the disk.
      run.launched.values().forEach(t -> t.clearStatusUpdateState().clearStatusUpdateUuid());
      run.terminated.values().forEach(t -> t.clearStatusUpdateState().clearStatusUpdateUuid());
      if (run.state == ExecutorRun.State.TERMINATED) {
        continue;
      }
      run.state = ExecutorRun.State.REGISTERING;
      run.stream = null;
      any = true;
      OptionalLong pid = launcher.attach(run.containerId, listener(run));
      run.pid = pid.orElse(run.pid);
    }
    return any;
  }

  /** Those that did not come back in time are given up. */
  void recovered() {
    for (ExecutorRun run : List.copyOf(disk().runs)) {
      if (run.state == ExecutorRun.State.REGISTERING) {
        launcher.kill(run.containerId);
        ended(run, -1);
      }
    }
  }

  /** The agent's process ends: timers stop, streams are the door's to break. */
  void abandon() {
    for (ExecutorRun run : disk().runs) {
      if (run.registration != null) {
        run.registration.cancel();
      }
      if (run.grace != null) {
        run.grace.cancel();
      }
      run.stream = null;
    }
  }

  // ------------------------------------------------------------------ from the master

  void run(FrameworkInfo framework, ExecutorInfo info, List<TaskInfo> tasks, boolean group) {
    String frameworkId = framework.getId().getValue();
    if (info == null) {
      tasks.forEach(
          task ->
              statuses.generate(
                  frameworkId,
                  task.getTaskId().getValue(),
                  "",
                  TaskState.TASK_FAILED,
                  TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED,
                  "This agent runs tasks of custom executors only"));
      return;
    }
    if (agent.draining != null) {
      agent.exitedExecutor(frameworkId, info.getExecutorId().getValue(), -1);
      tasks.forEach(
          task ->
              statuses.generate(
                  frameworkId,
                  task.getTaskId().getValue(),
                  info.getExecutorId().getValue(),
                  TaskState.TASK_DROPPED,
                  TaskStatus.Reason.REASON_AGENT_DRAINING,
                  "Task was received while agent was already draining"));
      return;
    }
    disk().frameworks.putIfAbsent(frameworkId, framework);
    ExecutorRun run = find(frameworkId, info.getExecutorId().getValue());
    if (run == null) {
      run = start(framework, info);
    }
    run.queued.add(new ExecutorRun.Queued(List.copyOf(tasks), group));
    if (run.state == ExecutorRun.State.RUNNING) {
      deliver(run);
    }
  }

  private ExecutorRun start(FrameworkInfo framework, ExecutorInfo info) {
    String frameworkId = framework.getId().getValue();
    String container = agent.ids.uuid().toString();
    Path sandbox =
        agent
            .config
            .workDir()
            .resolve("slaves")
            .resolve(disk().agentId)
            .resolve("frameworks")
            .resolve(frameworkId)
            .resolve("executors")
            .resolve(info.getExecutorId().getValue())
            .resolve("runs")
            .resolve(container);
    ExecutorRun run = new ExecutorRun(frameworkId, info, container, sandbox);
    disk().runs.add(run);
    Duration timeout = agent.config.timings().executorRegistrationTimeout();
    run.registration =
        agent.loop.after(
            timeout,
            () -> {
              if (run.state == ExecutorRun.State.REGISTERING) {
                run.ending =
                    new ExecutorRun.Ending(
                        TaskState.TASK_FAILED,
                        TaskStatus.Reason.REASON_EXECUTOR_REGISTRATION_TIMEOUT,
                        "Executor did not register within " + ExecutorEnvironment.text(timeout));
                run.state = ExecutorRun.State.TERMINATING;
                launcher.kill(container);
              }
            });
    launcher.launch(
        new ExecutorLauncher.Launch(
            agent.config.name(),
            frameworkId,
            info,
            container,
            sandbox,
            ExecutorEnvironment.of(
                agent.config, disk().agentId, run, framework.getCheckpoint(), grace(run))),
        listener(run));
    return run;
  }

  private ExecutorLauncher.Listener listener(ExecutorRun run) {
    return new ExecutorLauncher.Listener() {
      @Override
      public void started(long pid) {
        run.pid = pid;
      }

      @Override
      public void failed(
          int status, TaskState taskState, TaskStatus.Reason reason, String message) {
        if (agent.phase != Agent.Phase.ENDED) {
          run.ending = new ExecutorRun.Ending(taskState, reason, message);
          ended(run, status);
        }
      }

      @Override
      public void exited(int status) {
        // Nobody hears of an executor that ends while its agent is down.
        if (agent.phase != Agent.Phase.ENDED) {
          ended(run, status);
        }
      }
    };
  }

  private Duration grace(ExecutorRun run) {
    return run.info.hasShutdownGracePeriod()
        ? Duration.ofNanos(run.info.getShutdownGracePeriod().getNanoseconds())
        : agent.config.timings().executorShutdownGrace();
  }

  private void deliver(ExecutorRun run) {
    for (ExecutorRun.Queued entry : List.copyOf(run.queued)) {
      for (TaskInfo task : entry.tasks()) {
        run.launched.put(task.getTaskId().getValue(), created(run.frameworkId, task));
      }
      if (entry.group()) {
        Event.Builder event = Event.newBuilder().setType(Event.Type.LAUNCH_GROUP);
        event.getLaunchGroupBuilder().getTaskGroupBuilder().addAllTasks(entry.tasks());
        run.send(event.build());
      } else {
        for (TaskInfo task : entry.tasks()) {
          Event.Builder event = Event.newBuilder().setType(Event.Type.LAUNCH);
          event.getLaunchBuilder().setTask(task);
          run.send(event.build());
        }
      }
    }
    run.queued.clear();
  }

  static Task.Builder created(String frameworkId, TaskInfo info) {
    Task.Builder task =
        Task.newBuilder()
            .setName(info.getName())
            .setTaskId(info.getTaskId())
            .setFrameworkId(FrameworkID.newBuilder().setValue(frameworkId))
            .setExecutorId(info.getExecutor().getExecutorId())
            .setAgentId(info.getAgentId())
            .setState(TaskState.TASK_STAGING)
            .addAllResources(info.getResourcesList());
    if (info.hasLabels()) {
      task.setLabels(info.getLabels());
    }
    if (info.hasDiscovery()) {
      task.setDiscovery(info.getDiscovery());
    }
    if (info.hasContainer()) {
      task.setContainer(info.getContainer());
    }
    if (info.hasHealthCheck()) {
      task.setHealthCheck(info.getHealthCheck());
    }
    if (info.hasKillPolicy()) {
      task.setKillPolicy(info.getKillPolicy());
    }
    return task;
  }

  void killTask(String frameworkId, String taskId, KillPolicy policyOrNull) {
    ExecutorRun run = ofTask(frameworkId, taskId);
    if (run == null) {
      return;
    }
    if (run.queues(taskId)) {
      for (TaskInfo task : run.dequeue(taskId)) {
        statuses.generate(
            frameworkId,
            task.getTaskId().getValue(),
            run.id(),
            TaskState.TASK_KILLED,
            TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH,
            "Killed before delivery to the executor");
      }
      return;
    }
    if (run.launched.containsKey(taskId)) {
      Event.Builder event = Event.newBuilder().setType(Event.Type.KILL);
      event.getKillBuilder().setTaskId(TaskID.newBuilder().setValue(taskId));
      if (policyOrNull != null) {
        event.getKillBuilder().setKillPolicy(policyOrNull);
      }
      run.send(event.build());
    }
  }

  void message(String frameworkId, String executorId, ByteString data) {
    ExecutorRun run = find(frameworkId, executorId);
    if (run != null && run.state == ExecutorRun.State.RUNNING) {
      Event.Builder event = Event.newBuilder().setType(Event.Type.MESSAGE);
      event.getMessageBuilder().setData(data);
      run.send(event.build());
    }
  }

  void shutdown(String frameworkId, String executorId) {
    ExecutorRun run = find(frameworkId, executorId);
    if (run != null) {
      shutdown(run);
    }
  }

  private void shutdown(ExecutorRun run) {
    if (run.state == ExecutorRun.State.TERMINATING || run.state == ExecutorRun.State.TERMINATED) {
      return;
    }
    run.state = ExecutorRun.State.TERMINATING;
    run.send(Event.newBuilder().setType(Event.Type.SHUTDOWN).build());
    run.grace = agent.loop.after(grace(run), () -> launcher.kill(run.containerId));
  }

  void shutdownFramework(String frameworkId) {
    terminatingFrameworks.add(frameworkId);
    disk().updates.forget(frameworkId);
    List.copyOf(disk().runs).stream()
        .filter(run -> run.frameworkId.equals(frameworkId))
        .forEach(this::finish);
  }

  void shutdownAll() {
    for (ExecutorRun run : List.copyOf(disk().runs)) {
      terminatingFrameworks.add(run.frameworkId);
      finish(run);
    }
  }

  /** Ends a run whose updates nobody wants any more. */
  private void finish(ExecutorRun run) {
    if (run.state == ExecutorRun.State.TERMINATED) {
      forget(run);
    } else if (run.state == ExecutorRun.State.REGISTERING) {
      run.state = ExecutorRun.State.TERMINATING;
      launcher.kill(run.containerId);
    } else {
      shutdown(run);
    }
  }

  void drain(DrainConfig config) {
    for (ExecutorRun run : List.copyOf(disk().runs)) {
      Set<String> all = new HashSet<>(run.launched.keySet());
      run.queued.forEach(q -> q.tasks().forEach(t -> all.add(t.getTaskId().getValue())));
      for (String taskId : all) {
        KillPolicy policy = null;
        if (config.hasMaxGracePeriod()) {
          long nanos = config.getMaxGracePeriod().getNanoseconds();
          Task.Builder task = run.launched.get(taskId);
          if (task != null && task.hasKillPolicy()) {
            nanos = Math.min(nanos, task.getKillPolicy().getGracePeriod().getNanoseconds());
          }
          KillPolicy.Builder limited = KillPolicy.newBuilder();
          limited.getGracePeriodBuilder().setNanoseconds(nanos);
          policy = limited.build();
        }
        killTask(run.frameworkId, taskId, policy);
      }
    }
  }

  void acknowledged(String frameworkId, String taskId, ByteString uuid) {
    if (disk().updates.acknowledge(frameworkId, taskId, uuid)) {
      for (ExecutorRun run : List.copyOf(disk().runs)) {
        if (run.frameworkId.equals(frameworkId) && run.terminated.containsKey(taskId)) {
          run.complete(taskId);
          if (run.state == ExecutorRun.State.TERMINATED && run.idle()) {
            forget(run);
          }
        }
      }
    }
  }

  void reconcile(String frameworkId, String taskId) {
    if (ofTask(frameworkId, taskId) == null) {
      statuses.generate(
          frameworkId,
          taskId,
          "",
          statuses.aware(frameworkId) ? TaskState.TASK_DROPPED : TaskState.TASK_LOST,
          TaskStatus.Reason.REASON_RECONCILIATION,
          "Reconciliation: task unknown to the agent");
    }
  }

  // ------------------------------------------------------------------ from the executors

  Reply subscribe(Call call, EventStream<Event> stream) {
    if (!agent.booted()) {
      return Reply.error(503, "Agent has not finished recovery");
    }
    Reply unknown = unknown(call);
    if (unknown != null) {
      return unknown;
    }
    ExecutorRun run = find(call.getFrameworkId().getValue(), call.getExecutorId().getValue());
    if (run.registration != null) {
      run.registration.cancel();
    }
    EventStream<Event> old = run.stream;
    run.stream = stream;
    if (old != null) {
      old.end();
    }
    for (Call.Update update : call.getSubscribe().getUnacknowledgedUpdatesList()) {
      statuses.fromExecutor(run, update.getStatus(), false);
    }
    dropUnknownTasks(run, call.getSubscribe().getUnacknowledgedTasksList());
    boolean first = run.state == ExecutorRun.State.REGISTERING;
    if (run.state == ExecutorRun.State.TERMINATING
        || (first && run.queued.isEmpty() && run.launched.isEmpty())) {
      run.send(Event.newBuilder().setType(Event.Type.SHUTDOWN).build());
      if (run.state != ExecutorRun.State.TERMINATING) {
        run.state = ExecutorRun.State.TERMINATING;
        run.grace = agent.loop.after(grace(run), () -> launcher.kill(run.containerId));
      }
      return null;
    }
    run.state = ExecutorRun.State.RUNNING;
    Event.Builder event = Event.newBuilder().setType(Event.Type.SUBSCRIBED);
    event
        .getSubscribedBuilder()
        .setExecutorInfo(run.info)
        .setFrameworkInfo(disk().frameworks.get(run.frameworkId))
        .setAgentInfo(agent.info())
        .setContainerId(ContainerID.newBuilder().setValue(run.containerId));
    run.send(event.build());
    for (Call.Update update : call.getSubscribe().getUnacknowledgedUpdatesList()) {
      statuses.acknowledge(run, update.getStatus());
    }
    deliver(run);
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
    if (!disk().frameworks.containsKey(frameworkId)) {
      return Reply.error(400, "Framework cannot be found");
    }
    return find(frameworkId, call.getExecutorId().getValue()) == null
        ? Reply.error(400, "Executor cannot be found")
        : null;
  }

  void disconnected(EventStream<Event> stream) {
    for (ExecutorRun run : disk().runs) {
      if (run.stream == stream) {
        run.stream = null;
      }
    }
  }

  Reply call(Call call) {
    if (!agent.booted() || agent.phase == Agent.Phase.RECOVERING) {
      return Reply.error(503, "Agent has not finished recovery");
    }
    Reply unknown = unknown(call);
    if (unknown != null) {
      return unknown;
    }
    ExecutorRun run = find(call.getFrameworkId().getValue(), call.getExecutorId().getValue());
    if (run.state == ExecutorRun.State.REGISTERING) {
      return Reply.error(403, "Executor is not subscribed");
    }
    switch (call.getType()) {
      case UPDATE -> statuses.fromExecutor(run, call.getUpdate().getStatus(), true);
      case MESSAGE ->
          agent.messageToScheduler(run.frameworkId, run.id(), call.getMessage().getData());
      case HEARTBEAT -> {
        // Nothing to do: it only keeps the connection alive.
      }
      default -> {
        return Reply.error(501, "501 Not Implemented.");
      }
    }
    return Reply.ACCEPTED;
  }

  // ------------------------------------------------------------------ ends

  private void ended(ExecutorRun run, int status) {
    if (run.state == ExecutorRun.State.TERMINATED || !disk().runs.contains(run)) {
      return;
    }
    run.state = ExecutorRun.State.TERMINATED;
    if (run.registration != null) {
      run.registration.cancel();
    }
    if (run.grace != null) {
      run.grace.cancel();
    }
    run.stream = null;
    agent.exitedExecutor(run.frameworkId, run.id(), status);
    if (!terminatingFrameworks.contains(run.frameworkId)) {
      failTasks(run);
    }
    if (run.idle() || terminatingFrameworks.contains(run.frameworkId)) {
      forget(run);
    }
    agent.executorsChanged();
  }

  private void failTasks(ExecutorRun run) {
    ExecutorRun.Ending ending =
        run.ending != null
            ? run.ending
            : new ExecutorRun.Ending(
                TaskState.TASK_FAILED,
                TaskStatus.Reason.REASON_EXECUTOR_TERMINATED,
                "Executor terminated");
    for (ExecutorRun.Queued entry : List.copyOf(run.queued)) {
      entry
          .tasks()
          .forEach(
              task ->
                  run.launched.put(task.getTaskId().getValue(), created(run.frameworkId, task)));
    }
    run.queued.clear();
    for (String taskId : List.copyOf(run.launched.keySet())) {
      statuses.generate(
          run.frameworkId, taskId, run.id(), ending.state(), ending.reason(), ending.message());
    }
  }

  private void forget(ExecutorRun run) {
    disk().runs.remove(run);
    if (disk().runs.stream().noneMatch(other -> other.frameworkId.equals(run.frameworkId))) {
      disk().frameworks.remove(run.frameworkId);
      terminatingFrameworks.remove(run.frameworkId);
    }
    agent.executorsChanged();
  }

  TaskState forwarded(String frameworkId, TaskStatus status) {
    for (ExecutorRun run : disk().runs) {
      Task.Builder task =
          run.frameworkId.equals(frameworkId) ? run.task(status.getTaskId().getValue()) : null;
      if (task != null) {
        task.setStatusUpdateState(status.getState()).setStatusUpdateUuid(status.getUuid());
        return task.getState();
      }
    }
    return status.getState();
  }

  AgentID agentId() {
    return AgentID.newBuilder().setValue(disk().agentId).build();
  }
}
