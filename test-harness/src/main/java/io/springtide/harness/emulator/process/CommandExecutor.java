package io.springtide.harness.emulator.process;

import com.google.protobuf.ByteString;
import io.springtide.mesos.CallListener;
import io.springtide.mesos.Executor;
import io.springtide.mesos.ExecutorEnvironment;
import io.springtide.mesos.ExecutorMesos;
import io.springtide.mesos.HttpExecutor;
import io.springtide.mesos.WireOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.Environment;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.KillPolicy;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;

/**
 * What {@code mesos-executor} and {@code mesos-default-executor} are to Mesos, as far as a
 * scheduler can see: runs the commands of tasks that name no executor of their own, and those of
 * task groups.
 *
 * <p>A process of its own, which speaks the executor API like any other. States and messages are
 * those of Mesos' {@code src/launcher/executor.cpp}; a group ends with the first of its tasks that
 * fails, as in {@code default_executor.cpp}. It ends when all its tasks have and the agent knows.
 */
public final class CommandExecutor implements Executor, CallListener<Call> {

  /** Mesos' default where neither the task nor the kill has a policy. */
  private static final Duration GRACE = Duration.ofSeconds(3);

  private final ExecutorEnvironment environment;
  private final CountDownLatch over = new CountDownLatch(1);

  // Guarded by this.
  private final Map<TaskID, Running> tasks = new LinkedHashMap<>();
  private final Set<ByteString> lastUpdates = new HashSet<>();
  private boolean tellsKilling;
  private boolean shuttingDown;

  /** A task's process. */
  private static final class Running {
    final TaskInfo info;
    final List<TaskInfo> group;
    Process process;
    boolean killed;

    Running(TaskInfo info, List<TaskInfo> group) {
      this.info = info;
      this.group = group;
    }
  }

  private CommandExecutor(ExecutorEnvironment environment) {
    this.environment = environment;
  }

  /** Runs until its tasks are over; the environment is what an agent sets for an executor. */
  public static void main(String[] arguments) throws InterruptedException {
    ExecutorEnvironment environment = ExecutorEnvironment.from(System.getenv());
    CommandExecutor executor = new CommandExecutor(environment);
    try (HttpExecutor mesos =
        new HttpExecutor(environment, WireOptions.defaults(), executor, executor)) {
      mesos.start();
      executor.over.await();
    }
    System.exit(0);
  }

  @Override
  public void connected(ExecutorMesos mesos) {
    // SUBSCRIBED says who the framework is.
  }

  @Override
  public void disconnected(ExecutorMesos mesos) {
    // The client subscribes again.
  }

