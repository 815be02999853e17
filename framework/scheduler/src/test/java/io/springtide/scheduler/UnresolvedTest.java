package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.HostCondition;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.job.StopPolicy;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.state.TaskRef;
import io.springtide.scheduler.told.HostListing;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What is not known yet, or not any more: neither is it relied upon, nor does anybody pay for it.
 */
class UnresolvedTest {
  private static final String WEB = "feed.web#0";

  private static Story running(String... hosts) {
    Story story = Story.with(hosts);
    story.put(Documents.job("web", 1));
    story.offer("h1", "agent-h1", Story.BIG, Set.of("executor-1"));
    story.update(story.theLaunch().task(), TaskState.RUNNING);
    story.read();
    return story;
  }

  @Test
  void aStoppingTaskThatReturnsIsKilledAtOnce() {
    Story story = running("h1");
    Task task = story.task(WEB);
    story.scale("feed.web", 0);
    story.update(task, TaskState.UNREACHABLE);
    // By now its kill is repeated every few minutes only, and it is not given up yet.
    story.pass(Duration.ofMinutes(4));
    assertThat(story.instance(WEB).state()).isEqualTo(InstanceState.STOPPING);
    story.read();
    story.update(task, TaskState.RUNNING);
    assertThat(story.read())
        .as("its kills were lost with its agent (promise 1)")
        .contains(
            new Effect.Kill(task.id(), task.agentId(), Optional.of(StopPolicy.DEFAULT.grace())));
    story.update(task, TaskState.RUNNING);
    assertThat(story.read(Effect.Kill.class)).as("once is enough").isEmpty();
  }

  @Test
  void straysAreAskedAfterToo() {
    Story story = running("h1");
    TaskRef stray = new TaskRef("feed.old.0.7", "agent-h1");
    story.send(
        new Event.TaskUpdated(
            story.news(stray.taskId(), stray.agentId(), TaskState.RUNNING, "", "")));
    story.send(new Event.Disconnected());
    story.read();
    story.subscribe();
    assertThat(asked(story)).contains(stray, story.task(WEB).ref());
    assertThat(asked(story.restart().subscribe())).contains(stray, story.task(WEB).ref());
    story.send(
        new Event.TaskUpdated(story.news(stray.taskId(), stray.agentId(), TaskState.GONE, "", "")));
    assertThat(story.view().strays()).as("so its end is heard of").isEmpty();
  }

  @Test
  void noHostIsGivenBackForTheTimeInWhichTheMasterWasAway() {
    Story story = CloudStory.withHostInState(HostListing.State.BOOTING);
    story.pass(Duration.ofMinutes(10));
    story.send(new Event.Disconnected());
    story.pass(Duration.ofMinutes(20));
    assertThat(story.host("c1").wish()).isEqualTo(Host.Wish.SERVE);
    story.subscribe();
    story.pass(Duration.ofMinutes(14));
    assertThat(story.host("c1").wish()).as("it could not join").isEqualTo(Host.Wish.SERVE);
    story.pass(Duration.ofMinutes(2));
    assertThat(story.host("c1").wish()).isEqualTo(Host.Wish.RELEASE);
  }

  @Test
  void noLostHostIsGivenBackForTheTimeInWhichTheMasterWasAway() {
    Story story = CloudStory.withHostInState(HostListing.State.RUNNING);
    story.scale("feed.web", 0);
    story.read();
    CloudStory.offer(story, "c1", story.host("c1").order(), Set.of());
    Task warden = story.theLaunch().task();
    story.update(warden, TaskState.RUNNING);
    story.update(warden, TaskState.UNREACHABLE);
    assertThat(story.host("c1").condition()).isEqualTo(HostCondition.LOST);
    story.send(new Event.Disconnected());
    story.pass(Duration.ofMinutes(30));
    story.subscribe();
    story.update(warden, TaskState.UNREACHABLE);
    story.pass(Duration.ofMinutes(14));
    assertThat(story.host("c1").wish()).isEqualTo(Host.Wish.SERVE);
    story.pass(Duration.ofMinutes(2));
    assertThat(story.host("c1").wish()).isEqualTo(Host.Wish.RELEASE);
  }

