package io.springtide.mesos;

import static io.springtide.mesos.ExecutorFixture.acknowledged;
import static io.springtide.mesos.ExecutorFixture.launch;
import static io.springtide.mesos.ExecutorFixture.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.mesos.ScriptedServer.Exchange;
import java.time.Duration;
import java.util.List;
import org.apache.mesos.v1.Protos.TaskGroupInfo;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;
import org.junit.jupiter.api.Test;

class HttpExecutorTest {

  @Test
  void subscribesByItselfWithTheAgentsToken() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture("MESOS_EXECUTOR_AUTHENTICATION_TOKEN", "a.b.c")) {
      it.mesos.start();
      Exchange subscribe = it.agent.take();
      assertThat(subscribe.path).isEqualTo("/api/v1/executor");
      assertThat(subscribe.headers.get("Content-Type")).isEqualTo("application/x-protobuf");
      assertThat(subscribe.headers.get("Authorization")).isEqualTo("Bearer a.b.c");
      assertThat(subscribe.headers.contains("Mesos-Stream-Id")).isFalse();
      assertThat(subscribe.read(Call.parser()))
          .isEqualTo(
              it.environment
                  .call(Call.Type.SUBSCRIBE)
                  .setSubscribe(Call.Subscribe.getDefaultInstance())
                  .build());
    }
  }

  @Test
  void shutdownMayComeInsteadOfSubscribed() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture()) {
      it.mesos.start();
      it.agent.take().stream().send(Event.newBuilder().setType(Event.Type.SHUTDOWN).build());
      it.expect("connected");
      it.expect("SHUTDOWN");
    }
  }

  @Test
  void anAgentThatHasAnsweredIsNotGivenUpLater() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture("MESOS_RECOVERY_TIMEOUT", "10secs")) {
      it.mesos.start();
      it.takeSubscribe();
      it.time.advance(Duration.ofMinutes(1));
      it.stream.send(Event.newBuilder().setType(Event.Type.SHUTDOWN).build());
      it.expect("SHUTDOWN");
    }
  }

  @Test
  void updatesGoOneAtATimeOnAConnectionOfTheirOwn() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture()) {
      it.mesos.start();
      it.takeSubscribe();
      Call.Update starting = it.update("t1", TaskState.TASK_STARTING);
      Call.Update running = it.update("t1", TaskState.TASK_RUNNING);
      Exchange first = it.agent.take();
      assertThat(first.connection).isNotEqualTo(1);
      assertThat(first.read(Call.parser()).getUpdate()).isEqualTo(starting);
      it.time.settle();
      assertThat(it.agent.hasRequest()).isFalse();
      first.accept();
      Exchange second = it.agent.take();
      assertThat(second.connection).isEqualTo(first.connection);
      assertThat(second.read(Call.parser()).getUpdate()).isEqualTo(running);
    }
  }

  @Test
  void whileTheAgentRecoversUpdatesAreKeptAndSentAgainInOrder() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture()) {
      it.mesos.start();
      it.takeSubscribe();
      Call.Update starting = it.update("t1", TaskState.TASK_STARTING);
      Call.Update running = it.update("t1", TaskState.TASK_RUNNING);
      for (int i = 0; i < 3; i++) {
        assertThat(it.takeUpdate(503, "Agent has not finished recovery")).isEqualTo(starting);
        it.time.advanceToNext(Duration.ofSeconds(2));
      }
      assertThat(it.takeUpdate(202, "")).isEqualTo(starting);
      assertThat(it.takeUpdate(202, "")).isEqualTo(running);
      assertThat(it.hasMore()).isFalse();
    }
  }

  @Test
  void anAgentThatComesBackIsToldWhatItHasNotAcknowledged() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture()) {
      it.mesos.start();
      it.takeSubscribe();
      it.stream.send(launch("t1")).send(launch("t2"));
      it.expect("LAUNCH");
      it.expect("LAUNCH");
      Call.Update starting = it.update("t1", TaskState.TASK_STARTING);
      it.takeUpdate(202, "");
      it.stream.send(acknowledged("t1", starting.getStatus().getUuid()));
      it.expect("ACKNOWLEDGED");
      Call.Update running = it.update("t1", TaskState.TASK_RUNNING);
      it.takeUpdate(202, "");

      it.stream.hangUp();
      it.expect("lost");
      it.expect("disconnected");
      Call.Update finished = it.update("t1", TaskState.TASK_FINISHED);
      it.time.advance(Duration.ofSeconds(2));
      Call.Subscribe again = it.takeSubscribe();
      assertThat(again.getUnacknowledgedTasksList()).containsExactly(task("t2"));
      assertThat(again.getUnacknowledgedUpdatesList()).containsExactly(running, finished);

      it.stream.send(acknowledged("t1", running.getStatus().getUuid()));
      it.stream.send(acknowledged("t1", finished.getStatus().getUuid()));
      it.expect("ACKNOWLEDGED");
      it.expect("ACKNOWLEDGED");
      it.mesos.reconnect();
      it.expect("lost");
      it.expect("disconnected");
      assertThat(it.takeSubscribe().getUnacknowledgedUpdatesList()).isEmpty();
    }
  }

  @Test
  void anUpdateThatComesWhileSubscribingIsSentAfterwards() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture()) {
      it.mesos.start();
      Exchange subscribe = it.agent.take();
      Call.Update update = it.update("t1", TaskState.TASK_RUNNING);
      it.time.settle();
      subscribe.stream();
      it.expect("connected");
      assertThat(it.takeUpdate(202, "")).isEqualTo(update);
    }
  }

  @Test
  void theTasksOfAGroupAreKeptUntilAcknowledged() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture()) {
      it.mesos.start();
      it.takeSubscribe();
      it.stream.send(
          Event.newBuilder()
              .setType(Event.Type.LAUNCH_GROUP)
              .setLaunchGroup(
                  Event.LaunchGroup.newBuilder()
                      .setTaskGroup(
                          TaskGroupInfo.newBuilder().addTasks(task("a")).addTasks(task("b"))))
              .build());
      it.expect("LAUNCH_GROUP");
      it.mesos.reconnect();
      it.expect("lost");
      it.expect("disconnected");
      assertThat(it.takeSubscribe().getUnacknowledgedTasksList())
          .containsExactly(task("a"), task("b"));
    }
  }

  @Test
  void givesUpWhenTheAgentDoesNotComeBackInTime() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture("MESOS_RECOVERY_TIMEOUT", "10secs")) {
      it.mesos.start();
      it.takeSubscribe();
      it.stream.hangUp();
      it.expect("lost");
      it.expect("disconnected");
      it.time.advance(Duration.ofSeconds(1));
      it.agent.take().answer(503, "recovering");
      it.expect("lost answered 503 recovering");
      it.time.advance(Duration.ofSeconds(9));
      it.expect("gave up: the agent did not answer for 10 s");
      it.expect("SHUTDOWN");
      it.update("t1", TaskState.TASK_KILLED);
      it.expect("failed UPDATE NOT_SENT the agent is lost");
    }
  }

  @Test
  void withoutCheckpointingItGivesUpAtOnce() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture("MESOS_CHECKPOINT", "0")) {
      it.mesos.start();
      it.takeSubscribe();
      it.stream.hangUp();
      it.expect("lost");
      it.expect("disconnected");
      it.expect("gave up: the agent is gone");
      it.expect("SHUTDOWN");
    }
  }

  @Test
  void anAgentThatDoesNotKnowTheExecutorIsNotAskedAgain() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture()) {
      it.mesos.start();
      it.agent.take().answer(400, "Executor cannot be found");
      it.expect("gave up: the agent refuses this executor: 400 Executor cannot be found");
      it.expect("SHUTDOWN");
      it.time.advance(Duration.ofHours(1));
      assertThat(it.agent.hasRequest()).isFalse();
    }
  }

  @Test
  void aRefusedUpdateIsReportedAndForgotten() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture()) {
      it.mesos.start();
      it.takeSubscribe();
      it.update("t1", TaskState.TASK_STAGING);
      it.takeUpdate(400, "TASK_STAGING is not allowed");
      it.expect("refused UPDATE 400 TASK_STAGING is not allowed");
      it.mesos.reconnect();
      it.expect("lost");
      it.expect("disconnected");
      assertThat(it.takeSubscribe().getUnacknowledgedUpdatesList()).isEmpty();
    }
  }

  @Test
  void anUpdateToAnAgentThatForgotTheSubscriptionGoesWithTheNext() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture()) {
      it.mesos.start();
      it.takeSubscribe();
      Call.Update update = it.update("t1", TaskState.TASK_RUNNING);
      it.takeUpdate(403, "Executor is not subscribed");
      it.expect("lost a call was answered 403 Executor is not subscribed");
      it.expect("disconnected");
      it.time.advance(Duration.ofSeconds(2));
      assertThat(it.takeSubscribe().getUnacknowledgedUpdatesList()).containsExactly(update);
    }
  }

  @Test
  void messagesAreSentAtMostOnce() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture()) {
      it.mesos.start();
      it.takeSubscribe();
      it.mesos.send(it.environment.message(new byte[] {1}));
      it.mesos.send(it.environment.message(new byte[] {2}));
      assertThat(it.agent.take().read(Call.parser()).getType()).isEqualTo(Call.Type.MESSAGE);
      it.stream.end();
      // The second may be on its way to the client's loop when the end is seen: not sent either
      // way.
      List<String> told = List.of(it.next(), it.next(), it.next(), it.next());
      assertThat(told)
          .satisfiesOnlyOnce(line -> assertThat(line).startsWith("failed MESSAGE UNKNOWN"))
          .satisfiesOnlyOnce(line -> assertThat(line).startsWith("failed MESSAGE NOT_SENT"))
          .contains("lost the other side ended the stream", "disconnected");
      it.mesos.send(it.environment.message(new byte[] {3}));
      it.expect("failed MESSAGE NOT_SENT there is no subscription");
    }
  }

  @Test
  void aMessageThatARecoveringAgentRefusedIsKnownNotToHaveArrived() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture()) {
      it.mesos.start();
      it.takeSubscribe();
      it.mesos.send(it.environment.message(new byte[] {1}));
      it.agent.take().answer(503, "Agent has not finished recovery");
      it.time.advanceToNext(Duration.ofSeconds(2));
      it.agent.take().answer(503, "Agent has not finished recovery");
      it.time.awaitScheduled(Duration.ofSeconds(2));
      it.stream.end();
      it.expect("failed MESSAGE NOT_SENT");
    }
  }

  @Test
  void callsThatCanNeverBeRightAreRefusedAtTheDoor() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture()) {
      assertThatThrownBy(() -> it.mesos.send(it.environment.call(Call.Type.SUBSCRIBE).build()))
          .isInstanceOf(IllegalArgumentException.class);
      TaskStatus status =
          TaskStatus.newBuilder()
              .setTaskId(TaskID.newBuilder().setValue("t"))
              .setState(TaskState.TASK_RUNNING)
              .build();
      Call noUuid =
          it.environment
              .call(Call.Type.UPDATE)
              .setUpdate(Call.Update.newBuilder().setStatus(status))
              .build();
      assertThatThrownBy(() -> it.mesos.send(noUuid)).hasMessageContaining("16 bytes");
    }
  }

  @Test
  void closeEndsEveryThreadAndConnection() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture()) {
      it.mesos.start();
      it.takeSubscribe();
      it.mesos.close();
      assertThat(it.stream.closedByClient()).isTrue();
      assertThat(Thread.getAllStackTraces().keySet())
          .extracting(Thread::getName)
          .noneMatch(name -> name.startsWith("mesos-executor"));
    }
  }
}
