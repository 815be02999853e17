package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Plan;
import io.springtide.scheduler.event.PlanTest;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.AgentReport;
import io.springtide.scheduler.told.TaskState;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the master says of agents: drained, deactivated, and how large they are. */
class MastersWordTest {
  private static final PortRanges PORTS = PortRanges.of(31000, 31999);
  private static final Resources LARGER = Resources.of(16_000, 16_384, 50_000);

  private static AgentReport report(String host, AgentReport.State state) {
    return new AgentReport("agent-" + host, state, Story.BIG, PORTS, Optional.empty());
  }

  private static void report(Story story, AgentReport... reports) {
    story.send(new Event.AgentsReported(Arrays.asList(reports), Set.of(), Optional.of(Map.of())));
  }

  private static HostCondition condition(Story story, String host) {
    return story.host(host).condition();
  }

  private static String by(Story story, String host) {
    return story.view().hosts().get(host).by();
  }

  @Test
  void aDeactivatedHostSaysSoTakesNoWorkAndKeepsWhatRuns() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 1));
    Task task = story.theLaunch().task();
    story.update(task, TaskState.RUNNING);
    story.offer("h1");

    report(story, report("h1", AgentReport.State.DEACTIVATED));
    assertThat(condition(story, "h1")).isEqualTo(HostCondition.DEACTIVATED);
    assertThat(by(story, "h1")).isEqualTo("mesos");
    story.put(Documents.job("web", 2));
    story.pass(Duration.ofMinutes(5));
    assertThat(story.launches()).isEmpty();
    assertThat(story.instance("feed.web#0").state()).isEqualTo(InstanceState.RUNNING);

    report(story, report("h1", AgentReport.State.ACTIVE));
    assertThat(condition(story, "h1")).isEqualTo(HostCondition.READY);
    assertThat(by(story, "h1")).isEmpty();
    story.pass(Duration.ofSeconds(1));
    assertThat(story.launches()).hasSize(1);
  }

  @Test
  void aHostThatMesosDrainsSaysSoAndWhatItKillsStartsElsewhereAtOnceAndIsNoFault() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 1));
    Task task = story.theLaunch().task();
    story.update(task, TaskState.RUNNING);
    story.ready("h2");
    story.offer("h2");
    Task warden = story.host("h1").warden().orElseThrow();

    report(story, report("h1", AgentReport.State.DRAINING), report("h2", AgentReport.State.ACTIVE));
    assertThat(condition(story, "h1")).isEqualTo(HostCondition.DRAINING);
    assertThat(by(story, "h1")).isEqualTo("mesos");
    story.update(task, TaskState.KILLED, "REASON_AGENT_DRAINING", "killed by request");
    story.update(warden, TaskState.KILLED, "REASON_AGENT_DRAINING", "");
    story.pass(Duration.ofSeconds(1));
    assertThat(story.theLaunch().task().host()).isEqualTo("h2");
    assertThat(story.instance("feed.web#0").failures()).isZero();

    report(story, report("h1", AgentReport.State.DRAINED), report("h2", AgentReport.State.ACTIVE));
    assertThat(condition(story, "h1")).isEqualTo(HostCondition.DRAINED);
    story.pass(Duration.ofHours(1));
    assertThat(story.read(Effect.ReleaseHosts.class)).isEmpty();
    assertThat(condition(story, "h1")).isEqualTo(HostCondition.DRAINED);

    report(story, report("h1", AgentReport.State.ACTIVE), report("h2", AgentReport.State.ACTIVE));
    story.offer("h1");
    story.update(story.theLaunch().task(), TaskState.RUNNING);
    assertThat(condition(story, "h1")).isEqualTo(HostCondition.READY);
  }

  /** A plan ends with what the change ends with: all of it moved, not only what may be down. */
  @Test
  void aPlanMovesAllOffAHostThatMesosDrains() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 3));
    story.launches().forEach(launch -> story.update(launch.task(), TaskState.RUNNING));
    story.ready("h2");
    story.offer("h2");
    report(story, report("h1", AgentReport.State.DRAINING), report("h2", AgentReport.State.ACTIVE));

    Plan plan = PlanTest.plan(story, new Event.SetHostWish("", "h2", Host.Wish.CORDON));
    assertThat(plan.stops()).containsExactly("feed.web#0", "feed.web#1", "feed.web#2");
  }

  @Test
  void whatMesosDrainsAndDoesNotReachMovesAheadOfIt() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 1));
    Task task = story.theLaunch().task();
    story.update(task, TaskState.RUNNING);

    report(story, report("h1", AgentReport.State.DRAINING));
    story.pass(Duration.ofSeconds(1));
    assertThat(story.read(Effect.Kill.class))
        .extracting(Effect.Kill::taskId)
        .containsExactly(task.id());
  }

  @Test
  void aHostThatAnOperatorOfOursDrainsSaysThat() {
    Story story = Story.with("h1");
    story.wish("h1", Host.Wish.CORDON);
    assertThat(by(story, "h1")).isEqualTo("operator");
    report(story, report("h1", AgentReport.State.DRAINED));
    assertThat(by(story, "h1")).isEqualTo("mesos");
  }

  @Test
  void aHostThatGrowsUnderItsWorkIsSeenAtOnceWhereTheMasterSaysIt() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 1));
    story.update(story.theLaunch().task(), TaskState.RUNNING);

    report(
        story,
        new AgentReport("agent-h1", AgentReport.State.ACTIVE, LARGER, PORTS, Optional.empty()));
    assertThat(story.host("h1").capacity()).isEqualTo(LARGER);
  }

  @Test
  void aHostNeverShrinksBelowWhatRunsThere() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 4));
    story.launches().forEach(launch -> story.update(launch.task(), TaskState.RUNNING));

    Resources small = Resources.of(1000, 8192, 50_000);
    report(
        story,
        new AgentReport("agent-h1", AgentReport.State.ACTIVE, small, PORTS, Optional.empty()));
    assertThat(story.host("h1").capacity().cpuMillis()).isEqualTo(4110);

    story.scale("feed.web", 0);
    story
        .read(Effect.Kill.class)
        .forEach(
            kill ->
                story.send(
                    new Event.TaskUpdated(
                        story.news(kill.taskId(), kill.agentId(), TaskState.KILLED, "", ""))));
    report(
        story,
        new AgentReport("agent-h1", AgentReport.State.ACTIVE, small, PORTS, Optional.empty()));
    assertThat(story.host("h1").capacity()).isEqualTo(small);
  }

  @Test
  void whereTheMasterSaysNothingAHostThatGrowsUnderItsWorkIsSeenByItsOffersAfterAWhile() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 1));
    story.update(story.theLaunch().task(), TaskState.RUNNING);

    Resources rest = Resources.of(14_890, 15_920, 49_936);
    story.offer("h1", "agent-h1", rest, Set.of("executor-1"));
    assertThat(story.host("h1").capacity()).isEqualTo(Story.BIG);
    story.pass(Duration.ofSeconds(15));
    assertThat(story.host("h1").capacity().cpuMillis()).isEqualTo(16_000);
  }

  @Test
  void anOfferOfWhatHasJustEndedMakesNoHostLarger() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 1));
    Task task = story.theLaunch().task();
    story.update(task, TaskState.RUNNING);

    story.offer("h1", "agent-h1", Resources.of(7_890, 7_984, 49_936), Set.of("executor-1"));
    story.update(task, TaskState.FAILED);
    story.pass(Duration.ofMinutes(1));
    assertThat(story.host("h1").capacity()).isEqualTo(Story.BIG);
  }

  @Test
  void whileAgentsComeToANewMasterWhatTheLastSaidOfThemStands() {
    Story story = Story.with("h1");
    report(story, report("h1", AgentReport.State.DRAINED));
    story.send(new Event.AgentsReported(List.of(), Set.of("agent-h1"), Optional.empty()));
    assertThat(condition(story, "h1")).isEqualTo(HostCondition.DRAINED);
  }

  @Test
  void aSuccessorAsksForItselfAndReadsTheSameMeanwhile() {
    Story story = Story.with("h1");
    report(story, report("h1", AgentReport.State.DEACTIVATED));
    story.restart().subscribe();
    assertThat(condition(story, "h1")).isEqualTo(HostCondition.DEACTIVATED);
    report(story, report("h1", AgentReport.State.ACTIVE));
    assertThat(condition(story, "h1")).isEqualTo(HostCondition.READY);
  }
}
