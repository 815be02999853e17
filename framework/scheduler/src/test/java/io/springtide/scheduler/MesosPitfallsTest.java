package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The well-known pitfalls of Mesos that concern what a scheduler concludes, by their number in
 * {@code docs/mesos.md}, as far as no other test is about them.
 */
class MesosPitfallsTest {
  private static final String WEB = "feed.web#0";

  @Test
  void pitfall09NoticesOfLossAloneProveNothing() {
    Story story = Story.running("h1", "h2");
    Task task = story.task(WEB);
    story.send(new Event.ExecutorEnded("agent-h1"));
    story.send(new Event.AgentLost("agent-h1"));
    assertThat(story.instance(WEB).state()).isEqualTo(InstanceState.RUNNING);
    List<Effect> effects = story.read();
    assertThat(effects.stream().filter(e -> e instanceof Effect.Kill)).isEmpty();
    assertThat(effects.stream().filter(e -> e instanceof Effect.Reconcile))
        .as("it asks what has become of them")
        .isNotEmpty();
    story.update(task, TaskState.RUNNING);
    assertThat(story.instance(WEB).task().map(Task::id)).hasValue(task.id());
  }

  @Test
  void pitfall09TheNoticeMayComeAfterTheUpdatesOrNotAtAll() {
    Story late = Story.running("h1", "h2");
    Story never = Story.running("h1", "h2");
    for (Story story : List.of(late, never)) {
      story.update(
          story.host("h1").warden().orElseThrow(),
          TaskState.FAILED,
          TaskUpdate.EXECUTOR_TERMINATED,
          "executor terminated");
      story.update(
          story.task(WEB), TaskState.FAILED, TaskUpdate.EXECUTOR_TERMINATED, "executor terminated");
    }
    late.send(new Event.ExecutorEnded("agent-h1"));
    for (Story story : List.of(late, never)) {
      assertThat(story.instance(WEB).state()).isEqualTo(InstanceState.DETACHED);
      assertThat(story.instance(WEB).failures()).isEqualTo(never.instance(WEB).failures());
    }
  }

  @Test
  void pitfall16AHostStaysInItsPoolWhateverItsAgentSaysLater() {
    Story story = Story.running("h1", "h2");
    String before = story.host("h1").pool();
    story.offer(
        "h1",
        "agent-h1",
        Story.BIG,
        Set.of("executor-1"),
        Map.of("node", "h1", "zone", "somewhere-else", "provider", "aliyun"));
    assertThat(story.host("h1").pool()).isEqualTo(before);
    assertThat(story.instance(WEB).state()).isEqualTo(InstanceState.RUNNING);

    story.offer(
        "h1", "agent-h1-after-a-wipe", Story.BIG, Set.of(), Map.of("node", "h1", "zone", "other"));
    assertThat(story.host("h1").pool()).isEqualTo(before);
  }
}
