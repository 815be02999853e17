package io.springtide.scheduler.goal;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.Documents;
import io.springtide.scheduler.Story;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.job.BatchPolicy;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.RuntimeKind;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Runs;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.view.ClusterView.JobView;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Batch jobs from their beginning to their end, and jobs that come after them. */
class JobRunsTest {
  private static final String SUM = "feed.sum";

  @Test
  void noMoreInstancesLiveAtOnceThanTheJobAllowsAndTheRestIsNoDemand() {
    Story story = Story.with("h1");
    story.put(sum(5, policy(2, 0)));
    work(story);
    assertThat(story.instances(SUM)).extracting(Instance::index).containsExactly(0, 1);
    assertThat(job(story).held().orElseThrow().reason()).isEqualTo(Waiting.PARALLELISM);
    for (int done = 1; done <= 5; done++) {
      finish(story, story.instances(SUM, JobRunsTest::runs).get(0), TaskState.FINISHED);
      work(story);
      assertThat(story.instances(SUM, JobRunsTest::runs)).hasSize(Math.min(2, 5 - done));
      assertThat(story.instances(SUM)).hasSize(Math.min(5, done + 2));
    }
    Runs.Ended ended = job(story).runs().orElseThrow().ended().orElseThrow();
    assertThat(ended.well()).isTrue();
    assertThat(ended.finished()).isEqualTo(5);
    assertThat(job(story).held()).isEmpty();
  }

