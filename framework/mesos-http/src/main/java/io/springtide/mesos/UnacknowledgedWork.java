package io.springtide.mesos;

import com.google.protobuf.ByteString;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;

/**
 * What an executor must be able to tell an agent that has forgotten it: the updates that the agent
 * has not acknowledged, and the tasks of which it has acknowledged no update yet. An agent that
 * comes back drops (TASK_DROPPED) each task that it was launching and that is not among them.
 */
final class UnacknowledgedWork {
  private final Map<TaskID, TaskInfo> tasks = new LinkedHashMap<>();
  private final Map<ByteString, Call.Update> updates = new LinkedHashMap<>();

  void sent(Call.Update update) {
    updates.put(update.getStatus().getUuid(), update);
  }

  /** Forgets an update that the agent will never acknowledge. */
  void refused(Call.Update update) {
    updates.remove(update.getStatus().getUuid());
  }

  /** Takes note of launches and acknowledgements; other events mean nothing here. */
  void received(Event event) {
    switch (event.getType()) {
      case LAUNCH -> launched(event.getLaunch().getTask());
      case LAUNCH_GROUP ->
          event.getLaunchGroup().getTaskGroup().getTasksList().forEach(this::launched);
      case ACKNOWLEDGED -> {
        updates.remove(event.getAcknowledged().getUuid());
        tasks.remove(event.getAcknowledged().getTaskId());
      }
      default -> {}
    }
  }

  private void launched(TaskInfo task) {
    tasks.put(task.getTaskId(), task);
  }

  /** Updates, oldest first. */
  List<Call.Update> updates() {
    return List.copyOf(updates.values());
  }

  Call.Subscribe subscribe() {
    return Call.Subscribe.newBuilder()
        .addAllUnacknowledgedTasks(tasks.values())
        .addAllUnacknowledgedUpdates(updates.values())
        .build();
  }
}
