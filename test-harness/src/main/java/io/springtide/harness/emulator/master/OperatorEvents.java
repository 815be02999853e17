package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.wire.EventStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.mesos.v1.Protos.Task;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.master.Protos.Event;

/** The operators' event stream. */
final class OperatorEvents {

  private final MasterState state;
  private final List<EventStream<Event>> streams = new ArrayList<>();

  OperatorEvents(MasterState state) {
    this.state = state;
  }

  void subscribe(EventStream<Event> stream, Event first) {
    streams.add(stream);
    stream.send(first);
    heartbeat(stream);
  }

  private void heartbeat(EventStream<Event> stream) {
    if (streams.contains(stream)) {
      stream.send(Event.newBuilder().setType(Event.Type.HEARTBEAT).build());
      state.loop.after(state.config.timings().heartbeat(), () -> heartbeat(stream));
    }
  }

  void disconnected(EventStream<Event> stream) {
    streams.remove(stream);
  }

  boolean any() {
    return !streams.isEmpty();
  }

  private void send(Event.Builder event) {
    Event built = event.build();
    streams.forEach(stream -> stream.send(built));
  }

  void taskAdded(Task task) {
    if (any()) {
      Event.Builder event = Event.newBuilder().setType(Event.Type.TASK_ADDED);
      event.getTaskAddedBuilder().setTask(OperatorViews.task(task));
      send(event);
    }
  }

  void taskUpdated(String frameworkId, TaskStatus status, TaskState taskState) {
    if (any()) {
      Event.Builder event = Event.newBuilder().setType(Event.Type.TASK_UPDATED);
      event
          .getTaskUpdatedBuilder()
          .setFrameworkId(Events.framework(frameworkId))
          .setStatus(status)
          .setState(taskState);
      send(event);
    }
  }

  void agentAdded(Agent agent) {
    if (any()) {
      Event.Builder event = Event.newBuilder().setType(Event.Type.AGENT_ADDED);
      event.getAgentAddedBuilder().setAgent(OperatorViews.agent(agent));
      send(event);
    }
  }

  void agentRemoved(String agentId) {
    if (any()) {
      Event.Builder event = Event.newBuilder().setType(Event.Type.AGENT_REMOVED);
      event.getAgentRemovedBuilder().setAgentId(Events.agent(agentId));
      send(event);
    }
  }

  void frameworkAdded(Framework framework) {
    if (any()) {
      Event.Builder event = Event.newBuilder().setType(Event.Type.FRAMEWORK_ADDED);
      event.getFrameworkAddedBuilder().setFramework(OperatorViews.added(state, framework));
      send(event);
    }
  }

  void frameworkUpdated(Framework framework) {
    if (any()) {
      Event.Builder event = Event.newBuilder().setType(Event.Type.FRAMEWORK_UPDATED);
      event.getFrameworkUpdatedBuilder().setFramework(OperatorViews.added(state, framework));
      send(event);
    }
  }

  void frameworkRemoved(Framework framework) {
    if (any()) {
      Event.Builder event = Event.newBuilder().setType(Event.Type.FRAMEWORK_REMOVED);
      event.getFrameworkRemovedBuilder().setFrameworkInfo(framework.info);
      send(event);
    }
  }
}
