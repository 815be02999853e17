package io.springtide.scheduler.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.Documents;
import io.springtide.scheduler.Story;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.RuntimeKind;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Restarts of what fails its health check: prompt for one, slow where many fail at once. */
class CondemnedTest {
  private static final String WEB = "feed.web";
  private static final String ILL = "health check failed 3 times in a row: ill";

  private final Set<String> killed = new HashSet<>();

  @Test
  void oneThatIsSickIsRestartedAtOnce() {
    Story story = serving(Map.of("web", 5));
    Task sick = story.task("feed.web#2");
    story.healthy(sick, false).pass(Duration.ofSeconds(10));
    assertThat(kills(story)).as("it may pass again").isEmpty();
    story.condemned(sick).pass(Duration.ofMillis(500));
    assertThat(kills(story)).containsExactly(sick.id());
    assertThat(story.instance("feed.web#2").why()).isEqualTo(ILL);

    story.update(sick, TaskState.FAILED, "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED", ILL);
    Instance next = story.instance("feed.web#2");
    assertThat(next.state()).isEqualTo(InstanceState.PENDING);
    assertThat(next.goal()).isEqualTo(Goal.RUN);
    assertThat(next.failures()).as("the back-off counts it").isEqualTo(1);
    assertThat(next.notBefore()).isAfter(story.now().minusSeconds(1));
    assertThat(next.history())
        .singleElement()
        .satisfies(
            attempt -> {
              assertThat(attempt.state()).isEqualTo(TaskState.FAILED);
              assertThat(attempt.message()).isEqualTo(ILL);
            });
  }

  @Test
  void whatIsSickAgainAndAgainBacksOff() {
    Story story = serving(Map.of("web", 1));
    for (int failure = 1; failure <= 4; failure++) {
      Task sick = story.task("feed.web#0");
      story.condemned(sick).pass(Duration.ofMillis(500));
      Instant killed = story.now();
      story.update(sick, TaskState.FAILED, "", ILL);
      assertThat(story.instance("feed.web#0").failures()).isEqualTo(failure);
      assertThat(story.instance("feed.web#0").notBefore())
          .isBetween(
              killed.plusSeconds((1L << (failure - 1)) - 1), killed.plusSeconds(1L << failure));
      story.pass(Duration.ofSeconds(10));
      story.offer("h1");
      run(story, false);
    }
  }

  @Test
  void whatPassesAgainInTimeIsLeftAlone() {
    Story story = serving(Map.of("web", 5));
    Task first = story.task("feed.web#0");
    Task second = story.task("feed.web#1");
    story.condemned(first).condemned(second).pass(Duration.ofSeconds(1));
    assertThat(kills(story)).containsExactly(first.id());
    story.healthy(second, true);
    assertThat(story.shown("feed.web#1").waiting()).isEmpty();
    story.pass(Duration.ofMinutes(5));
    assertThat(kills(story)).isEmpty();
  }

  @Test
  void aJobLosesNoMoreThanItsBudgetAtOnceAndSaysSo() {
    Story story = serving(Map.of("web", 30, "other", 30));
    List<Task> sick =
        List.of(story.task("feed.web#0"), story.task("feed.web#1"), story.task("feed.web#2"));
    sick.forEach(story::condemned);
    story.pass(Duration.ofSeconds(20));
    assertThat(kills(story)).containsExactly(sick.get(0).id());
    assertThat(story.shown("feed.web#1").waiting())
        .singleElement()
        .satisfies(
            waiting -> {
              assertThat(waiting.reason()).isEqualTo("CONDEMNED");
              assertThat(waiting.detail()).startsWith(ILL).contains("maxUnavailable");
            });
    restarted(story, sick.get(0), true);
    story.pass(Duration.ofMillis(500));
    assertThat(kills(story)).as("the first serves again").containsExactly(sick.get(1).id());
    assertThat(story.shown("feed.web#1").waiting()).isEmpty();

    restarted(story, sick.get(1), false);
    story.pass(Duration.ofSeconds(20));
    assertThat(kills(story)).as("the second does not").isEmpty();
    story.pass(Duration.ofSeconds(40));
    assertThat(kills(story)).as("and holds the others up for a minute").hasSize(1);
  }

