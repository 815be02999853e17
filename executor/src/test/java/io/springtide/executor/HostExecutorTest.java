package io.springtide.executor;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import io.springtide.executor.contract.Labels;
import io.springtide.executor.contract.TaskDocument;
import io.springtide.executor.contract.TaskDocument.ConsulService;
import io.springtide.executor.contract.TaskDocument.Discovery;
import io.springtide.executor.contract.TaskDocument.Port;
import io.springtide.executor.contract.TaskDocument.Runtime;
import io.springtide.executor.contract.WardenReport;
import io.springtide.executor.loop.EventLoop;
import io.springtide.executor.runtime.Readiness;
import io.springtide.executor.runtime.ScriptedRuntime.ScriptedContainer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus.Reason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostExecutorTest {
  private static final String SERVICE = "feed-api 10.0.0.7:31005";
  private static final Consumer<TaskInfo.Builder> CONTAINER =
      ((Consumer<TaskInfo.Builder>) ExecutorStory::image).andThen(ExecutorStory.grace(30));
  private static final Consumer<TaskInfo.Builder> CHECKED =
      CONTAINER.andThen(ExecutorStory::checked);
  private static final Consumer<TaskInfo.Builder> REPORTED =
      task ->
          task.getLabelsBuilder()
              .addLabelsBuilder()
              .setKey(Labels.CONDEMNED)
              .setValue(Labels.REPORTED);

  @TempDir Path sandbox;
  private ExecutorStory story;

  private final EventLoop sockets = new EventLoop();

  @BeforeEach
  void begin() {
    story = new ExecutorStory(sandbox, sockets);
  }

  @AfterEach
  void end() {
    sockets.close();
  }

  // The warden.

  @Test
  void theWardenRunsWhenTheHostIsReady() {
    story.docker.leftover("container 1");
    story.withWarden();
    assertThat(story.happened())
        .containsExactly(
            "warden.1 TASK_STARTING",
            "leftovers removed: [container 1]",
            "leftovers removed: []",
            "warden.1 TASK_RUNNING");
    var running = story.last("warden.1");
    assertThat(running.getMessage()).isEqualTo("runs docker 1.0, process 1.0");
    assertThat(running.getLabels().getLabels(0).getKey()).isEqualTo(Labels.RUNTIMES);
    assertThat(running.getLabels().getLabels(0).getValue()).isEqualTo("docker,process");
  }

  @Test
  void withoutAnEngineTheHostRunsProcessesAndSaysSo() {
    story.docker.readiness(Readiness.no("no Docker engine answers"));
    story.withWarden();
    assertThat(story.last("warden.1").getMessage())
        .isEqualTo("runs process 1.0; no docker: no Docker engine answers");
    assertThat(story.last("warden.1").getLabels().getLabels(0).getValue()).isEqualTo("process");
  }

  @Test
  void anEngineThatComesLaterIsNoticed() {
    story.docker.readiness(Readiness.no("not yet"));
    story.withWarden();
    story.docker.readiness(Readiness.yes("docker 1.0"));
    story.loop.pass(Warden.LOOK.multipliedBy(2));
    assertThat(story.states("warden.1"))
        .containsExactly("TASK_STARTING", "TASK_RUNNING", "TASK_RUNNING");
    assertThat(story.last("warden.1").getMessage()).isEqualTo("runs docker 1.0, process 1.0");
  }

  /** A host without Docker does not pay for being asked for it all day. */
  @Test
  void anEngineThatWasNeverThereIsAskedSeldomButNoticedAllTheSame() {
    story.docker.readiness(Readiness.no("not yet"));
    story.withWarden();
    story.loop.pass(Warden.BOOT_TIME.plus(Warden.SELDOM));
    int before = story.docker.probes();
    story.loop.pass(Warden.SELDOM.multipliedBy(10));
    assertThat(story.docker.probes() - before).isBetween(9, 11);
    story.docker.readiness(Readiness.yes("docker 1.0"));
    story.loop.pass(Warden.SELDOM);
    assertThat(story.last("warden.1").getMessage()).isEqualTo("runs docker 1.0, process 1.0");

    before = story.docker.probes();
    story.docker.readiness(Readiness.no("gone"));
    story.loop.pass(Warden.LOOK.multipliedBy(10));
    assertThat(story.docker.probes() - before)
        .as("one that was there may come back")
        .isGreaterThan(8);
  }

  /** Not 90 s later: what cannot be asked is not simply running. */
  @Test
  void anEngineThatFallsSilentIsSaidWithinSecondsAndSoIsItsReturn() {
    story.withWarden().happened();
    story.docker.holdProbes();
    story.loop.pass(Warden.LOOK.plus(Warden.ANSWER));
    assertThat(story.last("warden.1").getState()).isEqualTo(TaskState.TASK_RUNNING);
    assertThat(story.last("warden.1").getMessage())
        .isEqualTo("runs process 1.0; no docker: no answer for 3 s");
    assertThat(story.last("warden.1").getLabels().getLabels(0).getValue()).isEqualTo("process");
    assertThat(lastReport().runtimes()).containsExactly("process");
    assertThat(lastReport().engines())
        .as("what it has removed stays removed")
        .contains(new WardenReport.Engine("docker", false, "no answer for 3 s", true));
    story.docker.answerProbes();
    story.loop.settle();
    assertThat(story.last("warden.1").getMessage()).isEqualTo("runs docker 1.0, process 1.0");
    assertThat(lastReport().engines()).allMatch(WardenReport.Engine::ready);
  }

  /** Promise 4. A command cannot be run inside while nobody answers; that is no one's fault. */
  @Test
  void nothingIsKilledBecauseItsEngineIsSilent() {
    story.withWarden();
    story.launch("t1", service(), CHECKED);
    story.happened();
    story.docker.container("t1").execExits(1);
    story.docker.readiness(Readiness.no("the Docker engine does not answer"));
    story.loop.pass(ofSeconds(120));
    assertThat(story.happened()).containsExactly("warden.1 TASK_RUNNING");
    story.docker.readiness(Readiness.yes("docker 1.0"));
    story.docker.container("t1").execExits(0);
    story.loop.pass(ofSeconds(60));
    assertThat(story.happened()).containsExactly("warden.1 TASK_RUNNING");
    // But once it answers, three failures are three failures.
    story.docker.container("t1").execExits(1);
    story.loop.pass(ofSeconds(15));
    assertThat(story.states("t1")).endsWith("TASK_KILLING", "TASK_FAILED");
  }

  @Test
  void anEngineThatComesLaterIsTidiedToo() {
    story.docker.readiness(Readiness.no("not yet"));
    story.docker.leftover("container 1");
    story.withWarden().happened();
    story.docker.readiness(Readiness.yes("docker 1.0"));
    story.loop.pass(Warden.LOOK.multipliedBy(3));
    assertThat(story.happened())
        .containsExactly("leftovers removed: [container 1]", "warden.1 TASK_RUNNING");
  }

  @Test
  void aHostIsCalledCleanAtOnceWhenNothingIsLeft() {
    story.docker.leftover("container 1");
    story.withWarden();
    assertThat(lastReport().warden()).isEqualTo("warden.1");
    assertThat(lastReport().engines())
        .extracting(WardenReport.Engine::name, WardenReport.Engine::clean)
        .containsExactly(tuple("docker", true), tuple("process", true));
  }

  @Test
  void anEngineThatWasNeverAskedIsNotCalledClean() {
    story.docker.readiness(Readiness.no("not yet"));
    story.withWarden();
    assertThat(docker().clean()).isFalse();
    story.docker.readiness(Readiness.yes("docker 1.0"));
    story.loop.pass(Warden.LOOK.multipliedBy(2));
    assertThat(docker().clean()).isTrue();
  }

  @Test
  void whatCannotBeRemovedIsTriedAtEachLookAndTheHostIsNotCalledCleanUntilThen() {
    story.docker.leftover("container 1");
    story.docker.stickLeftovers("device or resource busy");
    story.withWarden();
    assertThat(story.happened()).contains("warden.1 TASK_RUNNING");
    assertThat(docker().ready()).isTrue();
    assertThat(docker().clean()).isFalse();
    story.loop.pass(Warden.LOOK.multipliedBy(10));
    assertThat(story.happened()).hasSize(10).containsOnly("leftovers stay: [container 1]");
    assertThat(story.reports).noneMatch(report -> report.engines().get(0).clean());

    story.docker.stickLeftovers("");
    story.loop.pass(Warden.LOOK);
    assertThat(story.happened()).containsExactly("leftovers removed: [container 1]");
    assertThat(docker().clean()).as("and it says so at once").isTrue();
    story.loop.pass(Warden.LOOK.multipliedBy(10));
    assertThat(story.happened()).as("there is nothing more to remove").isEmpty();
  }

  @Test
  void aRemovalThatIsNotAnsweredHoldsUpTheHostForAMinuteAndIsNotAskedForTwice() {
    story.docker.holdRemovals();
    story.withWarden();
    story.loop.pass(ofSeconds(59));
    assertThat(story.states("warden.1")).containsExactly("TASK_STARTING");
    story.loop.pass(ofSeconds(120));
    assertThat(story.states("warden.1")).containsExactly("TASK_STARTING", "TASK_RUNNING");
    assertThat(docker().clean()).isFalse();
    assertThat(story.happened()).containsOnlyOnce("leftovers are being removed");
    story.docker.answerRemovals();
    story.loop.settle();
    assertThat(docker().clean()).isTrue();
  }

  private WardenReport lastReport() {
    return story.reports.get(story.reports.size() - 1);
  }

  private WardenReport.Engine docker() {
    return lastReport().engines().get(0);
  }

  @Test
  void theWardenReportsWhatTasksUse() {
    story.withWarden();
    story.launch("t1", plain(), CONTAINER);
    story.loop.pass(Warden.REPORT);
    assertThat(lastReport())
        .satisfies(
            report -> {
              assertThat(report.host()).isEqualTo("host7.example:5051");
              assertThat(report.engines())
                  .as("of each runtime")
                  .anySatisfy(
                      engine -> {
                        assertThat(engine.name()).isEqualTo("docker");
                        assertThat(engine.ready()).isTrue();
                        assertThat(engine.detail()).isEqualTo("docker 1.0");
                      });
              assertThat(report.machine().processors()).isPositive();
              assertThat(report.machine().diskMiB()).isPositive();
              assertThat(report.machine().memoryMiB()).isPositive();
              assertThat(report.tasks())
                  .containsExactly(new WardenReport.TaskUsage("t1", 1000, 1 << 20));
            });
  }

  @Test
  void aSecondWardenIsRefused() {
    story.withWarden();
    story.launch("warden.2", TaskDocument.warden("h", ""), it -> {});
    assertThat(story.last("warden.2").getReason()).isEqualTo(Reason.REASON_TASK_INVALID);
    assertThat(story.last("warden.2").getMessage()).contains("has a warden already: warden.1");
  }

  // A start.

  @Test
  void aStartIsToldStepByStep() {
    story.withWarden().happened();
    story.docker.holdStarts();
    story.launch("t1", service(), CHECKED);
    assertThat(story.happened()).containsExactly("t1 TASK_STARTING", "start t1");

    story.docker.held().get(0).progress("pulling feed/api:1: 1.0 of 3.0 MB");
    story.loop.pass(ofSeconds(25));
    assertThat(story.happened()).containsExactly("t1 TASK_STARTING");
    assertThat(story.last("t1").getMessage()).isEqualTo("pulling feed/api:1: 1.0 of 3.0 MB");

    story.docker.held().get(0).up();
    story.loop.settle();
    assertThat(story.happened())
        .containsExactly(
            "t1 TASK_RUNNING", "t1 TASK_RUNNING", "announce " + SERVICE, "passing " + SERVICE);
    assertThat(story.last("t1").getHealthy()).isTrue();
    assertThat(story.last("t1").getReason())
        .isEqualTo(Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED);
  }

  @Test
  void nothingIsAnnouncedBeforeItIsHealthy() {
    story.withWarden().happened();
    story.docker.holdStarts();
    story.launch("t1", service(), CHECKED);
    var start = story.docker.held().get(0);
    start.up();
    story.docker.container("t1").execExits(1);
    story.loop.pass(ofSeconds(9));
    assertThat(story.happened()).containsExactly("t1 TASK_STARTING", "start t1", "t1 TASK_RUNNING");
    assertThat(story.last("t1").hasHealthy()).isFalse();
    story.docker.container("t1").execExits(0);
    story.loop.pass(ofSeconds(5));
    assertThat(story.happened())
        .containsExactly("t1 TASK_RUNNING", "announce " + SERVICE, "passing " + SERVICE);
  }

  @Test
  void aContainerIsToldWhereItIs() {
    story.withWarden();
    story.launch("t1", plain(), CONTAINER);
    assertThat(story.docker.container("t1").setup().env())
        .containsEntry("HOST", "10.0.0.7")
        .containsEntry("PORT_HTTP_API", "31005")
        .containsEntry("SPRINGTIDE_JOB", "weibo.feed.api")
        .containsEntry("SPRINGTIDE_INSTANCE", "weibo.feed.api#3")
        .containsEntry("SPRINGTIDE_TASK", "t1");
    assertThat(story.docker.container("t1").setup().ports())
        .containsExactly(new Port("http-api", 8080, 31005));
    assertThat(story.docker.container("t1").setup().directory())
        .isEqualTo(sandbox.toAbsolutePath().resolve("tasks/t1"));
  }

  @Test
  void aStartThatFailsIsReportedInTheEnginesWords() {
    story.withWarden();
    story.docker.failStarts("cannot pull feed/api:1: no such image");
    story.launch("t1", plain(), CONTAINER);
    assertThat(story.states("t1")).containsExactly("TASK_STARTING", "TASK_FAILED");
    assertThat(story.last("t1").getMessage()).isEqualTo("cannot pull feed/api:1: no such image");
    assertThat(story.last("t1").getReason()).isEqualTo(Reason.REASON_CONTAINER_LAUNCH_FAILED);
  }

  @Test
  void whatCannotBeReadIsRefusedWithAReason() {
    story.withWarden();
    story.launch("t1", service(), it -> it.setData(ByteString.copyFromUtf8("{\"version\":9}")));
    story.launch("t2", service(), it -> {});
    story.launch("../t3", plain(), CONTAINER);
    story.launch("t4", service(), CHECKED.andThen(it -> it.getHealthCheckBuilder().clearCommand()));
    story.launch(
        "t5",
        plain(),
        CONTAINER.andThen(
            it ->
                it.getContainerBuilder()
                    .addVolumesBuilder()
                    .setHostPath("../x")
                    .setContainerPath("/x")
                    .setMode(org.apache.mesos.v1.Protos.Volume.Mode.RO)));
    assertRefused("t1", "version 9");
    assertRefused("t2", "docker.image is not set");
    assertRefused("../t3", "task id \"../t3\"");
    assertRefused("t4", "COMMAND a command");
    assertRefused("t5", "both paths must be absolute");
  }

  private void assertRefused(String task, String message) {
    assertThat(story.states(task)).containsExactly("TASK_FAILED");
    assertThat(story.last(task).getReason()).isEqualTo(Reason.REASON_TASK_INVALID);
    assertThat(story.last(task).getMessage()).contains(message);
  }

  @Test
  void aTaskIsLaunchedOnce() {
    story.withWarden();
    story.launch("t1", plain(), CONTAINER);
    story.launch("t1", plain(), CONTAINER);
    assertThat(story.happened()).containsOnlyOnce("start t1");
  }

  // An end.

  @Test
  void aStopWithdrawsDrainsAsksAndThenForces() {
    running("t1").ignoreTerminate();
    story.directory.holdWithdrawals();
    story.kill("t1");
    assertThat(story.happened()).containsExactly("t1 TASK_KILLING", "withdraw " + SERVICE);
    story.loop.pass(ofSeconds(100));
    assertThat(story.happened()).as("nothing before it is confirmed").isEmpty();

    story.directory.confirmWithdrawals();
    story.loop.pass(ofSeconds(9));
    assertThat(story.happened()).as("it drains for 10 s").isEmpty();
    story.loop.pass(ofSeconds(1));
    assertThat(story.happened()).containsExactly("SIGTERM t1");
    story.loop.pass(ofSeconds(29));
    assertThat(story.happened()).as("it has a grace of 30 s").isEmpty();
    story.loop.pass(ofSeconds(1));
    assertThat(story.happened())
        .containsExactly("SIGKILL t1", "remove t1", "withdraw " + SERVICE, "t1 TASK_KILLED");
    story.loop.pass(ofSeconds(100));
    assertThat(story.happened()).isEmpty();
  }

  @Test
  void aSecondKillMayShortenTheGrace() {
    running("t1").ignoreTerminate();
    story.kill("t1");
    story.loop.pass(ofSeconds(10));
    story.happened();
    story.kill("t1", 2);
    story.loop.pass(ofSeconds(2));
    assertThat(story.happened()).contains("SIGKILL t1", "t1 TASK_KILLED");
  }

  @Test
  void aKillBeforeTheStartIsDone() {
    story.withWarden();
    story.docker.holdStarts();
    story.launch("t1", plain(), CONTAINER);
    story.happened();
    story.kill("t1");
    assertThat(story.happened())
        .containsExactly("t1 TASK_KILLING", "start given up t1", "t1 TASK_KILLED");
  }

  @Test
  void aKillBeforeTheHostIsReady() {
    story.docker.holdProbes();
    story.withWarden();
    story.launch("t1", plain(), CONTAINER);
    story.kill("t1");
    story.docker.answerProbes();
    story.loop.settle();
    assertThat(story.happened())
        .containsSubsequence("t1 TASK_STARTING", "t1 TASK_KILLING", "t1 TASK_KILLED")
        .doesNotContain("start t1");
  }

  @Test
  void withoutAWardenTasksRunToo() {
    story.subscribed();
    story.launch("t1", plain(), CONTAINER);
    story.kill("t1");
    assertThat(story.happened()).endsWith("SIGTERM t1", "remove t1", "t1 TASK_KILLED");
  }

  @Test
  void aDeathIsWithdrawnAtOnce() {
    var container = running("t1");
    container.exit(3);
    story.loop.settle();
    assertThat(story.happened())
        .containsExactly(
            "withdraw " + SERVICE, "remove t1", "withdraw " + SERVICE, "t1 TASK_FAILED");
    assertThat(story.last("t1").getMessage()).isEqualTo("exited with status 3");
  }

  @Test
  void howItEndedIsTold() {
    story.withWarden();
    for (String task : List.of("t1", "t2", "t3")) {
      story.launch(task, plain(), CONTAINER);
    }
    story.docker.container("t1").exit(0);
    story.docker.container("t2").outOfMemory();
    story.docker.container("t3").exit(139);
    story.loop.settle();
    assertThat(story.last("t1").getState()).isEqualTo(TaskState.TASK_FINISHED);
    assertThat(story.last("t2").getReason()).isEqualTo(Reason.REASON_CONTAINER_LIMITATION_MEMORY);
    assertThat(story.last("t3").getMessage()).isEqualTo("ended by signal 11");
  }

  @Test
  void oneFailedCheckTakesItOutOfDiscoveryOnly() {
    var container = running("t1");
    container.execExits(1);
    story.loop.pass(ofSeconds(5));
    assertThat(story.happened()).containsExactly("failing " + SERVICE, "t1 TASK_RUNNING");
    assertThat(story.last("t1").getHealthy()).isFalse();
    container.execExits(0);
    story.loop.pass(ofSeconds(5));
    assertThat(story.happened()).containsExactly("t1 TASK_RUNNING", "passing " + SERVICE);
  }

  @Test
  void tooManyFailedChecksKillIt() {
    var container = running("t1");
    container.execExits(1);
    story.loop.pass(ofSeconds(15));
    assertThat(story.happened())
        .as("without a drain: there is nothing to finish")
        .containsExactly(
            "failing " + SERVICE,
            "t1 TASK_RUNNING",
            "t1 TASK_KILLING",
            "withdraw " + SERVICE,
            "SIGTERM t1",
            "remove t1",
            "withdraw " + SERVICE,
            "t1 TASK_FAILED");
    var end = story.last("t1");
    assertThat(end.getReason()).isEqualTo(Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED);
    assertThat(end.getHealthy()).isFalse();
    assertThat(end.getMessage())
        .isEqualTo("health check failed 3 times in a row: /bin/sh exited with status 1");
  }

  @Test
  void whatIsCondemnedRunsOnUntilTheFrameworkEndsIt() {
    var container = running("t1", CHECKED.andThen(REPORTED));
    container.execExits(1);
    story.loop.pass(ofSeconds(15));
    assertThat(story.happened())
        .as("it is for no clients, and that it is condemned is said")
        .containsExactly("failing " + SERVICE, "t1 TASK_RUNNING", "t1 TASK_RUNNING");
    var condemned = story.last("t1");
    assertThat(condemned.getHealthy()).isFalse();
    assertThat(condemned.getLabels().getLabels(0).getKey()).isEqualTo(Labels.CONDEMNED);
    assertThat(condemned.getMessage())
        .isEqualTo("health check failed 3 times in a row: /bin/sh exited with status 1");
    story.loop.pass(ofSeconds(61));
    assertThat(story.happened())
        .as("said again, for a framework that was not there")
        .containsExactly("t1 TASK_RUNNING");

    story.kill("t1");
    assertThat(story.happened())
        .as("without a drain: there is nothing to finish")
        .containsExactly(
            "t1 TASK_KILLING",
            "withdraw " + SERVICE,
            "SIGTERM t1",
            "remove t1",
            "withdraw " + SERVICE,
            "t1 TASK_FAILED");
    assertThat(story.last("t1").getReason())
        .isEqualTo(Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED);
    assertThat(story.last("t1").getHealthy()).isFalse();
  }

  @Test
  void whatPassesAgainIsCondemnedNoLonger() {
    var container = running("t1", CHECKED.andThen(REPORTED));
    container.execExits(1);
    story.loop.pass(ofSeconds(15));
    container.execExits(0);
    story.loop.pass(ofSeconds(5));
    assertThat(story.last("t1").getHealthy()).isTrue();
    assertThat(story.last("t1").getLabels().getLabelsCount()).isZero();
    container.execExits(1);
    story.loop.pass(ofSeconds(5));
    assertThat(story.last("t1").getHealthy()).isFalse();
    assertThat(story.last("t1").getLabels().getLabelsCount()).as("one failure").isZero();

    story.kill("t1");
    story.loop.pass(ofSeconds(60));
    assertThat(story.last("t1").getState()).isEqualTo(TaskState.TASK_KILLED);
  }

  // The end of the executor.

  @Test
  void aShutdownStopsEverythingWithinTheAgentsPatience() {
    running("t1").ignoreTerminate();
    story.shutdown();
    assertThat(story.happened())
        .containsExactly("t1 TASK_KILLING", "withdraw " + SERVICE, "warden.1 TASK_KILLED");
    story.loop.pass(ofSeconds(10));
    assertThat(story.happened())
        .containsExactly(
            "SIGTERM t1",
            "SIGKILL t1",
            "remove t1",
            "withdraw " + SERVICE,
            "t1 TASK_KILLED",
            "directory closed",
            "docker closed",
            "process closed");
    assertThat(story.exited).isTrue();
  }

  @Test
  void anAgentsPatienceDoesNotLengthenATasksOwnGrace() {
    story.withWarden();
    story.launch("t1", service(), CHECKED.andThen(ExecutorStory.grace(1)));
    story.docker.container("t1").ignoreTerminate();
    story.shutdown();
    story.loop.pass(ofSeconds(5)); // the drain, for which half of the agent's patience is left
    story.happened();
    story.loop.pass(ofSeconds(1));
    assertThat(story.happened()).contains("SIGKILL t1", "t1 TASK_KILLED");
  }

  @Test
  void itDoesNotLeaveBeforeTheAgentHasTheNews() {
    running("t1");
    story.stopAcknowledging();
    story.shutdown();
    story.loop.pass(ofSeconds(5));
    assertThat(story.states("t1")).endsWith("TASK_KILLED");
    assertThat(story.exited).isFalse();
    story.loop.pass(ofSeconds(3));
    assertThat(story.exited).isTrue();
  }

  @Test
  void whenTheWardenIsKilledAnIdleExecutorLeaves() {
    story.withWarden();
    story.kill("warden.1");
    assertThat(story.last("warden.1").getState()).isEqualTo(TaskState.TASK_KILLED);
    story.loop.pass(ofMillis(1));
    assertThat(story.exited).isTrue();
  }

  @Test
  void whenTheWardenIsKilledTasksAreNot() {
    var container = running("t1");
    story.kill("warden.1");
    story.loop.pass(ofSeconds(60));
    assertThat(story.exited).isFalse();
    container.exit(0);
    story.loop.pass(ofMillis(1));
    assertThat(story.exited).isTrue();
  }

  @Test
  void detachingLeavesContainersAndTheirEntriesAlone() {
    running("t1");
    var detached = story.executor.detach(ofSeconds(4));
    story.loop.await("detached", detached::isDone);
    assertThat(story.happened())
        .containsExactly("directory closed", "docker closed", "process closed");
  }

  @Test
  void detachingWithdrawsWhatDiesWithTheExecutor() {
    story.withWarden();
    story.launch(
        "p1",
        TaskDocument.instance("weibo.feed.api", "weibo.feed.api#4", 1, Runtime.PROCESS)
            .command(List.of("serve"))
            .ports(List.of(new Port("http-api", 0, 31005)))
            .discovery(List.of(Discovery.of(new ConsulService("feed-api", "http-api", List.of()))))
            .consul("127.0.0.1:8500")
            .build(),
        ExecutorStory::checked);
    story.happened();
    var detached = story.executor.detach(ofSeconds(4));
    story.loop.await("detached", detached::isDone);
    assertThat(story.happened())
        .startsWith("withdraw " + SERVICE, "SIGTERM p1")
        .endsWith("directory closed", "docker closed", "process closed");
  }

  /** Announced nowhere, so nobody knocks at its port. */
  private static TaskDocument plain() {
    return TaskDocument.instance("weibo.feed.api", "weibo.feed.api#3", 1, Runtime.DOCKER)
        .ports(List.of(new Port("http-api", 8080, 31005)))
        .build();
  }

  private static TaskDocument service() {
    return TaskDocument.instance("weibo.feed.api", "weibo.feed.api#3", 1, Runtime.DOCKER)
        .ports(List.of(new Port("http-api", 8080, 31005)))
        .discovery(List.of(Discovery.of(new ConsulService("feed-api", "http-api", List.of()))))
        .drainMillis(10_000)
        .consul("127.0.0.1:8500")
        .build();
  }

  /** A task that is healthy and announced, and a clean log. */
  private ScriptedContainer running(String task) {
    return running(task, CHECKED);
  }

  private ScriptedContainer running(String task, Consumer<TaskInfo.Builder> more) {
    story.withWarden();
    story.launch(task, service(), more);
    assertThat(story.happened()).endsWith("passing " + SERVICE);
    return story.docker.container(task);
  }
}
