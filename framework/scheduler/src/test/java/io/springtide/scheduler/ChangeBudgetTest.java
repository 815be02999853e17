package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

/** What a change may take from those who serve, however their probes answer meanwhile. */
class ChangeBudgetTest {
  private static final String WEB = "feed.web";

  @Test
  void oneSlowProbeRoundDuringAChangeTakesNobodyBeyondTheBudget() {
    Story story = Story.with("h1", "h2");
    serve(story, Documents.checked(Documents.job("web", 5)));
    change(story);
    assertThat(taken(story)).hasSize(1);

    running(story).forEach(instance -> probe(story, instance, false));
    story.pass(Duration.ofSeconds(30));
    assertThat(taken(story)).as("a slow probe is no reason to hurry").hasSize(1);
    running(story).forEach(instance -> probe(story, instance, true));
    story.pass(Duration.ofSeconds(5));
    assertThat(taken(story)).hasSize(1);
  }

  @Test
  void whatMustWaitForTheRestOfItsJobSaysSoUntilItIsReplaced() {
    Story story = Story.with("h1", "h2");
    JobSpec job = Documents.checked(Documents.job("web", 3));
    serve(story, job);
    change(story);
    assertThat(running(story)).hasSize(2);
    for (Instance instance : running(story)) {
      assertThat(story.shown(instance.id()).waiting())
          .extracting(Waiting::reason, Waiting::detail)
          .containsExactly(
              Tuple.tuple(
                  Waiting.UPDATE_BUDGET,
                  "its job has changed; 1 do not serve, and update.maxUnavailable is 1"));
    }

    JobSpec changed = story.view().jobs().get(WEB).job().spec();
    story.put(Documents.withBudget(changed, 3));
    story.pass(Duration.ofSeconds(1));

    assertThat(story.view().jobs().get(WEB).instances())
        .as("all are replaced at once now")
        .allMatch(i -> i.waiting().stream().noneMatch(this::isHeld));
  }

  @Test
  void whatHasServedAndServesNobodyForAMinuteGoesAsTheBudgetAllows() {
    Story story = Story.with("h1", "h2");
    serve(story, Documents.checked(Documents.job("web", 5)));
    change(story);
    running(story).forEach(instance -> probe(story, instance, false));
    story.pass(Duration.ofMinutes(5));
    assertThat(taken(story)).as("they served when the change began").hasSize(1);
  }

  @Test
  void whatServedNobodyBeforeTheChangeGoesAtOnce() {
    Story story = Story.with("h1", "h2");
    serve(story, Documents.checked(Documents.job("web", 5)));
    running(story).stream().skip(1).forEach(instance -> probe(story, instance, false));
    story.pass(Duration.ofSeconds(61));
    change(story);
    assertThat(taken(story)).as("four are long down, and the last one serves").hasSize(4);
    assertThat(running(story)).hasSize(1);
  }

  @Test
  void whatServedAMomentAgoDoesNotGoAtOnce() {
    Story story = Story.with("h1", "h2");
    serve(story, Documents.checked(Documents.job("web", 5)));
    running(story).forEach(instance -> probe(story, instance, false));
    story.pass(Duration.ofSeconds(20));
    change(story);
    story.pass(Duration.ofSeconds(5));
    assertThat(taken(story)).as("they may serve again in a moment").isEmpty();
    story.pass(Duration.ofSeconds(40));
    assertThat(taken(story)).as("they did not").hasSize(5);
  }

  @Test
  void afterAFailoverNobodyKnowsWhoServedAndSoNobodyIsTakenAtOnce() {
    Story story = Story.with("h1", "h2");
    serve(story, Documents.checked(Documents.job("web", 5)));
    change(story);
    running(story).forEach(instance -> probe(story, instance, false));
    story.restart().subscribe();
    story.pass(Duration.ofMinutes(2));
    assertThat(taken(story)).hasSize(1);
  }

  @Test
  void aHealthCheckThatIsNewFindsNobodyIll() {
    Story story = Story.with("h1", "h2");
    JobSpec job = Documents.job("web", 5);
    serve(story, job);
    story.put(Documents.checked(job));
    story.pass(Duration.ofSeconds(5));
    assertThat(taken(story)).as("what runs was never asked").hasSize(1);
  }

  @Test
  void aHostThatIsToBeEmptyTakesNoMoreThanTheBudgetEither() {
    Story story = Story.with("h1", "h2");
    serve(story, Documents.checked(Documents.job("web", 5)));
    running(story).forEach(instance -> probe(story, instance, false));
    story.wish("h1", Host.Wish.DRAIN);
    story.pass(Duration.ofSeconds(30));
    assertThat(taken(story)).isEmpty();
    running(story).forEach(instance -> probe(story, instance, true));
    story.pass(Duration.ofSeconds(30));
    assertThat(taken(story)).hasSize(1);
  }

