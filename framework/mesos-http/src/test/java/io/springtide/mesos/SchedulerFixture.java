package io.springtide.mesos;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.mesos.ScriptedServer.Exchange;
import io.springtide.mesos.ScriptedServer.Stream;
import java.time.Duration;
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

  /** Starts the client and gives its subscription a stream, on which nothing is said yet. */
  Stream answered() throws Exception {
    mesos.start();
    scheduler.expect("connected");
    return master.take().stream("Mesos-Stream-Id", "s1");
  }

  /** The subscription is lost, as the scheduler is told, and after a pause there is another. */
  Stream comesBack(String lost, Duration pause, String streamId) throws Exception {
    scheduler.expect(lost);
    scheduler.expect("disconnected");
    time.advance(pause);
    return subscribeAgain(streamId);
  }

  /** A call goes out and is answered. */
  void passesOn(Call.Type type) throws Exception {
    mesos.send(call(type));
    takeCall(type).accept();
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
