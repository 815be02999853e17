package io.springtide.harness.emulator.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.emulator.EmulatorConfig;
import io.springtide.harness.emulator.MesosEmulator;
import io.springtide.harness.emulator.conformance.LiveReplay;
import io.springtide.mesos.Credential;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recordings 01, 01b, 01c, 02, 10, 10b and 13: subscriptions, refusals, failover, the end. */
class FrameworkConformanceIT extends LiveConformance {

  /** The recorded requests byte by byte, those that need nothing but a master. */
  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"01c-subscribe-accept", "02-subscribe-errors"})
  void aMasterAnswersAsRecorded(String trace, @TempDir Path here) throws Exception {
    if (!"http".equals(master.leader().getScheme())) {
      needs("a master that speaks HTTP without TLS");
    }
    if (master.credential().isPresent() || "true".equals(authentication())) {
      needs("a master without --authenticate_http_frameworks");
    }
    if (master.hasWhitelist()) {
      needs("a master that admits every role (no --roles)");
    }
    assertThat(LiveReplay.play(trace, here, master.leader()))
        .as("not as recorded in " + trace)
        .isEmpty();
  }

  private static String authentication() {
    return master.flags().getOrDefault("authenticate_http_frameworks", "false");
  }

  @Test
  void trace01ASubscriptionBeginsWithItsIdAndAHeartbeat() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      assertThat(it.id().getValue()).isNotEmpty();
      it.await(
          "the first HEARTBEAT", e -> e.getType() == Event.Type.HEARTBEAT, Duration.ofSeconds(10));
    }
  }

  @Test
  void trace01ATeardownEndsTheStreamAndTheFramework() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      it.send(it.call(Call.Type.TEARDOWN));
      it.over();
      assertThat(it.awaitTold("lost ")).contains("the other side ended the stream");
      refusedForGood(it.info(), "Framework has been removed");
    }
  }

  private static void refusedForGood(FrameworkInfo info, String why) throws Exception {
    try (LiveScheduler again = LiveScheduler.subscribing(master, info)) {
      Event error = again.await("ERROR", e -> e.getType() == Event.Type.ERROR);
      assertThat(error.getError().getMessage()).isEqualTo(why);
    }
  }

  @Test
  void trace02ASubscriptionThatMakesNoSenseIsRefusedByAnError() throws Exception {
    FrameworkInfo good = LiveScheduler.framework(master).build();
    try (LiveScheduler it =
        LiveScheduler.subscribing(master, good.toBuilder().clearRoles().addRoles("a b").build())) {
      Event error = it.await("ERROR", e -> e.getType() == Event.Type.ERROR);
      assertThat(error.getError().getMessage())
          .contains("'FrameworkInfo.roles' contains invalid role");
    }
  }

  @Test
  void trace10TheNewerSubscriptionTakesOverAndIsToldWhatIsUnacknowledged() throws Exception {
    try (LiveScheduler first = LiveScheduler.subscribed(master)) {
      first.acknowledges(false);
      Offer offer = first.offer();
      String taskId = LiveScheduler.taskId("s");
      first.launch(offer, LiveScheduler.command(offer, taskId, "exec sleep 1000"));
      TaskStatus starting = first.update(taskId, TaskState.TASK_STARTING);

      try (LiveScheduler second = LiveScheduler.subscribed(master, first.info(), Set.of())) {
        first.over();
        Event error = first.await("ERROR", e -> e.getType() == Event.Type.ERROR);
        assertThat(error.getError().getMessage()).isEqualTo("Framework failed over");
        assertThat(second.id()).isEqualTo(first.id());
        TaskStatus again = second.update(taskId, TaskState.TASK_STARTING);
        assertThat(again.getUuid()).isEqualTo(starting.getUuid());
        second.update(taskId, TaskState.TASK_RUNNING);
      }
    }
  }

  @Test
  void trace10bAFrameworkThatIsTornDownHearsNothingOfItsTasksAndNeverComesBack() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      it.run(LiveScheduler.taskId("d"), "exec sleep 1000");
      it.send(it.call(Call.Type.TEARDOWN));
      it.over();
      it.awaitTold("disconnected");
      assertThat(it.take(e -> e.getType() == Event.Type.UPDATE)).isEmpty();
      refusedForGood(it.info(), "Framework has been removed");
    }
  }

  @Test
  void trace13WhoDoesNotProveWhoHeIsIsRefused(@TempDir Path here) throws Exception {
    if (master.foreign()) {
      if (master.credential().isEmpty()) {
        needs("a master with --authenticate_http_frameworks, and -Dmesos.principal");
      }
      refusesWrongSecrets(master);
      return;
    }
    EmulatorConfig asks = EmulatorConfig.in(here).withCredentials(Map.of("springtide", "s3cret"));
    try (MesosEmulator emulator = MesosEmulator.start(asks)) {
      LiveMaster open = LiveMaster.emulated(emulator.masterUri(), Map.of());
      refusesWrongSecrets(open.as("springtide", Credential.basic("springtide", "s3cret")));
    }
  }

  private static void refusesWrongSecrets(LiveMaster asks) throws InterruptedException {
    LiveMaster wrong =
        asks.as(asks.principal(), Credential.basic(asks.principal(), "not the secret"));
    try (LiveScheduler it =
        LiveScheduler.subscribing(wrong, LiveScheduler.framework(wrong).build())) {
      assertThat(it.awaitTold("refused SUBSCRIBE")).startsWith("refused SUBSCRIBE 401");
    }
    try (LiveScheduler it = LiveScheduler.subscribed(asks)) {
      assertThat(it.id().getValue()).isNotEmpty();
    }
  }
}