  /** Seven of ten have a place: the change goes through these, and never takes a second of them. */
  @Test
  void whereThereIsNotRoomForAllAChangeGoesOnWithThoseThatHaveAPlace() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.checked(Documents.job("web", 10)));
    up(story);
    story.pass(Duration.ofMinutes(2));
    assertThat(running(story)).hasSize(7);
    change(story);
    for (int second = 0; second < 60 && !allNew(story); second++) {
      assertThat(taken(story)).hasSizeLessThanOrEqualTo(1);
      taken(story)
          .forEach(instance -> story.update(instance.task().orElseThrow(), TaskState.KILLED));
      story.offer("h1");
      story.pass(Duration.ofSeconds(1));
      assertThat(serving(story)).isGreaterThanOrEqualTo(6);
      up(story);
    }
    assertThat(allNew(story)).isTrue();
  }

  /** Somebody else takes what a replacement was to have: the change does not eat up the rest. */
  @Test
  void whereARoomIsLostAChangeTakesNoMoreThanItsBudget() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.checked(Documents.job("web", 10)));
    up(story);
    story.pass(Duration.ofMinutes(2));
    change(story);
    taken(story).forEach(instance -> story.update(instance.task().orElseThrow(), TaskState.KILLED));
    story.pass(Duration.ofMinutes(10));
    assertThat(running(story)).as("the room that came free is offered to nobody").hasSize(6);
    assertThat(taken(story)).isEmpty();
  }

  private static boolean allNew(Story story) {
    long revision = story.view().jobs().get(WEB).job().revision();
    return running(story).stream()
        .allMatch(instance -> instance.task().orElseThrow().revision() == revision);
  }

  private static long serving(Story story) {
    return running(story).stream()
        .filter(instance -> instance.task().flatMap(Task::healthy).orElse(false))
        .count();
  }

  /** What was launched runs, and passes. */
  private static void up(Story story) {
    for (TaskLaunch launch : story.launches()) {
      story.update(launch.task(), TaskState.RUNNING);
      story.healthy(launch.task(), true);
    }
  }

  /**
   * A change of eight instances, polled as a client would, while slow rounds let the probes of some
   * fail for a while. Whoever polls counts the processes that the change has left alone or brought
   * up: never fewer than all but the budget.
   */
  @Property(tries = 60)
  void noPollFindsMoreThanTheBudgetTaken(
      @ForAll @IntRange(min = 1, max = 3) int budget, @ForAll long seed) {
    Random random = new Random(seed);
    Story story = Story.with("h1", "h2");
    serve(story, Documents.withBudget(Documents.checked(Documents.job("web", 8)), budget));
    story.put(
        Documents.withBudget(
            Documents.checked(Documents.withImage(Documents.job("web", 8), "web:2")), budget));
    Map<String, Instant> slowUntil = new HashMap<>();
    Map<String, Instant> upAt = new HashMap<>();
    Set<String> fresh = new HashSet<>();
    int without = 0;
    for (int poll = 0; poll < 711; poll++) {
      story.pass(Duration.ofMillis(500));
      if (random.nextInt(40) == 0) {
        // A slow round: the probes of most are late at once, for less than three in a row.
        for (Instance instance : running(story)) {
          if (random.nextInt(4) > 0) {
            slowUntil.putIfAbsent(
                instance.task().orElseThrow().id(),
                story.now().plusMillis(5000 + random.nextInt(5000)));
            probe(story, instance, false);
          }
        }
      }
      for (Instance instance : new ArrayList<>(story.instances(WEB))) {
        if (instance.task().isEmpty()) {
          continue;
        }
        Task task = instance.task().get();
        Instant now = story.now();
        switch (instance.state()) {
          case STOPPING -> {
            Instant end = upAt.computeIfAbsent("end " + task.id(), id -> now.plusSeconds(3));
            if (!now.isBefore(end)) {
              story.update(task, TaskState.KILLED);
              story.offer("h1");
              story.offer("h2");
            }
          }
          case STAGING -> {
            fresh.add(task.id());
            story.update(task, TaskState.RUNNING);
            upAt.put(task.id(), now.plusSeconds(4));
          }
          case RUNNING -> {
            Instant up = upAt.getOrDefault(task.id(), Instant.MIN);
            Instant slow = slowUntil.getOrDefault(task.id(), Instant.MIN);
            if (!now.isBefore(up) && !now.isBefore(slow) && !task.healthy().orElse(false)) {
              probe(story, instance, true);
            }
          }
          default -> {}
        }
      }
      long serving =
          story.instances(WEB, i -> i.state() == InstanceState.RUNNING).stream()
              .map(i -> i.task().orElseThrow().id())
              .filter(id -> !story.now().isBefore(upAt.getOrDefault(id, Instant.MIN)))
              .count();
      without += serving < 8 - budget ? 1 : 0;
    }
    assertThat(without).as("polls that find more than the budget taken").isZero();
    assertThat(fresh).as("and the change goes on").isNotEmpty();
  }

  private boolean isHeld(Waiting why) {
    return why.reason().equals(Waiting.UPDATE_BUDGET);
  }

  private static void change(Story story) {
    JobSpec spec = story.view().jobs().get(WEB).job().spec();
    story.put(Documents.withImage(spec, "web:2"));
    story.pass(Duration.ofSeconds(1));
  }

  /** The job runs, and passes its health check where it has one. */
  private static void serve(Story story, JobSpec job) {
    story.offer("h1");
    story.offer("h2");
    story.put(job);
    for (TaskLaunch launch : story.launches()) {
      story.update(launch.task(), TaskState.RUNNING);
      if (job.health().isPresent()) {
        story.healthy(launch.task(), true);
      }
    }
    assertThat(running(story)).hasSize(job.instances());
    story.pass(Duration.ofMinutes(2));
    story.read();
  }

  private static void probe(Story story, Instance instance, boolean healthy) {
    story.healthy(instance.task().orElseThrow(), healthy);
  }

  private static List<Instance> running(Story story) {
    return story.instances(WEB, instance -> instance.state() == InstanceState.RUNNING);
  }

  private static List<Instance> taken(Story story) {
    return story.instances(WEB, instance -> instance.goal() == Goal.REPLACE);
  }
}
