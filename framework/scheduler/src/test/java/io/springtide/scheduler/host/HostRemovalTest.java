package io.springtide.scheduler.host;

import static io.springtide.scheduler.CloudStory.EAST;
import static io.springtide.scheduler.CloudStory.joined;
import static io.springtide.scheduler.CloudStory.ordered;
import static io.springtide.scheduler.CloudStory.released;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.HostCondition;
import io.springtide.scheduler.Documents;
import io.springtide.scheduler.Story;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.TaskState;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A dead host is taken out of the books, and its pool may then go too. */
class HostRemovalTest {
  @Test
  void aLostAndEmptyHostIsRemovedAndIfItComesBackItIsSimplySeenAgain() {
    Story story = Story.with("h1");
    Task warden = story.host("h1").warden().orElseThrow();
    story.update(warden, TaskState.UNREACHABLE);
    assertThat(remove(story, "h1")).isInstanceOf(Outcome.Done.class);
    assertThat(story.view().hosts()).isEmpty();
    story.restart().subscribe();
    assertThat(story.view().hosts()).isEmpty();
    story.read();
    story.update(warden, TaskState.RUNNING);
    assertThat(story.read(Effect.Kill.class))
        .as("its old warden is nobody's")
        .extracting(Effect.Kill::taskId)
        .containsExactly(warden.id());
    story.offer("h1");
    assertThat(story.host("h1").condition()).isEqualTo(HostCondition.INITIALISING);
  }

  @Test
  void aLiveHostAndOneWithWorkAreNotRemoved() {
    Story story = Story.with("h1");
    assertThat(refusal(story, "h1").detail()).contains("agent of host h1 is there", "ready");
    assertThat(refusal(story, "h9").kind()).isEqualTo(Outcome.Kind.NOT_FOUND);
    story.offer("h1");
    story.put(Documents.job("web", 1));
    story.update(story.theLaunch().task(), TaskState.RUNNING);
    story.update(story.task("feed.web#0"), TaskState.UNREACHABLE);
    story.update(story.host("h1").warden().orElseThrow(), TaskState.UNREACHABLE);
    Outcome.Refused refused = refusal(story, "h1");
    assertThat(refused.detail()).contains("1 instances", "feed.web#0", "UNREACHABLE");
    assertThat(refused.fix()).contains("unreachableAfter");
  }

  @Test
  void aDrainedHostIsRemovedOnceMesosHasLostItsAgent() {
    Story story = Story.with("h1");
    story.wish("h1", Host.Wish.DRAIN);
    story.pass(Duration.ofSeconds(1));
    story.update(story.host("h1").warden().orElseThrow(), TaskState.KILLED);
    assertThat(story.host("h1").condition()).isEqualTo(HostCondition.MAINTENANCE);
    assertThat(refusal(story, "h1").kind()).isEqualTo(Outcome.Kind.CONFLICT);
    story.send(new Event.AgentLost("agent-h1"));
    story.offer("h1");
    assertThat(refusal(story, "h1").kind()).as("it is back").isEqualTo(Outcome.Kind.CONFLICT);
    story.send(new Event.AgentLost("agent-h1"));
    assertThat(remove(story, "h1")).isInstanceOf(Outcome.Done.class);
  }

  @Test
  void whatWasOrderedIsReleasedInsteadAndRemovedOnlyOnSomebodysWord() {
    Story story = ordered();
    joined(story);
    story.scale("feed.web", 0);
    story.update(story.host("c1").warden().orElseThrow(), TaskState.UNREACHABLE);
    assertThat(refusal(story, "c1").fix()).contains("release it instead");
    story.wish("c1", Host.Wish.RELEASE);
    assertThat(refusal(story, "c1").fix()).contains("gone=true");
    assertThat(story.ask(new Event.RemoveHost(story.request(), "c1", true)))
        .isInstanceOf(Outcome.Done.class);
    assertThat(story.view().hosts()).isEmpty();
  }

  @Test
  void aPoolGoesOnceItsDeadHostsHave() {
    Story story = Story.with();
    story.put(Documents.selecting("old", Map.of("node", "d1")));
    story.offer("d1", "agent-d1", Story.BIG, Set.of(), Map.of("node", "d1"));
    assertThat(story.host("d1").pool()).isEqualTo("old");
    story.update(story.theLaunch().task(), TaskState.UNREACHABLE);
    assertThat(removePool(story)).isInstanceOf(Outcome.Refused.class);
    remove(story, "d1");
    assertThat(removePool(story)).isInstanceOf(Outcome.Done.class);
  }

  @Test
  void aPoolOfHostsThatWereOrderedGoesOnceTheyAreGivenBack() {
    Story story = ordered();
    joined(story);
    story.scale("feed.web", 0);
    story.wish("c1", Host.Wish.RELEASE);
    story.pass(Duration.ofSeconds(1));
    released(story, EAST, "c1");
    assertThat(story.view().hosts()).isEmpty();
  }

  private static Outcome removePool(Story story) {
    return story.ask(new Event.RemovePool(story.request(), "old", OptionalLong.empty()));
  }

  private static Outcome remove(Story story, String host) {
    return story.ask(new Event.RemoveHost(story.request(), host, false));
  }

  private static Outcome.Refused refusal(Story story, String host) {
    return (Outcome.Refused) remove(story, host);
  }
}
