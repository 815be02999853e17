package io.springtide.scheduler.told;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.PortRanges;
import io.springtide.scheduler.Documents;
import io.springtide.scheduler.Story;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.state.Task;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A machine is announced to go away: its host is emptied before, and serves again after. */
class MaintenanceTest {
  private static final PortRanges PORTS = PortRanges.of(31000, 31999);

  private final Story story = Story.with("h1");
  private int asked;

  private Maintenance window(Duration in, Duration length) {
    return new Maintenance(story.now().plus(in), Optional.of(story.now().plus(in).plus(length)));
  }

  private String ask(Maintenance window) {
    String id = "i" + ++asked;
    story.send(new Event.InverseOffered(id, "agent-h1", window));
    return id;
  }

  private void report(Maintenance window) {
    AgentReport report =
        new AgentReport(
            "agent-h1", AgentReport.State.ACTIVE, Story.BIG, PORTS, Optional.ofNullable(window));
    Map<String, Maintenance> schedule = window == null ? Map.of() : Map.of("h1.example", window);
    story.send(new Event.AgentsReported(List.of(report), Set.of(), Optional.of(schedule)));
  }

  private List<Effect.AnswerInverseOffer> answers() {
    return story.read(Effect.AnswerInverseOffer.class);
  }

  private HostCondition condition() {
    return story.host("h1").condition();
  }

  private Task run() {
    story.offer("h1");
    story.put(Documents.job("web", 1));
    Task task = story.theLaunch().task();
    story.update(task, TaskState.RUNNING);
    return task;
  }

  @Test
  void aHostIsEmptiedBeforeItsMachineGoesAndOnlyThenDoWeAgree() {
    Task task = run();
    story.ready("h2");
    story.read();

    String first = ask(window(Duration.ofMinutes(30), Duration.ofHours(1)));
    story.pass(Duration.ofSeconds(1));
    List<Effect> effects = story.read();
    assertThat(effects)
        .filteredOn(Effect.AnswerInverseOffer.class::isInstance)
        .containsExactly(new Effect.AnswerInverseOffer(first, false, Duration.ofSeconds(30)));
    assertThat(effects).filteredOn(Effect.Kill.class::isInstance).hasSize(1);
    assertThat(condition()).isEqualTo(HostCondition.DRAINING);
    assertThat(story.view().hosts().get("h1").by()).isEqualTo("mesos");
    assertThat(story.view().hosts().get("h1").maintenance()).isPresent();

    story.update(task, TaskState.KILLED);
    story.offer("h2");
    story.pass(Duration.ofSeconds(1));
    assertThat(story.theLaunch().task().host()).isEqualTo("h2");
    assertThat(condition()).isEqualTo(HostCondition.MAINTENANCE);

    String second = ask(window(Duration.ofMinutes(29), Duration.ofHours(1)));
    story.pass(Duration.ofSeconds(1));
    assertThat(answers())
        .singleElement()
        .satisfies(answer -> assertThat(answer.id()).isEqualTo(second))
        .satisfies(answer -> assertThat(answer.agreed()).isTrue());
  }

  @Test
  void anOfferAloneAnnouncesAWindowAndAnotherWithoutOneTakesItBack() {
    Maintenance window = window(Duration.ofMinutes(30), Duration.ofHours(1));
    story.unavailable(window);
    story.offer("h1");
    story.put(Documents.job("web", 1));
    story.pass(Duration.ofSeconds(1));
    assertThat(story.launches()).as("nothing is started on what goes away soon").isEmpty();
    assertThat(story.view().hosts().get("h1").maintenance()).contains(window);
    assertThat(condition()).isEqualTo(HostCondition.MAINTENANCE);

    story.unavailable(null);
    story.offer("h1");
    story.pass(Duration.ofSeconds(1));
    assertThat(story.view().hosts().get("h1").maintenance())
        .as("an offer from before may come after")
        .isPresent();
    story.pass(Duration.ofSeconds(15));
    story.offer("h1", "agent-h1", Story.BIG, Set.of("executor-1"));
    story.pass(Duration.ofSeconds(1));
    assertThat(story.view().hosts().get("h1").maintenance()).isEmpty();
    story.update(story.host("h1").warden().orElseThrow(), TaskState.RUNNING);
    story.offer("h1", "agent-h1", Story.BIG, Set.of("executor-1"));
    story.pass(Duration.ofSeconds(1));
    assertThat(story.launches()).extracting(TaskLaunch::instance).contains("feed.web#0");
  }

