package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.HostCondition;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.RuntimeKind;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the world does to tasks, and what follows. */
class FaultsTest {
  private static final String WEB = "feed.web#0";

  @Test
  void aFailureIsRememberedWithTheEnginesWordsAndRetriedEverMoreSlowly() {
    Story story = Story.running("h1");
    story.offer("h1");
    story.read();
    Duration expected = Duration.ofSeconds(1);
    for (int failures = 1; failures <= 4; failures++) {
      Task task = story.task(WEB);
      story.offer("h1");
      story.update(task, TaskState.FAILED, "", "no such image: web:1");
      Instance instance = story.instance(WEB);
      assertThat(instance.state()).isEqualTo(InstanceState.PENDING);
      assertThat(instance.failures()).isEqualTo(failures);
      assertThat(instance.notBefore()).isEqualTo(story.now().plus(expected));
      assertThat(story.shown(WEB).waiting().get(0).detail()).contains("no such image: web:1");
      story.read();
      story.pass(expected.minusMillis(200));
      assertThat(story.launches()).isEmpty();
      story.pass(Duration.ofSeconds(1));
      assertThat(story.theLaunch().task().id()).isNotEqualTo(task.id());
      expected = expected.multipliedBy(2);
    }
    assertThat(story.instance(WEB).history()).hasSize(4);
  }

  @Test
  void anAttemptThatRanForLongStartsTheBackOffAnew() {
    Story story = Story.running("h1", "h2");
    story.update(story.task(WEB), TaskState.FAILED);
    story.offer("h1");
    story.pass(Duration.ofSeconds(2));
    story.update(story.task(WEB), TaskState.RUNNING);
    story.pass(Duration.ofMinutes(1));
    story.update(story.task(WEB), TaskState.FAILED);
    assertThat(story.instance(WEB).failures()).isEqualTo(1);
    assertThat(story.instance(WEB).restarts()).isEqualTo(2);
  }

  @Test
  void
      whenAnExecutorDiesItsWardenComesBackFirstAndThenItsInstancesOnTheSameHostOnceNothingIsLeft() {
    Story story = Story.running("h1", "h2");
    Task old = story.task(WEB);
    Task warden = story.host("h1").warden().orElseThrow();
    story.send(new Event.ExecutorEnded("agent-h1"));
    assertThat(story.read(Effect.Reconcile.class)).isNotEmpty();
    died(story, warden);
    died(story, old);
    assertThat(story.instance(WEB).state()).isEqualTo(InstanceState.DETACHED);
    assertThat(story.view().hosts().get("h1").instances()).isEqualTo(1);
    assertThat(story.host("h1").condition()).isEqualTo(HostCondition.INITIALISING);

    story.read();
    story.pass(Duration.ofSeconds(2));
    story.offer("h1");
    story.offer("h2");
    TaskLaunch again = story.theLaunch();
    assertThat(again.warden()).isTrue();
    story.offer("h1", "agent-h1", Story.BIG, Set.of("executor-1"));
    assertThat(story.launches()).isEmpty();
    story.update(again.task(), TaskState.RUNNING);
    story.pass(Duration.ofSeconds(5));
    assertThat(story.launches()).as("its container may still run there").isEmpty();
    assertThat(story.shown(WEB).waiting().get(0).detail()).contains("may still run there");
    story.reports("h1", true, true);
    TaskLaunch returned = story.theLaunch();
    assertThat(returned.instance()).isEqualTo(WEB);
    assertThat(returned.task().host()).isEqualTo("h1");
    assertThat(returned.task().ports()).isEqualTo(old.ports());
    assertThat(returned.task().generation()).isGreaterThan(old.generation());
    assertThat(story.view().hosts().get("h1").remains()).isEmpty();
  }

  @Test
  void aProcessDiesWithItsExecutorAndStartsOnTheSameHostAtOnce() {
    Story story = Story.with("h1", "h2");
    story.offer("h1");
    story.put(Documents.job("web", JobKind.SERVICE, RuntimeKind.PROCESS, 1));
    story.update(story.theLaunch().task(), TaskState.RUNNING);
    story.offer("h2");
    died(story, story.host("h1").warden().orElseThrow());
    died(story, story.task(WEB));
    assertThat(story.instance(WEB).state()).isEqualTo(InstanceState.PENDING);
    story.pass(Duration.ofSeconds(3));
    story.offer("h1");
    story.update(story.theLaunch().task(), TaskState.RUNNING);
    story.offer("h1", "agent-h1", Story.BIG, Set.of("executor-1"));
    TaskLaunch again = story.theLaunch();
    assertThat(again.task().host()).isEqualTo("h1");
  }

