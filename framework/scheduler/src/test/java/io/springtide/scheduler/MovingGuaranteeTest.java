package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.answer.Demotion;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.RuntimeKind;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A guarantee that moves from one tenant to another is given. */
class MovingGuaranteeTest {
  private static final Set<String> EXECUTOR = Set.of("executor-1");

  @Test
  void whatIsAboveALoweredGuaranteeMakesWayForWhomItIsGivenTo() {
    Story story = full();
    story.put(Documents.tenant("feed", 2000));
    story.pass(Duration.ofSeconds(1));
    assertThat(borrowed(story)).hasSize(5);
    assertThat(borrowed(story).get(0).task().orElseThrow().demoted().orElseThrow())
        .isEqualTo(
            "group feed is guaranteed no more than " + Resources.of(2000, 2000) + " in idc by now");
    assertThat(story.read(Effect.Kill.class)).as("nobody wants the room yet").isEmpty();

    story.put(Documents.tenant("search", 5000));
    story.put(SharingTest.search(5));
    story.pass(Duration.ofSeconds(130));
    List<Instance> evicted = story.instances("feed.web", i -> i.goal() == Goal.REPLACE);
    assertThat(evicted)
        .as("reclaimed within two minutes, whatever the job's budget")
        .hasSize(5)
        .allMatch(i -> i.task().orElseThrow().label() == Label.BORROWED);
    evicted.forEach(i -> story.update(i.task().orElseThrow(), TaskState.KILLED));
    story.offer("h1", "agent-h1", Resources.of(5000, 1280), EXECUTOR);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.instances("search.web"))
        .hasSize(5)
        .allMatch(i -> i.task().orElseThrow().label() == Label.GUARANTEED);
  }

  @Test
  void theYoungestOfTheLowestPriorityGoFirstAndTheLabelsAreTheSameAfterARestart() {
    Story story = full();
    story.put(Documents.tenant("feed", 3000));
    story.pass(Duration.ofSeconds(1));
    List<Instance> before = borrowed(story);
    assertThat(before).hasSize(4);
    story.restart().subscribe();
    assertThat(borrowed(story)).isEqualTo(before);
    story.restartFromSnapshot().subscribe();
    story.pass(Duration.ofSeconds(5));
    assertThat(borrowed(story)).isEqualTo(before);
    assertThat(story.view().hosts().get("h1").borrowed().cpuMillis()).isEqualTo(4000);

    story.put(Documents.tenant("feed", 7000));
    story.pass(Duration.ofSeconds(1));
    assertThat(borrowed(story)).as("given back").isEmpty();
    assertThat(story.instances("feed.web"))
        .allMatch(i -> i.task().orElseThrow().demoted().isEmpty());
  }

  @Test
  void aPoolTakenOutOfTheQuotasGuaranteesNothing() {
    Story story = full();
    story.put(new Group("feed", "", "", Map.of(), Limit.UNLIMITED, GroupPolicy.DEFAULT));
    story.pass(Duration.ofSeconds(1));
    assertThat(borrowed(story))
        .hasSize(7)
        .allMatch(
            i ->
                i.task()
                    .orElseThrow()
                    .demoted()
                    .orElseThrow()
                    .equals("group feed has no quota in idc any more"));
  }

  @Test
  void aNewGroupBelowTakesItsPartOfTheGuarantee() {
    Story story = full();
    story.put(Documents.tenant("feed.home", 3000));
    story.pass(Duration.ofSeconds(1));
    assertThat(borrowed(story)).hasSize(3);
    assertThat(borrowed(story).get(0).task().orElseThrow().demoted().orElseThrow())
        .contains("hands on to the groups below");
  }

  @Test
  void whatWaitsToBeAnsweredAndWhatIsOutOfSightIsDemotedToo() {
    Story story = SharingTest.tenants();
    story.put(Documents.tenant("search", 0));
    story.put(Documents.tenant("feed", 7000));
    story.put(Documents.job("web", 7));
    story.pass(Duration.ofSeconds(1));
    story.update(story.task("feed.web#1"), TaskState.RUNNING);
    story.update(story.task("feed.web#1"), TaskState.UNREACHABLE);
    story.put(new Group("feed", "", "", Map.of(), Limit.UNLIMITED, GroupPolicy.DEFAULT));
    story.pass(Duration.ofSeconds(1));
    assertThat(borrowed(story))
        .extracting(Instance::state)
        .hasSize(7)
        .contains(InstanceState.STAGING, InstanceState.UNREACHABLE);
  }

  @Test
  void aBatchIsDemotedLikeAServiceAndRunsOnToItsEnd() {
    Story story = full(JobKind.BATCH);
    story.put(Documents.tenant("feed", 2000));
    story.pass(Duration.ofSeconds(1));
    assertThat(borrowed(story)).hasSize(5);
    Instance demoted = borrowed(story).get(0);
    story.update(demoted.task().orElseThrow(), TaskState.FINISHED);
    assertThat(story.instance(demoted.id()).state()).isEqualTo(InstanceState.FINISHED);
    assertThat(borrowed(story)).as("what has ended holds nothing").hasSize(4);

    story.put(Documents.tenant("search", 5000));
    story.put(SharingTest.search(5));
    story.pass(Duration.ofSeconds(130));
    assertThat(story.instances("feed.web", i -> i.goal() == Goal.REPLACE))
        .as("one of the five finds room where the finished one was, once that is offered")
        .hasSizeBetween(4, 5)
        .allMatch(i -> i.task().orElseThrow().label() == Label.BORROWED);
    assertThat(story.instance(demoted.id()).state()).isEqualTo(InstanceState.FINISHED);
  }

  @Test
  void aSystemJobIsDemotedToo() {
    Story story = SharingTest.tenants();
    story.put(Documents.tenant("search", 0));
    story.put(Documents.tenant("feed", 1000));
    story.put(Documents.job("web", JobKind.SYSTEM, RuntimeKind.DOCKER, 0));
    story.pass(Duration.ofSeconds(1));
    story.update(story.task("feed.web#0"), TaskState.RUNNING);
    story.pass(Duration.ofMinutes(1));
    assertThat(story.task("feed.web#0").label()).isEqualTo(Label.GUARANTEED);

    story.put(Documents.tenant("feed", 0));
    story.pass(Duration.ofSeconds(1));
    assertThat(borrowed(story)).hasSize(1);
    story.read();
    story.put(Documents.tenant("search", 7000));
    story.put(SharingTest.search(7));
    story.pass(Duration.ofSeconds(130));
    assertThat(story.instances("feed.web")).allMatch(i -> i.goal() == Goal.REPLACE);
    Task evicted = story.task("feed.web#0");
    story.update(evicted, TaskState.KILLED);
    assertThat(story.instances("feed.web"))
        .as("its host still wants one")
        .singleElement()
        .matches(i -> i.state() == InstanceState.PENDING && i.task().isEmpty());
  }

  @Test
  void whatLostItsExecutorIsDemotedAndReturnsAsBorrowed() {
    Story story = full(JobKind.SERVICE);
    Task warden = story.host("h1").warden().orElseThrow();
    String dead = TaskUpdate.EXECUTOR_TERMINATED;
    for (Instance instance : story.instances("feed.web")) {
      story.update(instance.task().orElseThrow(), TaskState.FAILED, dead, "executor terminated");
    }
    story.update(warden, TaskState.FAILED, dead, "executor terminated");
    assertThat(story.instances("feed.web")).allMatch(i -> i.state() == InstanceState.DETACHED);

    story.put(Documents.tenant("feed", 2000));
    story.offer("h1", "agent-h1", Story.BIG, Set.of());
    story.pass(Duration.ofSeconds(10));
    story.offer("h1", "agent-h1", Story.BIG, Set.of());
    assertThat(borrowed(story)).as("its room stays booked, and its label goes").hasSize(5);
    story.update(story.host("h1").warden().orElseThrow(), TaskState.RUNNING);
    story.reports("h1", true, true);
    story.offer("h1", "agent-h1", Resources.of(7000, 7000), EXECUTOR);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.instances("feed.web")).allMatch(i -> i.state() == InstanceState.STAGING);
    assertThat(borrowed(story))
        .hasSize(5)
        .allMatch(i -> i.task().orElseThrow().demoted().isPresent());
  }

  @Test
  void whatIsNotReclaimableKeepsItsGuaranteeAndTheDoorSaysSo() {
    Story story = SharingTest.tenants();
    story.put(Documents.tenant("search", 0));
    story.put(Documents.tenant("feed", 7000));
    story.put(fixed(Documents.job("web", 4)));
    story.pass(Duration.ofSeconds(1));
    Outcome outcome = story.put(Documents.tenant("feed", 3000));
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    Outcome.Refused refused = (Outcome.Refused) outcome;
    assertThat(refused.field()).isEqualTo("quotas.idc.guarantee");
    assertThat(refused.detail()).contains("feed.web").contains("4").contains("3");
    assertThat(story.put(Documents.tenant("feed.home", 3001))).isInstanceOf(Outcome.Refused.class);
    assertThat(story.put(Documents.tenant("feed.home", 3000))).isInstanceOf(Outcome.Done.class);
  }

  @Test
  void whatIsBorrowedStaysReclaimable() {
    Story story = full();
    story.put(Documents.tenant("feed", 3000));
    story.pass(Duration.ofSeconds(1));
    Outcome outcome = story.put(fixed(Documents.job("web", 7)));
    assertThat(((Outcome.Refused) outcome).field()).isEqualTo("reclaimable");
    assertThat(((Outcome.Refused) outcome).detail()).startsWith("4 of its instances");
  }

  @Test
  void aNewPriorityAndTheRightToReclaimHoldForWhatRuns() {
    Story story = SharingTest.tenants();
    story.put(Documents.tenant("search", 0));
    story.put(Documents.tenant("feed", 7000));
    story.put(fixed(Documents.job("web", 3)));
    story.offer("h1", "agent-h1", Resources.of(4000, 4096), EXECUTOR);
    story.put(Documents.withPriority(Documents.job("api", 3), 50));
    story.pass(Duration.ofSeconds(1));
    story.read();
    story.put(Documents.withPriority(Documents.job("web", 3), 10));
    story.put(Documents.tenant("feed", 3000));
    story.pass(Duration.ofSeconds(1));
    assertThat(story.read(Effect.Kill.class)).isEmpty();
    assertThat(borrowed(story)).as("the lower priority, though it was not reclaimable").hasSize(3);
    List<Instance> before = story.instances("feed.web");
    story.restart().subscribe();
    story.pass(Duration.ofSeconds(1));
    assertThat(story.instances("feed.web")).isEqualTo(before);
  }

  @Test
  void aPlanNamesWhatIsDemotedAndWhoMakesWay() {
    Story story = full();
    story.put(SharingTest.search(5));
    Outcome.Planned planned =
        (Outcome.Planned)
            story.foresee(
                new Event.PutGroup("", Documents.tenant("feed", 2000), OptionalLong.empty()),
                new Event.PutGroup("", Documents.tenant("search", 5000), OptionalLong.empty()));
    assertThat(planned.plan().demotions())
        .hasSize(5)
        .extracting(Demotion::job)
        .containsOnly("feed.web");
    assertThat(planned.plan().evictions()).hasSize(5);
    assertThat(borrowed(story)).as("nothing is done").isEmpty();
  }

  /** {@code feed} is guaranteed all 7 cpus of the host, and has had them for a minute. */
  private static Story full() {
    return full(JobKind.SERVICE);
  }

  private static Story full(JobKind kind) {
    Story story = SharingTest.tenants();
    story.put(Documents.tenant("search", 0));
    Quota all =
        new Quota(
            Resources.of(7000, 7000), Resources.of(7000, 7000), Limit.of(100_000, 1 << 20), 1);
    story.put(new Group("feed", "", "", Map.of("idc", all), Limit.UNLIMITED, GroupPolicy.DEFAULT));
    story.put(Documents.job("web", kind, RuntimeKind.DOCKER, 7));
    story.pass(Duration.ofSeconds(1));
    story.instances("feed.web").forEach(i -> story.update(i.task().get(), TaskState.RUNNING));
    story.pass(Duration.ofMinutes(1));
    story.read();
    assertThat(borrowed(story)).isEmpty();
    return story;
  }

  private static JobSpec fixed(JobSpec job) {
    return job.but().reclaimable(false).build();
  }

  private static List<Instance> borrowed(Story story) {
    return story.instances(
        "feed.web", i -> i.task().filter(task -> task.label() == Label.BORROWED).isPresent());
  }
}