  @Test
  void aHostTakesNothingWhileItsWardenIsAskedAfter() {
    Story story = Story.with("h1");
    Task warden = story.host("h1").warden().orElseThrow();
    story.put(Documents.job("web", 1));
    story.send(new Event.Disconnected());
    story.subscribe();
    story.read();
    story.offer("h1", "agent-h1", Story.BIG, Set.of("executor-1"));
    story.pass(Duration.ofSeconds(5));
    assertThat(story.launches()).as("nobody has said that it still runs").isEmpty();
    story.update(warden, TaskState.RUNNING);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.launches()).hasSize(1);
  }

  @Test
  void aHostTakesNothingWhileItsAgentIsDoubted() {
    Story story = Story.with("h1");
    Task warden = story.host("h1").warden().orElseThrow();
    story.offer("h1", "agent-h1", Story.BIG, Set.of("executor-1"));
    story.send(new Event.ExecutorEnded("agent-h1"));
    story.put(Documents.job("web", 1));
    story.pass(Duration.ofSeconds(5));
    assertThat(story.launches()).isEmpty();
    story.update(warden, TaskState.RUNNING);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.launches()).hasSize(1);
  }

  @Test
  void whileTheMasterIsAwayNobodyWaitsTooLongForItsHost() {
    Story story = running("h1");
    Task task = story.task(WEB);
    story.update(task, TaskState.FAILED, TaskUpdate.EXECUTOR_TERMINATED, "executor terminated");
    assertThat(story.instance(WEB).state()).isEqualTo(InstanceState.DETACHED);
    story.send(new Event.Disconnected());
    story.pass(Duration.ofMinutes(10));
    assertThat(story.instance(WEB).state()).isEqualTo(InstanceState.DETACHED);
    story.subscribe();
    story.pass(Duration.ofSeconds(110));
    assertThat(story.instance(WEB).state()).isEqualTo(InstanceState.DETACHED);
    story.pass(Duration.ofSeconds(20));
    assertThat(story.instance(WEB).state()).isEqualTo(InstanceState.PENDING);
    assertThat(story.instance(WEB).task()).isEmpty();
  }

  @Test
  void aHintConcernsTheTasksOfItsAgentAlone() {
    Story story = running("h1", "h2");
    story.send(new Event.AgentLost("agent-h1"));
    List<Effect.Reconcile> calls = story.read(Effect.Reconcile.class);
    assertThat(calls).as("an agent with many tasks is one question, not as many").hasSize(1);
    assertThat(calls.get(0).tasks())
        .containsExactlyInAnyOrder(
            story.task(WEB).ref(), story.host("h1").warden().orElseThrow().ref());
    story.send(new Event.AgentLost("agent-h1"));
    assertThat(asked(story)).as("they are being asked after already").isEmpty();
    story.pass(Duration.ofSeconds(11));
    assertThat(asked(story)).as("and again where no answer comes").hasSize(2);
    story.pass(Duration.ofSeconds(10));
    assertThat(asked(story)).hasSize(2);
    story.pass(Duration.ofSeconds(17));
    assertThat(asked(story)).as("ever more slowly").isEmpty();
    story.pass(Duration.ofSeconds(5));
    assertThat(asked(story)).hasSize(2);
  }

  @Test
  void manyAreAskedAfterInBatches() {
    Story story = running("h1");
    for (int i = 0; i < 1500; i++) {
      story.send(
          new Event.TaskUpdated(
              story.news("feed.old.0." + (1000 + i), "agent-h1", TaskState.RUNNING, "", "")));
    }
    story.send(new Event.Disconnected());
    story.read();
    story.subscribe();
    List<Effect.Reconcile> calls = story.read(Effect.Reconcile.class);
    assertThat(calls).extracting(call -> call.tasks().size()).containsExactly(1000, 502);
  }

  @Test
  void theMasterIsAskedForAllThatItKnowsOnceAllElseIsAnswered() {
    Story story = running("h1");
    story.send(new Event.Disconnected());
    story.subscribe();
    story.read();
    Effect.Reconcile all = new Effect.Reconcile(List.of());
    story.pass(Duration.ofSeconds(5));
    assertThat(story.read()).doesNotContain(all);
    story.update(story.task(WEB), TaskState.RUNNING);
    story.update(story.host("h1").warden().orElseThrow(), TaskState.RUNNING);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.read()).contains(all);
    story.pass(Duration.ofMinutes(10));
    assertThat(story.read()).as("once").doesNotContain(all);
  }

  @Test
  void anIdleExecutorIsEndedAgainAndAgainButNotAtEachOccasion() {
    Story story = Story.with("h1");
    Effect end = new Effect.ShutdownExecutor("agent-h1", "executor-1");
    story.wish("h1", Host.Wish.DRAIN);
    story.pass(Duration.ofSeconds(8));
    assertThat(story.read().stream().filter(end::equals)).hasSize(1);
    story.pass(Duration.ofSeconds(4));
    assertThat(story.read().stream().filter(end::equals)).hasSize(1);
    story.update(story.host("h1").warden().orElseThrow(), TaskState.KILLED);
    story.read();
    story.pass(Duration.ofSeconds(30));
    assertThat(story.read()).doesNotContain(end);
  }

  @Test
  void aKillIsRepeatedNotBeforeItsTaskMayHaveEndedAndEverMoreSlowly() {
    Story story = running("h1");
    Duration patience = StopPolicy.DEFAULT.drain().plus(StopPolicy.DEFAULT.grace());
    story.scale("feed.web", 0);
    assertThat(story.read(Effect.Kill.class)).hasSize(1);
    story.pass(patience.plusSeconds(9));
    assertThat(story.read(Effect.Kill.class)).isEmpty();
    story.pass(Duration.ofSeconds(2));
    assertThat(story.read(Effect.Kill.class)).hasSize(1);
    story.pass(patience.plusSeconds(18));
    assertThat(story.read(Effect.Kill.class)).isEmpty();
    story.pass(Duration.ofSeconds(3));
    assertThat(story.read(Effect.Kill.class)).hasSize(1);
  }

  @Test
  void withoutAMasterNobodyIsKilledAndWithTheNextAtOnce() {
    Story story = running("h1");
    Task task = story.task(WEB);
    story.send(new Event.Disconnected());
    story.read();
    story.scale("feed.web", 0);
    story.pass(Duration.ofMinutes(2));
    assertThat(story.read(Effect.Kill.class)).isEmpty();
    story.subscribe();
    story.pass(Duration.ofSeconds(1));
    assertThat(story.read(Effect.Kill.class)).extracting(Effect.Kill::taskId).contains(task.id());
  }

  private static List<TaskRef> asked(Story story) {
    return story.read(Effect.Reconcile.class).stream().flatMap(r -> r.tasks().stream()).toList();
  }
}
