package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.answer.Breach;
import io.springtide.partition.answer.Reason;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.job.FailurePolicy;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.StopPolicy;
import io.springtide.scheduler.job.UpdatePolicy;
import io.springtide.scheduler.job.Violation;
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
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Rules that become stricter concern what runs, too. */
public class StandingTest {
  private static final Set<String> EXECUTOR = Set.of("executor-1");
  private static final Resources ROOM = Resources.of(7000, 7000, 40_000);

  @Test
  void aNewHardConstraintReplacesWhatBreaksItWithinTheBudget() {
    Story story = running(2);
    story.ready("h2");
    story.read();
    story.put(on("h2", 2));
    story.pass(Duration.ofSeconds(3));
    List<Effect.Kill> kills = story.read(Effect.Kill.class);
    assertThat(kills).as("one may be down").hasSize(1);
    Instance moving = story.instances("feed.web", i -> i.goal() == Goal.REPLACE).get(0);
    assertThat(moving.why()).isEqualTo("host h1 breaks the job's hard constraint MATCH");

    story.update(moving.task().orElseThrow(), TaskState.KILLED);
    story.offer("h2", "agent-h2", ROOM, EXECUTOR);
    story.pass(Duration.ofSeconds(1));
    Task second = story.task(moving.id());
    assertThat(second.host()).isEqualTo("h2");
    story.update(second, TaskState.RUNNING);
    story.pass(Duration.ofSeconds(3));
    assertThat(story.instances("feed.web", i -> i.goal() == Goal.REPLACE))
        .as("then the other")
        .hasSize(1)
        .noneMatch(i -> i.id().equals(moving.id()));
  }

  @Test
  void whatNoHostWouldTakeRunsOnAndIsNamed() {
    Story story = running(2);
    story.put(on("h9", 2));
    story.pass(Duration.ofMinutes(2));
    assertThat(story.read(Effect.Kill.class)).isEmpty();
    assertThat(story.view().jobs().get("feed.web").breaches())
        .hasSize(2)
        .allMatch(breach -> breach.rule() == Reason.MATCH && !breach.movable());
    story.restart().subscribe();
    story.pass(Duration.ofSeconds(5));
    assertThat(story.view().jobs().get("feed.web").breaches()).hasSize(2);

    story.put(Documents.job("web", 2));
    story.pass(Duration.ofSeconds(2));
    assertThat(story.view().jobs().get("feed.web").breaches()).isEmpty();
  }

  @Test
  void ofTooManyOnAHostOnlyThoseThatAreTooManyMove() {
    Story story = running(3);
    story.ready("h2");
    story.read();
    story.put(
        Documents.withConstraints(
            Documents.job("web", 3), new Constraint.MaxPer(Constraint.HOST, 2, false)));
    story.pass(Duration.ofSeconds(3));
    assertThat(story.instances("feed.web", i -> i.goal() == Goal.REPLACE))
        .singleElement()
        .satisfies(i -> assertThat(i.why()).endsWith("constraint MAX_PER"));
    assertThat(story.view().jobs().get("feed.web").breaches())
        .as("nobody makes way for the one that goes")
        .isEmpty();
  }

  @Test
  void preferencesReplaceNothing() {
    Story story = running(2);
    story.ready("h2");
    story.read();
    JobSpec job = Documents.job("web", 2);
    long revision = story.view().jobs().get("feed.web").job().revision();
    story.put(
        Documents.withConstraints(
            job, new Constraint.Match(Constraint.HOST, Set.of("h2"), false, true)));
    story.put(
        job.but()
            .instances(2)
            .pools(List.of("cloud", "idc"))
            .constraints(List.of())
            .priority(50)
            .update(UpdatePolicy.DEFAULT)
            .failure(
                new FailurePolicy(
                    Duration.ofSeconds(2), Duration.ofMinutes(1), Duration.ofMinutes(1)))
            .stop(new StopPolicy(Duration.ofSeconds(1), Duration.ofSeconds(2)))
            .build());
    story.pass(Duration.ofSeconds(5));
    assertThat(story.read(Effect.Kill.class)).isEmpty();
    assertThat(story.view().jobs().get("feed.web").job().revision()).isEqualTo(revision);
    assertThat(story.view().jobs().get("feed.web").breaches()).isEmpty();
  }

  @Test
  void aPoolThatMayNotBeUsedIsLeftForOneThatGrows() {
    Story story = running(2);
    Quota cloud = Quota.limitedTo(Limit.of(100_000, 1 << 20));
    story.put(group(new TreeMap<>(Map.of("cloud", cloud)), GroupPolicy.DEFAULT));
    story.pass(Duration.ofSeconds(3));
    assertThat(story.view().jobs().get("feed.web").breaches())
        .extracting(Breach::rule)
        .containsOnly(Reason.NO_POOL);
    List<Effect> effects = story.read();
    assertThat(effects).filteredOn(Effect.Kill.class::isInstance).as("no host yet").isEmpty();
    assertThat(effects).filteredOn(Effect.OrderHosts.class::isInstance).isNotEmpty();
  }