  @Test
  void whatDoesNotReturnInTimeIsReplacedElsewhere() {
    Story story = Story.running("h1", "h2");
    died(story, story.host("h1").warden().orElseThrow());
    died(story, story.task(WEB));
    story.pass(Duration.ofMinutes(2));
    story.offer("h2");
    story.pass(Duration.ofSeconds(1));
    assertThat(story.task(WEB).host()).isEqualTo("h2");
  }

  @Test
  void anUnreachableInstanceIsReplacedAfterItsTimeAndKilledWhenItReturns() {
    Story story = Story.running("h1", "h2");
    Task old = story.task(WEB);
    story.update(old, TaskState.UNREACHABLE);
    story.update(story.host("h1").warden().orElseThrow(), TaskState.UNREACHABLE);
    assertThat(story.host("h1").condition()).isEqualTo(HostCondition.LOST);
    story.offer("h2");
    story.pass(Duration.ofMinutes(4));
    story.offer("h2");
    assertThat(story.launches()).as("nobody knows whether it runs").isEmpty();
    Waiting waiting = story.shown(WEB).waiting().get(0);
    assertThat(waiting.reason()).isEqualTo("UNREACHABLE");
    assertThat(waiting.detail()).contains("host h1 is out of reach");
    assertThat(waiting.freedBy())
        .contains(
            "another attempt at "
                + story.task(WEB).since().plus(Duration.ofMinutes(5)).toString().substring(0, 19));
    story.pass(Duration.ofMinutes(1));
    story.offer("h2");
    Task second = story.theLaunch().task();
    assertThat(second.host()).isEqualTo("h2");
    story.update(second, TaskState.RUNNING);

    story.read();
    story.update(old, TaskState.RUNNING);
    List<Effect> effects = story.read();
    assertThat(effects.get(0)).isInstanceOf(Effect.Persist.class);
    assertThat(effects)
        .contains(new Effect.Kill(old.id(), old.agentId(), java.util.Optional.empty()));
    assertThat(story.instance(WEB).task()).map(Task::id).hasValue(second.id());

    story.restart().subscribe();
    assertThat(story.read(Effect.Kill.class)).extracting(Effect.Kill::taskId).contains(old.id());
    story.update(old, TaskState.KILLED);
    assertThat(story.view().strays()).isEmpty();
    story.read();
    story.pass(Duration.ofMinutes(10));
    assertThat(story.read(Effect.Kill.class)).isEmpty();
  }

  @Test
  void anUnreachableInstanceThatReturnsInTimeRunsOn() {
    Story story = Story.running("h1", "h2");
    story.update(story.task(WEB), TaskState.UNREACHABLE);
    story.pass(Duration.ofMinutes(4));
    story.update(story.task(WEB), TaskState.RUNNING);
    story.pass(Duration.ofMinutes(10));
    assertThat(story.instance(WEB).state()).isEqualTo(InstanceState.RUNNING);
    assertThat(story.read(Effect.Kill.class)).isEmpty();
  }

  @Test
  void nothingIsReplacedForASilenceOfTheMaster() {
    Story story = Story.running("h1", "h2");
    story.update(story.task(WEB), TaskState.UNREACHABLE);
    story.send(new Event.Disconnected());
    story.pass(Duration.ofMinutes(20));
    story.subscribe();
    story.offer("h2");
    story.pass(Duration.ofMinutes(9));
    story.offer("h2");
    assertThat(story.launches()).isEmpty();
    assertThat(story.instance(WEB).state()).isEqualTo(InstanceState.UNREACHABLE);
    assertThat(story.read(Effect.Kill.class)).isEmpty();
    // At last it answers.
    story.update(story.task(WEB), TaskState.RUNNING);
    assertThat(story.instance(WEB).state()).isEqualTo(InstanceState.RUNNING);
  }

  @Test
  void reconciliationIsRepeatedEverMoreSlowlyForWhatIsNotAnswered() {
    Story story = Story.running("h1", "h2");
    story.restart().subscribe();
    Task web = story.task(WEB);
    Task warden = story.host("h1").warden().orElseThrow();
    story.update(story.host("h2").warden().orElseThrow(), TaskState.RUNNING);
    story.update(warden, TaskState.RUNNING);
    story.read();
    story.pass(Duration.ofMinutes(1));
    List<Effect.Reconcile> asked = story.read(Effect.Reconcile.class);
    assertThat(asked.stream().filter(r -> r.tasks().equals(List.of(web.ref())))).hasSize(2);
    assertThat(asked)
        .as("all that the master knows, too")
        .contains(new Effect.Reconcile(List.of()));
    story.update(web, TaskState.RUNNING);
    story.read();
    story.pass(Duration.ofMinutes(10));
    assertThat(story.read(Effect.Reconcile.class)).isEmpty();
    story.pass(Duration.ofMinutes(5));
    assertThat(story.read(Effect.Reconcile.class)).as("and every fifteen minutes").isNotEmpty();
  }

