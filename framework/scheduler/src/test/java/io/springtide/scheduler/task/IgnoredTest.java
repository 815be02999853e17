package io.springtide.scheduler.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.Documents;
import io.springtide.scheduler.Story;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.task.Ignored.About;
import io.springtide.scheduler.task.Ignored.Cell;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.turn.Turn;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What changes nothing is counted, by what it met. */
class IgnoredTest {
  private static final String WEB = "feed.web#0";

  private static Story running() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 1));
    return story.update(story.theLaunch().task(), TaskState.RUNNING);
  }

  private static Map<Cell, Long> ignored(Story story) {
    return story.view().ignored();
  }

  @Test
  void whatIsNewsIsNotCounted() {
    Story story = running();
    story.update(story.task(WEB), TaskState.FAILED);
    assertThat(ignored(story)).isEmpty();
  }

  @Test
  void aTaskIsToldLateThatItStarts() {
    Story story = running();
    story.update(story.task(WEB), TaskState.STARTING);
    story.update(story.task(WEB), TaskState.STARTING);
    story.update(story.task(WEB), TaskState.STAGING);
    assertThat(story.instance(WEB).state()).isEqualTo(InstanceState.RUNNING);
    assertThat(ignored(story))
        .containsExactly(
            Map.entry(new Cell(About.TASK, "RUNNING", "STAGING"), 1L),
            Map.entry(new Cell(About.TASK, "RUNNING", "STARTING"), 2L));
  }

  @Test
  void aWardenIsToldLateThatItStarts() {
    Story story = running();
    story.update(story.host("h1").warden().orElseThrow(), TaskState.STARTING);
    assertThat(ignored(story))
        .containsExactly(Map.entry(new Cell(About.WARDEN, "RUNNING", "STARTING"), 1L));
  }

  @Test
  void anAttemptThatIsOverEndsOnceMore() {
    Story story = running();
    Task first = story.task(WEB);
    story.update(first, TaskState.FAILED);
    story.update(first, TaskState.FAILED);
    story.update(first, TaskState.UNREACHABLE);
    assertThat(ignored(story))
        .containsExactly(
            Map.entry(new Cell(About.EARLIER_ATTEMPT, "", "FAILED"), 1L),
            Map.entry(new Cell(About.EARLIER_ATTEMPT, "", "UNREACHABLE"), 1L));
  }

  @Test
  void aStrayThatEndsIsAwaited() {
    Story story = running();
    Task stray = story.task(WEB);
    story.update(stray, TaskState.FAILED);
    story.update(stray, TaskState.RUNNING);
    story.update(stray, TaskState.KILLED);
    assertThat(ignored(story)).isEmpty();
    story.update(stray, TaskState.KILLED);
    assertThat(ignored(story))
        .containsExactly(Map.entry(new Cell(About.EARLIER_ATTEMPT, "", "KILLED"), 1L));
  }

  /** All cells of a row, by what the table says of them. */
  @Test
  void whatHappensToAnInstanceAndMeansNothingThereIsCounted() {
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    Instance pending = Instance.wanted("feed.web", 0, 1, now);
    Ignored ignored = new Ignored();
    Updates updates = new Updates(new State(), null, null, ignored, null);
    Turn turn = new Turn(null, null, null, null, null, null, null, now);
    Map<Cell, Long> expected = new TreeMap<>();
    for (InstanceInput input : InstanceInput.values()) {
      if (InstanceTable.step(pending.state(), input).act() == InstanceTable.Act.IGNORE
          && input != InstanceInput.ORPHANED) {
        updates.on(pending, input, "", turn);
        expected.put(new Cell(About.INSTANCE, "PENDING", input.name()), 1L);
      }
    }
    assertThat(expected).hasSizeGreaterThan(5);
    assertThat(ignored.counts()).isEqualTo(expected);
  }
}
