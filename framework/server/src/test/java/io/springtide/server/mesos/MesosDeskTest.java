package io.springtide.server.mesos;

import static org.apache.mesos.v1.Protos.TaskState.TASK_RUNNING;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.Label;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.HostReport;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In virtual time and on one thread: what is done shows at once. */
class MesosDeskTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Resources WARDEN = Resources.of(10, 16);

  private final List<Event> events = new ArrayList<>();
  private final List<Event> inside = new ArrayList<>();
  private final Map<String, byte[]> kept = new HashMap<>();
  private final MesosDesk desk =
      new MesosDesk(
          FakeMesos.registration("http://nowhere/"),
          "",
          new ExecutorTable(
              new ExecutorTable.Shelf() {
                @Override
                public Map<String, byte[]> all() {
                  return kept;
                }

                @Override
                public void keep(String id, byte[] description) {
                  kept.put(id, description);
                }
              },
              new ExecutorJar("cafe", "http://nowhere/executor.jar"),
              "java"),
          Resources.of(100, 192, 64),
          WARDEN,
          "",
          events::add,
          inside::add);
  private final FakeMesos mesos = new FakeMesos(desk);

  @BeforeEach
  void subscribe() {
    mesos.connect();
    mesos.subscribed("F1");
    events.clear();
  }

  @Test
  void theIdThatTheMasterGaveGoesWithEveryCall() {
    desk.revive();
    assertThat(mesos.sent().get(0).getFrameworkId().getValue()).isEqualTo("F1");
    assertThat(mesos.connect().getFrameworkId().getValue()).isEqualTo("F1");
  }

  @Test
  void anExecutorIsDescribedOnceAndRepeatedToTheByteWhileItLives() {
    String offer = mesos.offer("S1", FakeMesos.wholeHost());
    ExecutorInfo first = launched(accept("S1", launch("w1", "S1"), offer)).get(0).getExecutor();
    assertThat(kept).containsOnlyKeys(first.getExecutorId().getValue());
    String beside = mesos.offer("S1", FakeMesos.room(1, 100), id(first));
    ExecutorInfo second = launched(accept("S1", launch("w2", "S1"), beside)).get(0).getExecutor();
    assertThat(second).isEqualTo(first);
    assertThat(((Event.OffersReceived) events.get(1)).offers().get(0).executorIds())
        .as("to the core it is the one executor of that host")
        .containsExactly(MesosDesk.EXECUTOR);
  }

  @Test
  void whatWardensReportIsHandedOnAndNothingElse() {
    String offer = mesos.offer("S1", FakeMesos.wholeHost());
    String executor = id(launched(accept("S1", launch("w1", "S1"), offer)).get(0).getExecutor());
    events.clear();
    mesos.message(
        "S1", executor, "{\"version\": 1, \"host\": \"h1\", \"runtimes\": [\"process\"]}");
    assertThat(events)
        .singleElement()
        .isInstanceOfSatisfying(
            Event.HostReported.class,
            reported -> {
              assertThat(reported.agentId()).isEqualTo("S1");
              assertThat(reported.report().engines())
                  .extracting(HostReport.Engine::name)
                  .containsExactly("process");
            });
    events.clear();
    mesos.message("S1", "somebody-elses", "{\"version\": 1, \"host\": \"h1\"}");
    mesos.message("S1", executor, "no report");
    mesos.message("S1", executor, "{\"version\": 1, \"engines\": [null]}");
    mesos.message("S1", executor, "");
    assertThat(events).isEmpty();
  }

  @Test
  void offersOfALostSubscriptionAreNotUsed() {
    String offer = mesos.offer("S1", FakeMesos.wholeHost());
    desk.disconnected(mesos);
    assertThat(events).last().isEqualTo(new Event.Disconnected());
    desk.accept(accept("S1", launch("w1", "S1"), offer));
    assertThat(mesos.sent()).isEmpty();
    assertThat(dropped()).containsExactly("w1");
  }

  @Test
  void launchesOnAnOfferThatWasRescindedSinceAreTakenBackAndTheRestGivenBack() {
    String gone = mesos.offer("S1", FakeMesos.wholeHost());
    String left = mesos.offer("S1", FakeMesos.wholeHost());
    mesos.rescind(gone);
    assertThat(events).last().isEqualTo(new Event.OfferRescinded(gone));
    desk.accept(accept("S1", launch("w1", "S1"), gone, left));
    List<Call> sent = mesos.sent();
    assertThat(sent).singleElement().extracting(Call::getType).isEqualTo(Call.Type.DECLINE);
    assertThat(sent.get(0).getDecline().getOfferIds(0).getValue()).isEqualTo(left);
    assertThat(dropped()).containsExactly("w1");
    TaskUpdate update = ((Event.TaskUpdated) inside.get(0)).update();
    assertThat(update.state()).isEqualTo(TaskState.DROPPED);
    assertThat(update.reason()).isEqualTo(TaskUpdate.INVALID_OFFERS);
  }

  @Test
  void anOfferThatWasDeclinedOrUsedIsGone() {
    String declined = mesos.offer("S1", FakeMesos.wholeHost());
    desk.decline(new Effect.Decline(List.of(declined), Duration.ofSeconds(5)));
    desk.accept(accept("S1", launch("w1", "S1"), declined));
    String used = mesos.offer("S2", FakeMesos.wholeHost());
    desk.accept(accept("S2", launch("w2", "S2"), used));
    desk.accept(accept("S2", launch("w3", "S2"), used));
    assertThat(dropped()).containsExactly("w1", "w3");
    assertThat(mesos.sent())
        .extracting(Call::getType)
        .containsExactly(Call.Type.DECLINE, Call.Type.ACCEPT);
  }

  @Test
  void whereThereIsNoRoomForTheExecutorNothingIsLaunched() {
    String offer = mesos.offer("S1", FakeMesos.room(0.05, 100));
    assertThat(launched(accept("S1", launch("w1", "S1"), offer))).isEmpty();
    assertThat(dropped()).containsExactly("w1");
    assertThat(kept).isEmpty();
  }

  @Test
  void whatFindsNoRoomIsTakenBackAndTheRestLaunched() {
    String offer = mesos.offer("S1", FakeMesos.room(0.115, 4000, 100));
    Effect.Accept two =
        new Effect.Accept(
            List.of(offer), "S1", List.of(launch("w1", "S1"), launch("w2", "S1")), Duration.ZERO);
    assertThat(launched(two)).extracting(t -> t.getTaskId().getValue()).containsExactly("w1");
    assertThat(dropped()).containsExactly("w2");
  }

  @Test
  void theExecutorThatIsThereIsEnded() {
    ExecutorInfo executor = executorOn("S1");
    assertThat(ended("S1")).containsExactly(id(executor));
  }

  @Test
  void whereNobodyKnowsWhichExecutorIsThereAllThatMayBeAreEnded() {
    ExecutorInfo executor = executorOn("S1");
    String other = other(executor);
    assertThat(ended("S7")).containsExactlyInAnyOrder(id(executor), other);
    assertThat(ended("S1")).as("here somebody knows").containsExactly(id(executor));
  }

  @Test
  void anExecutorIsKnownToBeWhereOffersAndUpdatesSayThatItIs() {
    ExecutorInfo executor = executorOn("S1");
    other(executor);
    mesos.offer("S2", FakeMesos.wholeHost(), id(executor));
    assertThat(ended("S2")).containsExactly(id(executor));
    mesos.update(
        TaskInfo.newBuilder()
            .setName("w9")
            .setTaskId(TaskID.newBuilder().setValue("w9"))
            .setAgentId(AgentID.newBuilder().setValue("S3"))
            .setExecutor(executor)
            .build(),
        TASK_RUNNING,
        "u1");
    assertThat(ended("S3")).containsExactly(id(executor));
  }

  @Test
  void anotherFrameworksExecutorIsNeverTakenForOurs() {
    ExecutorInfo executor = executorOn("S1");
    mesos.offer("S2", FakeMesos.wholeHost(), "somebody-elses");
    assertThat(((Event.OffersReceived) events.get(events.size() - 1)).offers().get(0).executorIds())
        .containsExactly("somebody-elses");
    assertThat(ended("S2")).containsExactly(id(executor));
    desk.shutdown(new Effect.ShutdownExecutor("S2", "executor-of-old"));
    assertThat(mesos.sent().get(0).getShutdown().getExecutorId().getValue())
        .isEqualTo("executor-of-old");
  }

  @Test
  void anExecutorThatHasEndedIsNotLookedForAgain() {
    ExecutorInfo executor = executorOn("S1");
    String second = other(executor);
    mesos.offer("S1", FakeMesos.wholeHost(), second);
    mesos.executorFailed("S1", id(executor));
    assertThat(events).last().isEqualTo(new Event.ExecutorEnded("S1"));
    assertThat(ended("S1")).containsExactly(second);
  }

  @Test
  void ofALostAgentNothingIsKnown() {
    ExecutorInfo executor = executorOn("S1");
    String second = other(executor);
    mesos.agentFailed("S1");
    assertThat(events).last().isEqualTo(new Event.AgentLost("S1"));
    assertThat(ended("S1")).containsExactlyInAnyOrder(id(executor), second);
  }

  @Test
  void aRefusedSubscriptionIsFinalAndAnotherRefusalIsNot() {
    desk.refused(Call.newBuilder().setType(Call.Type.KILL).build(), 400, "no such thing");
    assertThat(events).isEmpty();
    desk.refused(Call.newBuilder().setType(Call.Type.SUBSCRIBE).build(), 403, "who are you");
    assertThat(events)
        .singleElement()
        .isInstanceOfSatisfying(
            Event.FrameworkRefused.class,
            refused -> assertThat(refused.message()).contains("403", "who are you"));
  }

  // ---- How it is told.

  private ExecutorInfo executorOn(String agent) {
    String offer = mesos.offer(agent, FakeMesos.wholeHost());
    return launched(accept(agent, launch("w-" + agent, agent), offer)).get(0).getExecutor();
  }

  /** A second description, as after an upgrade: of other resources. */
  private String other(ExecutorInfo executor) {
    String offer =
        mesos.offer(
            "S9",
            List.of(
                FakeMesos.scalar("cpus", 4, "reservations { type: STATIC role: \"springtide\" }"),
                FakeMesos.scalar("mem", 4096, ""),
                FakeMesos.scalar("disk", 10000, "")));
    ExecutorInfo second = launched(accept("S9", launch("w9", "S9"), offer)).get(0).getExecutor();
    assertThat(id(second)).isNotEqualTo(id(executor));
    return id(second);
  }

  private List<String> ended(String agent) {
    mesos.sent();
    desk.shutdown(new Effect.ShutdownExecutor(agent, MesosDesk.EXECUTOR));
    List<Call> sent = mesos.sent();
    assertThat(sent).allMatch(call -> call.getShutdown().getAgentId().getValue().equals(agent));
    return sent.stream().map(call -> call.getShutdown().getExecutorId().getValue()).toList();
  }

  private List<TaskInfo> launched(Effect.Accept accept) {
    mesos.sent();
    desk.accept(accept);
    Call call = mesos.sent().get(0);
    assertThat(call.getType()).isEqualTo(Call.Type.ACCEPT);
    return call.getAccept().getOperationsCount() == 0
        ? List.of()
        : call.getAccept().getOperations(0).getLaunch().getTaskInfosList();
  }

  private List<String> dropped() {
    return inside.stream().map(event -> ((Event.TaskUpdated) event).update().taskId()).toList();
  }

  private static String id(ExecutorInfo executor) {
    return executor.getExecutorId().getValue();
  }

  private static Effect.Accept accept(String agent, TaskLaunch launch, String... offers) {
    return new Effect.Accept(List.of(offers), agent, List.of(launch), Duration.ZERO);
  }

  private static TaskLaunch launch(String id, String agent) {
    Task task =
        new Task(
            id,
            1,
            0,
            "h1",
            agent,
            "idc",
            Label.GUARANTEED,
            Optional.empty(),
            List.of(),
            TaskState.STAGING,
            Optional.empty(),
            "10.0.0.1",
            NOW,
            NOW);
    return new TaskLaunch(task, "", Optional.empty(), List.of());
  }
}
