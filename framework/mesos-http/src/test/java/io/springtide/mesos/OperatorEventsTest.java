package io.springtide.mesos;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.mesos.ScriptedServer.Exchange;
import io.springtide.mesos.ScriptedServer.Stream;
import io.springtide.testing.Patience;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.master.Protos.Call;
import org.apache.mesos.v1.master.Protos.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OperatorEventsTest implements OperatorEvents.Listener {
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final ScriptedServer master = new ScriptedServer();
  private final VirtualTimer time = new VirtualTimer();
  private final OperatorEvents events =
      new OperatorEvents(
          new FixedMasters(List.of(master.endpoint())), WireOptions.defaults(), this, time::on);

  @Override
  public void received(Event event) {
    told.add(event.getType().name());
  }

  @Override
  public void lost(String reason) {
    told.add("lost " + reason);
  }

  @Override
  public void refused(int status, String message) {
    told.add("refused " + status + " " + message);
  }

  @AfterEach
  void close() {
    events.close();
    master.close();
  }

  @Test
  void handsOnEventsAndSubscribesAgainWhenTheStreamHasEnded() throws Exception {
    events.start();
    Stream stream = subscribe();
    stream.send(Event.newBuilder().setType(Event.Type.HEARTBEAT).build());
    expect("HEARTBEAT");
    stream.end();
    expect("lost the other side ended the stream");
    time.advance(Duration.ofSeconds(1));
    subscribe();
  }

  @Test
  void aSilentStreamIsDropped() throws Exception {
    events.start();
    Stream stream = subscribe();
    time.advance(Duration.ofSeconds(30));
    expect("lost nothing heard for 5 heartbeat intervals");
    assertThat(stream.closedByClient()).isTrue();
  }

  @Test
  void aRefusalIsFinal() throws Exception {
    events.start();
    master.take().answer(401, "401 Unauthorized.");
    expect("refused 401 401 Unauthorized.");
    time.advance(Duration.ofHours(1));
    assertThat(master.hasRequest()).isFalse();
  }

  private Stream subscribe() throws Exception {
    Exchange asked = master.take();
    assertThat(asked.path).isEqualTo("/api/v1");
    assertThat(asked.read(Call.parser()).getType()).isEqualTo(Call.Type.SUBSCRIBE);
    Stream stream = asked.stream();
    stream.send(
        Event.newBuilder()
            .setType(Event.Type.SUBSCRIBED)
            .setSubscribed(Event.Subscribed.newBuilder().setHeartbeatIntervalSeconds(5))
            .build());
    expect("SUBSCRIBED");
    return stream;
  }

  private void expect(String what) throws InterruptedException {
    assertThat(told.poll(Patience.seconds(), TimeUnit.SECONDS)).isNotNull().startsWith(what);
  }
}