  @Test
  void aStricterPolicyIsNamedAndEndsInstancesOnlyWhereItIsEnforced() {
    Story story = running(2);
    GroupPolicy strict = new GroupPolicy(false, List.of(), 50, List.of("*"), List.of("*"), false);
    Outcome.Planned planned =
        (Outcome.Planned)
            story.foresee(new Event.PutGroup("", feed(strict, 100), OptionalLong.empty()));
    assertThat(planned.plan().violations()).containsOnlyKeys("feed.web");
    assertThat(story.put(feed(strict, 100))).isInstanceOf(Outcome.Done.class);
    story.pass(Duration.ofSeconds(3));
    assertThat(story.read(Effect.Kill.class)).isEmpty();
    assertThat(story.view().jobs().get("feed.web").violations())
        .extracting(Violation::field)
        .containsExactly("priority");
    assertThat(story.scale("feed.web", 1)).as("less is allowed").isInstanceOf(Outcome.Done.class);
    assertThat(story.scale("feed.web", 5)).isInstanceOf(Outcome.Refused.class);

    story.put(feed(new GroupPolicy(false, List.of(), 50, List.of("*"), List.of("*"), true), 100));
    story.pass(Duration.ofSeconds(3));
    assertThat(story.instances("feed.web")).allMatch(i -> i.goal() == Goal.LEAVE);
  }

  @Test
  void aLoweredLimitIsNamedAndEndsWhatIsAboveItOnlyWhereItIsEnforced() {
    Story story = running(3);
    story.put(feed(GroupPolicy.DEFAULT, 2));
    story.pass(Duration.ofSeconds(3));
    assertThat(story.read(Effect.Kill.class)).isEmpty();
    assertThat(story.view().jobs().get("feed.web").violations())
        .extracting(Violation::detail)
        .containsExactly("group feed is above its limit in idc: 3 cpus used of 2");

    story.put(feed(new GroupPolicy(false, List.of(), 1000, List.of("*"), List.of("*"), true), 2));
    story.pass(Duration.ofSeconds(3));
    List<Instance> ending = story.instances("feed.web", i -> i.goal() == Goal.REPLACE);
    assertThat(ending).hasSize(1);
    story.update(ending.get(0).task().orElseThrow(), TaskState.KILLED);
    story.offer("h1", "agent-h1", ROOM.minus(Resources.of(2000, 512)), EXECUTOR);
    story.pass(Duration.ofSeconds(3));
    assertThat(story.instance(ending.get(0).id()).state()).isEqualTo(InstanceState.PENDING);
    assertThat(story.view().jobs().get("feed.web").violations()).isEmpty();
  }

  /** So many instances run on h1, and nothing else does anywhere. */
  @Test
  void whoReturnsToItsHostIsJudgedByTheRulesThatCameMeanwhile() {
    Story story = running(2);
    story.ready("h2");
    Task warden = story.host("h1").warden().orElseThrow();
    List<Instance> both = story.instances("feed.web");
    died(story, warden);
    both.forEach(instance -> died(story, instance.task().orElseThrow()));
    story.put(
        Documents.withConstraints(
            Documents.job("web", 2), new Constraint.MaxPer(Constraint.HOST, 1, false)));
    story.pass(Duration.ofSeconds(2));
    story.offer("h1");
    story.update(story.host("h1").warden().orElseThrow(), TaskState.RUNNING);
    story.offer("h1", "agent-h1", ROOM, EXECUTOR);
    story.reports("h1", true, true);
    story
        .instances("feed.web")
        .forEach(instance -> story.update(instance.task().orElseThrow(), TaskState.RUNNING));
    assertThat(story.instances("feed.web"))
        .as("both are back where they were")
        .allMatch(instance -> instance.task().orElseThrow().host().equals("h1"));
    story.pass(Duration.ofMinutes(2));
    assertThat(story.instances("feed.web", i -> i.goal() == Goal.REPLACE))
        .as("which is one too many")
        .hasSize(1);
  }

  private static void died(Story story, Task task) {
    story.update(task, TaskState.FAILED, TaskUpdate.EXECUTOR_TERMINATED, "executor terminated");
  }

  public static Story running(int instances) {
    Story story = Story.with("h1");
    story.offer("h1", "agent-h1", ROOM, EXECUTOR);
    story.put(Documents.job("web", instances));
    story.pass(Duration.ofSeconds(1));
    story.instances("feed.web").forEach(i -> story.update(i.task().get(), TaskState.RUNNING));
    story.pass(Duration.ofMinutes(2));
    story.read();
    return story;
  }

  private static JobSpec on(String host, int instances) {
    return Documents.withConstraints(
        Documents.job("web", instances),
        new Constraint.Match(Constraint.HOST, Set.of(host), false, false));
  }

  private static Group feed(GroupPolicy policy, int cpus) {
    Quota quota = Quota.limitedTo(Limit.of(cpus * 1000L, 1 << 20));
    return group(new TreeMap<>(Map.of("idc", quota, "cloud", quota)), policy);
  }

  private static Group group(Map<String, Quota> quotas, GroupPolicy policy) {
    return new Group("feed", "", "", quotas, Limit.UNLIMITED, policy);
  }
}
