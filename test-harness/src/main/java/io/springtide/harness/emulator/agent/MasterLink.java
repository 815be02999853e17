package io.springtide.harness.emulator.agent;

import com.google.protobuf.ByteString;
import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.wire.AgentPeer;
import io.springtide.harness.emulator.wire.MasterPeer;
import io.springtide.harness.emulator.wire.Registration;
import io.springtide.harness.emulator.wire.StatusUpdate;
import io.springtide.harness.emulator.wire.TaskRecords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Task;
import org.apache.mesos.v1.Protos.TaskStatus;

/** How an agent registers with the master that leads, and all that it says to it. */
final class MasterLink {
  private final Agent agent;
  private MasterPeer master;
  private AgentPeer self;
  private Loop.Timer registering;

  MasterLink(Agent agent) {
    this.agent = agent;
  }

  /** A leading master is there to register with; null when there is none. */
  void detected(MasterPeer peerOrNull, AgentPeer selfOrNull) {
    master = peerOrNull;
    self = selfOrNull;
  }

  /** Registers soon, and again and again until it is registered. */
  void registerSoon() {
    registerLater(agent.config.timings().registrationBackoff().dividedBy(2));
  }

  private void registerLater(Duration wait) {
    stopRegistering();
    registering =
        agent.loop.after(
            wait,
            () -> {
              if (agent.phase == Agent.Phase.REGISTERING && master != null) {
                Registration registration = registration();
                if (agent.disk.agentId.isEmpty()) {
                  master.register(registration, self);
                } else {
                  master.reregister(registration, self);
                }
                registerLater(wait.multipliedBy(4).plus(Duration.ofSeconds(1)));
              }
            });
  }

  private Registration registration() {
    List<Task> tasks = new ArrayList<>();
    List<ExecutorInfo> infos = new ArrayList<>();
    List<FrameworkInfo> frameworks = new ArrayList<>();
    for (ExecutorRun run : agent.disk.runs) {
      run.launched.values().forEach(task -> tasks.add(task.build()));
      run.terminated.values().forEach(task -> tasks.add(task.build()));
      if (run.state != ExecutorRun.State.TERMINATED && !run.generated) {
        infos.add(run.info);
      }
      FrameworkInfo framework = agent.disk.frameworks.get(run.frameworkId);
      if (framework != null && !frameworks.contains(framework)) {
        frameworks.add(framework);
      }
      run.queued.forEach(
          entry ->
              entry
                  .tasks()
                  .forEach(task -> tasks.add(TaskRecords.created(run.frameworkId, task).build())));
    }
    return new Registration(agent.info(), agent.config.pid(), tasks, infos, frameworks);
  }

  /** It registers no more. */
  void stopRegistering() {
    if (registering != null) {
      registering.cancel();
    }
  }

  void unregister() {
    if (up()) {
      master.unregister(agent.disk.agentId);
    }
  }

  void pong() {
    if (master != null) {
      master.pong(agent.disk.agentId);
    }
  }

  private boolean up() {
    return agent.phase == Agent.Phase.REGISTERED && master != null;
  }

  void forward(String frameworkId, TaskStatus status, double timestamp) {
    if (up()) {
      master.statusUpdate(
          agent.disk.agentId,
          new StatusUpdate(
              frameworkId, status, timestamp, agent.executors.forwarded(frameworkId, status)));
    }
  }

  void exitedExecutor(String frameworkId, String executorId, int status) {
    if (up()) {
      master.executorExited(agent.disk.agentId, frameworkId, executorId, status);
    }
  }

  void messageToScheduler(String frameworkId, String executorId, ByteString data) {
    if (up()) {
      master.executorMessage(agent.disk.agentId, frameworkId, executorId, data);
    }
  }
}
