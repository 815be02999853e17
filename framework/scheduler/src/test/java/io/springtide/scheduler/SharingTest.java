package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.state.Attempt;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.told.TaskState;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Two tenants on one host: what one lends, the other borrows and gives back. */
public class SharingTest {
  private static final Set<String> EXECUTOR = Set.of("executor-1");

  @Test
  void whatIsLentComesBackWithinOneRoundAndTheEvictedRemembersForWhom() {
    Story story = lent(JobKind.BATCH);
    story.put(search(2));
    story.pass(Duration.ofSeconds(2));

    List<Effect> effects = story.read();
    assertThat(effects).filteredOn(Effect.Kill.class::isInstance).hasSize(2);
    List<Instance> evicted = story.instances("feed.web", i -> i.goal() == Goal.REPLACE);
    assertThat(evicted).hasSize(2).allMatch(i -> label(i) == Label.BORROWED);
    assertThat(intents(effects)).containsExactlyInAnyOrderElementsOf(evicted);

    evicted.forEach(i -> story.update(i.task().orElseThrow(), TaskState.KILLED));
    assertThat(story.instance(evicted.get(0).id()).state()).isEqualTo(InstanceState.PENDING);
    assertThat(story.instance(evicted.get(0).id()).history())
        .extracting(Attempt::message)
        .containsExactly(
            "its borrowed room in idc was reclaimed for search.web,"
                + " which is within its guarantee");

    story.read();
    story.offer("h1", "agent-h1", Resources.of(2000, 512), EXECUTOR);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.launches())
        .extracting(TaskLaunch::instance)
        .containsExactlyInAnyOrder("search.web#0", "search.web#1");
    assertThat(story.instances("search.web")).allMatch(i -> label(i) == Label.GUARANTEED);
    assertThat(story.shown(evicted.get(0).id()).waiting()).isNotEmpty();
    assertThat(story.view().hosts().get("h1").guaranteed()).isEqualTo(Resources.of(6000, 1536));
    assertThat(story.view().hosts().get("h1").borrowed()).isEqualTo(Resources.of(1000, 256));
  }

  @Test
  void reclaimedRoomIsKeptForItsClaimantUntilItsTimeIsOver() {
    Story story = lent(JobKind.BATCH);
    story.put(search(2));
    story.pass(Duration.ofSeconds(2));
    endEvicted(story);
    story.scale("search.web", 0);
    story.read();
    story.offer("h1", "agent-h1", Resources.of(2000, 512), EXECUTOR);
    story.pass(Duration.ofSeconds(30));
    assertThat(story.launches()).as("the former holder may not have it back").isEmpty();

    for (int i = 0; i < 3; i++) {
      story.pass(Duration.ofSeconds(50));
      story.offer("h1", "agent-h1", Resources.of(2000, 512), EXECUTOR);
    }
    story.pass(Duration.ofSeconds(11));
    assertThat(story.launches()).extracting(TaskLaunch::instance).hasSize(2);
  }

  @Test
  void aSuccessorEvictsNobodyTwiceForTheSameClaim() {
    Story story = lent(JobKind.BATCH);
    story.put(search(2));
    story.pass(Duration.ofSeconds(2));
    List<Instance> evicted = story.instances("feed.web", i -> i.goal() == Goal.REPLACE);

    story.restart().subscribe();
    story.pass(Duration.ofSeconds(2));
    assertThat(story.instances("feed.web", i -> i.goal() == Goal.REPLACE)).isEqualTo(evicted);
    assertThat(story.read(Effect.Kill.class)).as("the intent is carried out again").hasSize(2);
    endEvicted(story);
    story.update(story.host("h1").warden().orElseThrow(), TaskState.RUNNING);
    story.read();
    story.offer("h1", "agent-h1", Resources.of(2000, 512), EXECUTOR);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.launches())
        .extracting(TaskLaunch::instance)
        .as("what is guaranteed is served first, also without a nomination")
        .containsExactlyInAnyOrder("search.web#0", "search.web#1");
  }

  @Test
  void aServiceLosesNoMoreThanItsBudgetUntilAGuaranteeHasWaitedTooLong() {
    Story story = lent(JobKind.SERVICE);
    story.put(search(3));
    story.pass(Duration.ofSeconds(5));
    assertThat(story.instances("feed.web", i -> i.goal() == Goal.REPLACE)).hasSize(1);
    story.pass(Duration.ofSeconds(50));
    assertThat(story.instances("feed.web", i -> i.goal() == Goal.REPLACE)).hasSize(1);
    story.pass(Duration.ofSeconds(70));
    assertThat(story.instances("feed.web", i -> i.goal() == Goal.REPLACE))
        .as("within two minutes the guarantee is restored, whatever it takes")
        .hasSize(3);
  }

  @Test
  void whoHasJustBegunIsLeftAloneForAWhile() {
    Story story = tenants();
    story.put(borrower(JobKind.BATCH, 7));
    story.pass(Duration.ofSeconds(1));
    runAll(story, "feed.web");
    story.put(search(1));
    story.pass(Duration.ofSeconds(20));
    assertThat(story.instances("feed.web", i -> i.goal() == Goal.REPLACE)).isEmpty();
    story.pass(Duration.ofSeconds(15));
    assertThat(story.instances("feed.web", i -> i.goal() == Goal.REPLACE)).hasSize(1);
  }

  @Test
  void nobodyIsEvictedWhereThatWouldServeNobody() {
    Story story = lent(JobKind.BATCH);
    JobSpec tall = Documents.of("search", JobKind.SERVICE, Documents.job("web", 1));
    story.put(
        Documents.withConstraints(tall, new Constraint.Match("disk", Set.of("ssd"), false, false)));
    story.pass(Duration.ofMinutes(5));
    assertThat(story.read(Effect.Kill.class)).isEmpty();
    assertThat(story.shown("search.web#0").waiting()).extracting(Waiting::reason).contains("MATCH");
  }

  @Test
  void whatWasBorrowedIsPromotedDurablyWhenItsGuaranteeFrees() {
    Story story = lent(JobKind.BATCH);
    assertThat(borrowed(story)).isEqualTo(3);
    story.scale("feed.web", 5);
    for (Instance leaving : story.instances("feed.web", i -> i.goal() == Goal.LEAVE)) {
      story.update(leaving.task().orElseThrow(), TaskState.KILLED);
    }
    assertThat(borrowed(story)).isEqualTo(1);
    Instance guaranteed = story.instances("feed.web", i -> label(i) == Label.GUARANTEED).get(0);
    story.update(guaranteed.task().orElseThrow(), TaskState.FINISHED);
    story.pass(Duration.ofSeconds(1));
    assertThat(borrowed(story)).as("its place within the guarantee is taken over").isZero();
    story.restart();
    assertThat(borrowed(story)).isZero();
    assertThat(story.view().hosts().get("h1").guaranteed().cpuMillis()).isEqualTo(4000);
  }

  private static void endEvicted(Story story) {
    for (Instance evicted : story.instances("feed.web", i -> i.goal() == Goal.REPLACE)) {
      story.update(evicted.task().orElseThrow(), TaskState.KILLED);
    }
  }

  private static long borrowed(Story story) {
    return story
        .instances("feed.web", i -> i.task().isPresent() && label(i) == Label.BORROWED)
        .size();
  }

  /** What the commits among these effects say of instances that are to be replaced. */
  private static List<Instance> intents(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Persist.class::isInstance)
        .flatMap(effect -> ((Effect.Persist) effect).changes().stream())
        .flatMap(
            change ->
                change instanceof Change.InstancePut put
                    ? Stream.of(put.instance())
                    : Stream.empty())
        .filter(instance -> instance.goal() == Goal.REPLACE)
        .toList();
  }

  private static Label label(Instance instance) {
    return instance.task().orElseThrow().label();
  }

  /** {@code feed} is guaranteed 4 cpus, {@code search} 3, and the host has hardly more. */
  public static Story tenants() {
    Story story = new Story().subscribe();
    story.put(Documents.idc());
    story.put(Documents.tenant("feed", 4000));
    story.put(Documents.tenant("search", 3000));
    story.ready("h1");
    story.offer("h1", "agent-h1", Story.BIG.minus(Resources.of(110, 208, 64)), EXECUTOR);
    story.read();
    return story;
  }

  /** Everything runs {@code feed.web}, and has for a minute. */
  public static Story lent(JobKind kind) {
    Story story = tenants();
    story.put(borrower(kind, 7));
    story.pass(Duration.ofSeconds(1));
    runAll(story, "feed.web");
    story.pass(Duration.ofMinutes(1));
    story.read();
    return story;
  }

  private static void runAll(Story story, String job) {
    for (Instance instance : story.instances(job)) {
      story.update(instance.task().orElseThrow(), TaskState.RUNNING);
    }
  }

  private static JobSpec borrower(JobKind kind, int instances) {
    return Documents.of("feed", kind, Documents.job("web", instances));
  }

  public static JobSpec search(int instances) {
    return Documents.of("search", JobKind.SERVICE, Documents.job("web", instances));
  }
}
