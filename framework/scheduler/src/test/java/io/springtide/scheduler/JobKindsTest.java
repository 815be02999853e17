package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.RuntimeKind;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.view.ClusterView;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Services that change, batches that end, and systems that follow the hosts. */
class JobKindsTest {
  @Test
  void aChangedServiceIsReplacedNoFasterThanItsBudgetAllows() {
    Story story = Story.with("h1", "h2");
    JobSpec job = Documents.job("web", 4);
    run(story, job);
    story.put(Documents.withImage(job, "web:2"));
    Set<String> replaced = new TreeSet<>();
    for (int i = 0; i < 4; i++) {
      story.pass(Duration.ofSeconds(2));
      List<Instance> down =
          story.instances("feed.web", instance -> instance.state() != InstanceState.RUNNING);
      assertThat(down).as("one at a time").hasSize(1);
      Instance next = down.get(0);
      replaced.add(next.id());
      story.offer("h1");
      story.offer("h2");
      story.update(next.task().orElseThrow(), TaskState.KILLED);
      story.pass(Duration.ofSeconds(1));
      Task task = story.task(next.id());
      assertThat(task.revision()).isEqualTo(job(story).revision());
      assertThat(story.instance(next.id()).restarts()).isEqualTo(1);
      story.update(task, TaskState.RUNNING);
    }
    assertThat(replaced).hasSize(4);
    story.pass(Duration.ofSeconds(2));
    assertThat(job(story).earlier()).as("kept to go back to").hasSize(1);
    assertThat(story.instances("feed.web", i -> i.state() == InstanceState.RUNNING)).hasSize(4);
  }

  @Test
  void aReplacementThatFailsHoldsUpTheRest() {
    Story story = Story.with("h1");
    JobSpec job = Documents.job("web", 3);
    run(story, job);
    story.put(Documents.withImage(job, "broken:1"));
    story.pass(Duration.ofSeconds(1));
    Instance first = story.instances("feed.web", i -> i.state() == InstanceState.STOPPING).get(0);
    story.update(first.task().orElseThrow(), TaskState.KILLED);
    for (int i = 0; i < 5; i++) {
      story.offer("h1");
      story.pass(Duration.ofSeconds(40));
      story.instance(first.id()).task().ifPresent(task -> story.update(task, TaskState.FAILED));
    }
    assertThat(story.instances("feed.web", i -> i.state() == InstanceState.RUNNING)).hasSize(2);
  }

  @Test
  void scalingAndPriorityReplaceNothing() {
    Story story = Story.with("h1");
    JobSpec job = Documents.job("web", 2);
    run(story, job);
    story.put(job.withInstances(3));
    story.pass(Duration.ofSeconds(2));
    assertThat(story.read(Effect.Kill.class)).isEmpty();
  }

  @Test
  void anEarlierRevisionKeepsItsSizeAlsoAfterARestart() {
    Story story = Story.with("h1");
    JobSpec job = Documents.job("web", 2);
    run(story, job);
    JobSpec bigger = job.but().resources(Resources.of(3000, 256)).build();
    story.put(bigger);
    ClusterView before = story.view();
    assertThat(before.hosts().get("h1").borrowed().cpuMillis()).isEqualTo(2000);
    story.restart();
    assertThat(story.view().hosts()).isEqualTo(before.hosts());
  }

  @Test
  void fewerMeansThoseThatServeLeast() {
    Story story = Story.with("h1");
    run(story, Documents.job("web", 5));
    story.offer("h1");
    story.update(story.task("feed.web#0"), TaskState.FAILED);
    story.healthy(story.task("feed.web#1"), false);
    story.scale("feed.web", 2);
    assertThat(story.instances("feed.web", i -> i.goal() == Goal.RUN))
        .extracting(Instance::index)
        .as("the failed and the unhealthy go first, then the highest index")
        .containsExactly(2, 3);
  }

  @Test
  void whoeverIsOnTheWayOutIsKeptIfWantedAgain() {
    Story story = Story.with("h1");
    run(story, Documents.job("web", 2));
    story.scale("feed.web", 0);
    story.scale("feed.web", 2);
    assertThat(story.instances("feed.web")).hasSize(2);
    for (Instance instance : story.instances("feed.web")) {
      story.update(instance.task().orElseThrow(), TaskState.KILLED);
    }
    story.offer("h1");
    story.pass(Duration.ofSeconds(1));
    assertThat(story.instances("feed.web", i -> i.state() == InstanceState.STAGING)).hasSize(2);
  }

