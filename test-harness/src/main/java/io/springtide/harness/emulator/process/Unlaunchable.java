package io.springtide.harness.emulator.process;

import io.springtide.harness.emulator.agent.ExecutorLauncher.Launch;
import io.springtide.harness.emulator.agent.ExecutorLauncher.Listener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;

/**
 * Why an executor cannot even be started, as Mesos reports it.
 *
 * @param status the wait status that FAILURE carries
 * @param state the state of its tasks
 * @param reason the reason of their updates
 * @param message the message of their updates
 */
public record Unlaunchable(int status, TaskState state, TaskStatus.Reason reason, String message) {

  /** What can be seen without doing anything: container type, user, local files to fetch. */
  public static Optional<Unlaunchable> check(Launch launch) {
    if (launch.executor().hasContainer()
        && launch.executor().getContainer().getType() == ContainerInfo.Type.DOCKER) {
      return Optional.of(
          new Unlaunchable(
              -1,
              TaskState.TASK_FAILED,
              TaskStatus.Reason.REASON_EXECUTOR_TERMINATED,
              "Abnormal executor termination: unknown container"));
    }
    CommandInfo command = launch.executor().getCommand();
    if (command.hasUser() && !known(command.getUser())) {
      String user = command.getUser();
      return Optional.of(
          new Unlaunchable(
              -1,
              TaskState.TASK_DROPPED,
              TaskStatus.Reason.REASON_EXECUTOR_TERMINATED,
              "Failed to create executor directory '"
                  + launch.sandbox()
                  + "': Failed to chown directory to '"
                  + user
                  + "': No such user '"
                  + user
                  + "'"));
    }
    for (CommandInfo.URI uri : command.getUrisList()) {
      Optional<Path> local = Fetcher.local(uri.getValue());
      if (local.isPresent() && !Files.exists(local.get())) {
        return Optional.of(fetch(launch.containerId()));
      }
    }
    return Optional.empty();
  }

  /** A URI that could not be fetched. */
  static Unlaunchable fetch(String containerId) {
    return new Unlaunchable(
        256,
        TaskState.TASK_FAILED,
        TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED,
        "Failed to launch container: Failed to fetch all URIs for container '"
            + containerId
            + "': exited with status 1");
  }

  private static boolean known(String user) {
    try (var lines = Files.lines(Path.of("/etc/passwd"))) {
      return lines.anyMatch(line -> line.startsWith(user + ":"));
    } catch (IOException e) {
      return true;
    }
  }

  public void tell(Listener listener) {
    listener.failed(status, state, reason, message);
  }
}
