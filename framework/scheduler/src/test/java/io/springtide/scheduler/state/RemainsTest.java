package io.springtide.scheduler.state;

import static io.springtide.scheduler.CloudStory.EAST;
import static io.springtide.scheduler.CloudStory.joined;
import static io.springtide.scheduler.CloudStory.ordered;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.CloudStory;
import io.springtide.scheduler.Documents;
import io.springtide.scheduler.Story;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.RuntimeKind;
import io.springtide.scheduler.told.Maintenance;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a lost executor may have left, and nobody waits for, is in the books until it is gone. */
class RemainsTest {
  private static final String WEB = "feed.web#0";
  private static final Set<String> EXECUTOR = Set.of("executor-1");

  @Test
  void aJobThatIsRemovedWhileItIsDetachedLeavesItsContainerInTheBooks() {
    Story story = detached();
    Task lost = story.task(WEB);
    story.remove("feed.web");
    assertThat(story.view().jobs()).isEmpty();
    assertThat(remains(story, "h1"))
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.taskId()).isEqualTo(lost.id());
              assertThat(one.instance()).isEqualTo(WEB);
              assertThat(one.size()).isEqualTo(Documents.job("web", 1).resources());
              assertThat(one.ports()).containsExactly(lost.ports().get(0).host());
            });
    story.restart().subscribe();
    assertThat(remains(story, "h1")).hasSize(1);
    story.restartFromSnapshot().subscribe();
    assertThat(remains(story, "h1")).hasSize(1);

    wardenComes(story, "h1");
    assertThat(remains(story, "h1")).as("nobody has said that it is gone").hasSize(1);
    story.reports("h1", true, true);
    assertThat(remains(story, "h1")).isEmpty();
    story.restart().subscribe();
    assertThat(remains(story, "h1")).isEmpty();
  }

  /** One cpu of eight is left to it, and half to the executor. */
  @Test
  void itsRoomIsNotGivenToOthersThoughMesosOffersIt() {
    Story story = detached();
    story.remove("feed.web");
    story.put(Documents.job("big", 8));
    wardenComes(story, "h1");
    story.offer("h1", "agent-h1", Story.BIG, EXECUTOR);
    story.pass(Duration.ofSeconds(1));
    assertThat(on(story, "feed.big", "h1")).isEqualTo(6);
    story.restart().subscribe();
    assertThat(on(story, "feed.big", "h1")).isEqualTo(6);
    story.update(story.host("h1").warden().orElseThrow(), TaskState.RUNNING);
    story.reports("h1", true, true);
    story.offer("h1", "agent-h1", Resources.of(1500, 6000, 1000), EXECUTOR);
    story.pass(Duration.ofSeconds(1));
    assertThat(on(story, "feed.big", "h1")).isEqualTo(7);
  }

  @Test
  void fewerInstancesAReplacementAndAStopThatLosesItsExecutorLeaveTheSame() {
    Story fewer = detached();
    fewer.scale("feed.web", 0);
    assertThat(remains(fewer, "h1")).hasSize(1);

    Story replaced = detached();
    replaced.put(Documents.withImage(Documents.job("web", 1), "web:2"));
    assertThat(remains(replaced, "h1")).hasSize(1);
    assertThat(replaced.instance(WEB).task()).isEmpty();

    Story overdue = detached();
    overdue.pass(Duration.ofMinutes(2).plusSeconds(1));
    assertThat(remains(overdue, "h1")).hasSize(1);

    Story stopping = Story.running("h1");
    stopping.scale("feed.web", 0);
    died(stopping, "h1");
    assertThat(stopping.instances("feed.web")).isEmpty();
    assertThat(remains(stopping, "h1")).hasSize(1);

    Story heldOff = Story.running("h1");
    for (int i = 0; i < 3; i++) {
      died(heldOff, "h1");
      wardenComes(heldOff, "h1");
      heldOff.reports("h1", true, true);
      heldOff.offer("h1", "agent-h1", Story.BIG, EXECUTOR);
    }
    died(heldOff, "h1");
    assertThat(heldOff.instance(WEB).failures()).as("it took its executor down").isEqualTo(3);
    assertThat(heldOff.instance(WEB).task()).isEmpty();
    assertThat(remains(heldOff, "h1")).hasSize(1);
  }

  @Test
  void aProcessDiesWithItsExecutorAndLeavesNothing() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", JobKind.SERVICE, RuntimeKind.PROCESS, 1));
    story.update(story.theLaunch().task(), TaskState.RUNNING);
    story.scale("feed.web", 0);
    died(story, "h1");
    assertThat(remains(story, "h1")).isEmpty();
  }

  private static void startsOnH1OnlyWhenTheFirstIsGone(Story story) {
    story.offer("h1", "agent-h1", Story.BIG, EXECUTOR);
    story.pass(Duration.ofSeconds(15));
    assertThat(story.launches()).isEmpty();
    assertThat(story.shown(WEB).waiting()).extracting(Waiting::reason).contains("REMAINS");
    story.reports("h1", true, true);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.theLaunch().task().host()).isEqualTo("h1");
  }

  /** It may be replaced elsewhere at once, and there only when the first is known to be gone. */
  @Test
  void noSecondCopyIsStartedBesideTheFirst() {
    Story story = detached("h1", "h2");
    story.pass(Duration.ofMinutes(2).plusSeconds(1));
    assertThat(story.instance(WEB).task()).isEmpty();
    wardenComes(story, "h1");
    startsOnH1OnlyWhenTheFirstIsGone(story);
  }

  /** A successor knows it from what is durable alone. */
  @Test
  void aSuccessorStartsNoSecondCopyBesideTheFirstEither() {
    Story story = detached("h1", "h2");
    story.pass(Duration.ofMinutes(2).plusSeconds(1));
    wardenComes(story, "h1");
    story.restart().subscribe();
    story.update(story.host("h1").warden().orElseThrow(), TaskState.RUNNING);
    startsOnH1OnlyWhenTheFirstIsGone(story);
  }

  /** Of a cpu and a half that others have left of the host, one is not free yet. */
  @Test
  void whatReturnsToItsHostDoesNotTakeTheRoomOfWhatIsLeftThere() {
    Story story = Story.running("h1");
    story.offer("h1", "agent-h1", Story.BIG, EXECUTOR);
    story.put(Documents.job("tool", JobKind.SERVICE, RuntimeKind.PROCESS, 1));
    Task tool = story.theLaunch().task();
    story.update(tool, TaskState.RUNNING);
    story.pass(Duration.ofSeconds(20));
    died(story, "h1");
    story.update(tool, TaskState.FAILED, TaskUpdate.EXECUTOR_TERMINATED, "executor terminated");
    story.remove("feed.web");
    wardenComes(story, "h1");
    assertThat(story.instance("feed.tool#0").state()).isEqualTo(InstanceState.PENDING);
    assertThat(story.instance("feed.tool#0").task()).as("it is to return").isPresent();

    comesOnlyOnceNothingIsLeft(story, "feed.tool#0");
  }

  @Test
  void nothingNewTakesTheRoomOfWhatIsLeftEither() {
    Story story = detached();
    story.remove("feed.web");
    wardenComes(story, "h1");
    story.put(Documents.job("late", 1));
    comesOnlyOnceNothingIsLeft(story, "feed.late#0");
  }

  /** There is room on the host, by what Mesos offers; what is left there has some of it. */
  private static void comesOnlyOnceNothingIsLeft(Story story, String instance) {
    story.offer("h1", "agent-h1", Resources.of(1500, 6000, 1000), EXECUTOR);
    story.pass(Duration.ofSeconds(5));
    assertThat(story.launches()).isEmpty();
    story.reports("h1", true, true);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.theLaunch().instance()).isEqualTo(instance);
  }

  /** Its container runs there, or may: what Mesos offers of it is nothing that the host gained. */
  @Test
  void theRoomOfWhatIsDetachedOrLeftIsNotMeasuredTwice() {
    Story waits = detached();
    waits.offer("h1");
    waits.pass(Duration.ofSeconds(30));
    assertThat(waits.instance(WEB).state()).isEqualTo(InstanceState.DETACHED);
    assertThat(waits.host("h1").capacity()).isEqualTo(Story.BIG);

    Story left = detached();
    left.remove("feed.web");
    left.offer("h1");
    left.pass(Duration.ofSeconds(30));
    assertThat(remains(left, "h1")).hasSize(1);
    assertThat(left.host("h1").capacity()).isEqualTo(Story.BIG);
  }

  /** Nobody else could say that it is gone; a host that is empty gets no warden any more. */
  @Test
  void aHostWhoseMachineGoesSoonKeepsAWardenWhileSomethingIsLeftThere() {
    Story story = detached();
    story.remove("feed.web");
    Maintenance window = new Maintenance(story.now().plus(Duration.ofHours(1)), Optional.empty());
    story.send(new Event.InverseOffered("i1", "agent-h1", window));
    story.unavailable(window);
    wardenComes(story, "h1");
    assertThat(story.host("h1").condition()).isEqualTo(HostCondition.DRAINING);

    story.reports("h1", true, true);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.host("h1").condition()).isEqualTo(HostCondition.MAINTENANCE);
    story.update(story.host("h1").warden().orElseThrow(), TaskState.FAILED);
    story.read();
    story.pass(Duration.ofSeconds(70));
    story.offer("h1");
    assertThat(story.launches()).isEmpty();
  }

  @Test
  void aDrainedHostKeepsAWardenUntilTheReapIsConfirmed() {
    Story story = detached();
    story.wish("h1", Host.Wish.DRAIN);
    story.pass(Duration.ofSeconds(1));
    assertThat(remains(story, "h1")).hasSize(1);
    assertThat(story.host("h1").condition()).isEqualTo(HostCondition.DRAINING);
    wardenComes(story, "h1");
    story.pass(Duration.ofMinutes(10));
    assertThat(story.host("h1").condition())
        .as("it is not empty")
        .isEqualTo(HostCondition.DRAINING);
    assertThat(story.read(Effect.ShutdownExecutor.class)).isEmpty();

    story.reports("h1", true, true);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.read(Effect.ShutdownExecutor.class)).isNotEmpty();
    story.update(story.host("h1").warden().orElseThrow(), TaskState.KILLED);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.host("h1").condition()).isEqualTo(HostCondition.MAINTENANCE);
  }

  @Test
  void onlyTheWordOfAWardenThatCameLaterAndHasLookedCounts() {
    Story story = Story.running("h1");
    String old = story.host("h1").warden().orElseThrow().id();
    died(story, "h1");
    story.remove("feed.web");
    story.reports("h1", old, true, true);
    assertThat(remains(story, "h1")).as("of the warden that died with it").hasSize(1);
    wardenComes(story, "h1");
    story.reports("h1", old, true, true);
    story.reports("h1", "", true, true);
    story.reports("h1", true, false);
    story.reports("h1", false, true);
    assertThat(remains(story, "h1")).hasSize(1);
    story.pass(Duration.ofHours(2));
    assertThat(remains(story, "h1")).as("however long it takes").hasSize(1);
    story.reports("h1", true, true);
    assertThat(remains(story, "h1")).isEmpty();
  }

  /** The warden of the executor that it runs in is none that could have looked for it. */
  @Test
  void aWardenThatIsOlderThanWhatIsLeftHasNotLooked() {
    Story story = Story.running("h1");
    Task warden = story.host("h1").warden().orElseThrow();
    // Out of sight, so that nobody concludes that it has died with its instance.
    story.update(warden, TaskState.UNREACHABLE);
    story.update(story.task(WEB), TaskState.FAILED, TaskUpdate.EXECUTOR_TERMINATED, "");
    story.remove("feed.web");
    story.update(warden, TaskState.RUNNING);
    assertThat(story.host("h1").wardenRuns()).isTrue();
    story.reports("h1", warden.id(), true, true);
    assertThat(remains(story, "h1")).hasSize(1);
  }

  @Test
  void aHostThatIsRemovedTakesItsRemainsAlong() {
    Story story = detached();
    story.remove("feed.web");
    wardenComes(story, "h1");
    story.update(story.host("h1").warden().orElseThrow(), TaskState.UNREACHABLE);
    assertThat(story.ask(new Event.RemoveHost(story.request(), "h1", false)))
        .isInstanceOf(Outcome.Done.class);
    assertThat(story.durable()).noneMatch(Change.RemainsPut.class::isInstance);
    story.offer("h1");
    assertThat(remains(story, "h1")).isEmpty();
  }

  @Test
  void anOrderedHostIsGivenBackWhenTheReapIsConfirmedAndNotBefore() {
    Story story = lostInTheCloud();
    story.wish("c1", Host.Wish.RELEASE);
    story.pass(Duration.ofMinutes(10));
    assertThat(CloudStory.releases(story)).isEmpty();
    story.reports("c1", true, true);
    story.pass(Duration.ofSeconds(1));
    assertThat(CloudStory.releases(story))
        .containsExactly(new Effect.ReleaseHosts(EAST, List.of("c1")));
  }

  /** What is left ends with its machine, and nobody pays for it for ever. */
  @Test
  void anOrderedHostThatDiesWithNothingButRemainsIsReleased() {
    Story lost = lostInTheCloud();
    lost.update(lost.host("c1").warden().orElseThrow(), TaskState.UNREACHABLE);
    lost.pass(Duration.ofMinutes(14));
    assertThat(CloudStory.releases(lost)).isEmpty();
    lost.pass(Duration.ofMinutes(2));
    assertThat(CloudStory.releases(lost)).isNotEmpty();
    CloudStory.released(lost, EAST, "c1");
    assertThat(lost.view().hosts()).isEmpty();
    assertThat(lost.durable()).noneMatch(Change.RemainsPut.class::isInstance);

    Story listedNoMore = lostInTheCloud();
    listedNoMore.update(listedNoMore.host("c1").warden().orElseThrow(), TaskState.UNREACHABLE);
    CloudStory.listings(listedNoMore, EAST, 3);
    assertThat(listedNoMore.view().hosts()).isEmpty();
  }

  @Test
  void anOrderedHostWhoseWardenNeverCallsItCleanIsReleasedAfterAWhile() {
    Story story = lostInTheCloud();
    story.wish("c1", Host.Wish.RELEASE);
    story.reports("c1", true, false);
    story.pass(Duration.ofMinutes(16));
    assertThat(CloudStory.releases(story)).isNotEmpty();
  }

  @Test
  void anOrderedHostThatGetsNoWardenAnyMoreIsReleased() {
    Story story = ordered();
    joined(story);
    runs(story);
    died(story, "c1");
    story.remove("feed.web");
    story.pass(Duration.ofMinutes(16));
    assertThat(story.host("c1").wish()).isEqualTo(Host.Wish.RELEASE);
    assertThat(CloudStory.releases(story)).isNotEmpty();
  }

  /** Nobody could have reported. */
  @Test
  void whileTheMasterIsAwayNoHostIsGivenBackForRemainsThatAreOld() {
    Story story = lostInTheCloud();
    story.wish("c1", Host.Wish.RELEASE);
    story.send(new Event.Disconnected());
    story.pass(Duration.ofHours(1));
    story.subscribe();
    story.pass(Duration.ofMinutes(5));
    assertThat(CloudStory.releases(story)).isEmpty();
  }

  @Test
  void aPlanTakesItThatWardensDoTheirWork() {
    Story story = detached();
    story.put(Documents.job("big", 7));
    story.pass(Duration.ofSeconds(1));
    Outcome.Planned planned =
        (Outcome.Planned)
            story.foresee(
                new Event.RemoveJob("", "feed.web", OptionalLong.empty()),
                new Event.PutJob("", Documents.job("big", 7), OptionalLong.empty()));
    assertThat(planned.plan().placements())
        .filteredOn(place -> place.host().equals("h1"))
        .hasSize(7);
    assertThat(remains(story, "h1")).as("only planned").isEmpty();
  }

  // ---- How it comes about.

  /** A host {@code c1} that was ordered, has a new warden, and holds nothing but remains. */
  private static Story lostInTheCloud() {
    Story story = ordered();
    Effect.OrderHosts order = joined(story);
    runs(story);
    died(story, "c1");
    story.remove("feed.web");
    assertThat(remains(story, "c1")).hasSize(1);
    story.pass(Duration.ofSeconds(61));
    CloudStory.offer(story, "c1", order.token(), Set.of());
    story.update(story.host("c1").warden().orElseThrow(), TaskState.RUNNING);
    assertThat(story.host("c1").wardenRuns()).isTrue();
    story.read();
    return story;
  }

  private static void runs(Story story) {
    String token = story.host("c1").order();
    CloudStory.offer(story, "c1", token, EXECUTOR);
    story.pass(Duration.ofSeconds(1));
    story.update(story.task(WEB), TaskState.RUNNING);
    story.pass(Duration.ofSeconds(20));
  }

  private static Story detached(String... hosts) {
    Story story = Story.running(hosts.length == 0 ? new String[] {"h1"} : hosts);
    died(story, "h1");
    assertThat(story.instance(WEB).state()).isEqualTo(InstanceState.DETACHED);
    story.read();
    return story;
  }

  /** The host's executor dies, and its warden and the instance with it. */
  private static void died(Story story, String host) {
    Task warden = story.host(host).warden().orElseThrow();
    Task task = story.task(WEB);
    for (Task one : List.of(warden, task)) {
      story.update(one, TaskState.FAILED, TaskUpdate.EXECUTOR_TERMINATED, "executor terminated");
    }
  }

  private static void wardenComes(Story story, String host) {
    story.pass(Duration.ofSeconds(70));
    Map<String, String> attributes = Map.of("node", host, "zone", "idc");
    story.offer(host, "agent-" + host, Story.BIG, Set.of(), attributes);
    story.update(story.host(host).warden().orElseThrow(), TaskState.RUNNING);
    assertThat(story.host(host).wardenRuns()).isTrue();
    story.read();
  }

  private static List<Remains> remains(Story story, String host) {
    return story.view().hosts().get(host).remains();
  }

  private static int on(Story story, String job, String host) {
    return story
        .instances(job, i -> i.task().filter(task -> task.host().equals(host)).isPresent())
        .size();
  }
}
