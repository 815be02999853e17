package io.springtide.mesos;

import static io.springtide.mesos.SchedulerFixture.FRAMEWORK;
import static io.springtide.mesos.SchedulerFixture.call;
import static io.springtide.mesos.SchedulerFixture.heartbeat;
import static io.springtide.mesos.SchedulerFixture.kill;
import static io.springtide.mesos.SchedulerFixture.rescind;
import static io.springtide.mesos.SchedulerFixture.subscribed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UninitializedMessageException;
import io.springtide.mesos.ScriptedServer.Exchange;
import io.springtide.mesos.ScriptedServer.Stream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.InverseOffer;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.OfferID;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.Unavailability;
import org.apache.mesos.v1.Protos.Value;
import org.apache.mesos.v1.scheduler.Mesos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The well-known pitfalls of the scheduler API, as far as they concern the wire. Each has a number,
 * in the order of Mesos' documents: connection, updates, partitions, offers, maintenance.
 */
class SchedulerPitfallsTest {

  @Test
  void pitfall01TheStreamIdIsOnEveryCallButSubscribe() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.mesos.start();
      it.scheduler.expect("connected");
      Exchange subscribe = it.master.take();
      assertThat(subscribe.headers.contains("Mesos-Stream-Id")).isFalse();
      Stream first = subscribe.stream("Mesos-Stream-Id", "s1");
      first.send(subscribed());
      it.scheduler.expect("SUBSCRIBED");
      it.mesos.send(call(Call.Type.REVIVE));
      Exchange revive = it.takeCall(Call.Type.REVIVE);
      assertThat(revive.headers.get("Mesos-Stream-Id")).isEqualTo("s1");
      revive.accept();