  @Test
  void whatIsFarOffMovesNothingYetAndTheHostSaysWhenItComes() {
    run();
    ask(window(Duration.ofHours(5), Duration.ofHours(1)));
    story.pass(Duration.ofSeconds(1));
    assertThat(answers()).extracting(Effect.AnswerInverseOffer::agreed).containsExactly(false);
    assertThat(condition()).isEqualTo(HostCondition.READY);
    assertThat(story.view().hosts().get("h1").maintenance()).isPresent();

    story.pass(Duration.ofHours(4).plusSeconds(2));
    assertThat(condition()).isEqualTo(HostCondition.DRAINING);
    assertThat(story.read(Effect.Kill.class)).isNotEmpty();
  }

  @Test
  void aHostThatGoesSoonTakesNoNewWork() {
    report(window(Duration.ofMinutes(10), Duration.ofHours(1)));
    story.offer("h1");
    story.put(Documents.job("web", 1));
    story.pass(Duration.ofMinutes(1));
    assertThat(story.launches()).isEmpty();
    assertThat(condition()).isEqualTo(HostCondition.MAINTENANCE);
  }

  @Test
  void servicesLeaveNoFasterThanTheirDisruptionBudget() {
    story.offer("h1");
    story.put(Documents.job("web", 4));
    story.launches().forEach(launch -> story.update(launch.task(), TaskState.RUNNING));
    story.ready("h2");
    story.read();
    ask(window(Duration.ofMinutes(30), Duration.ofHours(1)));
    story.pass(Duration.ofSeconds(5));
    assertThat(story.read(Effect.Kill.class).stream().map(Effect.Kill::taskId).distinct())
        .as("one may be down at a time")
        .hasSize(1);
  }

  @Test
  void afterItsTimeAHostServesAgainAlsoIfNobodySaysSo() {
    ask(window(Duration.ofMinutes(1), Duration.ofMinutes(10)));
    story.pass(Duration.ofMinutes(5));
    assertThat(condition()).isEqualTo(HostCondition.MAINTENANCE);
    story.pass(Duration.ofMinutes(7));
    assertThat(condition()).isEqualTo(HostCondition.READY);
    assertThat(story.view().hosts().get("h1").by()).isEmpty();
  }

  @Test
  void aScheduleThatIsCancelledMovesNothingMore() {
    report(window(Duration.ofMinutes(10), Duration.ofHours(1)));
    story.pass(Duration.ofSeconds(20));
    assertThat(condition()).isEqualTo(HostCondition.MAINTENANCE);
    report(null);
    assertThat(condition()).isEqualTo(HostCondition.READY);
  }

  @Test
  void aListThatWasAskedForBeforeTheAnnouncementDoesNotCancelIt() {
    ask(window(Duration.ofMinutes(10), Duration.ofHours(1)));
    report(null);
    story.pass(Duration.ofSeconds(1));
    assertThat(condition()).isEqualTo(HostCondition.MAINTENANCE);
  }

  @Test
  void aMachineThatIsAwayIsInMaintenanceAndNotLost() {
    Maintenance window = window(Duration.ofMinutes(1), Duration.ofHours(1));
    report(window);
    story.pass(Duration.ofSeconds(1));
    Task warden = story.host("h1").warden().orElseThrow();
    story.update(warden, TaskState.LOST, "REASON_AGENT_REMOVED", "Operator initiated");
    story.send(
        new Event.AgentsReported(List.of(), Set.of(), Optional.of(Map.of("h1.example", window))));
    assertThat(condition()).isEqualTo(HostCondition.MAINTENANCE);

    story.restart().subscribe();
    story.send(
        new Event.AgentsReported(List.of(), Set.of(), Optional.of(Map.of("h1.example", window))));
    assertThat(condition()).as("a successor hears it too").isEqualTo(HostCondition.MAINTENANCE);

    story.offer("h1", "agent-h1b", Story.BIG, Set.of());
    story.update(story.theLaunch().task(), TaskState.RUNNING);
    assertThat(condition()).isEqualTo(HostCondition.READY);
  }
}
