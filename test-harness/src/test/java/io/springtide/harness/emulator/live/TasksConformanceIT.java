package io.springtide.harness.emulator.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.HealthCheck;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.junit.jupiter.api.Test;

/**
 * Recordings 04, 04b, 04c, 05, 06, 09 and 14, as far as a scheduler sees them. The recorded
 * executor is not on other people's agents: tasks are run by Mesos' own, with commands, or by
 * executors that are shell commands.
 */
class TasksConformanceIT extends LiveConformance {

  private static final String LONG = "exec sleep 1000";

  @Test
  void trace04ATaskStartsRunsAndIsKilled() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      String taskId = LiveScheduler.taskId("t");
      it.launch(offer, LiveScheduler.command(offer, taskId, LONG));
      TaskStatus starting = it.update(taskId, TaskState.TASK_STARTING);
      TaskStatus running = it.update(taskId, TaskState.TASK_RUNNING);
      assertThat(starting.getUuid().size()).isEqualTo(16);
      assertThat(running.getUuid()).isNotEqualTo(starting.getUuid());
      assertThat(running.getSource()).isEqualTo(TaskStatus.Source.SOURCE_EXECUTOR);
      assertThat(running.getAgentId()).isEqualTo(offer.getAgentId());
      assertThat(running.getExecutorId().getValue()).isEqualTo(taskId);
      assertThat(running.getTimestamp()).isPositive();
      assertThat(running.getContainerStatus().getContainerId().getValue()).isNotEmpty();

