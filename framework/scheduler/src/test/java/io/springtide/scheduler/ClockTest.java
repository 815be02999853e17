package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.HostCondition;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.job.FailurePolicy;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Order;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.HostListing;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.view.ClusterView;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The wall clock may be set by hours. Within one process nothing of that is seen; between two, what
 * an earlier one left behind must neither hold anything up nor end anybody's patience.
 */
class ClockTest {
  private static final Duration DAY = Duration.ofDays(1);

  @Test
  void aTimeThatGoesBackHoldsNothingUp() {
    Story story = Story.with("h1");
    SchedulerCore core = story.core();
    story.put(Documents.job("web", 1));
    story.offer("h1", "agent-h1", Story.BIG, Set.of("executor-1"));
    Task task = story.theLaunch().task();
    story.update(task, TaskState.FAILED);
    assertThat(story.instance("feed.web#0").state()).isEqualTo(InstanceState.PENDING);
    story.offer("h1", "agent-h1", Story.BIG, Set.of("executor-1"));
    story.read();
    Instant back = story.now().minus(Duration.ofHours(1));
    List<Effect> effects = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      effects.addAll(core.handle(new Event.Tick(), back.plusMillis(100L * i)));
    }
    assertThat(effects).as("its back-off of 1 s").hasAtLeastOneElementOfType(Effect.Accept.class);
  }

  @Test
  void aRestThatAnEarlierProcessSetInTheFarFutureEndsWithinItsPolicy() {
    Story story = Story.with("h1");
    story.put(Documents.job("web", 1));
    story.offer("h1", "agent-h1", Story.BIG, Set.of("executor-1"));
    story.update(story.theLaunch().task(), TaskState.FAILED);
    story.restart(DAY.negated()).subscribe();
    story.update(warden(story, "h1"), TaskState.RUNNING);
    story.read();
    story.offer("h1", "agent-h1", Story.BIG, Set.of("executor-1"));
    assertThat(story.launches()).as("its back-off is not over").isEmpty();
    story.pass(Duration.ofSeconds(2));
    assertThat(story.launches()).hasSize(1);
  }

  @Test
  void aWardensRestEndsWithinItsPolicyToo() {
    Story story = Story.with("h1");
    for (int i = 0; i < 3; i++) {
      story.update(warden(story, "h1"), TaskState.FAILED);
      story.pass(Duration.ofSeconds(10));
      story.offer("h1");
      story.pass(Duration.ofSeconds(1));
    }
    assertThat(story.host("h1").seat().failures()).isEqualTo(3);
    story.update(warden(story, "h1"), TaskState.FAILED);
    story.restart(DAY.negated()).subscribe();
    story.read();
    story.offer("h1");
    story.pass(Duration.ofSeconds(7));
    assertThat(story.launches()).as("8 s after the fourth failure").isEmpty();
    story.pass(Duration.ofSeconds(2));
    assertThat(story.launches()).hasSize(1);
  }

  @Test
  void whoWasOutOfSightForAMomentIsNotGivenUpBecauseTheClockWasSetForward() {
    Story story = Story.with("h1");
    story.put(Documents.job("web", 1));
    story.offer("h1", "agent-h1", Story.BIG, Set.of("executor-1"));
    Task task = story.theLaunch().task();
    story.update(task, TaskState.RUNNING);
    story.update(task, TaskState.UNREACHABLE);
    story.restart(DAY).subscribe();
    story.update(task, TaskState.UNREACHABLE);
    story.pass(FailurePolicy.DEFAULT.unreachableAfter().minusSeconds(2));
    assertThat(story.task("feed.web#0").id()).isEqualTo(task.id());
    story.pass(Duration.ofSeconds(4));
    assertThat(story.instance("feed.web#0").task()).isEmpty();
  }

  @Test
  void aHostThatStillBootsIsNotGivenBackBecauseTheClockWasSetForward() {
    Story story = CloudStory.withHostInState(HostListing.State.BOOTING);
    story.restart(DAY).subscribe();
    story.pass(CoreConfig.Times.DEFAULT.hosts().bootWithin().minusSeconds(2));
    assertThat(story.host("c1").wish()).isEqualTo(Host.Wish.SERVE);
    assertThat(story.host("c1").condition()).isEqualTo(HostCondition.PROVISIONING);
    story.pass(Duration.ofSeconds(4));
    assertThat(story.host("c1").wish()).isEqualTo(Host.Wish.RELEASE);
  }

  @Test
  void aRestartBySoundClocksShortensNoRest() {
    Story story = Story.with("h1");
    story.put(Documents.job("web", 1));
    story.offer("h1", "agent-h1", Story.BIG, Set.of("executor-1"));
    story.update(story.theLaunch().task(), TaskState.FAILED);
    Instant before = story.instance("feed.web#0").notBefore();
    story.restart();
    assertThat(story.instance("feed.web#0").notBefore()).isEqualTo(before);
  }

  @Test
  void nothingThatWasRestoredBeganInTheFuture() {
    Story story = Story.with("h1", "h2");
    story.put(Documents.job("web", 3));
    story.put(Documents.job("old", 1));
    story.offer("h1", "agent-h1", Story.BIG, Set.of("executor-1"));
    List<TaskLaunch> launches = story.launches();
    story.update(launches.get(0).task(), TaskState.RUNNING);
    story.update(launches.get(1).task(), TaskState.FAILED);
    // A stray, and an order under way.
    story.send(
        new Event.TaskUpdated(story.news("feed.web.9.77", "agent-h1", TaskState.RUNNING, "", "")));
    story.put(Documents.job("more", 100));
    story.pass(Duration.ofSeconds(2));
    assertThat(story.view().orders()).isNotEmpty();
    assertThat(story.view().strays()).isNotEmpty();
    assertThat(late(story)).as("by a sound clock").isEmpty();
    story.restart(DAY.negated());
    assertThat(late(story)).isEmpty();
    assertThat(found).as("stamps that were looked at").isGreaterThan(20);
  }

  private int found;

  /** Stamps after now, but for rests that their policy allows. */
  private List<String> late(Story story) {
    List<String> late = new ArrayList<>();
    ClusterView view = story.view();
    Map<String, Order> orders = new TreeMap<>();
    view.orders().forEach((token, one) -> orders.put(token, one.order()));
    for (Map<String, ?> shown : List.of(view.jobs(), view.hosts(), orders, view.strays())) {
      shown.forEach((id, record) -> collect(record, id, story.now().plusSeconds(2), late));
    }
    return late;
  }

  private void collect(Object value, String where, Instant latest, List<String> late) {
    if (value instanceof Instant at) {
      found++;
      if (at.isAfter(latest)) {
        late.add(at + " in " + where);
      }
    } else if (value instanceof Optional<?> maybe) {
      maybe.ifPresent(one -> collect(one, where, latest, late));
    } else if (value instanceof Collection<?> all) {
      all.forEach(one -> collect(one, where, latest, late));
    } else if (value instanceof Map<?, ?> map) {
      collect(map.values(), where, latest, late);
    } else if (value instanceof Record) {
      for (RecordComponent component : value.getClass().getRecordComponents()) {
        try {
          component.getAccessor().setAccessible(true);
          collect(component.getAccessor().invoke(value), where, latest, late);
        } catch (ReflectiveOperationException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  private static Task warden(Story story, String host) {
    return story.host(host).warden().orElseThrow();
  }
}
