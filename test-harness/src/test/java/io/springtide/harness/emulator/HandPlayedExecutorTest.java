package io.springtide.harness.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.emulator.agent.ExecutorTokens;
import io.springtide.mesos.CallListener;
import io.springtide.mesos.Executor;
import io.springtide.mesos.ExecutorEnvironment;
import io.springtide.mesos.ExecutorMesos;
import io.springtide.mesos.HttpExecutor;
import io.springtide.mesos.ProtobufGencode;
import io.springtide.mesos.WireOptions;
import io.springtide.testing.Patience;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.Value;
import org.apache.mesos.v1.executor.Protos.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent's executor API with the real client: the test plays the executor of a process. */
class HandPlayedExecutorTest {

  private static final String KEY = "the agents' key";

  static {
    ProtobufGencode.allow();
  }

  @TempDir Path dir;
  private MesosEmulator mesos;
  private SchedulerProbe scheduler;
  private String container;

  @AfterEach
  void stop() {
    scheduler.close();
    mesos.close();
  }

  /** What the executor hears. */
  private static final class Part
      implements Executor, CallListener<org.apache.mesos.v1.executor.Protos.Call> {
    final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    @Override
    public void connected(ExecutorMesos to) {
      told.add("connected");
    }

    @Override
    public void disconnected(ExecutorMesos from) {
      told.add("disconnected");
    }

    @Override
    public void received(ExecutorMesos from, Event event) {
      told.add(
          event.getType() == Event.Type.ACKNOWLEDGED
              ? "acknowledged " + event.getAcknowledged().getTaskId().getValue()
              : event.getType().name());
    }

    @Override
    public void gaveUp(ExecutorMesos from, String reason) {
      told.add("gave up: " + reason);
    }

    @Override
    public void refused(org.apache.mesos.v1.executor.Protos.Call call, int status, String message) {
      told.add("refused " + call.getType() + " " + status + " " + message);
    }

    @Override
    public void failed(org.apache.mesos.v1.executor.Protos.Call call, Fate fate, String reason) {
      told.add("failed " + call.getType());
    }

    void expect(String beginning) throws InterruptedException {
      String next = told.poll(Patience.seconds(), TimeUnit.SECONDS);
      assertThat(next).startsWith(beginning);
    }
  }

  /** An agent, a framework, and a task whose executor is a process that says nothing. */
  private void launch(EmulatorConfig config) throws Exception {
    mesos =
        MesosEmulator.start(
            config.withTimings(Timings.ofMesos().withAllocationInterval(Duration.ofMillis(100))));
    mesos.addAgent(AgentSpec.of("agent1", "cpus:4;mem:4096", Map.of()));
    mesos.awaitRegistered("agent1", Duration.ofSeconds(10));
    scheduler = new SchedulerProbe(mesos.masterUri(), SchedulerProbe.framework("probe"));
    Offer offer = scheduler.offer();
    TaskInfo.Builder task = TaskInfo.newBuilder().setName("t1").setAgentId(offer.getAgentId());
    task.getTaskIdBuilder().setValue("t1");
    task.getExecutorBuilder().getExecutorIdBuilder().setValue("ex1");
    task.getExecutorBuilder().getCommandBuilder().setValue("exec sleep 1000");
    task.addResourcesBuilder()
        .setName("cpus")
        .setType(Value.Type.SCALAR)
        .getScalarBuilder()
        .setValue(0.1);
    var accept = scheduler.call(org.apache.mesos.v1.scheduler.Protos.Call.Type.ACCEPT);
    accept.getAcceptBuilder().addOfferIds(offer.getId());
    accept
        .getAcceptBuilder()
        .addOperationsBuilder()
        .setType(Offer.Operation.Type.LAUNCH)
        .getLaunchBuilder()
        .addTaskInfos(task);
    scheduler.send(accept);
    for (int i = 0; i < 1000 && mesos.agent("agent1").executors().isEmpty(); i++) {
      Thread.sleep(10);
    }
    container = mesos.agent("agent1").executors().get(0).containerId();
  }

