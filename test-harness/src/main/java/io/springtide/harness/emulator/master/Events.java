package io.springtide.harness.emulator.master;

import com.google.protobuf.ByteString;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.OfferID;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.TimeInfo;
import org.apache.mesos.v1.scheduler.Protos.Event;

/** Builds the scheduler API's events, and ids. */
final class Events {
  static final Event HEARTBEAT = Event.newBuilder().setType(Event.Type.HEARTBEAT).build();

  private Events() {}

  static Event error(String message) {
    Event.Builder event = Event.newBuilder().setType(Event.Type.ERROR);
    event.getErrorBuilder().setMessage(message);
    return event.build();
  }

  static Event update(TaskStatus status) {
    Event.Builder event = Event.newBuilder().setType(Event.Type.UPDATE);
    event.getUpdateBuilder().setStatus(status);
    return event.build();
  }

  static Event rescind(String offerId) {
    Event.Builder event = Event.newBuilder().setType(Event.Type.RESCIND);
    event.getRescindBuilder().setOfferId(offer(offerId));
    return event.build();
  }

  static Event rescindInverse(String offerId) {
    Event.Builder event = Event.newBuilder().setType(Event.Type.RESCIND_INVERSE_OFFER);
    event.getRescindInverseOfferBuilder().setInverseOfferId(offer(offerId));
    return event.build();
  }

  static Event agentFailure(String agentId) {
    Event.Builder event = Event.newBuilder().setType(Event.Type.FAILURE);
    event.getFailureBuilder().setAgentId(agent(agentId));
    return event.build();
  }

  static Event executorFailure(String agentId, String executorId, int status) {
    Event.Builder event = Event.newBuilder().setType(Event.Type.FAILURE);
    event
        .getFailureBuilder()
        .setAgentId(agent(agentId))
        .setExecutorId(executor(executorId))
        .setStatus(status);
    return event.build();
  }

  static Event message(String agentId, String executorId, ByteString data) {
    Event.Builder event = Event.newBuilder().setType(Event.Type.MESSAGE);
    event
        .getMessageBuilder()
        .setAgentId(agent(agentId))
        .setExecutorId(executor(executorId))
        .setData(data);
    return event.build();
  }

  static AgentID agent(String id) {
    return AgentID.newBuilder().setValue(id).build();
  }

  static ExecutorID executor(String id) {
    return ExecutorID.newBuilder().setValue(id).build();
  }

  static FrameworkID framework(String id) {
    return FrameworkID.newBuilder().setValue(id).build();
  }

  static OfferID offer(String id) {
    return OfferID.newBuilder().setValue(id).build();
  }

  static TaskID task(String id) {
    return TaskID.newBuilder().setValue(id).build();
  }

  static TimeInfo time(java.time.Instant instant) {
    return TimeInfo.newBuilder()
        .setNanoseconds(instant.getEpochSecond() * 1_000_000_000L + instant.getNano())
        .build();
  }
}
