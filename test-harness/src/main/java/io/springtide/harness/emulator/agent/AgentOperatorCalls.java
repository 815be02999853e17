package io.springtide.harness.emulator.agent;

import io.springtide.harness.emulator.wire.Reply;
import io.springtide.harness.emulator.wire.TaskRecords;
import io.springtide.harness.emulator.wire.Versions;
import org.apache.mesos.v1.Protos.ContainerID;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.Task;
import org.apache.mesos.v1.agent.Protos.Call;
import org.apache.mesos.v1.agent.Protos.Response;

/** The agent's operator API. */
public final class AgentOperatorCalls {

  private AgentOperatorCalls() {}

  public static Reply call(Agent agent, Call call) {
    Response.Builder out = Response.newBuilder();
    switch (call.getType()) {
      case GET_HEALTH -> out.getGetHealthBuilder().setHealthy(true);
      case GET_VERSION -> out.getGetVersionBuilder().setVersionInfo(Versions.MESOS);
      case GET_AGENT -> out.getGetAgentBuilder().setAgentInfo(agent.info());
      case GET_CONTAINERS -> containers(agent, out.getGetContainersBuilder());
      case GET_TASKS -> tasks(agent, out.getGetTasksBuilder());
      case GET_EXECUTORS -> executors(agent, out.getGetExecutorsBuilder());
      case GET_FRAMEWORKS -> frameworks(agent, out.getGetFrameworksBuilder());
      case GET_STATE -> {
        tasks(agent, out.getGetStateBuilder().getGetTasksBuilder());
        executors(agent, out.getGetStateBuilder().getGetExecutorsBuilder());
        frameworks(agent, out.getGetStateBuilder().getGetFrameworksBuilder());
      }
      case LIST_FILES -> {
        return SandboxFiles.list(agent, call.getListFiles().getPath());
      }
      case READ_FILE -> {
        return SandboxFiles.read(agent, call.getReadFile());
      }
      default -> {
        return Reply.error(501, "501 Not Implemented.");
      }
    }
    return Reply.of(out.setType(Response.Type.valueOf(call.getType().name())).build());
  }

  private static void containers(Agent agent, Response.GetContainers.Builder out) {
    for (ExecutorRun run : agent.disk.runs) {
      if (run.state == ExecutorRun.State.TERMINATED) {
        continue;
      }
      ContainerID container = ContainerID.newBuilder().setValue(run.containerId).build();
      Response.GetContainers.Container.Builder one =
          out.addContainersBuilder()
              .setFrameworkId(FrameworkID.newBuilder().setValue(run.frameworkId))
              .setExecutorId(ExecutorID.newBuilder().setValue(run.id()))
              .setExecutorName(run.info.getName())
              .setContainerId(container);
      one.getContainerStatusBuilder().setContainerId(container).setExecutorPid((int) run.pid);
    }
  }

  private static void executors(Agent agent, Response.GetExecutors.Builder out) {
    for (ExecutorRun run : agent.disk.runs) {
      if (run.state == ExecutorRun.State.TERMINATED) {
        out.addCompletedExecutorsBuilder().setExecutorInfo(run.info);
      } else {
        out.addExecutorsBuilder().setExecutorInfo(run.info);
      }
    }
  }

  private static void frameworks(Agent agent, Response.GetFrameworks.Builder out) {
    agent.disk.frameworks.values().forEach(f -> out.addFrameworksBuilder().setFrameworkInfo(f));
  }

  private static void tasks(Agent agent, Response.GetTasks.Builder out) {
    for (ExecutorRun run : agent.disk.runs) {
      run.queued.forEach(
          entry ->
              entry
                  .tasks()
                  .forEach(task -> out.addQueuedTasks(TaskRecords.created(run.frameworkId, task))));
      run.launched.values().forEach(out::addLaunchedTasks);
      run.terminated.values().forEach(out::addTerminatedTasks);
      for (Task task : run.completed) {
        out.addCompletedTasks(task);
      }
    }
  }
}
