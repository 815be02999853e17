package io.springtide.scheduler.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.Resources;
import io.springtide.scheduler.Documents;
import io.springtide.scheduler.Story;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.job.FailurePolicy;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.RuntimeKind;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.task.PoisonHosts.Avoided;
import io.springtide.scheduler.told.HostReport;
import io.springtide.scheduler.told.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Hosts on which attempts fail again and again are kept away from, and said to be so. */
class PoisonHostsTest {
  /** Where attempts fail. */
  private final Set<String> poisoned = new TreeSet<>(List.of("h1"));

  /** Hosts of which an offer is held. */
  private final Set<String> held = new TreeSet<>();

  private final Map<String, Integer> failures = new HashMap<>();

  @Test
  void afterThreeFailuresInARowAJobGoesElsewhereAndSaysWhy() {
    Story story = Story.with("h1", "h2");
    story.put(two("web"));
    live(story, Duration.ofMinutes(2));
    assertThat(failures).containsExactly(Map.entry("h1", 3));
    assertThat(story.instances("feed.web"))
        .allMatch(instance -> instance.state() == InstanceState.RUNNING)
        .allMatch(instance -> instance.task().orElseThrow().host().equals("h2"));
    Avoided avoided = story.view().jobs().get("feed.web").avoids().get(0);
    assertThat(avoided.host()).isEqualTo("h1");
    assertThat(avoided.failures()).isEqualTo(3);
    assertThat(avoided.why()).isEqualTo("exit 7");
    assertThat(avoided.until()).isAfter(story.now().plus(Duration.ofMinutes(7)));
    assertThat(warnings(story, "h1")).as("one job alone says nothing of a host").isEmpty();
  }

  @Test
  void whatFindsNoOtherPlaceIsToldInWhichWordsItFailedThere() {
    Story story = Story.with("h1", "h2");
    story.put(big("web", 2));
    live(story, Duration.ofMinutes(1));
    Waiting waiting =
        story.shown(waiting(story, "feed.web")).waiting().stream()
            .filter(why -> why.reason().equals(Waiting.AVOIDED))
            .findFirst()
            .orElseThrow();
    assertThat(waiting.hosts()).isEqualTo(1);
    assertThat(waiting.detail())
        .startsWith("3 attempts in a row failed on h1 (exit 7), tried again at 2026-01-01T00:1");
  }

  @Test
  void theHostIsTriedAgainLaterAndKeptAwayFromForTwiceAsLongWhenItFailsAgain() {
    Story story = Story.with("h1", "h2");
    story.put(big("web", 2));
    live(story, Duration.ofMinutes(9));
    assertThat(failures).containsExactly(Map.entry("h1", 3));
    live(story, Duration.ofMinutes(3));
    assertThat(failures).as("it had its second chance").containsExactly(Map.entry("h1", 6));
    live(story, Duration.ofMinutes(17));
    assertThat(failures).containsExactly(Map.entry("h1", 6));
    live(story, Duration.ofMinutes(4));
    assertThat(failures).containsExactly(Map.entry("h1", 9));
    poisoned.clear();
    live(story, Duration.ofMinutes(34));
    assertThat(story.instances("feed.web", PoisonHostsTest::runs)).hasSize(1);
    live(story, Duration.ofMinutes(5));
    assertThat(story.instances("feed.web", PoisonHostsTest::runs)).hasSize(2);
    assertThat(story.view().jobs().get("feed.web").avoids()).isEmpty();
  }

  @Test
  void whatRunsThereStaysAndSaysThatTheHostIsWell() {
    poisoned.clear();
    Story story = Story.with("h1", "h2");
    story.put(two("web").withInstances(4));
    live(story, Duration.ofMinutes(1));
    Instance stays = onHost(story, "h1").get(0);
    poisoned.add("h1");
    story.read();
    for (int i = 0; i < 5; i++) {
      Instance other = onHost(story, "h1").get(1);
      story.update(other.task().orElseThrow(), TaskState.FAILED, "", "exit 7");
      poisoned.clear();
      live(story, Duration.ofMinutes(1));
    }
    assertThat(story.view().jobs().get("feed.web").avoids()).isEmpty();
    assertThat(story.instance(stays.id()).state()).isEqualTo(InstanceState.RUNNING);
    assertThat(story.read(Effect.Kill.class)).isEmpty();
  }

  @Test
  void aJobThatFailsEverywhereAvoidsNothing() {
    poisoned.add("h2");
    Story story = Story.with("h1", "h2");
    story.put(two("web"));
    live(story, Duration.ofMinutes(5));
    assertThat(story.view().jobs().get("feed.web").avoids()).isEmpty();
    int before = failures.get("h1");
    live(story, Duration.ofMinutes(3));
    assertThat(failures.get("h1")).as("it is still tried there").isGreaterThan(before);
  }

