package io.springtide.mesos;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.mesos.ScriptedServer.Exchange;
import io.springtide.mesos.ScriptedServer.Stream;
import java.util.List;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.OfferID;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;

/** A client, a scripted master and virtual time. */
final class SchedulerFixture implements AutoCloseable {
  static final FrameworkID FRAMEWORK = FrameworkID.newBuilder().setValue("f-0000").build();

  final ScriptedServer master = new ScriptedServer();
  final VirtualTimer time = new VirtualTimer();
  final RecordingScheduler scheduler;
  final HttpMesos mesos;

  SchedulerFixture() {
    this(WireOptions.defaults());
  }

  SchedulerFixture(WireOptions options) {
    this(options, new RecordingScheduler());
  }

  SchedulerFixture(WireOptions options, RecordingScheduler scheduler) {
    this.scheduler = scheduler;
    mesos =
        new HttpMesos(
            new FixedMasters(List.of(master.endpoint())), options, scheduler, scheduler, time::on);
  }

  SchedulerFixture(MasterDetector detector) {
    scheduler = new RecordingScheduler();
    mesos = new HttpMesos(detector, WireOptions.defaults(), scheduler, scheduler, time::on);
  }

  static Event subscribed() {
    return Event.newBuilder()
        .setType(Event.Type.SUBSCRIBED)
        .setSubscribed(
            Event.Subscribed.newBuilder().setFrameworkId(FRAMEWORK).setHeartbeatIntervalSeconds(15))
        .build();
  }

  static Event heartbeat() {
    return Event.newBuilder().setType(Event.Type.HEARTBEAT).build();
  }

  static Event rescind(String offer) {
    return Event.newBuilder()
        .setType(Event.Type.RESCIND)
        .setRescind(Event.Rescind.newBuilder().setOfferId(OfferID.newBuilder().setValue(offer)))
        .build();
  }

  static Call call(Call.Type type) {
    return Call.newBuilder().setType(type).setFrameworkId(FRAMEWORK).build();
  }

  static Call kill(String task) {
    return call(Call.Type.KILL).toBuilder()
        .setKill(Call.Kill.newBuilder().setTaskId(TaskID.newBuilder().setValue(task)))
        .build();
  }

  /** Starts the client and plays the master until it is subscribed. */
  Stream subscribe() throws Exception {
    mesos.start();
    return subscribeAgain("s1");
  }

  Stream subscribeAgain(String streamId) throws Exception {
    scheduler.expect("connected");
    Stream stream = master.take().stream("Mesos-Stream-Id", streamId);
    stream.send(subscribed());
    scheduler.expect("SUBSCRIBED");
    return stream;
  }

  Exchange takeCall(Call.Type type) throws Exception {
    Exchange exchange = master.take();
    assertThat(exchange.read(Call.parser()).getType()).isEqualTo(type);
    return exchange;
  }

  @Override
  public void close() {
    mesos.close();
    master.close();
  }
}
