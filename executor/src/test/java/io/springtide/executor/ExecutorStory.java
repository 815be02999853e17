package io.springtide.executor;

import com.google.protobuf.ByteString;
import io.springtide.executor.contract.TaskDocument;
import io.springtide.executor.contract.WardenReport;
import io.springtide.executor.discovery.ScriptedDiscovery;
import io.springtide.executor.health.NetworkProbes;
import io.springtide.executor.loop.EventLoop;
import io.springtide.executor.loop.VirtualLoop;
import io.springtide.executor.runtime.ScriptedRuntime;
import io.springtide.mesos.ExecutorEnvironment;
import io.springtide.mesos.ExecutorMesos;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.DurationInfo;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.HealthCheck;
import org.apache.mesos.v1.Protos.KillPolicy;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;

/** One executor, its agent played by the test, in virtual time. */
final class ExecutorStory implements ExecutorMesos {
  /** All that happened outside the executor, in order. */
  final List<String> log = new ArrayList<>();

  final List<TaskStatus> statuses = new ArrayList<>();
  final List<WardenReport> reports = new ArrayList<>();
  final VirtualLoop loop = new VirtualLoop();
  final ScriptedRuntime docker = new ScriptedRuntime("docker", log);
  final ScriptedRuntime process = new ScriptedRuntime("process", log);
  final ScriptedDiscovery directory = new ScriptedDiscovery(log);
  final HostExecutor executor;
  boolean exited;
  private boolean acknowledging = true;

  /**
   * @param sockets for probes that really go over the network
   */
  ExecutorStory(Path sandbox, EventLoop sockets) {
    var environment =
        ExecutorEnvironment.from(
            Map.of(
                "MESOS_AGENT_ENDPOINT", "10.0.0.7:5051",
                "MESOS_FRAMEWORK_ID", "framework-1",
                "MESOS_EXECUTOR_ID", "executor-1",
                "MESOS_SANDBOX", sandbox.toString(),
                "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", "11secs"));
    executor =
        new HostExecutor(
            loop,
            environment,
            host ->
                new Equipment(
                    List.of(docker, process), new NetworkProbes(sockets), address -> directory),
            () -> exited = true);
  }

  /** The agent takes the subscription. */
  ExecutorStory subscribed() {
    executor.connected(this);
    event(
        Event.newBuilder()
            .setType(Event.Type.SUBSCRIBED)
            .setSubscribed(
                Event.Subscribed.newBuilder()
                    .setExecutorInfo(
                        ExecutorInfo.newBuilder()
                            .setExecutorId(ExecutorID.newBuilder().setValue("executor-1")))
                    .setFrameworkInfo(FrameworkInfo.newBuilder().setUser("u").setName("n"))
                    .setAgentInfo(
                        AgentInfo.newBuilder().setHostname("host7.example").setPort(5051))));
    return this;
  }

  /** ... and launches the warden, which gets ready. */
  ExecutorStory withWarden() {
    subscribed();
    launch("warden.1", TaskDocument.warden("host7.example:5051", "127.0.0.1:8500"), it -> {});
    return this;
  }

  void launch(String task, TaskDocument document, Consumer<TaskInfo.Builder> more) {
    var info =
        TaskInfo.newBuilder()
            .setName(document.instance())
            .setTaskId(TaskID.newBuilder().setValue(task))
            .setAgentId(AgentID.newBuilder().setValue("agent-1"))
            .setData(ByteString.copyFrom(document.toBytes()));
    more.accept(info);
    event(
        Event.newBuilder()
            .setType(Event.Type.LAUNCH)
            .setLaunch(Event.Launch.newBuilder().setTask(info)));
  }

  static void image(TaskInfo.Builder task) {
    task.getContainerBuilder()
        .setType(ContainerInfo.Type.DOCKER)
        .getDockerBuilder()
        .setImage("feed/api:1")
        .setNetwork(ContainerInfo.DockerInfo.Network.BRIDGE);
  }

  /** Every 5 s; three failures kill; runs a command, so a scripted container can answer. */
  static void checked(TaskInfo.Builder task) {
    task.getHealthCheckBuilder()
        .setType(HealthCheck.Type.COMMAND)
        .setDelaySeconds(0)
        .setIntervalSeconds(5)
        .setTimeoutSeconds(2)
        .setConsecutiveFailures(3)
        .setGracePeriodSeconds(10)
        .getCommandBuilder()
        .setValue("check");
  }

  static Consumer<TaskInfo.Builder> grace(int seconds) {
    return task -> task.setKillPolicy(policy(seconds));
  }

  private static KillPolicy policy(int seconds) {
    return KillPolicy.newBuilder()
        .setGracePeriod(DurationInfo.newBuilder().setNanoseconds(seconds * 1_000_000_000L))
        .build();
  }

  void kill(String task) {
    event(
        Event.newBuilder()
            .setType(Event.Type.KILL)
            .setKill(Event.Kill.newBuilder().setTaskId(TaskID.newBuilder().setValue(task))));
  }

  void kill(String task, int graceSeconds) {
    event(
        Event.newBuilder()
            .setType(Event.Type.KILL)
            .setKill(
                Event.Kill.newBuilder()
                    .setTaskId(TaskID.newBuilder().setValue(task))
                    .setKillPolicy(policy(graceSeconds))));
  }

  void shutdown() {
    event(Event.newBuilder().setType(Event.Type.SHUTDOWN));
  }

  private void event(Event.Builder event) {
    executor.received(this, event.build());
    loop.settle();
  }

  /** From now on the agent takes updates without saying so. */
  void stopAcknowledging() {
    acknowledging = false;
  }

  @Override
  public void send(Call call) {
    switch (call.getType()) {
      case UPDATE -> {
        var status = call.getUpdate().getStatus();
        statuses.add(status);
        log.add(status.getTaskId().getValue() + " " + status.getState());
        if (acknowledging) {
          executor.received(
              this,
              Event.newBuilder()
                  .setType(Event.Type.ACKNOWLEDGED)
                  .setAcknowledged(
                      Event.Acknowledged.newBuilder()
                          .setTaskId(status.getTaskId())
                          .setUuid(status.getUuid()))
                  .build());
        }
      }
      case MESSAGE ->
          reports.add(WardenReport.fromBytes(call.getMessage().getData().toByteArray()));
      default -> throw new AssertionError(call);
    }
  }

  @Override
  public void reconnect() {
    throw new AssertionError("nobody asked for that");
  }

  /** What the agent was told of a task. */
  List<String> states(String task) {
    return statuses.stream()
        .filter(status -> status.getTaskId().getValue().equals(task))
        .map(status -> status.getState().name())
        .toList();
  }

  TaskStatus last(String task) {
    return statuses.stream()
        .filter(status -> status.getTaskId().getValue().equals(task))
        .reduce((a, b) -> b)
        .orElseThrow();
  }

  /** What has happened since this was last asked. */
  List<String> happened() {
    var now = List.copyOf(log);
    log.clear();
    return now;
  }
}