  @Test
  void whatAChangeHasTakenCountsToo() {
    Story story = serving(Map.of("web", 30));
    story.put(Documents.withImage(spec(story, WEB), "web:2"));
    story.pass(Duration.ofSeconds(1));
    Task taken = story.instances(WEB, i -> i.goal() == Goal.REPLACE).get(0).task().orElseThrow();
    assertThat(kills(story)).containsExactly(taken.id());
    Task sick = story.instances(WEB, i -> i.goal() == Goal.RUN).get(0).task().orElseThrow();
    story.condemned(sick).pass(Duration.ofSeconds(20));
    assertThat(kills(story)).isEmpty();
    restarted(story, taken, true);
    story.pass(Duration.ofSeconds(1));
    assertThat(kills(story)).containsExactly(sick.id());
  }

  @Test
  void whatFailsEverywhereAtOnceIsRestartedSlowlyAndSaysSo() {
    Map<String, Integer> jobs = new TreeMap<>();
    for (int job = 0; job < 20; job++) {
      jobs.put("job" + job, 1);
    }
    Story story = serving(jobs);
    jobs.keySet().forEach(job -> story.healthy(story.task("feed." + job + "#0"), false));
    jobs.keySet().forEach(job -> story.condemned(story.task("feed." + job + "#0")));
    story.pass(Duration.ofSeconds(30));
    assertThat(kills(story)).as("a job's budget alone would let all of them go").hasSize(1);
    assertThat(story.view().wave()).contains(new HealthWave(20, 20, 1));
    List<Waiting> held = new ArrayList<>();
    jobs.keySet().forEach(job -> held.addAll(story.shown("feed." + job + "#0").waiting()));
    assertThat(held)
        .hasSize(19)
        .allSatisfy(waiting -> assertThat(waiting.detail()).contains("20 of 20 checked instances"));
    story.pass(Duration.ofMinutes(3));
    assertThat(kills(story)).hasSize(3);

    jobs.keySet().stream()
        .map(job -> story.instance("feed." + job + "#0"))
        .filter(instance -> instance.state() == InstanceState.RUNNING)
        .forEach(instance -> story.healthy(instance.task().orElseThrow(), true));
    story.pass(Duration.ofMinutes(5));
    assertThat(kills(story)).as("they pass again").isEmpty();
    assertThat(story.view().wave()).as("four are not up again yet").isPresent();
  }

  /** Who is sick for the first time does not wait behind whom restarts do not help. */
  @Test
  void inAWaveTheFreshlySickGoFirst() {
    Map<String, Integer> jobs = new TreeMap<>();
    for (int job = 0; job < 8; job++) {
      jobs.put("job" + job, 1);
    }
    Story story = serving(jobs);
    jobs.keySet().forEach(job -> story.healthy(story.task("feed." + job + "#0"), false));
    for (int job = 0; job < 7; job++) {
      story.condemned(story.task("feed.job" + job + "#0"));
    }
    story.pass(Duration.ofSeconds(1));
    Task first = story.task("feed.job0#0");
    assertThat(kills(story)).containsExactly(first.id());
    restarted(story, first, false);
    story.condemned(story.task("feed.job0#0"));
    story.pass(Duration.ofSeconds(30));
    story.condemned(story.task("feed.job7#0"));
    List<String> order = new ArrayList<>();
    for (int minute = 0; minute < 9; minute++) {
      story.pass(Duration.ofMinutes(1));
      order.addAll(kills(story));
    }
    assertThat(order).hasSize(8).last().isEqualTo(story.task("feed.job0#0").id());
  }

  @Test
  void aNewLeaderHearsOfAllBeforeItEndsAnybody() {
    Story story = serving(Map.of("web", 5));
    Task sick = story.task("feed.web#2");
    story.healthy(sick, false);
    story.restart().subscribe();
    story.condemned(sick).pass(Duration.ofSeconds(55));
    assertThat(kills(story)).isEmpty();
    assertThat(story.shown("feed.web#2").waiting().get(0).detail()).contains("leader");
    story.pass(Duration.ofSeconds(10));
    assertThat(kills(story)).containsExactly(sick.id());
  }

