package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.told.TaskState;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a look at all that waits must leave alone, and what it must show. */
class RoundTest {
  @Test
  void anIdleHostThatWeDidNotOrderIsNeitherEmptiedNorGivenBack() {
    Story story = Story.with();
    story.put(Documents.selecting(Documents.cloud(5), Map.of("rack", "r9")));
    Map<String, String> attributes = Map.of("node", "c9", "rack", "r9");
    story.offer("c9", "agent-c9", CloudStory.ALL, Set.of(), attributes);
    story.update(story.theLaunch().task(), TaskState.RUNNING);
    Resources rest = Resources.of(3800, 3800, 9000);
    story.offer("c9", "agent-c9", rest, Set.of("executor-1"), attributes);
    assertThat(story.host("c9").pool()).isEqualTo("cloud");
    assertThat(story.host("c9").condition()).isEqualTo(HostCondition.READY);

    story.pass(Duration.ofHours(1));

    assertThat(story.host("c9").wish()).isEqualTo(Host.Wish.SERVE);
    assertThat(CloudStory.releases(story)).isEmpty();
  }

  @Test
  void anOrderedHostThatSomebodyCordonsIsNotGivenBackByItself() {
    Story story = CloudStory.ordered();
    CloudStory.joined(story);
    story.wish("c1", Host.Wish.CORDON);
    story.scale("feed.web", 0);

    story.pass(Duration.ofMinutes(30));

    assertThat(story.host("c1").wish()).isEqualTo(Host.Wish.CORDON);
    assertThat(CloudStory.releases(story)).isEmpty();
  }

  @Test
  void whyAJobWaitsIsShownAnewWhereNothingButTheReasonHasChanged() {
    Story story = SharingTest.tenants();
    JobSpec job = Documents.of("search", SharingTest.search(1).kind(), Documents.job("web", 1));
    story.put(
        Documents.withConstraints(job, new Constraint.Match("disk", Set.of("ssd"), false, false)));
    story.pass(Duration.ofSeconds(1));
    assertThat(story.shown("search.web#0").waiting()).extracting(Waiting::hosts).contains(1);

    story.ready("h2");
    story.offer("h2");
    story.pass(Duration.ofSeconds(15));

    assertThat(story.shown("search.web#0").waiting()).extracting(Waiting::hosts).contains(2);
  }
}
