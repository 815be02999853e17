package io.springtide.harness.emulator.agent;

import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.TaskInfo;

/**
 * The executor that an agent makes up for a task with a command of its own, as {@code
 * Slave::getExecutorInfo} in Mesos' {@code src/slave/slave.cpp} does. The master does not know of
 * it.
 */
final class CommandTasks {

  /** The program that runs the commands of such tasks. */
  static final String EXECUTOR = "mesos-executor";

  private static final int SHOWN = 15;

  private CommandTasks() {}

  @SuppressWarnings("deprecation") // Mesos still fills in the source.
  static ExecutorInfo executor(TaskInfo task, String frameworkId) {
    CommandInfo command = task.getCommand();
    ExecutorInfo.Builder out = ExecutorInfo.newBuilder();
    out.getExecutorIdBuilder().setValue(task.getTaskId().getValue());
    out.getFrameworkIdBuilder().setValue(frameworkId);
    out.setName("Command Executor (Task: " + task.getTaskId().getValue() + ") " + shown(command));
    out.setSource(task.getTaskId().getValue());
    if (task.hasContainer()) {
      out.setContainer(task.getContainer());
    }
    if (task.hasLabels()) {
      out.setLabels(task.getLabels());
    }
    if (task.hasDiscovery()) {
      out.setDiscovery(task.getDiscovery());
    }
    CommandInfo.Builder own =
        out.getCommandBuilder()
            .addAllUris(command.getUrisList())
            .setShell(false)
            .setValue(EXECUTOR)
            .addArguments(EXECUTOR);
    if (command.hasEnvironment()) {
      own.setEnvironment(command.getEnvironment());
    }
    if (command.hasUser()) {
      own.setUser(command.getUser());
    }
    return out.build();
  }

  private static String shown(CommandInfo command) {
    if (command.getShell()) {
      return command.hasValue()
          ? "(Command: sh -c '" + cut(command.getValue()) + "')"
          : "(Command: NO COMMAND)";
    }
    return command.hasValue()
        ? "(Command: ["
            + cut(command.getValue() + ", " + String.join(", ", command.getArgumentsList()))
            + "])"
        : "(Command: NO EXECUTABLE)";
  }

  private static String cut(String text) {
    return text.length() > SHOWN ? text.substring(0, SHOWN - 3) + "..." : text;
  }
}