  @Test
  void withoutAMasterNobodyIsEnded() {
    Story story = serving(Map.of("web", 5));
    Task sick = story.task("feed.web#2");
    story.condemned(sick);
    story.send(new Event.Disconnected());
    story.read();
    story.pass(Duration.ofMinutes(2));
    assertThat(story.instance("feed.web#2").goal()).isEqualTo(Goal.RUN);
    story.subscribe().pass(Duration.ofSeconds(1));
    assertThat(kills(story)).containsExactly(sick.id());
  }

  @Test
  void aBatchInstanceThatIsCondemnedHasFailed() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.checked(Documents.job("once", JobKind.BATCH, RuntimeKind.DOCKER, 1)));
    run(story, true);
    story.pass(Duration.ofMinutes(1));
    Task sick = story.task("feed.once#0");
    story.condemned(sick).pass(Duration.ofSeconds(1));
    assertThat(kills(story)).containsExactly(sick.id());
    story.update(sick, TaskState.FAILED, "", ILL);
    assertThat(story.instance("feed.once#0").state()).isEqualTo(InstanceState.FAILED);
  }

  /**
   * Hosts are starved and recover at random; who is on one fails its probes, is condemned after
   * three, and comes up again only where there is time to. However that goes, no job has more taken
   * at once than its budget, and while many fail at once hardly any are restarted; and whoever is
   * sick alone is restarted within a minute.
   */
  @Property(tries = 8, shrinking = ShrinkingMode.OFF)
  void starvedHostsCauseNoStorm(@ForAll @IntRange(min = 1, max = 2) int budget, @ForAll long seed) {
    Random random = new Random(seed);
    Map<String, Integer> jobs = new TreeMap<>(Map.of("a", 4, "b", 4, "c", 4, "d", 4, "e", 4));
    Story story = serving(jobs, budget);
    Starving world = new Starving(story, jobs, random);
    for (int second = 0; second < 1200; second++) {
      world.second(second);
      assertThat(world.takenAtOnce()).as("of one job, at once").isLessThanOrEqualTo(budget);
      assertThat(world.endedWithinAMinute()).as("over all jobs").isLessThanOrEqualTo(3);
    }
    assertThat(world.longestAlone()).as("seconds that one sick alone waited").isLessThan(62);
  }

  /** What the hosts and executors do of which the core hears. */
  private final class Starving {
    private final Story story;
    private final List<String> jobs;
    private final Random random;
    private final Map<String, Integer> starvedUntil = new HashMap<>();
    private final Map<String, Integer> failsSince = new HashMap<>();
    private final Map<String, Integer> runsSince = new HashMap<>();
    private final Map<String, Integer> ends = new HashMap<>();
    private final Map<String, Integer> takenAt = new HashMap<>();
    private final List<Integer> ended = new ArrayList<>();
    private int now;
    private int alone;
    private int longestAlone;

    Starving(Story story, Map<String, Integer> jobs, Random random) {
      this.story = story;
      this.jobs = jobs.keySet().stream().map(job -> "feed." + job).toList();
      this.random = random;
    }

    void second(int second) {
      now = second;
      for (String host : List.of("h1", "h2", "h3", "h4")) {
        if (random.nextInt(400) == 0) {
          starvedUntil.put(host, now + 20 + random.nextInt(200));
        }
      }
      List<Instance> all = new ArrayList<>();
      jobs.forEach(job -> all.addAll(story.instances(job, instance -> true)));
      int failing = 0;
      for (Instance instance : all) {
        instance.task().ifPresent(task -> live(instance, task));
        failing += instance.task().filter(t -> failsSince.containsKey(t.id())).isPresent() ? 1 : 0;
      }
      kills(story).forEach(this::kill);
      List.of("h1", "h2", "h3", "h4").forEach(story::offer);
      story.pass(Duration.ofMillis(100));
      kills(story).forEach(this::kill);
      boolean somebodyElse = !takenAt.isEmpty() || failing != 1;
      boolean condemned =
          failsSince.values().stream().anyMatch(since -> now - since > 15) && !somebodyElse;
      alone = condemned ? alone + 1 : 0;
      longestAlone = Math.max(longestAlone, alone);
    }

    private void live(Instance instance, Task task) {
      String id = task.id();
      boolean starved = starvedUntil.getOrDefault(task.host(), 0) > now;
      switch (instance.state()) {
        case STAGING -> {
          runsSince.put(id, now);
          story.update(task, TaskState.RUNNING);
        }
        case STOPPING -> {
          if (ends.getOrDefault(id, Integer.MAX_VALUE) <= now) {
            failsSince.remove(id);
            story.update(task, TaskState.FAILED, "", ILL);
          }
        }
        case RUNNING -> {
          boolean up = now - runsSince.getOrDefault(id, -1000) > 8;
          if (!starved && up && !task.healthy().orElse(false)) {
            failsSince.remove(id);
            takenAt.remove(instance.id());
            story.healthy(task, true);
          } else if (starved && !failsSince.containsKey(id) && up) {
            failsSince.put(id, now);
            story.healthy(task, false);
          } else if (starved && up && (now - failsSince.get(id)) % 60 == 15) {
            story.condemned(task);
          }
        }
        default -> {}
      }
    }

    private void kill(String task) {
      if (ends.putIfAbsent(task, now + 2) == null) {
        ended.add(now);
        jobs.stream()
            .flatMap(job -> story.instances(job, i -> true).stream())
            .filter(i -> i.task().filter(t -> t.id().equals(task)).isPresent())
            .forEach(i -> takenAt.put(i.id(), now));
      }
    }

    /** Of the job that has most: taken within the last minute, and not serving again. */
    long takenAtOnce() {
      return jobs.stream()
          .mapToLong(
              job ->
                  takenAt.entrySet().stream()
                      .filter(e -> e.getKey().startsWith(job + "#") && now - e.getValue() < 59)
                      .count())
          .max()
          .orElse(0);
    }

    long endedWithinAMinute() {
      return ended.stream().filter(at -> now - at < 59).count();
    }

    int longestAlone() {
      return longestAlone;
    }
  }

  // ---- How it begins, and what is seen.

  private Story serving(Map<String, Integer> jobs) {
    return serving(jobs, 1);
  }

  /** These jobs run and pass their health checks, for a while already. */
  private Story serving(Map<String, Integer> jobs, int budget) {
    killed.clear();
    Story story = Story.with("h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8", "h9");
    for (Map.Entry<String, Integer> job : jobs.entrySet()) {
      for (int host = 1; host <= 9; host++) {
        story.offer("h" + host);
      }
      story.put(
          Documents.withBudget(
              Documents.checked(Documents.job(job.getKey(), job.getValue())), budget));
      run(story, true);
    }
    story.pass(Duration.ofMinutes(2));
    story.read();
    return story;
  }

  /** Whatever was launched runs, and passes its health check or not. */
  private static void run(Story story, boolean passes) {
    for (TaskLaunch launch : story.launches()) {
      story.update(launch.task(), TaskState.RUNNING);
      if (passes) {
        story.healthy(launch.task(), true);
      }
    }
  }

  /** It has ended as it was told to, and another attempt runs. */
  private static void restarted(Story story, Task task, boolean passes) {
    story.update(task, TaskState.FAILED, "", ILL);
    story.pass(Duration.ofSeconds(2));
    story.offer(task.host());
    run(story, passes);
  }

  private static JobSpec spec(Story story, String job) {
    return story.view().jobs().get(job).job().spec();
  }

  /** Who was killed since this was last asked; kills are repeated until they are answered. */
  private List<String> kills(Story story) {
    return story.read(Effect.Kill.class).stream()
        .map(Effect.Kill::taskId)
        .filter(killed::add)
        .toList();
  }
}
