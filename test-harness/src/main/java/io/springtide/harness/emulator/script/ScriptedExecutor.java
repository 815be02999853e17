package io.springtide.harness.emulator.script;

import com.google.protobuf.ByteString;
import io.springtide.harness.emulator.agent.Agent;
import io.springtide.harness.emulator.agent.ExecutorLauncher.Launch;
import io.springtide.harness.emulator.wire.EventStream;
import io.springtide.harness.emulator.wire.Reply;
import io.springtide.harness.emulator.wire.TaskStates;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;

/**
 * An executor without a process: it keeps the executor's side of the protocol (subscribes again,
 * keeps what is not acknowledged) and leaves to its script what tasks do.
 */
public final class ScriptedExecutor {

  private static final Duration RETRY = Duration.ofMillis(200);

  private final ScriptedExecutors host;
  private final Launch launch;
  private final Map<ByteString, Call.Update> updates = new LinkedHashMap<>();
  private final Map<String, TaskInfo> unacknowledged = new LinkedHashMap<>();
  private final Set<String> tasks = new LinkedHashSet<>();
  private Stream stream;
  private boolean ended;

  /** The events of one subscription; those of an older one are not heard. */
  private final class Stream implements EventStream<Event> {
    @Override
    public void send(Event event) {
      host.loop().execute(() -> received(this, event));
    }

    @Override
    public void end() {
      host.loop().execute(() -> lost(this));
    }
  }

  ScriptedExecutor(ScriptedExecutors host, Launch launch) {
    this.host = host;
    this.launch = launch;
  }

  public String agent() {
    return launch.agent();
  }

  public String executorId() {
    return launch.executor().getExecutorId().getValue();
  }

  /** Its tasks that have not ended. */
  public Set<String> tasks() {
    return Set.copyOf(tasks);
  }

  /** Runs something later, unless the executor has ended by then. */
  public void after(Duration delay, Runnable task) {
    host.loop()
        .after(
            delay,
            () -> {
              if (!ended) {
                task.run();
              }
            });
  }

  /** Sends a status; again after a reconnection until the agent has it. */
  public void update(String taskId, TaskState state, String message) {
    TaskStatus.Builder status =
        TaskStatus.newBuilder()
            .setTaskId(TaskID.newBuilder().setValue(taskId))
            .setState(state)
            .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
            .setExecutorId(launch.executor().getExecutorId())
            .setUuid(host.ids().bytes());
    if (!message.isEmpty()) {
      status.setMessage(message);
    }
    if (TaskStates.terminal(state)) {
      tasks.remove(taskId);
    }
    unacknowledged.remove(taskId);
    Call.Update update = Call.Update.newBuilder().setStatus(status).build();
    updates.put(status.getUuid(), update);
    send(call(Call.Type.UPDATE).setUpdate(update).build());
  }

  /** Sends a message to the scheduler; it may be lost, as all messages of Mesos. */
  public void message(ByteString data) {
    Call.Builder call = call(Call.Type.MESSAGE);
    call.getMessageBuilder().setData(data);
    send(call.build());
  }

  private Call.Builder call(Call.Type type) {
    return Call.newBuilder()
        .setType(type)
        .setFrameworkId(FrameworkID.newBuilder().setValue(launch.frameworkId()))
        .setExecutorId(ExecutorID.newBuilder().setValue(executorId()));
  }

  private void send(Call call) {
    if (stream != null) {
      host.agent(agent()).ifPresent(agent -> agent.call(call));
    }
  }

  /** Ends with an exit code. */
  public void exit(int code) {
    host.ended(launch.containerId(), code << 8);
  }

  void end() {
    ended = true;
    if (stream != null) {
      Stream last = stream;
      stream = null;
      host.agent(agent()).ifPresent(agent -> agent.executorGone(last));
    }
  }

  void subscribe() {
    if (ended || stream != null) {
      return;
    }
    Optional<Agent> agent = host.agent(agent());
    Stream fresh = new Stream();
    Call.Builder call = call(Call.Type.SUBSCRIBE);
    call.getSubscribeBuilder()
        .addAllUnacknowledgedTasks(unacknowledged.values())
        .addAllUnacknowledgedUpdates(updates.values());
    stream = fresh;
    Reply refused =
        agent.isEmpty()
            ? Reply.error(503, "nobody is there")
            : agent.get().subscribe(call.build(), fresh);
    if (refused != null) {
      stream = null;
      if (refused.status() == 400) {
        exit(1); // the agent does not know this executor
      } else {
        after(RETRY, this::subscribe);
      }
    }
  }

  /** The agent's process is gone. */
  void lost(Object which) {
    if (stream == which) {
      stream = null;
      if (launch.environment().getOrDefault("MESOS_CHECKPOINT", "0").equals("1")) {
        after(RETRY, this::subscribe);
      } else {
        exit(1);
      }
    }
  }

  void agentGone() {
    lost(stream);
  }

  private void received(Stream from, Event event) {
    if (ended || from != stream) {
      return;
    }
    switch (event.getType()) {
      case LAUNCH -> launched(event.getLaunch().getTask());
      case LAUNCH_GROUP ->
          event.getLaunchGroup().getTaskGroup().getTasksList().forEach(this::launched);
      case KILL -> host.script().kill(this, event.getKill().getTaskId().getValue());
      case ACKNOWLEDGED -> updates.remove(event.getAcknowledged().getUuid());
      case MESSAGE -> host.script().message(this, event.getMessage().getData());
      case SHUTDOWN -> host.script().shutdown(this);
      default -> {
        // SUBSCRIBED, HEARTBEAT and ERROR ask for nothing.
      }
    }
  }

  private void launched(TaskInfo task) {
    tasks.add(task.getTaskId().getValue());
    unacknowledged.put(task.getTaskId().getValue(), task);
    host.script().launched(this, task);
  }
}