      first.end();
      it.scheduler.expect("lost");
      it.scheduler.expect("disconnected");
      it.time.advance(Duration.ofSeconds(1));
      it.scheduler.expect("connected");
      Exchange again = it.master.take();
      assertThat(again.headers.contains("Mesos-Stream-Id")).isFalse();
    }
  }

  @Test
  void pitfall01CallsNeverGoOnTheConnectionOfTheSubscription() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.mesos.start();
      it.scheduler.expect("connected");
      Exchange subscribe = it.master.take();
      subscribe.stream("Mesos-Stream-Id", "s1").send(subscribed());
      it.scheduler.expect("SUBSCRIBED");
      it.mesos.send(call(Call.Type.REVIVE));
      assertThat(it.takeCall(Call.Type.REVIVE).connection).isNotEqualTo(subscribe.connection);
    }
  }

  @Test
  void pitfall01NoCallGoesOutBeforeSubscribed() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      Stream stream = it.answered();
      it.mesos.send(call(Call.Type.REVIVE));
      it.scheduler.expect("failed REVIVE NOT_SENT there is no subscription");
      stream.send(subscribed());
      it.scheduler.expect("SUBSCRIBED");
      assertThat(it.master.hasRequest()).isFalse();
    }
  }

  @Test
  void pitfall01AMasterThatDoesNotLeadPointsToTheOneThatDoes() throws Exception {
    try (ScriptedServer leader = new ScriptedServer();
        SchedulerFixture it = new SchedulerFixture()) {
      it.mesos.start();
      it.scheduler.expect("connected");
      // As in golden trace 11: no scheme, and a path of the master's own.
      String location = "//" + leader.endpoint().authority() + "/master/api/v1/scheduler";
      it.master.take().answer(307, "", "Location", location);
      Exchange subscribe = leader.take();
      assertThat(subscribe.path).isEqualTo("/api/v1/scheduler");
      subscribe.stream("Mesos-Stream-Id", "s1").send(subscribed());
      it.scheduler.expect("SUBSCRIBED");
      it.mesos.send(call(Call.Type.REVIVE));
      assertThat(leader.take().headers.get("Mesos-Stream-Id")).isEqualTo("s1");
    }
  }

  @Test
  void pitfall01ARedirectToADeadLeaderIsTriedAgainWithPauses() throws Exception {
    ScriptedServer dead = new ScriptedServer();
    try (SchedulerFixture it = new SchedulerFixture()) {
      String location = "//" + dead.endpoint().authority() + "/master/api/v1/scheduler";
      dead.close();
      it.mesos.start();
      it.scheduler.expect("connected");
      it.master.take().answer(307, "", "Location", location);
      it.scheduler.expect("lost cannot connect to " + dead.endpoint());
      it.time.advance(Duration.ofSeconds(15));
      it.master.take().answer(307, "", "Location", location);
      // This time the redirect is not followed at once.
      it.time.advanceToNext(Duration.ofSeconds(15));
      it.scheduler.expect("lost cannot connect to " + dead.endpoint());
      it.time.advance(Duration.ofSeconds(15));
      it.master.take().stream("Mesos-Stream-Id", "s1").send(subscribed());
      it.scheduler.expect("SUBSCRIBED");
    }
  }

  @Test
  void pitfall01ACallThatIsAccepted202IsNotReportedAsAnything() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.subscribe();
      it.mesos.send(kill("no-such-task"));
      it.takeCall(Call.Type.KILL).accept();
      it.mesos.send(kill("t2"));
      it.takeCall(Call.Type.KILL).answer(400, "the next thing told");
      it.scheduler.expect("refused KILL 400 the next thing told");
    }
  }

  @Test
  void pitfall02FiveMissedHeartbeatsEndTheSubscription() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      Stream stream = it.subscribe();
      // The first interval had SUBSCRIBED in it, or may have; the five after it are silent.
      it.time.advance(Duration.ofSeconds(15 * 5 - 1));
      stream.send(heartbeat());
      it.scheduler.expect("HEARTBEAT");
      it.time.advance(Duration.ofSeconds(15 * 5 - 1));
      it.time.settle();
      assertThat(it.scheduler.hasMore()).isFalse();
      it.time.advance(Duration.ofSeconds(16));
      it.scheduler.expect("lost nothing heard for 5 heartbeat intervals");
      it.scheduler.expect("disconnected");
      assertThat(stream.closedByClient()).isTrue();
      it.time.advance(Duration.ofSeconds(15));
      it.subscribeAgain("s2");
    }
  }

  @Test
  void pitfall02PausesBetweenTriesGrowToFifteenSecondsAndNotBeyond() {
    Backoff backoff =
        new Backoff(Duration.ofMillis(250), Duration.ofSeconds(15), new java.util.Random(1));
    for (int i = 0; i < 1000; i++) {
      Duration whole = Duration.ofMillis(Math.min(15_000, 250L << Math.min(i, 10)));
      assertThat(backoff.next()).isBetween(whole.dividedBy(2), whole);
    }
  }

  @Test
  void pitfall02AFullEventBufferStopsReadingAndThenFailsLoudly() throws Exception {
    CountDownLatch mayTake = new CountDownLatch(1);
    CountDownLatch taking = new CountDownLatch(1);
    RecordingScheduler slow =
        new RecordingScheduler() {
          @Override
          public void received(Mesos mesos, Event event) {
            super.received(mesos, event);
            if (event.getType() == Event.Type.RESCIND) {
              taking.countDown();
              try {
                mayTake.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }
          }
        };
    WireOptions options =
        WireOptions.defaults().withEventBuffer(10, 1 << 20, Duration.ofSeconds(60));
    try (SchedulerFixture it = new SchedulerFixture(options, slow)) {
      Stream stream = it.subscribe();
      for (int i = 0; i < 5_000; i++) {
        stream.push(rescind("o".repeat(1000) + i));
      }
      taking.await();
      // Its sockets are full: the master cannot write on, and nothing is lost yet.
      while (stream.isWritable()) {
        stream.push(rescind("o".repeat(1000)));
        it.time.settle();
      }
      it.time.advance(Duration.ofSeconds(59));
      assertThat(stream.isOpen()).isTrue();
      it.time.advance(Duration.ofSeconds(1));
      assertThat(stream.closedByClient()).isTrue();
      mayTake.countDown();
      RecordingScheduler.Told told = it.scheduler.take();
      while (told.what().equals("RESCIND")) {
        told = it.scheduler.take();
      }
      assertThat(told.what()).startsWith("lost the event buffer overflowed");
      it.scheduler.expect("disconnected");
    }
  }

  @Test
  void pitfall02AFullEventBufferThatIsTakenInTimeLosesNothing() throws Exception {
    WireOptions options =
        WireOptions.defaults().withEventBuffer(4, 1 << 20, Duration.ofSeconds(60));
    try (SchedulerFixture it = new SchedulerFixture(options)) {
      Stream stream = it.subscribe();
      for (int i = 0; i < 20_000; i++) {
        stream.push(rescind("o" + i));
      }
      for (int i = 0; i < 20_000; i++) {
        assertThat(it.scheduler.take().event()).isEqualTo(rescind("o" + i));
      }
      stream.send(heartbeat());
      it.scheduler.expect("HEARTBEAT");
    }
  }

  @Test
  void pitfall03AfterAnErrorTheClientDoesNotSubscribeAgain() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      Stream stream = it.subscribe();
      it.mesos.send(kill("t1"));
      it.takeCall(Call.Type.KILL);
      stream.send(
          Event.newBuilder()
              .setType(Event.Type.ERROR)
              .setError(Event.Error.newBuilder().setMessage("Framework failed over"))
              .build());
      assertThat(it.scheduler.expect("ERROR").event().getError().getMessage())
          .isEqualTo("Framework failed over");
      it.scheduler.expect("failed KILL UNKNOWN");
      it.scheduler.expect("lost the master said ERROR: Framework failed over");
      it.scheduler.expect("disconnected");
      assertThat(stream.closedByClient()).isTrue();
      it.time.advance(Duration.ofHours(1));
      assertThat(it.master.hasRequest()).isFalse();
      it.mesos.send(kill("t2"));
      it.scheduler.expect("failed KILL NOT_SENT");

      it.mesos.reconnect();
      it.subscribeAgain("s2");
    }
  }

  @Test
  void pitfall03ASubscribeThatIsRefusedByAnErrorEventIsNotRepeated() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.mesos.start();
      it.scheduler.expect("connected");
      // As in golden trace 02: 200, one ERROR, the last chunk.
      Stream stream = it.master.take().stream("Mesos-Stream-Id", "s1");
      stream.send(
          Event.newBuilder()
              .setType(Event.Type.ERROR)
              .setError(Event.Error.newBuilder().setMessage("Framework has been removed"))
              .build());
      it.scheduler.expect("ERROR");
      it.scheduler.expect("lost the master said ERROR: Framework has been removed");
      it.scheduler.expect("disconnected");
      it.time.advance(Duration.ofHours(1));
      assertThat(it.master.hasRequest()).isFalse();
    }
  }

  @Test
  void pitfall03ASubscribeWithoutUserCannotBeBuilt() {
    assertThatThrownBy(() -> FrameworkInfo.newBuilder().setName("test").build())
        .isInstanceOf(UninitializedMessageException.class)
        .hasMessageContaining("user");
  }

  @Test
  void pitfall04AfterATeardownTheClientDoesNotSubscribeAgain() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      Stream stream = it.subscribe();
      it.mesos.send(call(Call.Type.TEARDOWN));
      Exchange teardown = it.takeCall(Call.Type.TEARDOWN);
      // As in golden trace 01b: the stream ends before the answer comes.
      stream.end();
      it.scheduler.expect("lost the other side ended the stream");
      it.scheduler.expect("disconnected");
      teardown.accept();
      assertThat(teardown.closedByClient()).isTrue();
      it.time.advance(Duration.ofHours(1));
      assertThat(it.master.hasRequest()).isFalse();
      assertThat(it.scheduler.hasMore()).isFalse();
    }
  }

  @Test
  void pitfall04AfterARefusedTeardownTheFrameworkLivesOn() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      Stream stream = it.subscribe();
      it.mesos.send(call(Call.Type.TEARDOWN));
      it.takeCall(Call.Type.TEARDOWN).answer(400, "stream ID mismatch");
      it.scheduler.expect("refused TEARDOWN 400 stream ID mismatch");
      stream.end();
      it.comesBack("lost the other side ended the stream", Duration.ofSeconds(1), "s2");
    }
  }

  @Test
  void pitfall05ACallIsSentAtMostOnceAndItsFateIsTold() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.subscribe();
      it.mesos.send(call(Call.Type.ACCEPT));
      it.takeCall(Call.Type.ACCEPT).hangUp();
      it.scheduler.expect("failed ACCEPT UNKNOWN");
      it.comesBack("lost", Duration.ofSeconds(1), "s2");
      it.passesOn(Call.Type.REVIVE);
    }
  }

  @Test
  void pitfall06NothingIsAcknowledgedBehindTheSchedulersBack() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      Stream stream = it.subscribe();
      Event update = update(TaskState.TASK_RUNNING, ByteString.copyFrom(new byte[16]));
      stream.send(update).send(update);
      assertThat(it.scheduler.take().event()).isEqualTo(update);
      assertThat(it.scheduler.take().event()).isEqualTo(update);
      it.mesos.send(call(Call.Type.REVIVE));
      it.takeCall(Call.Type.REVIVE);
    }
  }

  @Test
  void pitfall07EverySubscriptionIsToldSoThatTheSchedulerCanReconcile() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      Stream stream = it.subscribe();
      for (int i = 2; i < 5; i++) {
        stream.end();
        stream = it.comesBack("lost", Duration.ofSeconds(15), "s" + i);
        it.mesos.send(call(Call.Type.RECONCILE));
        Exchange reconcile = it.takeCall(Call.Type.RECONCILE);
        assertThat(reconcile.headers.get("Mesos-Stream-Id")).isEqualTo("s" + i);
        reconcile.accept();
      }
    }
  }

  /** Mesos promises no order between them, and neither at all: nothing is made up here. */
  @Test
  void pitfall09AFailureIsHandedOnAsItComesAndNothingIsConcludedFromIt() throws Exception {
    Event failure =
        Event.newBuilder()
            .setType(Event.Type.FAILURE)
            .setFailure(
                Event.Failure.newBuilder()
                    .setAgentId(AgentID.newBuilder().setValue("S0"))
                    .setStatus(9))
            .build();
    Event update = update(TaskState.TASK_FAILED, ByteString.copyFrom(new byte[16]));
    try (SchedulerFixture it = new SchedulerFixture()) {
      Stream stream = it.subscribe();
      stream.send(failure).send(update).send(update).send(failure).send(failure);
      for (Event expected : List.of(failure, update, update, failure, failure)) {
        assertThat(it.scheduler.take().event()).isEqualTo(expected);
      }
      it.passesOn(Call.Type.REVIVE);
      it.time.settle();
      assertThat(it.scheduler.hasMore()).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(TaskState.class)
  void pitfall10EveryStateOfAPartitionAwareFrameworkIsHandedOn(TaskState state) throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      Stream stream = it.subscribe();
      stream.send(update(state, ByteString.EMPTY));
      assertThat(it.scheduler.take().event().getUpdate().getStatus().getState()).isEqualTo(state);
    }
  }

  /** refuse_seconds left out means five seconds to Mesos: what was said must arrive. */
  @Test
  void pitfall11ADeclineArrivesWithItsFilterAndIsNotRepeated() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.subscribe();
      Call.Builder decline = call(Call.Type.DECLINE).toBuilder();
      decline.getDeclineBuilder().addOfferIds(OfferID.newBuilder().setValue("o1"));
      decline.getDeclineBuilder().getFiltersBuilder().setRefuseSeconds(3600);
      it.mesos.send(decline.build());
      Exchange exchange = it.takeCall(Call.Type.DECLINE);
      assertThat(exchange.read(Call.parser())).isEqualTo(decline.build());
      // Its loss is told; nobody sends it again on its own, for the offer may be another's by then.
      exchange.hangUp();
      it.scheduler.expect("failed DECLINE UNKNOWN");
      it.comesBack("lost", Duration.ofSeconds(15), "s2");
      it.passesOn(Call.Type.REVIVE);
    }
  }

  @Test
  void pitfall12SuppressAndReviveArriveInTheOrderSent() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.subscribe();
      for (int i = 0; i < 50; i++) {
        it.mesos.send(call(i % 2 == 0 ? Call.Type.SUPPRESS : Call.Type.REVIVE));
      }
      for (int i = 0; i < 50; i++) {
        it.takeCall(i % 2 == 0 ? Call.Type.SUPPRESS : Call.Type.REVIVE).accept();
      }
    }
  }

  @Test
  void pitfall12SuppressedRolesGoAlongWithSubscribe() throws Exception {
    Call suppressed =
        RecordingScheduler.subscribe().toBuilder()
            .setSubscribe(
                RecordingScheduler.subscribe().getSubscribe().toBuilder()
                    .addSuppressedRoles("springtide"))
            .build();
    RecordingScheduler scheduler =
        new RecordingScheduler() {
          @Override
          public void connected(Mesos mesos) {
            mesos.send(suppressed);
          }
        };
    try (SchedulerFixture it = new SchedulerFixture(WireOptions.defaults(), scheduler)) {
      it.mesos.start();
      assertThat(it.master.take().read(Call.parser()).getSubscribe().getSuppressedRolesList())
          .containsExactly("springtide");
    }
  }

  @Test
  void pitfall13ARescindNeverOvertakesTheOfferItTakesBack() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      Stream stream = it.subscribe();
      for (int i = 0; i < 200; i++) {
        stream.push(offers("o" + i));
        stream.push(rescind("o" + i));
      }
      for (int i = 0; i < 200; i++) {
        assertThat(it.scheduler.take().event()).isEqualTo(offers("o" + i));
        assertThat(it.scheduler.take().event()).isEqualTo(rescind("o" + i));
      }
    }
  }

  /** The role, and who else has reserved what, is in each resource: all of it is handed on. */
  @Test
  void pitfall14ReservationsOfAnOfferAreHandedOn() throws Exception {
    Resource.Builder reserved = Resource.newBuilder().setName("cpus");
    reserved.setType(Value.Type.SCALAR).getScalarBuilder().setValue(4);
    reserved.getAllocationInfoBuilder().setRole("springtide");
    reserved
        .addReservationsBuilder()
        .setType(Resource.ReservationInfo.Type.STATIC)
        .setRole("springtide");
    Offer.Builder offer = Offer.newBuilder().setHostname("h").addResources(reserved);
    offer.getIdBuilder().setValue("o1");
    offer.getFrameworkIdBuilder().setValue("f");
    offer.getAgentIdBuilder().setValue("S0");
    offer.getAllocationInfoBuilder().setRole("springtide");
    Event offers =
        Event.newBuilder()
            .setType(Event.Type.OFFERS)
            .setOffers(Event.Offers.newBuilder().addOffers(offer))
            .build();
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.subscribe().send(offers);
      assertThat(it.scheduler.take().event()).isEqualTo(offers);
    }
  }

  @Test
  void pitfall15InverseOffersAreHandedOn() throws Exception {
    Event inverse =
        Event.newBuilder()
            .setType(Event.Type.INVERSE_OFFERS)
            .setInverseOffers(
                Event.InverseOffers.newBuilder()
                    .addInverseOffers(
                        InverseOffer.newBuilder()
                            .setId(OfferID.newBuilder().setValue("i1"))
                            .setFrameworkId(FRAMEWORK)
                            .setUnavailability(
                                Unavailability.newBuilder()
                                    .setStart(
                                        org.apache.mesos.v1.Protos.TimeInfo.newBuilder()
                                            .setNanoseconds(1)))))
            .build();
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.subscribe().send(inverse);
      assertThat(it.scheduler.take().event()).isEqualTo(inverse);
    }
  }

  @Test
  void pitfall21AKillThatDidNotGetThroughIsToldSoThatItCanBeRepeated() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      it.subscribe().end();
      it.scheduler.expect("lost");
      it.scheduler.expect("disconnected");
      it.mesos.send(kill("t1"));
      assertThat(it.scheduler.expect("failed KILL NOT_SENT").call()).isEqualTo(kill("t1"));
    }
  }

  @Test
  void severalMastersAreAskedInTurn() throws Exception {
    try (ScriptedServer second = new ScriptedServer();
        ScriptedServer first = new ScriptedServer();
        SchedulerFixture it =
            new SchedulerFixture(new FixedMasters(List.of(first.endpoint(), second.endpoint())))) {
      it.mesos.start();
      it.scheduler.expect("connected");
      first.take().answer(503, "No leader elected");
      it.scheduler.expect("lost answered 503 No leader elected");
      it.time.advance(Duration.ofSeconds(1));
      second.take().stream("Mesos-Stream-Id", "s1").send(subscribed());
      it.scheduler.expect("SUBSCRIBED");
    }
  }

  private static Event update(TaskState state, ByteString uuid) {
    TaskStatus.Builder status =
        TaskStatus.newBuilder().setTaskId(TaskID.newBuilder().setValue("t1")).setState(state);
    if (!uuid.isEmpty()) {
      status.setUuid(uuid);
    }
    return Event.newBuilder()
        .setType(Event.Type.UPDATE)
        .setUpdate(Event.Update.newBuilder().setStatus(status))
        .build();
  }

  private static Event offers(String id) {
    return Event.newBuilder()
        .setType(Event.Type.OFFERS)
        .setOffers(
            Event.Offers.newBuilder()
                .addOffers(
                    Offer.newBuilder()
                        .setId(OfferID.newBuilder().setValue(id))
                        .setFrameworkId(FRAMEWORK)
                        .setAgentId(AgentID.newBuilder().setValue("S0"))
                        .setHostname("h")))
        .build();
  }
}