  @Test
  void whenItsLastOtherHostGoesAJobComesBack() {
    Story story = Story.with("h1", "h2");
    story.put(big("web", 2));
    live(story, Duration.ofMinutes(1));
    assertThat(story.view().jobs().get("feed.web").avoids()).hasSize(1);
    poisoned.clear();
    story.wish("h2", Host.Wish.CORDON);
    live(story, Duration.ofMinutes(1));
    assertThat(story.instances("feed.web", PoisonHostsTest::runs)).hasSize(2);
    assertThat(onHost(story, "h1")).hasSize(1);
  }

  @Test
  void aSystemJobAvoidsNoHost() {
    Story story = Story.with("h1", "h2");
    story.put(Documents.job("logs", JobKind.SYSTEM, RuntimeKind.DOCKER, 0));
    live(story, Duration.ofMinutes(5));
    assertThat(story.view().jobs().get("feed.logs").avoids()).isEmpty();
    assertThat(failures.get("h1")).isGreaterThan(4);
  }

  @Test
  void aHostThatFailsThreeJobsIsSaidToBeAtFaultAndServesOn() {
    Story story = Story.with("h1", "h2");
    for (String job : List.of("a", "b", "c")) {
      story.put(two(job));
    }
    live(story, Duration.ofMinutes(3));
    assertThat(warnings(story, "h1"))
        .containsExactly(
            "attempts of 3 jobs failed there again and again: feed.a (exit 7), feed.b (exit 7),"
                + " feed.c (exit 7)");
    assertThat(warnings(story, "h2")).isEmpty();
    assertThat(story.host("h1").wish()).isEqualTo(Host.Wish.SERVE);
    poisoned.clear();
    live(story, Duration.ofMinutes(15));
    assertThat(warnings(story, "h1")).isEmpty();
  }

  @Test
  void aChangedJobBeginsAnew() {
    Story story = Story.with("h1", "h2");
    story.put(two("web"));
    live(story, Duration.ofMinutes(1));
    story.put(Documents.withImage(two("web"), "web:2"));
    story.pass(Duration.ofSeconds(2));
    assertThat(story.view().jobs().get("feed.web").avoids()).isEmpty();
  }

  @Test
  void aNewLeaderKnowsNothingOfIt() {
    Story story = Story.with("h1", "h2");
    story.put(two("web"));
    live(story, Duration.ofMinutes(1));
    story.restart().subscribe();
    assertThat(story.view().jobs().get("feed.web").avoids()).isEmpty();
  }

  /** Offers come; what is launched fails on a poisoned host, and runs on others. */
  private void live(Story story, Duration time) {
    Instant end = story.now().plus(time);
    while (story.now().isBefore(end)) {
      for (String host : List.of("h1", "h2")) {
        // As the master would when it is asked, from time to time.
        story.update(story.host(host).warden().orElseThrow(), TaskState.RUNNING);
        if (held.add(host)) {
          story.offer(host, "agent-" + host, free(story, host), Set.of("executor-1"));
        }
      }
      story.pass(Duration.ofSeconds(5));
      List<Task> staged = new ArrayList<>();
      for (String job : List.copyOf(story.view().jobs().keySet())) {
        story.instances(job, instance -> instance.state() == InstanceState.STAGING).stream()
            .flatMap(instance -> instance.task().stream())
            .forEach(staged::add);
      }
      for (Task task : staged) {
        held.remove(task.host());
        if (poisoned.contains(task.host())) {
          failures.merge(task.host(), 1, Integer::sum);
          story.update(task, TaskState.FAILED, "", "exit 7");
        } else {
          story.update(task, TaskState.RUNNING);
        }
      }
    }
  }

  private static Resources free(Story story, String host) {
    Resources free = Story.BIG;
    for (var job : story.view().jobs().values()) {
      for (var view : job.instances()) {
        if (view.instance().task().map(Task::host).filter(host::equals).isPresent()) {
          free = free.minusOrZero(view.resources());
        }
      }
    }
    return free;
  }

  private static JobSpec two(String name) {
    return quick(Documents.job(name, 2));
  }

  /** Each instance takes most of a host. */
  private static JobSpec big(String name, int count) {
    return quick(Documents.job(name, count).but().resources(Resources.of(6000, 1024)).build());
  }

  private static JobSpec quick(JobSpec job) {
    Duration second = Duration.ofSeconds(1);
    return job.but().failure(new FailurePolicy(second, second, Duration.ofMinutes(5))).build();
  }

  private static boolean runs(Instance instance) {
    return instance.state() == InstanceState.RUNNING;
  }

  private static List<Instance> onHost(Story story, String host) {
    return story.instances(
        "feed.web", i -> i.task().map(Task::host).filter(host::equals).isPresent() && runs(i));
  }

  private static String waiting(Story story, String job) {
    return story.instances(job, i -> i.state() == InstanceState.PENDING).get(0).id();
  }

  private static List<String> warnings(Story story, String... hosts) {
    return Arrays.stream(hosts)
        .flatMap(host -> story.view().hosts().get(host).warnings().stream())
        .map(HostReport.Warning::detail)
        .toList();
  }
}
