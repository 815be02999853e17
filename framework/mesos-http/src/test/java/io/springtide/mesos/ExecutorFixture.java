package io.springtide.mesos;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.springtide.mesos.ScriptedServer.Exchange;
import io.springtide.mesos.ScriptedServer.Stream;
import io.springtide.testing.Patience;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;

/** An executor's client, a scripted agent and virtual time. Notes what the executor is told. */
final class ExecutorFixture implements Executor, CallListener<Call>, AutoCloseable {
  final ScriptedServer agent = new ScriptedServer();
  final VirtualTimer time = new VirtualTimer();
  final ExecutorEnvironment environment;
  final HttpExecutor mesos;
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

  ExecutorFixture(String... env) {
    Map<String, String> all =
        new HashMap<>(
            Map.of(
                "MESOS_AGENT_ENDPOINT", agent.endpoint().authority(),
                "MESOS_CHECKPOINT", "1",
                "MESOS_EXECUTOR_ID", "ex1",
                "MESOS_FRAMEWORK_ID", "f-0000",
                "MESOS_RECOVERY_TIMEOUT", "15mins",
                "MESOS_SUBSCRIPTION_BACKOFF_MAX", "2secs"));
    for (int i = 0; i < env.length; i += 2) {
      all.put(env[i], env[i + 1]);
    }
    environment = ExecutorEnvironment.from(all);
    mesos = new HttpExecutor(environment, WireOptions.defaults(), this, this, time::on);
  }

  @Override
  public void connected(ExecutorMesos mesos) {
    told.add("connected");
  }

  @Override
  public void disconnected(ExecutorMesos mesos) {
    told.add("disconnected");
  }

  @Override
  public void received(ExecutorMesos mesos, Event event) {
    told.add(event.getType().name());
  }

  @Override
  public void gaveUp(ExecutorMesos mesos, String reason) {
    told.add("gave up: " + reason);
    Executor.super.gaveUp(mesos, reason);
  }

  @Override
  public void refused(Call call, int status, String message) {
    told.add("refused " + call.getType() + " " + status + " " + message);
  }

  @Override
  public void failed(Call call, Fate fate, String reason) {
    told.add("failed " + call.getType() + " " + fate + " " + reason);
  }

  @Override
  public void subscriptionLost(String reason) {
    told.add("lost " + reason);
  }

  String next() throws InterruptedException {
    String next = told.poll(Patience.seconds(), TimeUnit.SECONDS);
    assertThat(next).as("something told within 10 s").isNotNull();
    return next;
  }

  void expect(String what) throws InterruptedException {
    assertThat(next()).startsWith(what);
  }

  boolean hasMore() {
    return !told.isEmpty();
  }

  /** Plays the agent until the executor is subscribed; its SUBSCRIBE. */
  Call.Subscribe takeSubscribe() throws Exception {
    Exchange exchange = agent.take();
    Call call = exchange.read(Call.parser());
    assertThat(call.getType()).isEqualTo(Call.Type.SUBSCRIBE);
    stream = exchange.stream();
    stream.send(subscribed());
    expect("connected");
    expect("SUBSCRIBED");
    return call.getSubscribe();
  }

  Stream stream;

  Call.Update takeUpdate(int status, String text) throws Exception {
    Exchange exchange = agent.take();
    Call call = exchange.read(Call.parser());
    assertThat(call.getType()).isEqualTo(Call.Type.UPDATE);
    exchange.answer(status, text);
    return call.getUpdate();
  }

  Call.Update update(String task, TaskState state) {
    Call call =
        environment.update(
            TaskStatus.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue(task))
                .setState(state)
                .build());
    mesos.send(call);
    return call.getUpdate();
  }

  static Event subscribed() {
    return Event.newBuilder().setType(Event.Type.SUBSCRIBED).build();
  }

  static TaskInfo task(String id) {
    return TaskInfo.newBuilder()
        .setName(id)
        .setTaskId(TaskID.newBuilder().setValue(id))
        .setAgentId(AgentID.newBuilder().setValue("S0"))
        .build();
  }

  static Event launch(String id) {
    return Event.newBuilder()
        .setType(Event.Type.LAUNCH)
        .setLaunch(Event.Launch.newBuilder().setTask(task(id)))
        .build();
  }

  static Event acknowledged(String task, ByteString uuid) {
    return Event.newBuilder()
        .setType(Event.Type.ACKNOWLEDGED)
        .setAcknowledged(
            Event.Acknowledged.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue(task))
                .setUuid(uuid))
        .build();
  }

  @Override
  public void close() {
    mesos.close();
    agent.close();
  }
}
