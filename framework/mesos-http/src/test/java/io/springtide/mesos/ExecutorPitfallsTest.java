package io.springtide.mesos;

import static io.springtide.mesos.ExecutorFixture.launch;
import static io.springtide.mesos.ExecutorFixture.task;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.mesos.v1.Protos.KillPolicy;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;
import org.junit.jupiter.api.Test;

/** The well-known pitfalls of the executor API, as far as they concern the wire. */
class ExecutorPitfallsTest {

  @Test
  void pitfall08EveryUpdateIsToldAgainNotOnlyTheLatest() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture()) {
      it.mesos.start();
      it.takeSubscribe();
      it.stream.hangUp();
      it.expect("lost");
      it.expect("disconnected");
      Call.Update starting = it.update("t1", TaskState.TASK_STARTING);
      Call.Update running = it.update("t1", TaskState.TASK_RUNNING);
      Call.Update finished = it.update("t1", TaskState.TASK_FINISHED);
      it.time.advance(Duration.ofSeconds(2));
      assertThat(it.takeSubscribe().getUnacknowledgedUpdatesList())
          .containsExactly(starting, running, finished);
    }
  }

  @Test
  void pitfall17WithoutCheckpointingTheEndOfTheAgentIsTheEndOfTheExecutor() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture("MESOS_CHECKPOINT", "0")) {
      it.mesos.start();
      it.takeSubscribe();
      it.agent.die();
      it.expect("lost");
      it.expect("disconnected");
      it.expect("gave up");
    }
  }

  @Test
  void pitfall18UpdatesAndTasksAreKeptAndToldAgain() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture()) {
      it.mesos.start();
      it.takeSubscribe();
      it.stream.send(launch("t1"));
      it.expect("LAUNCH");
      Call.Update update = it.update("t1", TaskState.TASK_STARTING);
      it.takeUpdate(202, "");
      // The agent has answered 202 and dies before it acknowledges.
      it.stream.hangUp();
      it.expect("lost");
      it.expect("disconnected");
      it.time.advance(Duration.ofSeconds(2));
      Call.Subscribe again = it.takeSubscribe();
      assertThat(again.getUnacknowledgedTasksList()).containsExactly(task("t1"));
      assertThat(again.getUnacknowledgedUpdatesList()).containsExactly(update);
    }
  }

  @Test
  void pitfall18NoPauseBetweenTriesIsLongerThanTheAgentAllows() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture("MESOS_SUBSCRIPTION_BACKOFF_MAX", "400ms")) {
      it.mesos.start();
      for (int i = 0; i < 20; i++) {
        it.agent.take().answer(503, "Agent has not finished recovery");
        it.expect("lost answered 503");
        assertThat(it.time.pending().get(0)).isLessThanOrEqualTo(Duration.ofMillis(400));
        it.time.advance(Duration.ofMillis(400));
      }
      it.takeSubscribe();
    }
  }

  @Test
  void pitfall18TheAgentIsWaitedForAsLongAsItSaid() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture("MESOS_RECOVERY_TIMEOUT", "15mins")) {
      it.mesos.start();
      it.takeSubscribe();
      it.agent.die();
      it.expect("lost");
      it.expect("disconnected");
      it.time.advance(Duration.ofMinutes(15).minusMillis(1));
      assertThat(it.time.pending()).contains(Duration.ofMillis(1));
      it.time.advance(Duration.ofMillis(1));
      it.time.settle();
      String told = it.next();
      while (told.startsWith("lost")) {
        told = it.next();
      }
      assertThat(told).isEqualTo("gave up: the agent did not answer for 900 s");
    }
  }

  @Test
  void pitfall19TheExecutorSubscribesAtOnce() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture()) {
      it.mesos.start();
      it.takeSubscribe();
    }
  }

  @Test
  void pitfall21TheKillPolicyOfTheCallIsHandedOn() throws Exception {
    try (ExecutorFixture it = new ExecutorFixture()) {
      it.mesos.start();
      it.takeSubscribe();
      it.stream.send(
          Event.newBuilder()
              .setType(Event.Type.KILL)
              .setKill(
                  Event.Kill.newBuilder()
                      .setTaskId(TaskID.newBuilder().setValue("t1"))
                      .setKillPolicy(KillPolicy.getDefaultInstance()))
              .build());
      it.expect("KILL");
      it.update("t1", TaskState.TASK_KILLING);
      Call.Update killing = it.takeUpdate(202, "");
      assertThat(killing.getStatus().getState()).isEqualTo(TaskState.TASK_KILLING);
    }
  }
}
