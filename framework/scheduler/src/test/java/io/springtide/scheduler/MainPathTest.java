package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.HostCondition;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.view.ClusterView;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The main path: a host joins, a job comes, runs, is scaled and stops; and a restart on the way.
 */
class MainPathTest {
  @Test
  void theFrameworkIdIsDurableBeforeAnythingElse() {
    Story story = new Story().subscribe();
    assertThat(story.read().get(0))
        .isEqualTo(new Effect.Persist(1, List.of(new Change.FrameworkIdSet(Story.FRAMEWORK))));
    story.restart().subscribe();
    assertThat(story.read(Effect.Stop.class)).isEmpty();
    story.restart().send(new Event.Subscribed("another"));
    assertThat(story.read(Effect.Stop.class)).hasSize(1);
  }

  @Test
  void aHostTakesNoWorkBeforeItsWardenRuns() {
    Story story = Story.with();
    story.put(Documents.job("web", 1));
    story.offer("h1");
    TaskLaunch warden = story.theLaunch();
    assertThat(warden.warden()).isTrue();
    assertThat(story.host("h1").condition()).isEqualTo(HostCondition.INITIALISING);
    story.offer("h1", "agent-h1", Story.BIG, Set.of("executor-1"));
    assertThat(story.launches()).isEmpty();
    assertThat(story.shown("feed.web#0").waiting()).isNotEmpty();

    story.update(warden.task(), TaskState.RUNNING);
    TaskLaunch web = story.theLaunch();
    assertThat(web.instance()).isEqualTo("feed.web#0");
    assertThat(story.host("h1").condition()).isEqualTo(HostCondition.READY);
  }

  @Test
  void aJobIsPlacedRunsIsScaledAndStops() {
    Story story = Story.with("h1", "h2");
    story.offer("h1");
    story.offer("h2");
    story.put(Documents.job("web", 3));
    story.pass(Duration.ofSeconds(1));
    List<Effect> effects = story.read();
    assertThat(effects.get(0)).isInstanceOf(Effect.Persist.class);
    assertThat(story.instances("feed.web", i -> i.state() == InstanceState.STAGING)).hasSize(3);

    for (Instance instance : story.instances("feed.web")) {
      story.update(instance.task().orElseThrow(), TaskState.STARTING);
      story.update(instance.task().orElseThrow(), TaskState.RUNNING);
    }
    assertThat(story.instances("feed.web", i -> i.state() == InstanceState.RUNNING)).hasSize(3);
    assertThat(story.read(Effect.Acknowledge.class)).hasSize(6);

    story.scale("feed.web", 1);
    List<Effect.Kill> kills = story.read(Effect.Kill.class);
    assertThat(kills).hasSize(2);
    for (Instance leaving : story.instances("feed.web", i -> i.state() == InstanceState.STOPPING)) {
      story.update(leaving.task().orElseThrow(), TaskState.KILLED);
    }
    assertThat(story.instances("feed.web")).hasSize(1);

    story.remove("feed.web");
    story.update(story.task("feed.web#0"), TaskState.KILLED);
    assertThat(story.view().jobs()).isEmpty();
  }

  @Test
  void aRestartLosesNothingAndStartsNothingTwice() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 2));
    story.update(story.task("feed.web#0"), TaskState.RUNNING);
    ClusterView before = story.view();
    story.restart();
    assertThat(story.view().jobs()).isEqualTo(before.jobs());
    assertThat(story.view().hosts()).isEqualTo(before.hosts());
    story.restartFromSnapshot();
    assertThat(story.view().jobs()).isEqualTo(before.jobs());

    story.subscribe();
    List<Effect.Reconcile> asked = story.read(Effect.Reconcile.class);
    assertThat(asked.get(0).tasks()).hasSize(3);
    story.update(story.host("h1").warden().orElseThrow(), TaskState.RUNNING);
    story.offer("h1");
    story.pass(Duration.ofSeconds(5));
    assertThat(story.launches()).isEmpty();
    // One launch never reached the master: it says that the agent has no such task.
    story.update(story.task("feed.web#1"), TaskState.GONE);
    story.pass(Duration.ofSeconds(5));
    TaskLaunch again = story.theLaunch();
    assertThat(again.instance()).isEqualTo("feed.web#1");
    assertThat(again.task().generation())
        .isGreaterThan(
            before
                .jobs()
                .get("feed.web")
                .instance(1)
                .orElseThrow()
                .instance()
                .task()
                .orElseThrow()
                .generation());
  }
}