  @Test
  void aKillIsRepeatedUntilTheTaskHasEnded() {
    Story story = Story.running("h1", "h2");
    Task task = story.task(WEB);
    story.remove("feed.web");
    assertThat(story.read(Effect.Kill.class)).hasSize(1);
    story.pass(Duration.ofMinutes(2));
    assertThat(story.read(Effect.Kill.class)).hasSizeBetween(2, 4);
    story.restart().subscribe();
    assertThat(story.read(Effect.Kill.class)).hasSize(1);
    story.update(task, TaskState.KILLING);
    story.update(task, TaskState.KILLED);
    story.pass(Duration.ofMinutes(10));
    assertThat(story.read(Effect.Kill.class)).isEmpty();
    assertThat(story.view().jobs()).isEmpty();
  }

  @Test
  void aTaskThatNobodyKnowsIsKilled() {
    Story story = Story.running("h1", "h2");
    story.send(
        new Event.TaskUpdated(story.news("feed.old.0.7", "agent-h1", TaskState.RUNNING, "", "")));
    assertThat(story.read(Effect.Kill.class))
        .extracting(Effect.Kill::taskId)
        .containsExactly("feed.old.0.7");
    story.send(
        new Event.TaskUpdated(story.news("feed.old.0.7", "agent-h1", TaskState.UNKNOWN, "", "")));
    assertThat(story.view().strays()).isEmpty();
  }

  @Test
  void aTerminalStateIsFinal() {
    Story story = Story.running("h1", "h2");
    Task task = story.task(WEB);
    story.update(task, TaskState.FAILED);
    story.read();
    story.update(task, TaskState.FAILED);
    assertThat(story.read())
        .as("a repeated update is acknowledged and changes nothing")
        .containsExactly(
            new Effect.Acknowledge(task.id(), task.agentId(), "uuid-" + task.id() + "-FAILED"));
    assertThat(story.instance(WEB).failures()).isEqualTo(1);
  }

  @Test
  void aRestartWithAnotherAgentIdKeepsTheHost() {
    Story story = Story.running("h1", "h2");
    story.offer("h1", "agent-new", Story.BIG, Set.of());
    assertThat(story.host("h1").agentId()).isEqualTo("agent-new");
    assertThat(story.read(Effect.Reconcile.class)).isNotEmpty();
    assertThat(story.host("h1").condition()).isEqualTo(HostCondition.INITIALISING);
    assertThat(story.read(Effect.Kill.class)).isEmpty();
    assertThat(story.instance(WEB).state()).isEqualTo(InstanceState.RUNNING);
    story.update(story.task(WEB), TaskState.GONE);
    assertThat(story.instance(WEB).state()).isEqualTo(InstanceState.PENDING);
  }

  @Test
  void aLostLaunchIsAskedAfter() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 1));
    Task task = story.theLaunch().task();
    story.pass(Duration.ofSeconds(31));
    assertThat(story.read(Effect.Reconcile.class))
        .contains(new Effect.Reconcile(List.of(task.ref())));
    story.update(task, TaskState.GONE);
    story.offer("h1");
    story.pass(Duration.ofSeconds(2));
    assertThat(story.task(WEB).id()).isNotEqualTo(task.id());
  }

  @Test
  void anInstanceThatTakesItsExecutorDownIsHeldOff() {
    Story story = Story.running("h1", "h2");
    for (int i = 1; i <= 3; i++) {
      died(story, story.task(WEB));
      story.offer("h1");
      story.pass(Duration.ofSeconds(70));
      story.offer("h1");
      Task warden = story.host("h1").warden().orElseThrow();
      assertThat(warden.state()).as("known dead by its instance").isEqualTo(TaskState.STAGING);
      story.update(warden, TaskState.RUNNING).reports("h1", true, true);
      if (i < 3) {
        story.offer("h1");
        story.pass(Duration.ofSeconds(1));
        assertThat(story.task(WEB).host()).isEqualTo("h1");
        assertThat(story.instance(WEB).failures()).isEqualTo(i - 1);
      }
    }
    assertThat(story.instance(WEB).state()).isIn(InstanceState.PENDING, InstanceState.STAGING);
    assertThat(story.instance(WEB).failures()).isEqualTo(2);
  }

  private static void died(Story story, Task task) {
    story.update(task, TaskState.FAILED, TaskUpdate.EXECUTOR_TERMINATED, "executor terminated");
  }
}
