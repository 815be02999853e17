package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.executor.contract.Labels;
import io.springtide.server.mesos.FakeMesos;
import io.springtide.testing.Patience;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a job's owner is told when something is amiss, whatever its instances do just then. */
class ExplainStoryTest {
  private static final Duration PATIENCE = Patience.limit();
  private static final String JOB =
      """
      {"kind": "%s", "resources": {"cpus": 0.1, "memoryMiB": 32}, "runtime": "process",
       "reclaimable": true, "container": {"command": ["sleep", "9"]}}
      """;

  private Framework framework;
  private TaskInfo warden;

  @BeforeEach
  void start() {
    framework = Framework.start(new Framework.Durable());
    framework.idcAndFeed();
    framework.mesos.subscribe();
    framework.mesos.offer("S1", FakeMesos.wholeHost());
    warden = framework.mesos.launched().get(0);
    tell(warden, TaskState.TASK_RUNNING, "");
  }

  @AfterEach
  void stop() {
    framework.close();
    assertThat(framework.died()).isEmpty();
  }

  @Test
  void whyABatchInstanceFailedIsToldThoughNothingWaits() {
    TaskInfo task = launched("feed.sum", "batch");
    tell(task, TaskState.TASK_RUNNING, "");
    tell(task, TaskState.TASK_FAILED, "exited with status 3");
    JsonNode explain = explain("feed.sum", "/failures/0/message", "exited with status 3");
    assertThat(explain.path("pending").asInt()).isZero();
    JsonNode failure = explain.at("/failures/0");
    assertThat(failure.path("message").asText()).isEqualTo("exited with status 3");
    assertThat(failure.path("state").asText()).isEqualTo("FAILED");
    assertThat(failure.path("attempts").asInt()).isEqualTo(1);
    assertThat(failure.path("host").asText()).isNotEmpty();
    assertThat(failure.path("instance").asText()).isEqualTo("feed.sum#0");
    assertThat(failure.path("at").asText()).isNotEmpty();
    assertThat(explain.at("/instances/0/state").asText()).isEqualTo("FAILED");
  }

  @Test
  void whyACrashLoopingInstanceFailedIsToldWhileItStartsAndRuns() {
    TaskInfo task = launched("feed.api", "service");
    tell(task, TaskState.TASK_RUNNING, "");
    tell(task, TaskState.TASK_FAILED, "ended by signal 9");
    TaskInfo second = offered();
    for (String state : List.of("STAGING", "STARTING", "RUNNING")) {
      if (!state.equals("STAGING")) {
        tell(second, TaskState.valueOf("TASK_" + state), "");
      }
      assertThat(
              explain("feed.api", "/instances/0/state", state).at("/failures/0/message").asText())
          .as(state)
          .isEqualTo("ended by signal 9");
    }
    JsonNode explain = explain("feed.api", "/instances/0/state", "RUNNING");
    assertThat(explain.at("/failures/0/message").asText())
        .as("while it runs")
        .isEqualTo("ended by signal 9");
    assertThat(explain.at("/instances/0/failures").asInt()).isEqualTo(1);
    assertThat(explain.at("/instances/0/lastMessage").asText()).isEqualTo("ended by signal 9");

    tell(second, TaskState.TASK_FAILED, "ended by signal 9");
    explain("feed.api", "/failures/0/attempts", "2");
  }

  @Test
  void whatWaitsInBackOffSaysUntilWhenAfterHowManyFailuresAndWhy() {
    framework.put(
        "/v1/jobs/feed.api",
        JOB.formatted("service").replace("}}", "}, \"failure\": {\"backoff\": \"1m\"}}"));
    TaskInfo task = offered();
    tell(task, TaskState.TASK_FAILED, "exited with status 3");
    JsonNode explain = explain("feed.api", "/reasons/0/reason", "BACK_OFF");
    assertThat(explain.at("/reasons/0/detail").asText())
        .isEqualTo("1 failure: exited with status 3");
    assertThat(explain.at("/reasons/0/freedBy").asText()).startsWith("the next attempt at 20");
    JsonNode job = framework.get("/v1/jobs/feed.api").body().at("/status/backOff");
    assertThat(job.path("instances").asInt()).isEqualTo(1);
    JsonNode instance = framework.get("/v1/instances/feed.api%230").body().path("backOff");
    for (JsonNode said : List.of(job, instance)) {
      assertThat(said.path("failures").asInt()).isEqualTo(1);
      assertThat(said.path("why").asText()).isEqualTo("exited with status 3");
      assertThat(Instant.parse(said.path("until").asText())).isAfter(Instant.now().plusSeconds(20));
    }
  }

  @Test
  void whatNobodyCanSeeIsToldWithSinceWhenAndUntilWhen() {
    TaskInfo task = launched("feed.api", "service");
    tell(task, TaskState.TASK_RUNNING, "");
    tell(task, TaskState.TASK_UNREACHABLE, "");
    JsonNode reason = explain("feed.api", "/reasons/0/reason", "UNREACHABLE").at("/reasons/0");
    assertThat(reason.path("instances").asInt()).isEqualTo(1);
    assertThat(reason.path("detail").asText()).contains("since 20", "may still run");
    assertThat(reason.path("freedBy").asText()).contains("another attempt at 20");
    JsonNode status = framework.get("/v1/jobs/feed.api").body().at("/status/unreachable");
    assertThat(status.path("instances").asInt()).isEqualTo(1);
    assertThat(Instant.parse(status.path("until").asText()))
        .isEqualTo(Instant.parse(status.path("since").asText()).plus(Duration.ofMinutes(5)));
  }

  @Test
  void whyOneThatIsCondemnedStillRunsIsTold() {
    framework.put(
        "/v1/jobs/feed.api",
        JOB.formatted("service").replace("}}", "}, \"health\": {\"command\": [\"true\"]}}"));
    TaskInfo task = offered();
    assertThat(task.getLabels().getLabelsList())
        .as("its executor leaves it to us")
        .anyMatch(label -> label.getKey().equals(Labels.CONDEMNED));
    tell(task, TaskState.TASK_RUNNING, "");
    framework.mesos.condemned(task, "uuid", "health check failed 3 times in a row: ill");
    JsonNode reason = explain("feed.api", "/reasons/0/reason", "CONDEMNED").at("/reasons/0");
    assertThat(reason.path("detail").asText())
        .as("in the first minute of a leader")
        .startsWith("health check failed 3 times in a row: ill")
        .contains("this leader");
    JsonNode status = framework.get("/v1/jobs/feed.api").body().at("/status/condemned");
    assertThat(status.path("instances").asInt()).isEqualTo(1);
    assertThat(status.path("why").asText()).isEqualTo(reason.path("detail").asText());
  }

  private TaskInfo launched(String job, String kind) {
    framework.put("/v1/jobs/" + job, JOB.formatted(kind));
    return offered();
  }

  private TaskInfo offered() {
    return framework.mesos.offerUntilLaunched("S1", warden).get(0);
  }

  private void tell(TaskInfo task, TaskState state, String message) {
    framework.mesos.update(task, state, "uuid of " + state, message);
    framework.mesos.next(Call.Type.ACKNOWLEDGE);
  }

  /** What is told once that place in it says so: an update is shown a moment after it is taken. */
  private JsonNode explain(String job, String place, String said) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      JsonNode answer = framework.get("/v1/jobs/" + job + "/explain").body();
      if (answer.at(place).asText().equals(said)) {
        return answer;
      }
      assertThat(System.nanoTime()).as("%s: %s", place, answer).isLessThan(deadline);
    }
  }
}
