package io.springtide.harness.emulator.master;

import com.google.protobuf.TextFormat;
import io.springtide.harness.emulator.resources.Bag;
import java.util.List;
import java.util.Optional;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.HealthCheck;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskInfo;

/** What a task must be like to be launched; each method gives the first error in Mesos' words. */
final class TaskRules {

  private TaskRules() {}

  /** Checks a task of a LAUNCH against the offered resources that are left. */
  static Optional<String> launch(TaskInfo task, Framework framework, Agent agent, Bag offered) {
    Optional<String> error = task(task, framework, agent);
    if (error.isPresent()) {
      return error;
    }
    if (task.hasExecutor() == task.hasCommand()) {
      return Optional.of(
          "Task should have at least one (but not both) of CommandInfo or ExecutorInfo present");
    }
    Bag total = Bag.of(task.getResourcesList());
    if (task.hasExecutor()) {
      error = executor(task.getExecutor(), framework, agent);
      if (error.isPresent()) {
        return error;
      }
      if (fresh(task.getExecutor(), framework, agent)) {
        total = total.plus(Bag.of(task.getExecutor().getResourcesList()));
      }
    }
    return offered.contains(total)
        ? Optional.empty()
        : Optional.of(
            "Total resources "
                + shown(task, framework, agent)
                + " required by task and its executor is more than available "
                + offered);
  }

  /** Checks a LAUNCH_GROUP against the offered resources that are left. */
  static Optional<String> group(
      List<TaskInfo> tasks, ExecutorInfo executor, Framework framework, Agent agent, Bag offered) {
    Bag total = Bag.EMPTY;
    for (TaskInfo task : tasks) {
      Optional<String> error = task(task, framework, agent);
      if (error.isEmpty() && task.hasExecutor()) {
        error = Optional.of("'TaskInfo.executor' must not be set");
      }
      if (error.isPresent()) {
        return Optional.of("Task '" + task.getTaskId().getValue() + "' is invalid: " + error.get());
      }
      total = total.plus(Bag.of(task.getResourcesList()));
    }
    // Of a LAUNCH the master sets it itself; of a group it wants it set.
    Optional<String> error =
        executor.hasFrameworkId()
            ? executor(executor, framework, agent)
            : Optional.of("'ExecutorInfo.framework_id' must be set");
    if (error.isPresent()) {
      return error;
    }
    Bag own = Bag.of(executor.getResourcesList());
    error = least(executor.getExecutorId().getValue(), own);
    if (error.isPresent()) {
      return error;
    }
    if (fresh(executor, framework, agent)) {
      total = total.plus(own);
    }
    return offered.contains(total)
        ? Optional.empty()
        : Optional.of(
            "Total resources "
                + total
                + " required by task group and its executor are more than available "
                + offered);
  }

  /** What an executor of a group needs at least: {@code MIN_CPUS}, {@code MIN_MEM}, some disk. */
  private static Optional<String> least(String executorId, Bag own) {
    String executor = "Executor '" + executorId + "' uses ";
    if (own.milli("cpus") < 10) {
      return Optional.of(
          executor
              + "less CPUs ("
              + (own.milli("cpus") == 0 ? "None" : Double.toString(own.milli("cpus") / 1e3))
              + ") than the minimum required (0.01)");
    }
    if (own.milli("mem") < 32_000) {
      return Optional.of(
          executor
              + "less memory ("
              + (own.milli("mem") == 0 ? "None" : own.milli("mem") / 1000 + "MB")
              + ") than the minimum required (32MB)");
    }
    return own.milli("disk") == 0 ? Optional.of(executor + "no disk") : Optional.empty();
  }

  private static Optional<String> task(TaskInfo task, Framework framework, Agent agent) {
    String taskId = task.getTaskId().getValue();
    Optional<String> bad = id(taskId);
    if (bad.isPresent()) {
      return bad;
    }
    if (framework.tasks.containsKey(taskId)) {
      return Optional.of("Task has duplicate ID: " + taskId);
    }
    if (!task.getAgentId().getValue().equals(agent.id)) {
      return Optional.of(
          "Task uses invalid agent "
              + task.getAgentId().getValue()
              + " while agent "
              + agent.id
              + " is expected");
    }
    if (task.getKillPolicy().getGracePeriod().getNanoseconds() < 0) {
      return Optional.of("Task's 'kill_policy.grace_period' must be non-negative");
    }
    if (task.getMaxCompletionTime().getNanoseconds() < 0) {
      return Optional.of("Task's 'max_completion_time' must be non-negative");
    }
    if (task.hasHealthCheck()) {
      Optional<String> error = health(task.getHealthCheck());
      if (error.isPresent()) {
        return Optional.of("Task uses invalid health check: " + error.get());
      }
    }
    return task.getResourcesCount() == 0 ? Optional.of("Task uses no resources") : Optional.empty();
  }

