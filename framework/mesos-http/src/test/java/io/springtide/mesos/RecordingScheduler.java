package io.springtide.mesos;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.testing.Patience;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.scheduler.Mesos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.apache.mesos.v1.scheduler.Scheduler;

/** A scheduler that subscribes when it is connected, and notes everything it is told, in order. */
class RecordingScheduler implements Scheduler, CallListener<Call> {
  /** One thing told. */
  record Told(String what, Event event, Call call) {}

  private final BlockingQueue<Told> told = new LinkedBlockingQueue<>();

  static Call subscribe() {
    return Call.newBuilder()
        .setType(Call.Type.SUBSCRIBE)
        .setSubscribe(
            Call.Subscribe.newBuilder()
                .setFrameworkInfo(FrameworkInfo.newBuilder().setUser("root").setName("test")))
        .build();
  }

  @Override
  public void connected(Mesos mesos) {
    told.add(new Told("connected", null, null));
    mesos.send(subscribe());
  }

  @Override
  public void disconnected(Mesos mesos) {
    told.add(new Told("disconnected", null, null));
  }

  @Override
  public void received(Mesos mesos, Event event) {
    told.add(new Told(event.getType().name(), event, null));
  }

  @Override
  public void refused(Call call, int status, String message) {
    told.add(new Told("refused " + call.getType() + " " + status + " " + message, null, call));
  }

  @Override
  public void failed(Call call, Fate fate, String reason) {
    told.add(new Told("failed " + call.getType() + " " + fate + " " + reason, null, call));
  }

  @Override
  public void subscriptionLost(String reason) {
    told.add(new Told("lost " + reason, null, null));
  }

  Told take() throws InterruptedException {
    Told next = told.poll(Patience.seconds(), TimeUnit.SECONDS);
    assertThat(next).as("something told within 10 s").isNotNull();
    return next;
  }

  /** The next thing told begins with this. */
  Told expect(String what) throws InterruptedException {
    Told next = take();
    assertThat(next.what()).startsWith(what);
    return next;
  }

  boolean hasMore() {
    return !told.isEmpty();
  }
}