  @Test
  void whatHasNotBegunStepsBackWhenFewerMayLiveAndMoreFollowWhenMoreMay() {
    Story story = Story.with("h1");
    story.put(sum(6, policy(2, 0)));
    work(story);
    story.put(sum(6, policy(5, 0)));
    story.pass(Duration.ofSeconds(1));
    assertThat(story.instances(SUM)).hasSize(5);
    story.put(sum(6, policy(1, 0)));
    story.pass(Duration.ofSeconds(1));
    assertThat(story.instances(SUM)).as("what runs, runs").hasSize(2).allMatch(JobRunsTest::runs);
    assertThat(story.read(Effect.Kill.class)).isEmpty();
    finish(story, story.instances(SUM).get(0), TaskState.FINISHED);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.instances(SUM, i -> !i.state().done())).hasSize(1);
  }

  @Test
  void aFailedInstanceIsTriedAgainAsOftenAsItsJobAllowsAlsoAcrossARestart() {
    Story story = Story.with("h1");
    story.put(sum(1, policy(9, 2)));
    work(story);
    for (int attempt = 1; attempt <= 3; attempt++) {
      assertThat(story.instance("feed.sum#0").state()).isEqualTo(InstanceState.RUNNING);
      // Long enough for earlier failures to say nothing about the next: retries count all.
      story.pass(Duration.ofMinutes(1));
      finish(story, story.instance("feed.sum#0"), TaskState.FAILED);
      if (attempt == 1) {
        story.restart().subscribe();
        story.update(story.host("h1").warden().orElseThrow(), TaskState.RUNNING);
      }
      work(story);
    }
    assertThat(story.instance("feed.sum#0").state()).isEqualTo(InstanceState.FAILED);
    assertThat(story.instance("feed.sum#0").retries()).isEqualTo(2);
    assertThat(job(story).runs().orElseThrow().ended().orElseThrow().well()).isFalse();
  }

  @Test
  void whatWasLostByNoFaultOfItsOwnUsesUpNoRetry() {
    Story story = Story.with("h1");
    story.put(sum(1, policy(9, 1)));
    work(story);
    finish(story, story.instance("feed.sum#0"), TaskState.GONE);
    work(story);
    assertThat(story.instance("feed.sum#0").retries()).isZero();
    assertThat(story.instance("feed.sum#0").state()).isEqualTo(InstanceState.RUNNING);
  }

  @Test
  void atItsDeadlineWhatHasNotFinishedIsStoppedAndHasFailedAndNothingFollows() {
    Story story = Story.with("h1");
    BatchPolicy hour = new BatchPolicy(2, 3, Optional.of(Duration.ofHours(1)), Optional.empty());
    story.put(sum(5, hour));
    work(story);
    finish(story, story.instance("feed.sum#0"), TaskState.FINISHED);
    work(story);
    Task runs = story.task("feed.sum#1");
    story.pass(Duration.ofMinutes(58));
    assertThat(story.read(Effect.Kill.class)).isEmpty();
    story.pass(Duration.ofMinutes(2));
    assertThat(story.read(Effect.Kill.class))
        .extracting(Effect.Kill::taskId)
        .contains(runs.id())
        .doesNotHaveDuplicates()
        .hasSize(2);
    assertThat(job(story).runs().orElseThrow().ended()).as("they still run").isEmpty();
    for (Instance instance : story.instances(SUM, i -> !i.state().done())) {
      story.update(instance.task().orElseThrow(), TaskState.KILLED);
    }
    story.offer("h1");
    story.pass(Duration.ofSeconds(2));
    assertThat(story.instances(SUM))
        .extracting(Instance::state)
        .containsExactly(InstanceState.FINISHED, InstanceState.FAILED, InstanceState.FAILED);
    assertThat(story.instance("feed.sum#1").why())
        .isEqualTo("its run was not done within batch.deadline, 1h");
    Runs.Ended ended = job(story).runs().orElseThrow().ended().orElseThrow();
    assertThat(ended.well()).isFalse();
    assertThat(ended.finished()).isEqualTo(1);
    assertThat(ended.failed()).as("those that never began too").isEqualTo(4);
    assertThat(ended.why()).contains("1h");
  }

  @Test
  void whatWaitsForAPlaceAtTheDeadlineHasFailedAtOnce() {
    Story story = Story.with();
    story.put(sum(2, new BatchPolicy(9, 0, Optional.of(Duration.ofMinutes(1)), Optional.empty())));
    story.pass(Duration.ofSeconds(61));
    assertThat(story.instances(SUM)).allMatch(i -> i.state() == InstanceState.FAILED);
    assertThat(job(story).runs().orElseThrow().ended()).isPresent();
  }

  @Test
  void aBatchJobThatIsOverIsRemovedAfterItsTimeToLiveAlsoByASuccessor() {
    Story story = Story.with("h1");
    story.put(sum(1, new BatchPolicy(9, 0, Optional.empty(), Optional.of(Duration.ofHours(1)))));
    work(story);
    finish(story, story.instance("feed.sum#0"), TaskState.FINISHED);
    story.pass(Duration.ofMinutes(50));
    story.restart().subscribe();
    assertThat(story.view().jobs()).containsKey(SUM);
    story.pass(Duration.ofMinutes(11));
    assertThat(story.view().jobs()).isEmpty();
  }

  @Test
  void moreInstancesAfterTheEndOpenTheRunAgainAndFewerLeaveWhatIsDone() {
    Story story = Story.with("h1");
    story.put(sum(2, policy(9, 0)));
    work(story);
    story.instances(SUM).forEach(one -> finish(story, one, TaskState.FINISHED));
    assertThat(job(story).runs().orElseThrow().ended()).isPresent();
    story.scale(SUM, 3);
    work(story);
    assertThat(job(story).runs().orElseThrow().ended()).isEmpty();
    story.scale(SUM, 2);
    story.pass(Duration.ofSeconds(1));
    assertThat(story.instances(SUM, i -> i.state() == InstanceState.FINISHED)).hasSize(2);
    assertThat(story.read(Effect.Kill.class)).as("the one that runs is too many").hasSize(1);
  }

  @Test
  void aJobComesAfterOthersOnceAllOfThemHaveFinished() {
    Story story = Story.with("h1");
    story.put(Documents.job("move", JobKind.BATCH, RuntimeKind.DOCKER, 1));
    story.put(after(Documents.job("web", 2), "feed.move"));
    work(story);
    assertThat(story.instances("feed.web")).as("no demand").isEmpty();
    Waiting held = story.view().jobs().get("feed.web").held().orElseThrow();
    assertThat(held.reason()).isEqualTo(Waiting.AFTER);
    assertThat(held.detail()).isEqualTo("feed.move has not finished yet");
    story.restart().subscribe();
    story.update(story.host("h1").warden().orElseThrow(), TaskState.RUNNING);
    finish(story, story.instance("feed.move#0"), TaskState.FINISHED);
    work(story);
    assertThat(story.instances("feed.web", JobRunsTest::runs)).hasSize(2);
    story.remove("feed.move");
    story.restart().subscribe();
    work(story);
    assertThat(story.instances("feed.web", JobRunsTest::runs)).as("it has begun").hasSize(2);
  }

  @Test
  void aJobWaitsAndSaysSoWhereWhatItComesAfterHasFailedOrGone() {
    Story story = Story.with("h1");
    JobSpec move = Documents.job("move", JobKind.BATCH, RuntimeKind.DOCKER, 1);
    story.put(move);
    story.put(after(Documents.job("web", 2), "feed.move"));
    work(story);
    finish(story, story.instance("feed.move#0"), TaskState.FAILED);
    assertThat(detail(story)).isEqualTo("feed.move has failed: 1 of its instances did not finish");
    story.remove("feed.move");
    story.pass(Duration.ofSeconds(1));
    assertThat(detail(story)).isEqualTo("feed.move is not there");
    story.put(move);
    story.pass(Duration.ofSeconds(1));
    assertThat(detail(story)).isEqualTo("feed.move has not finished yet");
    work(story);
    finish(story, story.instance("feed.move#0"), TaskState.FINISHED);
    work(story);
    assertThat(story.instances("feed.web", JobRunsTest::runs)).hasSize(2);
  }

  @Test
  void whatCouldNeverBeginIsRefusedAtTheDoor() {
    Story story = Story.with("h1");
    JobSpec one = Documents.job("one", JobKind.BATCH, RuntimeKind.DOCKER, 1);
    JobSpec two = Documents.job("two", JobKind.BATCH, RuntimeKind.DOCKER, 1);
    JobSpec three = Documents.job("three", JobKind.BATCH, RuntimeKind.DOCKER, 1);
    assertThat(refused(story.put(after(one, "feed.none"))).detail())
        .isEqualTo("there is no job feed.none");
    story.put(Documents.job("web", 1));
    Outcome.Refused service = refused(story.put(after(one, "feed.web")));
    assertThat(service.field()).isEqualTo("after[0]");
    assertThat(service.detail()).isEqualTo("job feed.web is no batch job, and never finishes");
    story.put(one);
    story.put(after(two, "feed.one"));
    story.put(after(three, "feed.two"));
    assertThat(refused(story.put(after(one, "feed.three"))).detail())
        .as("also by a later change of the first")
        .isEqualTo(
            "each would wait for the other: feed.one after feed.three after feed.two after"
                + " feed.one");
    story.remove("feed.one");
    story.pass(Duration.ofSeconds(1));
    assertThat(story.put(after(two, "feed.one").withInstances(2)))
        .as("what is stored may be put again")
        .isInstanceOf(Outcome.Done.class);
  }

  private static Outcome.Refused refused(Outcome outcome) {
    return (Outcome.Refused) outcome;
  }

  private static String detail(Story story) {
    return story.view().jobs().get("feed.web").held().orElseThrow().detail();
  }

  private static JobSpec after(JobSpec job, String... others) {
    return job.but().after(List.of(others)).build();
  }

  private static JobView job(Story story) {
    return story.view().jobs().get(SUM);
  }

  private static BatchPolicy policy(int parallelism, int retries) {
    return new BatchPolicy(parallelism, retries, Optional.empty(), Optional.empty());
  }

  private static JobSpec sum(int instances, BatchPolicy batch) {
    return Documents.job("sum", JobKind.BATCH, RuntimeKind.DOCKER, instances)
        .but()
        .batch(batch)
        .build();
  }

  private static boolean runs(Instance instance) {
    return instance.state() == InstanceState.RUNNING;
  }

  private static void finish(Story story, Instance instance, TaskState how) {
    story.update(instance.task().orElseThrow(), how, "", "");
  }

  /** What waits finds a place, and runs. */
  private static void work(Story story) {
    story.pass(Duration.ofSeconds(3));
    story.offer("h1");
    story.pass(Duration.ofSeconds(1));
    for (String job : List.copyOf(story.view().jobs().keySet())) {
      for (Instance one : story.instances(job, i -> i.state() == InstanceState.STAGING)) {
        story.update(one.task().orElseThrow(), TaskState.RUNNING);
      }
    }
    story.read();
  }
}
