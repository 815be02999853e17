package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Event.Steering;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.UpdatePolicy;
import io.springtide.scheduler.job.UpdatePolicy.Promotion;
import io.springtide.scheduler.job.UpdatePolicy.WhileDeploying;
import io.springtide.scheduler.state.Deployment;
import io.springtide.scheduler.state.DeploymentState;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.view.ClusterView.DeploymentView;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Changes carried from one revision to another, each field of {@code update} by its effect. */
class DeploymentTest {
  private static final String WEB = "feed.web";
  private static final UpdatePolicy QUICK =
      UpdatePolicy.DEFAULT.with(Duration.ZERO, Duration.ofMinutes(5));

  private final Story story = Story.with("h1", "h2", "h3");

  /** Images whose tasks fail as soon as they start. */
  private final Set<String> broken = new HashSet<>();

  /** Images whose tasks run and never pass their health check. */
  private final Set<String> ill = new HashSet<>();

  private int floor;
  private int ceiling = Integer.MAX_VALUE;

  @Test
  void aSurgeReplacesAllAndNobodyIsEverDown() {
    serve(4, QUICK.with(1, 0, 0));
    floor = 4;
    ceiling = 5;
    change("web:2");
    live(60);
    assertThat(latest().state()).isEqualTo(DeploymentState.DONE);
    assertThat(story.instances(WEB)).hasSize(4).allMatch(one -> runs(one, "web:2"));
  }

  @Test
  void surgeAndBudgetTogetherReplaceMoreAtOnce() {
    serve(6, QUICK.with(2, 1, 0));
    floor = 5;
    ceiling = 8;
    change("web:2");
    assertThat(story.instances(WEB, one -> one.revision() == job().revision()))
        .as("one goes, and two come above the number")
        .hasSize(3);
    live(60);
    assertThat(latest().state()).isEqualTo(DeploymentState.DONE);
    assertThat(story.instances(WEB)).hasSize(6);
  }

  @Test
  void aReplacementCountsOnlyWhenItHasServedForMinHealthy() {
    serve(3, QUICK.with(Duration.ofSeconds(20), Duration.ofMinutes(5)));
    change("web:2");
    live(15);
    assertThat(updated()).as("the first serves, and not for long enough").hasSize(1);
    live(20);
    assertThat(updated()).hasSize(2);
    live(60);
    assertThat(latest().state()).isEqualTo(DeploymentState.DONE);
  }

  @Test
  void canariesWaitForPromotionWhateverTheLoadDoesAndGoBackWhenAborted() {
    serve(4, QUICK.with(1, 0, 1));
    floor = 4;
    ceiling = 5;
    long before = job().revision();
    change("web:2");
    live(30);
    assertThat(latest().state()).isEqualTo(DeploymentState.CANARY);
    assertThat(updated()).hasSize(1);
    assertThat(shown().waiting().orElseThrow().reason()).isEqualTo("PROMOTION");

    ceiling = Integer.MAX_VALUE;
    story.scale(WEB, 7);
    live(20);
    assertThat(updated()).as("what is added is what was whole").hasSize(1);
    floor = 7;
    ceiling = 8;
    Set<String> untouched = new HashSet<>();
    story.instances(WEB, one -> one.revision() == before).forEach(one -> untouched.add(one.id()));

    assertThat(steer(Steering.ABORT)).isInstanceOf(Outcome.Done.class);
    assertThat(latest().state()).isEqualTo(DeploymentState.ROLLING_BACK);
    assertThat(job().revision()).as("back to the revision itself").isEqualTo(before);
    live(40);
    assertThat(latest().state()).isEqualTo(DeploymentState.ABORTED);
    assertThat(story.instances(WEB)).hasSize(7).allMatch(one -> runs(one, "web:1"));
    assertThat(story.instances(WEB, one -> untouched.contains(one.id())))
        .as("who ran it all the time was left alone")
        .allMatch(one -> one.restarts() == 0);
    assertThat(steer(Steering.ABORT)).isInstanceOf(Outcome.Refused.class);
  }