      it.kill(taskId);
      it.update(taskId, TaskState.TASK_KILLING);
      TaskStatus killed = it.update(taskId, TaskState.TASK_KILLED);
      assertThat(killed.getMessage()).isEqualTo("Command terminated with signal Terminated");
    }
  }

  @Test
  void trace04bAnUpdateComesAgainUntilItIsAcknowledgedAndTheNextOnlyThen() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      it.acknowledges(false);
      Offer offer = it.offer();
      String taskId = LiveScheduler.taskId("t");
      it.launch(offer, LiveScheduler.command(offer, taskId, LONG));
      TaskStatus first = it.update(taskId, TaskState.TASK_STARTING);
      long came = System.nanoTime();
      TaskStatus again = it.update(taskId, TaskState.TASK_STARTING);
      assertThat(again.getUuid()).isEqualTo(first.getUuid());
      assertThat(Duration.ofNanos(System.nanoTime() - came))
          .isGreaterThan(updateRetry().multipliedBy(9).dividedBy(10));

      TaskStatus wrong =
          first.toBuilder().setUuid(ByteString.copyFromUtf8("0123456789abcdef")).build();
      it.acknowledge(wrong);
      Call.Builder reconcile = it.call(Call.Type.RECONCILE);
      reconcile.getReconcileBuilder().addTasksBuilder().setTaskId(first.getTaskId());
      it.send(reconcile);
      TaskStatus latest = it.update(taskId);
      assertThat(latest.getReason()).isEqualTo(TaskStatus.Reason.REASON_RECONCILIATION);
      assertThat(latest.getState()).isEqualTo(TaskState.TASK_STARTING);

      it.acknowledge(first);
      it.acknowledge(first);
      it.acknowledges(true);
      it.acknowledge(it.update(taskId, TaskState.TASK_RUNNING));
    }
  }

  @Test
  void trace04cAGroupStartsTogetherAndEndsTogether() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      String a = LiveScheduler.taskId("a");
      String b = LiveScheduler.taskId("b");
      it.accept(
          List.of(offer.getId()),
          group(
              groupExecutor(offer).setFrameworkId(it.id()),
              LiveScheduler.command(offer, a, LONG),
              LiveScheduler.command(offer, b, LONG)));
      for (String task : List.of(a, b)) {
        becomes(it, task, TaskState.TASK_STARTING, TaskState.TASK_RUNNING);
      }
      it.kill(a);
      for (String task : List.of(a, b)) {
        becomes(it, task, TaskState.TASK_KILLING, TaskState.TASK_KILLED);
      }
    }
  }

  @Test
  void trace04cAGroupWithOneBadTaskIsRefusedWhole() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      String good = LiveScheduler.taskId("good");
      String bad = LiveScheduler.taskId("bad");
      it.accept(
          List.of(offer.getId()),
          group(
              groupExecutor(offer).setFrameworkId(it.id()),
              LiveScheduler.command(offer, good, LONG),
              LiveScheduler.command(offer, bad, LONG).toBuilder().clearResources().build()));
      for (String task : List.of(good, bad)) {
        TaskStatus status = it.update(task, TaskState.TASK_ERROR);
        assertThat(status.getReason()).isEqualTo(TaskStatus.Reason.REASON_TASK_GROUP_INVALID);
        assertThat(status.getMessage())
            .isEqualTo("Task '" + bad + "' is invalid: Task uses no resources");
      }
    }
  }

  @Test
  void trace05ABadTaskIsRefusedInTheMastersWords() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      Map<TaskInfo, String> bad = badTasks(it, offer);
      String good = LiveScheduler.taskId("good");
      TaskInfo ok = LiveScheduler.command(offer, good, "true");
      // One LAUNCH: each task is judged by itself, and the good one runs.
      Offer.Operation.Builder all = LiveScheduler.launch().toBuilder();
      bad.keySet().forEach(all.getLaunchBuilder()::addTaskInfos);
      all.getLaunchBuilder().addTaskInfos(ok).addTaskInfos(ok);
      it.accept(List.of(offer.getId()), all.build());
      for (Map.Entry<TaskInfo, String> wrong : bad.entrySet()) {
        TaskStatus status = refused(it, wrong.getKey().getTaskId().getValue());
        assertThat(status.getMessage()).contains(wrong.getValue());
      }
      assertThat(refused(it, good).getMessage()).isEqualTo("Task has duplicate ID: " + good);
      it.update(good, TaskState.TASK_STARTING);
      it.update(good, TaskState.TASK_RUNNING);
      TaskStatus finished = it.update(good, TaskState.TASK_FINISHED);
      assertThat(finished.getMessage()).isEqualTo("Command exited with status 0");
    }
  }

  @Test
  void trace05OneBadResourceRefusesAllTasksOfItsLaunch() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      String bad = LiveScheduler.taskId("negative");
      String good = LiveScheduler.taskId("good");
      String next = LiveScheduler.taskId("next");
      TaskInfo.Builder base = LiveScheduler.command(offer, bad, "true").toBuilder();
      // A second LAUNCH of the same ACCEPT is judged by itself.
      it.accept(
          List.of(offer.getId()),
          LiveScheduler.launch(
              LiveScheduler.command(offer, good, "true"),
              base.setResources(1, negative(base)).build()),
          LiveScheduler.launch(LiveScheduler.command(offer, next, "true")));
      for (String task : List.of(good, bad)) {
        assertThat(refused(it, task).getMessage())
            .startsWith("Resource 'mem")
            .endsWith("' is invalid: Invalid scalar resource: value <= 0");
      }
      it.update(next, TaskState.TASK_STARTING);
    }
  }

  @Test
  void trace04cAGroupsExecutorNamesItsFramework() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      String task = LiveScheduler.taskId("a");
      it.accept(
          List.of(offer.getId()),
          group(groupExecutor(offer), LiveScheduler.command(offer, task, LONG)));
      TaskStatus status = it.update(task, TaskState.TASK_ERROR);
      assertThat(status.getReason()).isEqualTo(TaskStatus.Reason.REASON_TASK_GROUP_INVALID);
      assertThat(status.getMessage()).endsWith("'ExecutorInfo.framework_id' must be set");
    }
  }

  private static Offer.Operation group(ExecutorInfo.Builder executor, TaskInfo... tasks) {
    Offer.Operation.Builder operation =
        Offer.Operation.newBuilder().setType(Offer.Operation.Type.LAUNCH_GROUP);
    operation.getLaunchGroupBuilder().setExecutor(executor);
    operation.getLaunchGroupBuilder().getTaskGroupBuilder().addAllTasks(List.of(tasks));
    return operation.build();
  }

  /** The task gets into a state, perhaps by way of another. */
  private static void becomes(LiveScheduler it, String task, TaskState by, TaskState end)
      throws InterruptedException {
    TaskStatus status = it.update(task);
    while (status.getState() == by) {
      status = it.update(task);
    }
    assertThat(status.getState()).as(status.getMessage()).isEqualTo(end);
  }

  /** Mesos' own executor for groups, without the framework's id. */
  private static ExecutorInfo.Builder groupExecutor(Offer offer) {
    ExecutorInfo.Builder executor = ExecutorInfo.newBuilder().setType(ExecutorInfo.Type.DEFAULT);
    executor.getExecutorIdBuilder().setValue(LiveScheduler.taskId("group"));
    return executor
        .addResources(LiveScheduler.part(offer, "cpus", LiveScheduler.CPUS))
        .addResources(LiveScheduler.part(offer, "mem", LiveScheduler.MEM))
        .addResources(LiveScheduler.part(offer, "disk", LiveScheduler.DISK));
  }

  private static TaskStatus refused(LiveScheduler it, String taskId) throws InterruptedException {
    TaskStatus status = it.update(taskId, TaskState.TASK_ERROR);
    assertThat(status.getSource()).isEqualTo(TaskStatus.Source.SOURCE_MASTER);
    assertThat(status.getReason()).isEqualTo(TaskStatus.Reason.REASON_TASK_INVALID);
    assertThat(status.hasUuid()).isFalse();
    return status;
  }

  private static Map<TaskInfo, String> badTasks(LiveScheduler it, Offer offer) {
    Map<TaskInfo, String> bad = new LinkedHashMap<>();
    TaskInfo.Builder base = LiveScheduler.command(offer, "x", "true").toBuilder();
    bad.put(
        named(base, "cpus").setResources(0, amount(base, 100_000)).build(),
        " required by task and its executor is more than available ");
    bad.put(named(base, "none").clearResources().build(), "Task uses no resources");
    TaskInfo custom = LiveScheduler.custom(offer, "x", LiveScheduler.taskId("ex"), "true");
    String one = "Task should have at least one (but not both) of CommandInfo or ExecutorInfo";
    bad.put(named(base, "both").setExecutor(custom.getExecutor()).build(), one);
    bad.put(named(base, "neither").clearCommand().build(), one);
    TaskInfo.Builder elsewhere = named(base, "agent");
    elsewhere.getAgentIdBuilder().setValue("no-such-agent");
    bad.put(
        elsewhere.build(),
        "Task uses invalid agent no-such-agent while agent "
            + offer.getAgentId().getValue()
            + " is expected");
    TaskInfo.Builder slash = base.clone();
    slash.getTaskIdBuilder().setValue(LiveScheduler.taskId("a/b"));
    bad.put(slash.build(), "' contains invalid characters");
    TaskInfo.Builder huge = base.clone();
    huge.getTaskIdBuilder().setValue(LiveScheduler.taskId("x".repeat(300)));
    bad.put(huge.build(), "ID must not be greater than 255 characters");
    TaskInfo.Builder empty = base.clone();
    empty.getTaskIdBuilder().setValue("");
    bad.put(empty.build(), "ID must not be empty");
    TaskInfo.Builder grace = named(base, "grace");
    grace.getKillPolicyBuilder().getGracePeriodBuilder().setNanoseconds(-1);
    bad.put(grace.build(), "Task's 'kill_policy.grace_period' must be non-negative");
    bad.put(
        named(base, "health").setHealthCheck(HealthCheck.newBuilder()).build(),
        "Task uses invalid health check: HealthCheck must specify 'type'");
    TaskInfo.Builder noCommand = named(custom.toBuilder(), "command");
    noCommand.getExecutorBuilder().clearCommand();
    bad.put(noCommand.build(), "'ExecutorInfo.command' must be set for 'CUSTOM' executor");
    TaskInfo.Builder badId = named(custom.toBuilder(), "executor-id");
    badId.getExecutorBuilder().getExecutorIdBuilder().setValue("e/x");
    bad.put(badId.build(), "'e/x' contains invalid characters");
    TaskInfo.Builder foreign = named(custom.toBuilder(), "framework");
    foreign.getExecutorBuilder().getFrameworkIdBuilder().setValue("zz");
    bad.put(
        foreign.build(),
        "ExecutorInfo has an invalid FrameworkID (Actual: zz vs Expected: "
            + it.id().getValue()
            + ")");
    return bad;
  }

  private static TaskInfo.Builder named(TaskInfo.Builder base, String name) {
    TaskInfo.Builder task = base.clone();
    task.getTaskIdBuilder().setValue(LiveScheduler.taskId(name));
    return task;
  }

  private static org.apache.mesos.v1.Protos.Resource amount(TaskInfo.Builder base, double value) {
    org.apache.mesos.v1.Protos.Resource.Builder cpus = base.getResources(0).toBuilder();
    cpus.getScalarBuilder().setValue(value);
    return cpus.build();
  }

  private static org.apache.mesos.v1.Protos.Resource negative(TaskInfo.Builder base) {
    org.apache.mesos.v1.Protos.Resource.Builder mem = base.getResources(1).toBuilder();
    mem.getScalarBuilder().setValue(-5);
    return mem.build();
  }

  @Test
  void trace05ALaunchCarriesNoOperationId() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      String taskId = LiveScheduler.taskId("t");
      Offer.Operation.Builder operation =
          LiveScheduler.launch(LiveScheduler.command(offer, taskId, "true")).toBuilder();
      operation.getIdBuilder().setValue("an-id");
      it.accept(List.of(offer.getId()), operation.build());
      assertThat(refused(it, taskId).getMessage())
          .isEqualTo("The `id` field cannot be set on LAUNCH operations");
    }
  }

  @Test
  void trace05AnExecutorThatCannotBeFetchedFailsItsTask() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      String taskId = LiveScheduler.taskId("t");
      TaskInfo.Builder task =
          LiveScheduler.custom(offer, taskId, LiveScheduler.taskId("ex"), "true").toBuilder();
      task.getExecutorBuilder()
          .getCommandBuilder()
          .addUrisBuilder()
          .setValue("file:///no/such/file/" + taskId);
      it.launch(offer, task.build());
      TaskStatus failed = it.update(taskId, TaskState.TASK_FAILED);
      assertThat(failed.getSource()).isEqualTo(TaskStatus.Source.SOURCE_AGENT);
      assertThat(failed.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED);
      assertThat(failed.getMessage())
          .startsWith("Failed to launch container: Failed to fetch all URIs for container '");
    }
  }

  @Test
  void trace06AnExecutorThatEndsFailsItsTasks() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      String taskId = LiveScheduler.taskId("t");
      String executorId = LiveScheduler.taskId("ex");
      it.launch(offer, LiveScheduler.custom(offer, taskId, executorId, "exit 7"));
      Event failure =
          it.await(
              "FAILURE of executor " + executorId,
              e ->
                  e.getType() == Event.Type.FAILURE
                      && e.getFailure().getExecutorId().getValue().equals(executorId));
      assertThat(failure.getFailure().getStatus()).as("a raw wait status").isEqualTo(7 << 8);
      assertThat(failure.getFailure().getAgentId()).isEqualTo(offer.getAgentId());
      TaskStatus failed = it.update(taskId, TaskState.TASK_FAILED);
      assertThat(failed.getSource()).isEqualTo(TaskStatus.Source.SOURCE_AGENT);
      assertThat(failed.getReason()).isEqualTo(TaskStatus.Reason.REASON_EXECUTOR_TERMINATED);
      assertThat(failed.hasUuid()).isTrue();
    }
  }

  @Test
  void trace06ACommandThatFailsSaysHow() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      String taskId = LiveScheduler.taskId("t");
      it.run(taskId, "exit 7");
      TaskStatus failed = it.update(taskId, TaskState.TASK_FAILED);
      assertThat(failed.getMessage()).isEqualTo("Command exited with status 7");
      assertThat(it.take(e -> e.getType() == Event.Type.FAILURE))
          .as("the executor is Mesos' own: its end is no news")
          .isEmpty();
    }
  }

  private static TaskStatus reconciled(LiveScheduler it, String taskId, String agentOrNull)
      throws InterruptedException {
    Call.Builder call = it.call(Call.Type.RECONCILE);
    var asked = call.getReconcileBuilder().addTasksBuilder();
    asked.getTaskIdBuilder().setValue(taskId);
    if (agentOrNull != null) {
      asked.getAgentIdBuilder().setValue(agentOrNull);
    }
    it.send(call);
    return reconciliation(it.update(taskId));
  }

  private static TaskStatus reconciliation(TaskStatus status) {
    assertThat(status.getSource()).isEqualTo(TaskStatus.Source.SOURCE_MASTER);
    assertThat(status.getReason()).isEqualTo(TaskStatus.Reason.REASON_RECONCILIATION);
    assertThat(status.hasUuid()).isFalse();
    return status;
  }

  @Test
  void trace09ReconciliationSaysWhatTheMasterKnows() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      String taskId = LiveScheduler.taskId("t");
      String agent = it.run(taskId, LONG).getValue();
      for (String named : new String[] {agent, null, "wrong"}) {
        TaskStatus status = reconciled(it, taskId, named);
        assertThat(status.getState()).isEqualTo(TaskState.TASK_RUNNING);
        assertThat(status.getMessage()).isEqualTo("Reconciliation: Latest task state");
      }
      String unknown = LiveScheduler.taskId("unknown");
      TaskStatus gone = reconciled(it, unknown, agent);
      assertThat(gone.getState()).isEqualTo(TaskState.TASK_GONE);
      assertThat(gone.getMessage()).isEqualTo("Reconciliation: Task is unknown to the agent");
      TaskStatus anything = reconciled(it, unknown, null);
      assertThat(anything.getState()).isEqualTo(TaskState.TASK_UNKNOWN);
      assertThat(anything.getMessage()).isEqualTo("Reconciliation: Task is unknown");

      it.send(it.call(Call.Type.RECONCILE).setReconcile(Call.Reconcile.getDefaultInstance()));
      assertThat(reconciliation(it.update(taskId)).getState()).isEqualTo(TaskState.TASK_RUNNING);

      it.acknowledges(false);
      it.kill(taskId);
      it.acknowledge(it.update(taskId, TaskState.TASK_KILLING));
      TaskStatus killed = it.update(taskId, TaskState.TASK_KILLED);
      assertThat(reconciled(it, taskId, agent).getState())
          .as("ended, and not acknowledged")
          .isEqualTo(TaskState.TASK_KILLED);
      it.acknowledge(killed);
      it.acknowledges(true);
    }
  }

  @Test
  void trace14AKillOfWhatIsNotThereReconcilesIt() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      AgentID agent = it.offer().getAgentId();
      String unknown = LiveScheduler.taskId("zz");
      it.kill(unknown);
      assertThat(reconciliation(it.update(unknown)).getState()).isEqualTo(TaskState.TASK_UNKNOWN);
      Call.Builder call = it.call(Call.Type.KILL);
      call.getKillBuilder().setAgentId(agent).getTaskIdBuilder().setValue(unknown);
      it.send(call);
      assertThat(reconciliation(it.update(unknown)).getState()).isEqualTo(TaskState.TASK_GONE);
    }
  }

  @Test
  void trace14AKillBeforeItsExecutorIsThereEndsATask() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      String taskId = LiveScheduler.taskId("early");
      it.launch(offer, LiveScheduler.custom(offer, taskId, LiveScheduler.taskId("ex"), LONG));
      TaskStatus staging = reconciled(it, taskId, offer.getAgentId().getValue());
      assertThat(staging.getState()).isEqualTo(TaskState.TASK_STAGING);
      it.kill(taskId);
      TaskStatus killed = it.update(taskId, TaskState.TASK_KILLED);
      assertThat(killed.getSource()).isEqualTo(TaskStatus.Source.SOURCE_AGENT);
      assertThat(killed.getReason()).isEqualTo(TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH);
      assertThat(killed.getMessage()).startsWith("Killed before delivery to the executor");
    }
  }
}
