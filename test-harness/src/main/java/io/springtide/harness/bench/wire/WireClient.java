package io.springtide.harness.bench.wire;

import io.springtide.mesos.CallListener;
import io.springtide.mesos.HttpMesos;
import io.springtide.mesos.WireOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.scheduler.Mesos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.apache.mesos.v1.scheduler.Scheduler;

/** The client under test, with a scheduler that does one thing. */
final class WireClient implements Scheduler, CallListener<Call>, AutoCloseable {
  @FunctionalInterface
  interface OnEvent {
    void received(Mesos mesos, Event event);
  }

  private final OnEvent onEvent;
  private final CompletableFuture<Void> subscribed = new CompletableFuture<>();
  private final HttpMesos mesos;

  WireClient(WireMaster master, OnEvent onEvent) {
    this.onEvent = onEvent;
    mesos = new HttpMesos(master.url(), WireOptions.defaults(), this, this);
  }

  void subscribe() throws Exception {
    mesos.start();
    subscribed.get(10, TimeUnit.SECONDS);
  }

  @Override
  public void connected(Mesos mesos) {
    mesos.send(
        Call.newBuilder()
            .setType(Call.Type.SUBSCRIBE)
            .setSubscribe(
                Call.Subscribe.newBuilder()
                    .setFrameworkInfo(FrameworkInfo.newBuilder().setUser("root").setName("bench")))
            .build());
  }

  @Override
  public void received(Mesos mesos, Event event) {
    if (event.getType() == Event.Type.SUBSCRIBED) {
      subscribed.complete(null);
    }
    onEvent.received(mesos, event);
  }

  @Override
  public void disconnected(Mesos mesos) {
    throw new IllegalStateException("the client lost its subscription");
  }

  @Override
  public void refused(Call call, int status, String message) {
    throw new IllegalStateException("a call was refused: " + status + " " + message);
  }

  @Override
  public void failed(Call call, Fate fate, String reason) {
    throw new IllegalStateException("a call failed: " + reason);
  }

  @Override
  public void close() {
    mesos.close();
  }

  /** Does with an update what every scheduler must. */
  static void acknowledge(Mesos mesos, Event event) {
    if (event.getType() != Event.Type.UPDATE) {
      return;
    }
    TaskStatus status = event.getUpdate().getStatus();
    mesos.send(
        Call.newBuilder()
            .setType(Call.Type.ACKNOWLEDGE)
            .setFrameworkId(WireMessages.FRAMEWORK)
            .setAcknowledge(
                Call.Acknowledge.newBuilder()
                    .setAgentId(status.getAgentId())
                    .setTaskId(status.getTaskId())
                    .setUuid(status.getUuid()))
            .build());
  }
}