  private static Optional<String> health(HealthCheck check) {
    if (!check.hasType()) {
      return Optional.of("HealthCheck must specify 'type'");
    }
    if (check.getType() == HealthCheck.Type.HTTP && !check.hasHttp()) {
      return Optional.of("Expecting 'http' to be set for HTTP health check");
    }
    if (check.getType() == HealthCheck.Type.TCP && !check.hasTcp()) {
      return Optional.of("Expecting 'tcp' to be set for TCP health check");
    }
    if (check.getType() == HealthCheck.Type.COMMAND && !check.hasCommand()) {
      return Optional.of("Expecting 'command' to be set for COMMAND health check");
    }
    return Optional.empty();
  }

  private static Optional<String> executor(
      ExecutorInfo executor, Framework framework, Agent agent) {
    String executorId = executor.getExecutorId().getValue();
    Optional<String> bad = id(executorId);
    if (bad.isPresent()) {
      return bad;
    }
    if (executor.getType() != ExecutorInfo.Type.DEFAULT && !executor.hasCommand()) {
      return Optional.of("'ExecutorInfo.command' must be set for 'CUSTOM' executor");
    }
    if (executor.getType() == ExecutorInfo.Type.DEFAULT && executor.hasCommand()) {
      return Optional.of("'ExecutorInfo.command' must not be set for 'DEFAULT' executor");
    }
    if (executor.hasFrameworkId() && !executor.getFrameworkId().getValue().equals(framework.id)) {
      return Optional.of(
          "ExecutorInfo has an invalid FrameworkID (Actual: "
              + executor.getFrameworkId().getValue()
              + " vs Expected: "
              + framework.id
              + ")");
    }
    if (executor.getShutdownGracePeriod().getNanoseconds() < 0) {
      return Optional.of("ExecutorInfo's 'shutdown_grace_period' must be non-negative");
    }
    ExecutorInfo existing = agent.executor(framework.id, executorId);
    ExecutorInfo complete = complete(executor, framework.id);
    if (existing != null && !existing.equals(complete)) {
      String line = "------------------------------------------------------------\n";
      return Optional.of(
          "ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID.\n"
              + line
              + "Existing ExecutorInfo:\n"
              + text(existing)
              + "\n"
              + line
              + "ExecutorInfo:\n"
              + text(complete)
              + "\n"
              + line);
    }
    return Optional.empty();
  }

  private static String text(ExecutorInfo executor) {
    // C++ prints a whole double without a point.
    return TextFormat.printer()
        .printToString(executor)
        .replaceAll("(?m)^( *value: -?[0-9]+)\\.0$", "$1");
  }

  /** An ExecutorInfo as the master keeps it: with its framework and its type. */
  static ExecutorInfo complete(ExecutorInfo executor, String frameworkId) {
    ExecutorInfo.Builder out = executor.toBuilder().setFrameworkId(Events.framework(frameworkId));
    if (!out.hasType() || out.getType() == ExecutorInfo.Type.UNKNOWN) {
      out.setType(ExecutorInfo.Type.CUSTOM);
    }
    return out.build();
  }

  private static boolean fresh(ExecutorInfo executor, Framework framework, Agent agent) {
    return agent.executor(framework.id, executor.getExecutorId().getValue()) == null;
  }

  private static String shown(TaskInfo task, Framework framework, Agent agent) {
    List<Resource> all = new java.util.ArrayList<>(task.getResourcesList());
    if (task.hasExecutor() && fresh(task.getExecutor(), framework, agent)) {
      all.addAll(task.getExecutor().getResourcesList());
    }
    return Bag.of(all).toString();
  }

  /** Checks an id: 1 to 255 characters that may be a name of a directory. */
  static Optional<String> id(String id) {
    if (id.isEmpty()) {
      return Optional.of("ID must not be empty");
    }
    if (id.length() > 255) {
      return Optional.of("ID must not be greater than 255 characters");
    }
    if (id.equals(".") || id.equals("..")) {
      return Optional.of("'" + id + "' is disallowed");
    }
    if (id.chars().anyMatch(c -> c == '/' || c == '\\' || c < 32 || c == 127)) {
      return Optional.of("'" + id + "' contains invalid characters");
    }
    return Optional.empty();
  }
}
