package io.springtide.harness.emulator;

import io.springtide.mesos.CallListener;
import io.springtide.mesos.HttpMesos;
import io.springtide.mesos.WireOptions;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.scheduler.Mesos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.apache.mesos.v1.scheduler.Scheduler;

/** A scheduler on the real client that keeps what it hears, and acknowledges. */
final class SchedulerProbe implements Scheduler, CallListener<Call>, AutoCloseable {

  private final HttpMesos mesos;
  private final FrameworkInfo info;
  private final List<Event> events = new ArrayList<>();
  private FrameworkID id;

  SchedulerProbe(URI master, FrameworkInfo info) {
    this.info = info;
    mesos =
        new HttpMesos(
            master.getHost() + ":" + master.getPort(), WireOptions.defaults(), this, this);
    mesos.start();
  }

  static FrameworkInfo framework(String name) {
    return Probes.framework(
            "root",
            name,
            "springtide",
            FrameworkInfo.Capability.Type.MULTI_ROLE,
            FrameworkInfo.Capability.Type.PARTITION_AWARE,
            FrameworkInfo.Capability.Type.TASK_KILLING_STATE,
            FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT)
        .setFailoverTimeout(60)
        .build();
  }

  @Override
  public void connected(Mesos connected) {
    synchronized (events) {
      connected.send(Probes.subscribe(info, id).build());
    }
  }

  @Override
  public void disconnected(Mesos disconnected) {}

  @Override
  public void received(Mesos from, Event event) {
    synchronized (events) {
      if (event.getType() == Event.Type.SUBSCRIBED) {
        id = event.getSubscribed().getFrameworkId();
      }
      events.add(event);
      events.notifyAll();
    }
    if (event.getType() == Event.Type.UPDATE && event.getUpdate().getStatus().hasUuid()) {
      Call.Builder call = call(Call.Type.ACKNOWLEDGE);
      from.send(Probes.acknowledging(call, event.getUpdate().getStatus()).build());
    }
  }

  Call.Builder call(Call.Type type) {
    synchronized (events) {
      return Call.newBuilder().setType(type).setFrameworkId(id);
    }
  }

  void send(Call.Builder call) {
    mesos.send(call.build());
  }

  /** Waits for an event, past or coming, and takes it away. */
  Event await(Predicate<Event> wanted) throws InterruptedException {
    return Probes.await(events, wanted, Duration.ofSeconds(20))
        .orElseThrow(() -> new AssertionError("not seen; there was " + heard()));
  }

  private List<Event> heard() {
    synchronized (events) {
      return List.copyOf(events);
    }
  }

  Offer offer() throws InterruptedException {
    return await(event -> event.getType() == Event.Type.OFFERS).getOffers().getOffers(0);
  }

  TaskStatus update(String taskId) throws InterruptedException {
    return await(Probes.updateOf(taskId)).getUpdate().getStatus();
  }

  @Override
  public void refused(Call call, int status, String message) {
    throw new AssertionError(call + " was refused: " + status + " " + message);
  }

  @Override
  public void failed(Call call, Fate fate, String reason) {}

  @Override
  public void close() {
    mesos.close();
  }
}