  @Test
  void promotedCanariesAreFollowedByTheOthersByHandOrByThemselves() {
    serve(3, QUICK.with(0, 1, 1));
    change("web:2");
    live(20);
    assertThat(updated()).hasSize(1);
    steer(Steering.PROMOTE);
    live(40);
    assertThat(latest().state()).isEqualTo(DeploymentState.DONE);

    policy(QUICK.with(0, 1, 1).with(Promotion.AUTO, false, WhileDeploying.SUPERSEDE));
    change("web:3");
    assertThat(latest().state()).isEqualTo(DeploymentState.CANARY);
    live(60);
    assertThat(latest().state()).isEqualTo(DeploymentState.DONE);
    assertThat(story.instances(WEB)).allMatch(one -> runs(one, "web:3"));
  }

  @Test
  void whatIsPausedStandsStillUntilItIsResumed() {
    serve(4, QUICK);
    change("web:2");
    steer(Steering.PAUSE);
    live(60);
    assertThat(updated()).hasSize(1);
    assertThat(shown().waiting().orElseThrow().reason()).isEqualTo("PAUSED");
    assertThat(steer(Steering.PROMOTE)).isInstanceOf(Outcome.Refused.class);
    steer(Steering.RESUME);
    live(60);
    assertThat(latest().state()).isEqualTo(DeploymentState.DONE);
  }

  @Test
  void theNextLeaderGoesOnWithADeploymentAndWithAPauseOfIt() {
    serve(4, QUICK);
    change("web:2");
    steer(Steering.PAUSE);
    live(5);
    story.restart().subscribe();
    // The master says what is there.
    for (String host : List.of("h1", "h2", "h3")) {
      story.update(story.host(host).warden().orElseThrow(), TaskState.RUNNING);
    }
    for (Instance one : story.instances(WEB)) {
      one.task().ifPresent(task -> story.update(task, TaskState.RUNNING).healthy(task, true));
    }
    live(10);
    assertThat(updated()).as("the next leader knows that it is paused").hasSize(1);
    steer(Steering.RESUME);
    live(60);
    assertThat(latest().state()).as("%s", shown()).isEqualTo(DeploymentState.DONE);
  }

  @Test
  void anImageThatDoesNotExistGoesBackByItselfAndTheOldAreNeverBelowTheirFloor() {
    serve(4, QUICK.with(1, 0, 0).with(Promotion.MANUAL, true, WhileDeploying.SUPERSEDE));
    long before = job().revision();
    broken.add("web:none");
    floor = 4;
    change("web:none");
    live(120);
    assertThat(latest().state()).isEqualTo(DeploymentState.FAILED);
    assertThat(latest().why()).contains("failed 3 times in a row");
    assertThat(job().revision()).isEqualTo(before);
    assertThat(story.instances(WEB)).hasSize(4).allMatch(one -> runs(one, "web:1"));
  }

  @Test
  void whatIsNotHealthyInTimeFailsAndStopsWhereItIs() {
    serve(4, QUICK.with(Duration.ofSeconds(5), Duration.ofSeconds(30)));
    ill.add("web:2");
    change("web:2");
    assertThat(shown().progress().orElseThrow().updated()).isEqualTo(1);
    live(20);
    assertThat(latest().state()).isEqualTo(DeploymentState.ROLLING);
    assertThat(shown().waiting().orElseThrow().reason()).isEqualTo("HEALTH");
    assertThat(shown().progress().orElseThrow().deadline()).isPresent();
    live(40);
    assertThat(latest().state()).isEqualTo(DeploymentState.FAILED);
    assertThat(latest().why()).contains("was not healthy within 30 s");
    live(30);
    assertThat(updated()).as("nobody else follows").hasSize(1);

    assertThat(story.ask(new Event.RollBackJob("r", WEB, OptionalLong.empty(), any(), "")))
        .isInstanceOf(Outcome.Done.class);
    live(60);
    assertThat(latest().state()).isEqualTo(DeploymentState.DONE);
    assertThat(story.instances(WEB)).allMatch(one -> runs(one, "web:1"));
  }