  private ExecutorEnvironment environment(String... more) {
    AgentView agent = mesos.agent("agent1");
    Map<String, String> env = new HashMap<>();
    env.put("MESOS_AGENT_ENDPOINT", "127.0.0.1:" + agent.uri().getPort());
    env.put("MESOS_CHECKPOINT", "1");
    env.put("MESOS_FRAMEWORK_ID", mesos.frameworks().get(0).id());
    env.put("MESOS_EXECUTOR_ID", "ex1");
    for (int i = 0; i < more.length; i += 2) {
      env.put(more[i], more[i + 1]);
    }
    return ExecutorEnvironment.from(env);
  }

  private static TaskStatus.Builder status(TaskState state) {
    TaskStatus.Builder status = TaskStatus.newBuilder().setState(state);
    status.getTaskIdBuilder().setValue("t1");
    return status;
  }

  @Test
  void anUpdateThatTheAgentDropsStaysUnacknowledgedForEver() throws Exception {
    launch(EmulatorConfig.in(dir));
    ExecutorEnvironment environment = environment();
    Part part = new Part();
    try (HttpExecutor executor =
        new HttpExecutor(environment, WireOptions.defaults(), part, part)) {
      executor.start();
      part.expect("connected");
      part.expect("SUBSCRIBED");
      part.expect("LAUNCH");
      TaskStatus.Builder elsewhere = status(TaskState.TASK_STARTING);
      elsewhere.getAgentIdBuilder().setValue("another-agent");
      executor.send(environment.update(elsewhere.build()));
      executor.send(environment.update(status(TaskState.TASK_RUNNING).build()));
      part.expect("acknowledged t1");
      assertThat(scheduler.update("t1").getState())
          .as("the first one was dropped, though answered 202")
          .isEqualTo(TaskState.TASK_RUNNING);

      // It is told again with each subscription, and dropped again.
      executor.reconnect();
      part.expect("disconnected");
      part.expect("connected");
      part.expect("SUBSCRIBED");
      executor.send(environment.update(status(TaskState.TASK_FINISHED).build()));
      part.expect("acknowledged t1");
      assertThat(scheduler.update("t1").getState()).isEqualTo(TaskState.TASK_FINISHED);
      assertThat(part.told).isEmpty();
    }
  }

  @Test
  void whereExecutorsAuthenticateOnlyTheRightTokenOpensTheDoor() throws Exception {
    launch(EmulatorConfig.in(dir).withExecutorAuthentication(KEY));
    String framework = mesos.frameworks().get(0).id();
    ExecutorTokens agents = new ExecutorTokens(KEY.getBytes(StandardCharsets.UTF_8));
    ExecutorTokens others = new ExecutorTokens("another key".getBytes(StandardCharsets.UTF_8));
    subscribes("", "gave up: the agent refuses this executor: 401");
    subscribes(
        others.token(framework, "ex1", container), "gave up: the agent refuses this executor: 401");
    subscribes("nonsense", "gave up: the agent refuses this executor: 401");
    subscribes(
        agents.token(framework, "ex2", container),
        "gave up: the agent refuses this executor: 403 Authenticated principal");
    subscribes(
        agents.token(framework, "ex1", "an earlier run"),
        "gave up: the agent refuses this executor: 403 Authenticated principal");
    subscribes(agents.token(framework, "ex1", container), "connected");
  }

  private void subscribes(String token, String outcome) throws Exception {
    ExecutorEnvironment environment =
        token.isEmpty() ? environment() : environment("MESOS_EXECUTOR_AUTHENTICATION_TOKEN", token);
    Part part = new Part();
    try (HttpExecutor executor =
        new HttpExecutor(environment, WireOptions.defaults(), part, part)) {
      executor.start();
      part.expect(outcome);
    }
  }

  @Test
  void anExecutorIsStartedWithItsToken() throws Exception {
    launch(EmulatorConfig.in(dir).withExecutorAuthentication(KEY));
    long pid = mesos.agent("agent1").executors().get(0).pid();
    for (int i = 0; i < 1000 && pid == 0; i++) {
      Thread.sleep(10);
      pid = mesos.agent("agent1").executors().get(0).pid();
    }
    String environment = java.nio.file.Files.readString(Path.of("/proc/" + pid + "/environ"));
    assertThat(environment)
        .contains(
            "MESOS_EXECUTOR_AUTHENTICATION_TOKEN="
                + new ExecutorTokens(KEY.getBytes(StandardCharsets.UTF_8))
                    .token(mesos.frameworks().get(0).id(), "ex1", container));
  }
}
