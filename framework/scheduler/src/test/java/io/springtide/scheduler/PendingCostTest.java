package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.TaskState;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What a turn costs while much waits: printed, since it depends on the machine. */
class PendingCostTest {
  private static final int JOBS = 20;
  private static final int TICKS = 100;

  @Test
  void aTurnCostsWhatHasHappenedNotWhatWaits() {
    for (int each : new int[] {50, 300, 1000}) {
      Story story = Story.with("h1");
      for (int job = 0; job < JOBS; job++) {
        story.put(Documents.job("web" + job, each));
      }
      story.pass(Duration.ofSeconds(30));
      story.read();
      double ticks = millis(() -> story.pass(Duration.ofMillis(500L * TICKS)));
      Task task = story.host("h1").warden().orElseThrow();
      double updates =
          millis(
              () -> {
                for (int i = 0; i < TICKS; i++) {
                  story.update(task, TaskState.RUNNING);
                }
              });
      double views =
          millis(
              () -> {
                for (int i = 0; i < TICKS; i++) {
                  story.update(task, TaskState.RUNNING);
                  assertThat(story.view().jobs()).hasSize(JOBS);
                }
              });
      System.out.printf(
          Locale.ROOT,
          "%d pending in %d jobs: %.2f ms a tick, %.2f ms an update, %.2f ms with its view%n",
          JOBS * each,
          JOBS,
          ticks,
          updates,
          views);
      assertThat(story.launches()).isEmpty();
      assertThat(story.instances("feed.web0", i -> i.state() == InstanceState.PENDING))
          .hasSize(each);
      assertThat(story.shown("feed.web0#0").waiting()).isNotEqualTo(List.of());
    }
  }

  /** Of this thread's own time, for one of {@link #TICKS} rounds. */
  private static double millis(Runnable rounds) {
    var threads = ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadCpuTime();
    rounds.run();
    return (threads.getCurrentThreadCpuTime() - before) / 1e6 / TICKS;
  }
}
