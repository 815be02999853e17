package io.springtide.harness.emulator.agent;

import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.wire.EventStream;
import io.springtide.harness.emulator.wire.TaskStates;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.Task;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Event;

/** One run of an executor on an agent, with its tasks. */
final class ExecutorRun {

  /** Where a run's life is. */
  enum State {
    REGISTERING,
    RUNNING,
    TERMINATING,
    TERMINATED
  }

  /** Tasks that wait for the executor, delivered together when they are a group. */
  record Queued(List<TaskInfo> tasks, boolean group) {}

  /** Why the agent itself ends the run. */
  record Ending(TaskState state, TaskStatus.Reason reason, String message) {}

  final String frameworkId;
  final ExecutorInfo info;

  /** Made up by the agent for a task with a command: the master does not know of it. */
  final boolean generated;

  final String containerId;
  final Path sandbox;
  State state = State.REGISTERING;
  long pid;
  EventStream<Event> stream;
  Ending ending;
  Loop.Timer registration;
  Loop.Timer grace;
  final List<Queued> queued = new ArrayList<>();
  final Map<String, Task.Builder> launched = new LinkedHashMap<>();
  final Map<String, Task.Builder> terminated = new LinkedHashMap<>();
  final Deque<Task> completed = new ArrayDeque<>();

  ExecutorRun(
      String frameworkId, ExecutorInfo info, boolean generated, String containerId, Path sandbox) {
    this.frameworkId = frameworkId;
    this.info = info;
    this.generated = generated;
    this.containerId = containerId;
    this.sandbox = sandbox;
  }

  String id() {
    return info.getExecutorId().getValue();
  }

  void send(Event event) {
    if (stream != null) {
      stream.send(event);
    }
  }

  boolean queues(String taskId) {
    return queued.stream()
        .anyMatch(q -> q.tasks().stream().anyMatch(t -> t.getTaskId().getValue().equals(taskId)));
  }

  boolean knows(String taskId) {
    return launched.containsKey(taskId) || terminated.containsKey(taskId) || queues(taskId);
  }

  /** Takes a queued task, or the group it is in, out of the queue. */
  List<TaskInfo> dequeue(String taskId) {
    for (Queued entry : List.copyOf(queued)) {
      if (entry.tasks().stream().anyMatch(t -> t.getTaskId().getValue().equals(taskId))) {
        queued.remove(entry);
        return entry.tasks();
      }
    }
    return List.of();
  }

  Task.Builder task(String taskId) {
    return launched.containsKey(taskId) ? launched.get(taskId) : terminated.get(taskId);
  }

  /** Takes a status into the books; false when the task has ended already. */
  boolean update(TaskStatus status) {
    String taskId = status.getTaskId().getValue();
    if (terminated.containsKey(taskId)) {
      return false;
    }
    Task.Builder task = launched.get(taskId);
    if (task == null) {
      return true;
    }
    task.setState(status.getState());
    int last = task.getStatusesCount() - 1;
    if (last >= 0 && task.getStatuses(last).getState() == status.getState()) {
      task.removeStatuses(last);
    }
    task.addStatuses(status);
    if (TaskStates.terminal(status.getState())) {
      launched.remove(taskId);
      terminated.put(taskId, task);
    }
    return true;
  }

  /** The framework has acknowledged the end of a task. */
  void complete(String taskId) {
    Task.Builder task = terminated.remove(taskId);
    if (task != null) {
      completed.addLast(task.build());
      if (completed.size() > 200) {
        completed.removeFirst();
      }
    }
  }

  boolean idle() {
    return queued.isEmpty() && launched.isEmpty() && terminated.isEmpty();
  }
}
