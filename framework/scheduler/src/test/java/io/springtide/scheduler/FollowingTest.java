package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.told.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A core that follows what another decides; that it then leads as one that was restored, walks. */
class FollowingTest {
  private static final CoreConfig CONFIG = CoreConfig.of("executor-1");
  private static final String WEB = "feed.web#0";

  private final Story story = Story.running("h1");
  private final SchedulerCore follower = SchedulerCore.following(CONFIG, story.now());

  @Test
  void itShowsWhatIsDurableAndDecidesNothing() {
    story.put(Documents.job("web", 1));
    story.offer("h1");
    follow();
    assertThat(follower.view().version()).isEqualTo(story.core().version());
    assertThat(follower.view().jobs()).isEqualTo(story.view().jobs());
    assertThat(follower.view().hosts().keySet()).isEqualTo(story.view().hosts().keySet());
  }

  @Test
  void aBackOffIsShownForAsLongAsItLastsThoughNoCommitEndsIt() {
    story.put(Documents.job("web", 1));
    story.offer("h1");
    story.update(story.task(WEB), TaskState.RUNNING);
    story.update(story.task(WEB), TaskState.FAILED);
    follow();
    Instant end = story.instance(WEB).notBefore();
    assertThat(waiting()).contains("BACK_OFF");
    follower.follow(story.core().version(), List.of(), end.minusNanos(1));
    assertThat(waiting()).contains("BACK_OFF");
    follower.follow(story.core().version(), List.of(), end);
    assertThat(waiting()).doesNotContain("BACK_OFF");
  }

  @Test
  void onceItLeadsItGoesOnWithTheNextCommit() {
    story.put(Documents.job("web", 1));
    story.offer("h1");
    story.update(story.task(WEB), TaskState.RUNNING);
    follow();
    Instant now = story.now().plus(Duration.ofSeconds(10));
    follower.lead(now);
    List<Effect> effects =
        follower.handle(new Event.PutJob("r", Documents.job("web", 2), OptionalLong.empty()), now);
    assertThat(effects.get(0))
        .isInstanceOfSatisfying(
            Effect.Persist.class,
            persist -> assertThat(persist.version()).isEqualTo(story.core().version() + 1));
    assertThat(follower.view().jobs().get("feed.web").instances())
        .extracting(one -> one.instance().state())
        .containsExactly(InstanceState.RUNNING, InstanceState.PENDING);
  }

  private List<String> waiting() {
    return follower.view().jobs().get("feed.web").instance(0).orElseThrow().waiting().stream()
        .map(Waiting::reason)
        .toList();
  }

  private void follow() {
    follower.follow(story.core().version(), story.durable(), story.now());
  }
}