  @Override
  public synchronized void received(ExecutorMesos mesos, Event event) {
    switch (event.getType()) {
      case SUBSCRIBED ->
          tellsKilling =
              event.getSubscribed().getFrameworkInfo().getCapabilitiesList().stream()
                  .anyMatch(c -> c.getType() == FrameworkInfo.Capability.Type.TASK_KILLING_STATE);
      case LAUNCH -> launch(mesos, event.getLaunch().getTask(), List.of());
      case LAUNCH_GROUP -> {
        List<TaskInfo> group = event.getLaunchGroup().getTaskGroup().getTasksList();
        group.forEach(task -> launch(mesos, task, group));
      }
      case KILL -> {
        Running running = tasks.get(event.getKill().getTaskId());
        if (running != null) {
          kill(mesos, running, grace(running.info, event.getKill().getKillPolicy()));
        }
      }
      case ACKNOWLEDGED -> {
        lastUpdates.remove(event.getAcknowledged().getUuid());
        endIfDone();
      }
      case SHUTDOWN -> {
        shuttingDown = true;
        for (Running running : new ArrayList<>(tasks.values())) {
          kill(mesos, running, grace(running.info, KillPolicy.getDefaultInstance()));
        }
        endIfDone();
      }
      default -> {
        // MESSAGE and the like mean nothing to it.
      }
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // The exit of a process is told to the agent.
  private void launch(ExecutorMesos mesos, TaskInfo task, List<TaskInfo> group) {
    TaskID id = task.getTaskId();
    Running running = new Running(task, group);
    tasks.put(id, running);
    update(mesos, id, TaskState.TASK_STARTING, "");
    try {
      running.process = builder(task.getCommand()).start();
      running.process.getOutputStream().close();
    } catch (IOException e) {
      ended(mesos, running, TaskState.TASK_FAILED, "Failed to launch command: " + e.getMessage());
      return;
    }
    update(mesos, id, TaskState.TASK_RUNNING, "");
    CompletableFuture<Process> exit = running.process.onExit();
    exit.thenAccept(process -> exited(mesos, running, process.exitValue()));
  }

  /** What is run for a command: by a shell, or as it is. */
  static List<String> arguments(CommandInfo command) {
    if (command.getShell()) {
      return List.of("/bin/sh", "-c", command.getValue());
    }
    List<String> arguments = new ArrayList<>();
    arguments.add(command.getValue());
    command.getArgumentsList().stream().skip(1).forEach(arguments::add);
    return arguments;
  }

  private static ProcessBuilder builder(CommandInfo command) {
    ProcessBuilder builder =
        new ProcessBuilder(arguments(command))
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    // A task must not be able to speak as its executor.
    builder.environment().remove("MESOS_EXECUTOR_AUTHENTICATION_TOKEN");
    for (Environment.Variable variable : command.getEnvironment().getVariablesList()) {
      builder.environment().put(variable.getName(), variable.getValue());
    }
    return builder;
  }

  private synchronized void exited(ExecutorMesos mesos, Running running, int code) {
    boolean signalled = code > 128 && code < 160;
    String how =
        signalled ? "terminated with signal " + signal(code - 128) : "exited with status " + code;
    TaskState state =
        running.killed
            ? TaskState.TASK_KILLED
            : code == 0 ? TaskState.TASK_FINISHED : TaskState.TASK_FAILED;
    ended(mesos, running, state, "Command " + how);
  }

  /** As strsignal(3) calls those that a task meets. */
  private static String signal(int number) {
    return switch (number) {
      case 9 -> "Killed";
      case 15 -> "Terminated";
      default -> String.valueOf(number);
    };
  }

  private void ended(ExecutorMesos mesos, Running running, TaskState state, String message) {
    TaskID id = running.info.getTaskId();
    tasks.remove(id);
    lastUpdates.add(update(mesos, id, state, message));
    if (state != TaskState.TASK_FINISHED) {
      for (TaskInfo other : running.group) {
        Running sibling = tasks.get(other.getTaskId());
        if (sibling != null) {
          kill(mesos, sibling, grace(sibling.info, KillPolicy.getDefaultInstance()));
        }
      }
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // The end of a process is heard elsewhere.
  private void kill(ExecutorMesos mesos, Running running, Duration grace) {
    if (running.killed || running.process == null) {
      return;
    }
    running.killed = true;
    if (tellsKilling && !shuttingDown) {
      update(mesos, running.info.getTaskId(), TaskState.TASK_KILLING, "");
    }
    List<ProcessHandle> tree = new ArrayList<>(running.process.descendants().toList());
    tree.add(running.process.toHandle());
    tree.forEach(ProcessHandle::destroy);
    running
        .process
        .onExit()
        .orTimeout(grace.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((process, late) -> tree.forEach(ProcessHandle::destroyForcibly));
  }

  private static Duration grace(TaskInfo task, KillPolicy ofTheKill) {
    KillPolicy policy = ofTheKill.hasGracePeriod() ? ofTheKill : task.getKillPolicy();
    return policy.hasGracePeriod()
        ? Duration.ofNanos(policy.getGracePeriod().getNanoseconds())
        : GRACE;
  }

  /** Sends an update and gives its uuid, by which the agent acknowledges it. */
  private ByteString update(ExecutorMesos mesos, TaskID task, TaskState state, String message) {
    TaskStatus.Builder status = TaskStatus.newBuilder().setTaskId(task).setState(state);
    if (!message.isEmpty()) {
      status.setMessage(message);
    }
    Call update = environment.update(status.build());
    mesos.send(update);
    return update.getUpdate().getStatus().getUuid();
  }

  private void endIfDone() {
    if (tasks.isEmpty() && lastUpdates.isEmpty()) {
      over.countDown();
    }
  }

  @Override
  public void gaveUp(ExecutorMesos mesos, String reason) {
    System.err.println("agent lost: " + reason);
    over.countDown();
  }

  @Override
  public void refused(Call call, int status, String message) {
    System.err.println("refused: " + call.getType() + " " + status + " " + message);
  }

  @Override
  public void failed(Call call, Fate fate, String reason) {
    System.err.println("failed: " + call.getType() + " " + fate + " " + reason);
  }
}
