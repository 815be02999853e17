package io.springtide.mesos;

import static io.springtide.mesos.SchedulerFixture.call;
import static io.springtide.mesos.SchedulerFixture.heartbeat;
import static io.springtide.mesos.SchedulerFixture.kill;
import static io.springtide.mesos.SchedulerFixture.rescind;
import static io.springtide.mesos.SchedulerFixture.subscribed;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.springtide.mesos.RecordingScheduler.Told;
import io.springtide.mesos.ScriptedServer.Exchange;
import io.springtide.mesos.ScriptedServer.Stream;
import io.springtide.testing.Patience;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.scheduler.Mesos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpMesosTest {

  @Test
  void subscribesInProtobufAndHandsOnEveryEvent() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.mesos.start();
      it.scheduler.expect("connected");
      Exchange subscribe = it.master.take();
      assertThat(subscribe.method).isEqualTo("POST");
      assertThat(subscribe.path).isEqualTo("/api/v1/scheduler");
      assertThat(subscribe.headers.get("Content-Type")).isEqualTo("application/x-protobuf");
      assertThat(subscribe.headers.get("Accept")).isEqualTo("application/x-protobuf");
      assertThat(subscribe.headers.get("Host")).isEqualTo(it.master.endpoint().authority());
      assertThat(subscribe.read(Call.parser())).isEqualTo(RecordingScheduler.subscribe());

      Stream stream = subscribe.stream("Mesos-Stream-Id", "s1");
      stream.send(subscribed()).send(heartbeat()).send(rescind("o1"));
      assertThat(it.scheduler.take().event()).isEqualTo(subscribed());
      assertThat(it.scheduler.take().event()).isEqualTo(heartbeat());
      assertThat(it.scheduler.take().event()).isEqualTo(rescind("o1"));
    }
  }

  @Test
  void eventsSurviveAnyCutOfTheStream() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      Stream stream = it.subscribe();
      ByteBuf wire = Unpooled.buffer();
      for (int i = 0; i < 20; i++) {
        RecordIo.encode(rescind("o".repeat(i * 7)), wire);
      }
      while (wire.isReadable()) {
        stream.sendBytes(wire.readRetainedSlice(Math.min(3, wire.readableBytes())));
      }
      for (int i = 0; i < 20; i++) {
        assertThat(it.scheduler.take().event()).isEqualTo(rescind("o".repeat(i * 7)));
      }
    }
  }

  @Test
  void callsGoInOrderOverOneConnectionBeforeTheyAreAnswered() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.subscribe();
      for (int i = 0; i < 100; i++) {
        it.mesos.send(kill("t" + i));
      }
      int connection = 0;
      for (int i = 0; i < 100; i++) {
        Exchange exchange = it.takeCall(Call.Type.KILL);
        connection = i == 0 ? exchange.connection : connection;
        assertThat(exchange.connection).isEqualTo(connection).isNotEqualTo(1);
        assertThat(exchange.read(Call.parser()).getKill().getTaskId().getValue())
            .isEqualTo("t" + i);
      }
    }
  }

  @Test
  void noMoreCallsAreInFlightThanAllowed() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture(WireOptions.defaults().withCalls(2, 4))) {
      it.subscribe();
      for (int i = 0; i < 5; i++) {
        it.mesos.send(kill("t" + i));
      }
      it.scheduler.expect("failed KILL NOT_SENT 4 calls wait already");
      Exchange first = it.takeCall(Call.Type.KILL);
      it.takeCall(Call.Type.KILL);
      it.time.settle();
      assertThat(it.master.hasRequest()).isFalse();
      first.accept();
      assertThat(it.takeCall(Call.Type.KILL).read(Call.parser())).isEqualTo(kill("t2"));
    }
  }

  @Test
  void aConnectionThatWasClosedWhileIdleIsOpenedAnew() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.subscribe();
      it.mesos.send(kill("t1"));
      Exchange first = it.takeCall(Call.Type.KILL);
      first.accept();
      first.hangUp();
      it.time.settle();
      it.mesos.send(kill("t2"));
      Exchange second = it.takeCall(Call.Type.KILL);
      assertThat(second.connection).isNotEqualTo(first.connection);
      second.accept();
      it.mesos.send(kill("t3"));
      it.takeCall(Call.Type.KILL).accept();
      assertThat(it.scheduler.hasMore()).isFalse();
    }
  }

  @Test
  void aConnectionThatIsLostWithCallsInFlightEndsTheSubscription() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture(WireOptions.defaults().withCalls(1, 10))) {
      Stream stream = it.subscribe();
      it.mesos.send(kill("t1"));
      it.mesos.send(kill("t2"));
      it.takeCall(Call.Type.KILL).hangUp();
      it.scheduler.expect("failed KILL UNKNOWN");
      it.scheduler.expect("failed KILL NOT_SENT");
      it.scheduler.expect("lost the connection for calls was lost");
      it.scheduler.expect("disconnected");
      assertThat(stream.closedByClient()).isTrue();
      it.time.advance(Duration.ofSeconds(1));
      it.subscribeAgain("s2");
      it.mesos.send(kill("t3"));
      assertThat(it.takeCall(Call.Type.KILL).headers.get("Mesos-Stream-Id")).isEqualTo("s2");
    }
  }

  @Test
  void aCallThatIsNeverAnsweredEndsTheSubscription() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.subscribe();
      it.mesos.send(kill("t1"));
      it.takeCall(Call.Type.KILL);
      it.time.advance(Duration.ofSeconds(30));
      it.scheduler.expect("failed KILL UNKNOWN");
      it.scheduler.expect("lost the connection for calls was lost: a call was not answered");
      it.scheduler.expect("disconnected");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 404, 413, 500, 200})
  void everyAnswerBut202IsReported(int status) throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.subscribe();
      it.mesos.send(kill("t1"));
      it.takeCall(Call.Type.KILL).answer(status, "why not");
      Told refused = it.scheduler.expect("refused KILL " + status + " why not");
      assertThat(refused.call()).isEqualTo(kill("t1"));
      it.mesos.send(kill("t2"));
      it.takeCall(Call.Type.KILL).accept();
      it.time.settle();
      assertThat(it.scheduler.hasMore()).isFalse();
    }
  }

  @Test
  void updateFrameworkIsAnswered200() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.subscribe();
      it.mesos.send(call(Call.Type.UPDATE_FRAMEWORK));
      it.takeCall(Call.Type.UPDATE_FRAMEWORK).answer(200, "");
      it.mesos.send(kill("t1"));
      it.takeCall(Call.Type.KILL).answer(400, "next");
      it.scheduler.expect("refused KILL 400 next");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 503})
  void anAnswerThatTellsOfAStaleStreamEndsIt(int status) throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.subscribe();
      it.mesos.send(kill("t1"));
      it.takeCall(Call.Type.KILL).answer(status, "Framework is not subscribed");
      it.scheduler.expect("refused KILL " + status);
      it.scheduler.expect("lost a call was answered " + status);
      it.scheduler.expect("disconnected");
    }
  }

  @Test
  void aMasterThatRecoversIsAskedAgainEverySecondAndAfterAMinuteMorePatiently() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.mesos.start();
      it.scheduler.expect("connected");
      for (int i = 0; i < 70; i++) {
        it.master.take().answer(503, "Master has not finished recovery");
        it.scheduler.expect("lost answered 503 Master has not finished recovery");
        Duration pause = it.time.pending().get(0);
        long whole = Math.min(15_000, 250L << Math.min(i, 20));
        long most = i < 60 ? 1_000 : 15_000;
        assertThat(pause)
            .as("after try %d", i)
            .isBetween(Duration.ofMillis(Math.min(whole / 2, most)), Duration.ofMillis(most))
            .isLessThanOrEqualTo(Duration.ofMillis(whole));
        it.time.advance(pause);
      }
      it.master.take().stream("Mesos-Stream-Id", "s1").send(subscribed());
      it.scheduler.expect("SUBSCRIBED");
    }
  }

  /** A failover with several masters named, and none of them dead for good. */
  @Test
  void aLeaderNewlyFoundIsTriedAtOnceAndSoonAgainWhileItRecovers() throws Exception {
    try (ScriptedServer standby = new ScriptedServer();
        ScriptedServer next = new ScriptedServer();
        SchedulerFixture it = new SchedulerFixture(new FixedMasters(List.of(standby.endpoint())))) {
      it.mesos.start();
      it.scheduler.expect("connected");
      // The leader is dead, and the standby does not know it yet: the pauses have long grown.
      for (int i = 0; i < 20; i++) {
        standby.take().answer(503, "No leader elected");
        it.scheduler.expect("lost answered 503 No leader elected");
        it.time.advance(it.time.pending().get(0));
      }
      String location = "//" + next.endpoint().authority() + "/master/api/v1/scheduler";
      standby.take().answer(307, "", "Location", location);
      next.take().answer(503, "Master has not finished recovery");
      it.scheduler.expect("lost answered 503 Master has not finished recovery");
      assertThat(it.time.pending().get(0)).isLessThanOrEqualTo(Duration.ofMillis(250));
    }
  }

  @Test
  void twoMastersThatPointToEachOtherAreLeftWithPauses() throws Exception {
    try (ScriptedServer other = new ScriptedServer();
        SchedulerFixture it = new SchedulerFixture()) {
      it.mesos.start();
      it.scheduler.expect("connected");
      it.master.take().answer(307, "", "Location", "//" + other.endpoint().authority() + "/");
      other.take().answer(307, "", "Location", "//" + it.master.endpoint().authority() + "/");
      assertThat(it.time.awaitScheduled(Duration.ofMillis(250))).isPositive();
      assertThat(it.master.hasRequest()).isFalse();
    }
  }

  @Test
  void aMasterThatIsDownIsAskedAgain() throws Exception {
    ScriptedServer gone = new ScriptedServer();
    Endpoint dead = gone.endpoint();
    try (ScriptedServer alive = new ScriptedServer();
        SchedulerFixture it =
            new SchedulerFixture(new FixedMasters(List.of(dead, alive.endpoint())))) {
      gone.close();
      it.mesos.start();
      it.scheduler.expect("connected");
      it.scheduler.expect("lost cannot connect to " + dead);
      it.time.advance(Duration.ofSeconds(1));
      alive.take().stream("Mesos-Stream-Id", "s1").send(subscribed());
      it.scheduler.expect("SUBSCRIBED");
    }
  }

  @Test
  void aRefusedSubscribeIsReportedAndNotRepeated() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.mesos.start();
      it.scheduler.expect("connected");
      it.master.take().answer(401, "401 Unauthorized.");
      it.scheduler.expect("refused SUBSCRIBE 401 401 Unauthorized.");
      it.time.advance(Duration.ofMinutes(10));
      assertThat(it.master.hasRequest()).isFalse();
      it.mesos.send(RecordingScheduler.subscribe());
      it.master.take().stream("Mesos-Stream-Id", "s1").send(subscribed());
      it.scheduler.expect("SUBSCRIBED");
    }
  }

  @Test
  void aSubscribeThatIsNotAnsweredIsRepeated() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.mesos.start();
      it.scheduler.expect("connected");
      it.master.take();
      it.time.advance(Duration.ofSeconds(30));
      it.scheduler.expect("lost no answer for 30000 ms");
      it.time.advance(Duration.ofSeconds(1));
      it.master.take().stream("Mesos-Stream-Id", "s1").send(subscribed());
      it.scheduler.expect("SUBSCRIBED");
    }
  }

  @Test
  void credentialsAreOnEveryRequest() throws Exception {
    WireOptions options =
        WireOptions.defaults().withCredential(Credential.basic("springtide", "s3cret"));
    try (SchedulerFixture it = new SchedulerFixture(options)) {
      it.mesos.start();
      it.scheduler.expect("connected");
      Exchange subscribe = it.master.take();
      assertThat(subscribe.headers.get("Authorization"))
          .isEqualTo("Basic c3ByaW5ndGlkZTpzM2NyZXQ=");
      subscribe.stream("Mesos-Stream-Id", "s1").send(subscribed());
      it.scheduler.expect("SUBSCRIBED");
      it.mesos.send(call(Call.Type.REVIVE));
      assertThat(it.takeCall(Call.Type.REVIVE).headers.get("Authorization"))
          .isEqualTo("Basic c3ByaW5ndGlkZTpzM2NyZXQ=");
      assertThat(options.toString()).doesNotContain("s3cret").doesNotContain("c3ByaW5");
    }
  }

  @Test
  void theEndOfTheStreamIsFollowedByANewSubscription() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.subscribe().end();
      Stream second =
          it.comesBack("lost the other side ended the stream", Duration.ofSeconds(1), "s2");
      second.hangUp();
      it.comesBack("lost the connection was closed by the other side", Duration.ofSeconds(1), "s3");
    }
  }

  @Test
  void aRecordThatIsNoEventEndsTheSubscription() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      Stream stream = it.subscribe();
      stream.sendBytes(Unpooled.copiedBuffer("4\n\1\2gb", StandardCharsets.ISO_8859_1));
      it.scheduler.expect("lost a record of 4 bytes is no event that we know");
      it.scheduler.expect("disconnected");
    }
  }

  @Test
  void anEventOfATypeThatIsNewerThanTheBindingsIsHandedOn() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      Stream stream = it.subscribe();
      stream.sendBytes(Unpooled.copiedBuffer("2\n\10\177", StandardCharsets.ISO_8859_1));
      it.scheduler.expect("UNKNOWN");
    }
  }

  @Test
  void reconnectBeginsAgainAtOnce() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      Stream stream = it.subscribe();
      it.mesos.reconnect();
      it.scheduler.expect("lost reconnect was asked for");
      it.scheduler.expect("disconnected");
      assertThat(stream.closedByClient()).isTrue();
      it.subscribeAgain("s2");
    }
  }

  @Test
  void aCallbackThatThrowsClosesTheConnections() throws Exception {
    CountDownLatch uncaught = new CountDownLatch(1);
    RecordingScheduler broken =
        new RecordingScheduler() {
          @Override
          public void received(Mesos mesos, Event event) {
            Thread.currentThread().setUncaughtExceptionHandler((t, e) -> uncaught.countDown());
            throw new IllegalStateException("a bug of the scheduler");
          }
        };
    try (SchedulerFixture it = new SchedulerFixture(WireOptions.defaults(), broken)) {
      it.mesos.start();
      Stream stream = it.master.take().stream("Mesos-Stream-Id", "s1");
      stream.send(subscribed());
      assertThat(stream.closedByClient()).isTrue();
      assertThat(uncaught.await(Patience.seconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void closeEndsEveryThreadAndConnection() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      Stream stream = it.subscribe();
      it.mesos.send(kill("t1"));
      Exchange call = it.takeCall(Call.Type.KILL);
      it.mesos.close();
      assertThat(stream.closedByClient()).isTrue();
      assertThat(call.closedByClient()).isTrue();
      assertThat(Thread.getAllStackTraces().keySet())
          .extracting(Thread::getName)
          .noneMatch(name -> name.startsWith("mesos-scheduler"));
      it.mesos.send(kill("t2"));
      it.mesos.reconnect();
      it.mesos.close();
      assertThat(it.scheduler.hasMore()).isFalse();
    }
  }
}