  @Test
  void aBatchInstanceFinishesOrFailsOnceAndForAll() {
    Story story = Story.with("h1");
    run(story, Documents.job("sum", JobKind.BATCH, RuntimeKind.DOCKER, 3));
    story.update(story.task("feed.sum#0"), TaskState.FINISHED);
    story.update(story.task("feed.sum#1"), TaskState.FAILED, "", "exit 3");
    story.update(story.task("feed.sum#2"), TaskState.GONE);
    story.offer("h1");
    story.pass(Duration.ofMinutes(1));
    assertThat(story.instance("feed.sum#0").state()).isEqualTo(InstanceState.FINISHED);
    assertThat(story.instance("feed.sum#1").state()).isEqualTo(InstanceState.FAILED);
    assertThat(story.instance("feed.sum#1").history().get(0).message()).isEqualTo("exit 3");
    assertThat(story.instance("feed.sum#2").state())
        .as("what was lost by no fault of its own runs again")
        .isEqualTo(InstanceState.STAGING);
    assertThat(story.view().hosts().get("h1").instances()).isEqualTo(1);
    story.remove("feed.sum");
    story.update(story.task("feed.sum#2"), TaskState.KILLED);
    assertThat(story.view().jobs()).isEmpty();
  }

  @Test
  void aSystemJobHasOneInstanceOnEveryMatchingHost() {
    Story story = Story.with("h1", "h2");
    story.offer("h1");
    story.offer("h2");
    story.put(Documents.job("logs", JobKind.SYSTEM, RuntimeKind.DOCKER, 0));
    story.pass(Duration.ofSeconds(1));
    assertThat(hosts(story)).containsExactly("h1", "h2");
    for (Instance instance : story.instances("feed.logs")) {
      story.update(instance.task().orElseThrow(), TaskState.RUNNING);
    }
    story.ready("h3");
    story.offer("h3");
    story.pass(Duration.ofSeconds(1));
    assertThat(hosts(story)).containsExactly("h1", "h2", "h3");

    story.read();
    story.wish("h2", Host.Wish.DRAIN);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.read(Effect.Kill.class)).hasSize(1);
    Instance leaving = story.instances("feed.logs", i -> i.goal() == Goal.LEAVE).get(0);
    story.update(leaving.task().orElseThrow(), TaskState.KILLED);
    story.pass(Duration.ofSeconds(1));
    assertThat(hosts(story)).containsExactly("h1", "h3");
  }

  @Test
  void aSystemJobsInstanceIsNotKilledForTheSilenceOfItsHost() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("logs", JobKind.SYSTEM, RuntimeKind.DOCKER, 0));
    story.pass(Duration.ofSeconds(1));
    Task task = story.theLaunch().task();
    story.update(task, TaskState.RUNNING);
    story.update(story.host("h1").warden().orElseThrow(), TaskState.UNREACHABLE);
    story.update(task, TaskState.UNREACHABLE);
    story.pass(Duration.ofMinutes(1));
    story.update(story.host("h1").warden().orElseThrow(), TaskState.RUNNING);
    story.update(task, TaskState.RUNNING);
    story.pass(Duration.ofMinutes(1));
    assertThat(story.read(Effect.Kill.class)).isEmpty();
    assertThat(hosts(story)).containsExactly("h1");
  }

  @Test
  void aSystemJobKeepsToTheHostsItMatches() {
    Story story = Story.with("h1", "h2");
    story.offer("h1");
    story.offer("h2");
    JobSpec job = Documents.job("logs", JobKind.SYSTEM, RuntimeKind.DOCKER, 0);
    story.put(
        Documents.withConstraints(
            job, new Constraint.Match(Constraint.HOST, Set.of("h2"), false, false)));
    story.pass(Duration.ofSeconds(1));
    assertThat(hosts(story)).containsExactly("h2");
  }

  @Test
  void aSystemJobSeesAttributesAsPlacementDoes() {
    Constraint anyRack = new Constraint.Like("rack", ".*", false, false);
    Constraint notRackOne = new Constraint.Match("rack", Set.of("r1"), true, false);
    Constraint noSuchRack = new Constraint.Like("rack", "r.*", true, false);
    Constraint zone = new Constraint.Match("zone", Set.of("idc"), false, false);
    assertThat(systemHosts(anyRack)).as("no host says its rack").isEmpty();
    assertThat(systemHosts(notRackOne, noSuchRack, zone)).containsExactly("h1", "h2");
  }

  private static Set<String> systemHosts(Constraint... constraints) {
    Story story = Story.with("h1", "h2");
    story.offer("h1");
    story.offer("h2");
    JobSpec job = Documents.job("logs", JobKind.SYSTEM, RuntimeKind.DOCKER, 0);
    story.put(Documents.withConstraints(job, constraints));
    story.pass(Duration.ofSeconds(1));
    return hosts(story);
  }

  private static Job job(Story story) {
    return story.view().jobs().get("feed.web").job();
  }

  private static Set<String> hosts(Story story) {
    Set<String> hosts = new TreeSet<>();
    story
        .instances("feed.logs")
        .forEach(i -> hosts.add(i.task().map(Task::host).orElse("nowhere")));
    return hosts;
  }

  private static void run(Story story, JobSpec job) {
    story.view().hosts().keySet().forEach(story::offer);
    story.put(job);
    story.pass(Duration.ofSeconds(1));
    for (Instance instance : story.instances(job.id())) {
      story.update(instance.task().orElseThrow(), TaskState.RUNNING);
    }
    story.pass(Duration.ofSeconds(20));
    story.read();
  }
}