  @Test
  void ofTwoChangesInARowTheSecondTakesThePlaceOfTheFirst() {
    serve(4, QUICK);
    long whole = job().revision();
    floor = 3;
    change("web:2");
    Deployment first = latest();
    change("web:3");
    assertThat(latest().from()).as("the last that was whole").isEqualTo(whole);
    assertThat(state(first)).isEqualTo(DeploymentState.SUPERSEDED);
    Outcome late = steer(first.id(), Steering.PAUSE);
    assertThat(((Outcome.Refused) late).detail()).contains(latest().id());
    live(60);
    assertThat(latest().state()).isEqualTo(DeploymentState.DONE);
    assertThat(story.instances(WEB)).allMatch(one -> runs(one, "web:3"));
  }

  @Test
  void aSecondChangeIsRefusedWhereTheJobSaysSo() {
    serve(3, QUICK.with(Promotion.MANUAL, false, WhileDeploying.REFUSE));
    change("web:2");
    Outcome second = story.put(Documents.withImage(job().spec(), "web:3"));
    assertThat(((Outcome.Refused) second).kind()).isEqualTo(Outcome.Kind.CONFLICT);
    assertThat(story.scale(WEB, 4)).as("that replaces nobody").isInstanceOf(Outcome.Done.class);
    live(60);
    assertThat(latest().state()).isEqualTo(DeploymentState.DONE);
  }

  @Test
  void scalingInTheMiddleActsAtOnceOnBothRevisions() {
    serve(6, QUICK);
    change("web:2");
    while (updated().size() < 3) {
      live(1);
    }
    int updated = updated().size();
    story.scale(WEB, 12);
    assertThat(story.instances(WEB)).hasSize(12);
    assertThat(updated().size() - updated).as("in proportion").isBetween(1, 5);
    live(20);
    story.scale(WEB, 3);
    live(60);
    assertThat(latest().state()).isEqualTo(DeploymentState.DONE);
    assertThat(story.instances(WEB)).hasSize(3).allMatch(one -> runs(one, "web:2"));
  }

  @Test
  void whatIsLostInTheMiddleComesBackAsWhatItWasUntilItsTurn() {
    serve(4, QUICK);
    ill.add("web:2");
    change("web:2");
    live(10);
    Instance lost = story.instances(WEB, one -> runs(one, "web:1")).get(0);
    story.update(lost.task().orElseThrow(), TaskState.GONE, "", "its host is gone");
    live(10);
    assertThat(updated()).as("one is on its way, and that is the budget").hasSize(1);
    assertThat(runs(story.instance(lost.id()), "web:1")).isTrue();
  }

  @Test
  void aHostWithTheLastTwoIsEmptiedOneByOneAndSharesTheBudgetWithAChange() {
    serve(2, QUICK);
    floor = 1;
    for (Instance one : story.instances(WEB)) {
      story.wish(one.task().orElseThrow().host(), Host.Wish.DRAIN);
    }
    change("web:2");
    live(60);
    assertThat(latest().state()).isEqualTo(DeploymentState.DONE);
    assertThat(story.instances(WEB)).hasSize(2).allMatch(one -> runs(one, "web:2"));
  }

  @Test
  void whereNobodyMayBeDownAHostIsEmptiedByASurge() {
    serve(2, QUICK.with(1, 0, 0));
    floor = 2;
    ceiling = 3;
    String host = story.instances(WEB).get(0).task().orElseThrow().host();
    story.wish(host, Host.Wish.DRAIN);
    live(60);
    assertThat(story.instances(WEB))
        .hasSize(2)
        .noneMatch(one -> one.task().orElseThrow().host().equals(host));
  }

  @Test
  void aQuotaWithoutRoomForASurgeIsSaidAtOnce() {
    story.put(Documents.feed(4000));
    serve(4, QUICK.with(1, 0, 0));
    change("web:2");
    live(3);
    assertThat(shown().waiting().orElseThrow().reason()).startsWith("QUOTA");
    assertThat(shown().waiting().orElseThrow().detail()).contains("update.maxSurge");
    assertThat(story.instances(WEB, one -> runs(one, "web:1"))).hasSize(4);

    policy(QUICK.with(1, 1, 0));
    live(60);
    assertThat(latest().state()).as("one may be down").isEqualTo(DeploymentState.DONE);
    assertThat(story.instances(WEB)).hasSize(4);
  }

