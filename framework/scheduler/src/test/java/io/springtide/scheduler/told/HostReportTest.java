package io.springtide.scheduler.told;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.Documents;
import io.springtide.scheduler.Story;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.told.HostReport.Engine;
import io.springtide.scheduler.told.HostReport.Kind;
import io.springtide.scheduler.told.HostReport.Machine;
import io.springtide.scheduler.view.ClusterView;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What wardens report is shown, and what is wrong with it is said. */
class HostReportTest {
  private static final Engine DOCKER = new Engine("docker", true, "docker 28.1", true);
  private static final Engine NO_DOCKER = new Engine("docker", false, "no answer", true);
  private static final Engine PROCESS = new Engine("process", true, "process", true);

  @Test
  void aSoundHostIsShownWithoutAWarningAndNothingIsCommitted() {
    Story story = Story.with("h1");
    long version = story.core().version();
    report(story, 50_000, Duration.ofMillis(-300), DOCKER, PROCESS);
    assertThat(view(story).report().orElseThrow().machine().orElseThrow().processors())
        .isEqualTo(8);
    assertThat(view(story).warnings()).isEmpty();
    assertThat(story.core().version()).isEqualTo(version);
  }

  @Test
  void aClockThatIsOffAFullDiskAndAnEngineThatIsAwayAreSaid() {
    Story story = Story.with("h1");
    report(story, 50_000, Duration.ZERO, DOCKER, PROCESS);
    report(story, 9_999, Duration.ofSeconds(-90), NO_DOCKER, PROCESS);
    assertThat(view(story).warnings())
        .extracting(HostReport.Warning::kind)
        .containsExactly(Kind.CLOCK, Kind.DISK, Kind.ENGINE);
    assertThat(view(story).warnings())
        .extracting(HostReport.Warning::detail)
        .containsExactly(
            "its clock is 90 s behind the framework's",
            "9999 of 100000 MiB of its disk are left",
            "docker: no answer");
    report(story, 10_000, Duration.ofSeconds(2), DOCKER, PROCESS);
    assertThat(view(story).warnings()).isEmpty();
  }

  @Test
  void anEngineThatNeverWasThereIsNotMissed() {
    Story story = Story.with("h1");
    report(story, 50_000, Duration.ZERO, NO_DOCKER, PROCESS);
    assertThat(view(story).warnings()).isEmpty();
    report(story, 50_000, Duration.ZERO, NO_DOCKER);
    assertThat(view(story).warnings()).as("nothing can run there").hasSize(1);
  }

  /** Promise 4; but whether an instance there still runs is no longer known, and that is said. */
  @Test
  void whatASilentEngineRunsSaysSoAndIsLeftAlone() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 1));
    story.update(story.theLaunch().task(), TaskState.RUNNING);
    String web = story.view().jobs().values().iterator().next().instances().get(0).instance().id();
    report(story, 50_000, Duration.ZERO, DOCKER, PROCESS);
    assertThat(story.shown(web).waiting()).isEmpty();

    story.read();
    report(story, 50_000, Duration.ZERO, NO_DOCKER, PROCESS);
    assertThat(story.shown(web).waiting())
        .singleElement()
        .satisfies(
            why -> {
              assertThat(why.reason()).isEqualTo("ENGINE_SILENT");
              assertThat(why.detail()).contains("host h1").contains("no answer");
            });
    story.pass(Duration.ofMinutes(10));
    assertThat(story.instance(web).state()).isEqualTo(InstanceState.RUNNING);
    assertThat(story.read(Effect.Kill.class)).isEmpty();
    assertThat(story.launches()).isEmpty();

    report(story, 50_000, Duration.ZERO, DOCKER, PROCESS);
    assertThat(story.shown(web).waiting()).isEmpty();
  }

  @Test
  void whoIsNoHostOfOursIsNotHeard() {
    Story story = Story.with("h1");
    story.send(
        new Event.HostReported(
            "agent-x", new HostReport(story.now(), List.of(), Optional.empty(), "")));
    assertThat(view(story).report()).isEmpty();
  }

  private static ClusterView.HostView view(Story story) {
    return story.view().hosts().get("h1");
  }

  private static void report(Story story, long free, Duration offset, Engine... engines) {
    Machine machine = new Machine(8, 16_000, 100_000, free, offset);
    story.send(
        new Event.HostReported(
            "agent-h1", new HostReport(story.now(), List.of(engines), Optional.of(machine), "")));
  }
}
