package io.springtide.harness.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.emulator.script.ExecutorScript;
import io.springtide.harness.emulator.wire.EventStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.Value;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.junit.jupiter.api.Test;

/** The emulator as the simulator drives it: in process, on a virtual clock, at scale. */
class SimulatedMesosTest {

  private static final Instant START = Instant.parse("2026-11-20T20:00:00Z");

  /** A scheduler that launches one task per offer and acknowledges. */
  private static final class Greedy implements EventStream<Event> {
    final SimulatedMesos mesos;
    final List<String> log = new ArrayList<>();
    final List<Offer> offers = new ArrayList<>();
    String streamId;
    String frameworkId = "";
    int running;
    int limit;

    Greedy(SimulatedMesos mesos, String name, int limit) {
      this.mesos = mesos;
      this.limit = limit;
      FrameworkInfo info = SchedulerProbe.framework(name);
      streamId = mesos.subscribe(Call.Subscribe.newBuilder().setFrameworkInfo(info).build(), this);
    }

    @Override
    public void send(Event event) {
      log.add(event.getType().name());
      switch (event.getType()) {
        case SUBSCRIBED -> frameworkId = event.getSubscribed().getFrameworkId().getValue();
        case OFFERS -> event.getOffers().getOffersList().forEach(this::offered);
        case UPDATE -> {
          TaskStatus status = event.getUpdate().getStatus();
          log.add(status.getTaskId().getValue() + " " + status.getState());
          running += status.getState() == TaskState.TASK_RUNNING ? 1 : 0;
          if (status.hasUuid()) {
            Call.Builder call = Probes.acknowledging(call(Call.Type.ACKNOWLEDGE), status);
            mesos.loop().execute(() -> mesos.call(call.build(), streamId));
          }
        }
        default -> {}
      }
    }

    private void offered(Offer offer) {
      offers.add(offer);
      if (offers.size() > limit) {
        return;
      }
      String name = "t" + offers.size();
      Call.Builder call = call(Call.Type.ACCEPT);
      call.getAcceptBuilder().addOfferIds(offer.getId()).getFiltersBuilder().setRefuseSeconds(3600);
      TaskInfo.Builder task =
          call.getAcceptBuilder()
              .addOperationsBuilder()
              .setType(Offer.Operation.Type.LAUNCH)
              .getLaunchBuilder()
              .addTaskInfosBuilder()
              .setName(name)
              .setAgentId(offer.getAgentId());
      task.getTaskIdBuilder().setValue(name);
      task.addResourcesBuilder()
          .setName("cpus")
          .setType(Value.Type.SCALAR)
          .getScalarBuilder()
          .setValue(0.5);
      task.getExecutorBuilder().getExecutorIdBuilder().setValue("ex");
      task.getExecutorBuilder().getCommandBuilder().setValue("true");
      mesos.loop().execute(() -> mesos.call(call.build(), streamId));
    }

    private Call.Builder call(Call.Type type) {
      Call.Builder call = Call.newBuilder().setType(type);
      call.getFrameworkIdBuilder().setValue(frameworkId);
      return call;
    }

    @Override
    public void end() {
      log.add("END");
    }
  }

  private static SimulatedMesos cluster(int agents, long seed) {
    SimulatedMesos mesos =
        new SimulatedMesos(
            EmulatorConfig.in(Path.of("simulated")),
            START,
            seed,
            ExecutorScript.obedient(Duration.ofMillis(500), Duration.ofMillis(100)),
            Duration.ofSeconds(1));
    for (int i = 0; i < agents; i++) {
      mesos.addAgent(AgentSpec.of("a" + i, "cpus:4;mem:4096", Map.of("rack", "r" + i % 40)));
    }
    return mesos;
  }

  @Test
  void runsTenThousandAgentsInOneProcess() {
    long begin = System.nanoTime();
    SimulatedMesos mesos = cluster(10_000, 1);
    Greedy scheduler = new Greedy(mesos, "greedy", 10_000);
    mesos.advance(Duration.ofSeconds(10));
    assertThat(scheduler.offers).hasSize(10_000);
    assertThat(scheduler.running).isEqualTo(10_000);
    assertThat(mesos.tasks()).hasSize(10_000);
    System.out.printf(
        "10,000 agents: 10 virtual seconds and 10,000 tasks in %d ms%n",
        (System.nanoTime() - begin) / 1_000_000);
  }

  @Test
  void equalSeedsGiveEqualRuns() {
    List<String> first = story(7);
    assertThat(story(7)).isEqualTo(first);
    assertThat(first).contains("t1 TASK_RUNNING", "t1 TASK_UNREACHABLE", "RESCIND");
  }

  private static List<String> story(long seed) {
    SimulatedMesos mesos = cluster(5, seed);
    Greedy scheduler = new Greedy(mesos, "story", 3);
    mesos.advance(Duration.ofSeconds(5));
    for (int i = 0; i < 5; i++) {
      mesos.killAgent("a" + i);
    }
    mesos.advance(Duration.ofMinutes(2));
    for (int i = 0; i < 5; i++) {
      mesos.restartAgent("a" + i);
    }
    mesos.advance(Duration.ofSeconds(10));
    scheduler.log.add(scheduler.offers.stream().map(o -> o.getId().getValue()).toList().toString());
    return scheduler.log;
  }

  @Test
  void executorsSurviveARestartOfTheirAgentAndOfTheMaster() {
    SimulatedMesos mesos = cluster(1, 3);
    Greedy scheduler = new Greedy(mesos, "survivor", 1);
    mesos.advance(Duration.ofSeconds(5));
    mesos.killAgent("a0");
    mesos.advance(Duration.ofSeconds(2));
    mesos.restartAgent("a0");
    mesos.advance(Duration.ofSeconds(5));
    assertThat(mesos.isRegistered("a0")).isTrue();
    assertThat(mesos.executors().living()).hasSize(1);
    assertThat(mesos.executors().living().get(0).tasks()).containsExactly("t1");

    mesos.killMaster();
    mesos.advance(Duration.ofSeconds(1));
    mesos.startMaster();
    mesos.advance(Duration.ofSeconds(2));
    assertThat(mesos.isRegistered("a0")).isTrue();
    assertThat(mesos.tasks()).singleElement().extracting(TaskView::taskId).isEqualTo("t1");
    assertThat(scheduler.log).doesNotContain("t1 TASK_FAILED", "t1 TASK_LOST");
  }

  @Test
  void twoFrameworksOfOneRoleShareWhatThereIs() {
    SimulatedMesos mesos = cluster(20, 5);
    Greedy one = new Greedy(mesos, "one", 100);
    Greedy two = new Greedy(mesos, "two", 100);
    mesos.advance(Duration.ofSeconds(10));
    assertThat(one.running + two.running).isGreaterThanOrEqualTo(20);
    assertThat(Math.abs(one.running - two.running)).isLessThanOrEqualTo(4);
  }
}
