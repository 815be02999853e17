package io.springtide.harness.emulator.agent;

import com.google.protobuf.ByteString;
import io.springtide.harness.emulator.wire.TaskRecords;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.mesos.v1.Protos.DrainConfig;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.KillPolicy;
import org.apache.mesos.v1.Protos.Task;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Event;

/** What the master orders of tasks, on its way to the executors. */
final class TaskDelivery {

  private final Agent agent;
  private final Executors executors;
  private final Statuses statuses;

  TaskDelivery(Agent agent, Executors executors) {
    this.agent = agent;
    this.executors = executors;
    this.statuses = executors.statuses();
  }

  /**
   * @param infoOrNull the executor that the tasks name; null for a task with a command of its own
   */
  void run(FrameworkInfo framework, ExecutorInfo infoOrNull, List<TaskInfo> tasks, boolean group) {
    String frameworkId = framework.getId().getValue();
    boolean generated = infoOrNull == null;
    ExecutorInfo info = generated ? CommandTasks.executor(tasks.get(0), frameworkId) : infoOrNull;
    String executorId = info.getExecutorId().getValue();
    if (agent.draining != null) {
      if (!generated) {
        agent.master.exitedExecutor(frameworkId, executorId, -1);
      }
      tasks.forEach(
          task ->
              statuses.generate(
                  frameworkId,
                  task.getTaskId().getValue(),
                  executorId,
                  TaskState.TASK_DROPPED,
                  TaskStatus.Reason.REASON_AGENT_DRAINING,
                  "Task was received while agent was already draining"));
      return;
    }
    agent.disk.frameworks.putIfAbsent(frameworkId, framework);
    ExecutorRun run = executors.find(frameworkId, executorId);
    if (run == null) {
      run = executors.start(framework, info, generated);
    }
    run.queued.add(new ExecutorRun.Queued(List.copyOf(tasks), group));
    if (run.state == ExecutorRun.State.RUNNING) {
      deliver(run);
    }
  }

  /** Hands over what waits for a subscribed executor. */
  void deliver(ExecutorRun run) {
    for (ExecutorRun.Queued entry : List.copyOf(run.queued)) {
      for (TaskInfo task : entry.tasks()) {
        run.launched.put(task.getTaskId().getValue(), TaskRecords.created(run.frameworkId, task));
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

  void killTask(String frameworkId, String taskId, KillPolicy policyOrNull) {
    ExecutorRun run = executors.ofTask(frameworkId, taskId);
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
    if (run.launched.containsKey(taskId) && run.state == ExecutorRun.State.RUNNING) {
      Event.Builder event = Event.newBuilder().setType(Event.Type.KILL);
      event.getKillBuilder().setTaskId(TaskID.newBuilder().setValue(taskId));
      if (policyOrNull != null) {
        event.getKillBuilder().setKillPolicy(policyOrNull);
      }
      run.send(event.build());
    }
  }

  void message(String frameworkId, String executorId, ByteString data) {
    ExecutorRun run = executors.find(frameworkId, executorId);
    if (run != null && run.state == ExecutorRun.State.RUNNING) {
      Event.Builder event = Event.newBuilder().setType(Event.Type.MESSAGE);
      event.getMessageBuilder().setData(data);
      run.send(event.build());
    }
  }

  void drain(DrainConfig config) {
    for (ExecutorRun run : List.copyOf(agent.disk.runs)) {
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
    if (agent.disk.updates.acknowledge(frameworkId, taskId, uuid)) {
      for (ExecutorRun run : List.copyOf(agent.disk.runs)) {
        if (run.frameworkId.equals(frameworkId) && run.terminated.containsKey(taskId)) {
          run.complete(taskId);
          if (run.state == ExecutorRun.State.TERMINATED && run.idle()) {
            executors.forget(run);
          }
        }
      }
    }
  }

  void reconcile(String frameworkId, String taskId) {
    if (executors.ofTask(frameworkId, taskId) == null) {
      statuses.generate(
          frameworkId,
          taskId,
          "",
          statuses.aware(frameworkId) ? TaskState.TASK_DROPPED : TaskState.TASK_LOST,
          TaskStatus.Reason.REASON_RECONCILIATION,
          "Reconciliation: task unknown to the agent");
    }
  }
}
