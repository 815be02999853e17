package io.springtide.harness.emulator.agent;

import io.springtide.harness.emulator.wire.EventStream;
import io.springtide.harness.emulator.wire.TaskRecords;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Task;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Event;

/** The executors of an agent: started, taken up again, shut down, ended. */
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

  Statuses statuses() {
    return statuses;
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

  /**
   * Starts an executor.
   *
   * @param generated whether the agent made it up for a task with a command of its own
   */
  ExecutorRun start(FrameworkInfo framework, ExecutorInfo info, boolean generated) {
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
    ExecutorRun run = new ExecutorRun(frameworkId, info, generated, container, sandbox);
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

  void shutdown(String frameworkId, String executorId) {
    ExecutorRun run = find(frameworkId, executorId);
    if (run != null) {
      shutdown(run);
    }
  }

  void shutdown(ExecutorRun run) {
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

  void disconnected(EventStream<Event> stream) {
    for (ExecutorRun run : disk().runs) {
      if (run.stream == stream) {
        run.stream = null;
      }
    }
  }

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
    if (!run.generated) {
      agent.master.exitedExecutor(run.frameworkId, run.id(), status);
    }
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
                  run.launched.put(
                      task.getTaskId().getValue(), TaskRecords.created(run.frameworkId, task)));
    }
    run.queued.clear();
    for (String taskId : List.copyOf(run.launched.keySet())) {
      statuses.generate(
          run.frameworkId, taskId, run.id(), ending.state(), ending.reason(), ending.message());
    }
  }

  void forget(ExecutorRun run) {
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