  @Test
  void aRestartIsADeploymentToTheSameContent() {
    serve(3, QUICK);
    floor = 2;
    story.ask(new Event.RestartJob("r", WEB, any(), "anna"));
    assertThat(latest().by()).isEqualTo("anna");
    live(60);
    assertThat(latest().state()).isEqualTo(DeploymentState.DONE);
    assertThat(story.instances(WEB)).allMatch(one -> one.restarts() == 1);
  }

  @Test
  void tenThatHaveEndedAreKept() {
    serve(1, QUICK);
    for (int i = 2; i < 15; i++) {
      change("web:" + i);
    }
    assertThat(story.view().jobs().get(WEB).deployments()).hasSize(11);
    assertThat(job().revisions().size()).isLessThanOrEqualTo(Job.MOST_REVISIONS + 2);
    story.remove(WEB);
    live(20);
    story.put(Documents.job("web", 1));
    assertThat(story.view().jobs().get(WEB).deployments()).isEmpty();
  }

  // ---- The world.

  private void serve(int instances, UpdatePolicy policy) {
    JobSpec job = Documents.checked(Documents.job("web", instances));
    story.put(Documents.withUpdate(job, policy));
    live(15);
    assertThat(serving()).hasSize(instances);
  }

  private void change(String image) {
    assertThat(story.put(Documents.withImage(job().spec(), image)))
        .isInstanceOf(Outcome.Done.class);
    story.pass(Duration.ofMillis(500));
  }

  private void policy(UpdatePolicy policy) {
    story.put(Documents.withUpdate(job().spec(), policy));
  }

  /** Seconds go by: hosts offer, tasks start and end, health checks pass. */
  private void live(int seconds) {
    for (int second = 0; second < seconds; second++) {
      for (String host : List.of("h1", "h2", "h3")) {
        story.offer(host);
      }
      story.launches().forEach(this::started);
      for (Instance one : story.instances(WEB)) {
        if (one.state() == InstanceState.STOPPING) {
          story.update(one.task().orElseThrow(), TaskState.KILLED);
        }
      }
      story.pass(Duration.ofMillis(500));
      story.launches().forEach(this::started);
      if (!story.view().jobs().containsKey(WEB)) {
        return;
      }
      assertThat(serving().size()).as("serve, at second %s", second).isGreaterThanOrEqualTo(floor);
      assertThat(story.instances(WEB).size()).isLessThanOrEqualTo(ceiling);
    }
  }

  private void started(TaskLaunch launch) {
    Task task = launch.task();
    if (!task.id().startsWith(WEB)) {
      return;
    }
    String image = launch.job().orElseThrow().container().image();
    if (broken.contains(image)) {
      story.update(task, TaskState.FAILED, "", "no such image");
      return;
    }
    story.update(task, TaskState.RUNNING);
    story.healthy(task, !ill.contains(image));
  }

  private List<Instance> serving() {
    return story.instances(
        WEB,
        one ->
            one.state() == InstanceState.RUNNING
                && one.task().flatMap(Task::healthy).orElse(false));
  }

  private List<Instance> updated() {
    return story.instances(WEB, one -> one.revision() == job().revision());
  }

  private boolean runs(Instance one, String image) {
    return one.task()
        .flatMap(task -> job().specOf(task.revision()))
        .filter(spec -> spec.container().image().equals(image))
        .isPresent();
  }

  private Job job() {
    return story.view().jobs().get(WEB).job();
  }

  private DeploymentView shown() {
    List<DeploymentView> all = story.view().jobs().get(WEB).deployments();
    return all.get(all.size() - 1);
  }

  private Deployment latest() {
    return shown().deployment();
  }

  private DeploymentState state(Deployment one) {
    return story.view().jobs().get(WEB).deployments().stream()
        .map(DeploymentView::deployment)
        .filter(other -> other.id().equals(one.id()))
        .findFirst()
        .orElseThrow()
        .state();
  }

  private Outcome steer(Steering how) {
    return steer(latest().id(), how);
  }

  private Outcome steer(String id, Steering how) {
    return story.ask(new Event.SteerDeployment("r", id, how, "anna"));
  }

  private static OptionalLong any() {
    return OptionalLong.empty();
  }
}
