package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.executor.contract.WardenReport;
import io.springtide.server.mesos.FakeMesos;
import java.util.ArrayList;
import java.util.List;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a person who watches is shown when instances or hosts are not well: news, numbers, log. */
class HealthStoryTest {
  private static final int INSTANCES = 5;

  private Framework framework;
  private Feed feed;
  private TaskInfo warden;
  private final Logged log = new Logged(WaveLog.class);

  @BeforeEach
  void start() {
    framework = Framework.start(new Framework.Durable());
    framework.idcAndFeed();
    framework.mesos.subscribe();
    feed = Feed.of(framework.port());
    framework.mesos.offer("S1", FakeMesos.wholeHost());
    warden = framework.mesos.launched().get(0);
  }

  @AfterEach
  void stop() {
    feed.close();
    log.close();
    framework.close();
    assertThat(framework.died()).isEmpty();
  }

  @Test
  void manyThatFailAtOnceAreToldCountedAndLogged() {
    tell(warden, TaskState.TASK_RUNNING, true);
    List<TaskInfo> tasks = running();
    metric("springtide_instances{state=\"RUNNING\"}", INSTANCES);
    metric("springtide_instances_condemned", 0);
    metric("springtide_health_slowed", 0);

    for (TaskInfo task : tasks) {
      tell(task, TaskState.TASK_RUNNING, false);
    }
    JsonNode slowed = feed.next("health");
    assertThat(slowed.path("slowed").asBoolean()).isTrue();
    assertThat(slowed.path("failing").asInt())
        .as("when it began; more may have followed")
        .isBetween(4, INSTANCES);
    assertThat(slowed.path("checked").asInt()).isEqualTo(INSTANCES);
    assertThat(slowed.path("restartsPerMinute").asInt()).isEqualTo(1);
    metric("springtide_health_slowed", INSTANCES);
    metric("springtide_instances_condemned", 0);
    assertThat(log.lines())
        .singleElement()
        .asString()
        .startsWith("[WARN]")
        .contains("of 5 checked instances", "1 a minute");

    framework.mesos.condemned(tasks.get(0), "u", "ill");
    framework.mesos.condemned(tasks.get(1), "u", "ill");
    metric("springtide_instances_condemned", 2);
    assertThat(feed.next("instance", "CONDEMNED").path("id").asText()).isEqualTo("feed.api#0");

    for (TaskInfo task : tasks) {
      tell(task, TaskState.TASK_RUNNING, true);
    }
    JsonNode over = feed.next("health");
    assertThat(over).hasToString("{\"slowed\":false}");
    metric("springtide_health_slowed", 0);
    metric("springtide_instances_condemned", 0);
    assertThat(log.lines()).hasSize(2);
    assertThat(log.lines().get(1)).startsWith("[INFO]").contains("few instances fail");
  }

  @Test
  void whatBecomesOfAHostIsToldAndCounted() {
    assertThat(feed.next("host").path("condition").asText()).isEqualTo("initialising");
    metric("springtide_hosts{condition=\"initialising\",pool=\"idc\"}", 1);
    metric("springtide_hosts{condition=\"ready\",pool=\"idc\"}", 0);

    tell(warden, TaskState.TASK_RUNNING, true);
    assertThat(feed.next("host").path("condition").asText()).isEqualTo("ready");
    metric("springtide_hosts{condition=\"initialising\",pool=\"idc\"}", 0);
    metric("springtide_hosts{condition=\"ready\",pool=\"idc\"}", 1);
    framework.mesos.offer("S2", FakeMesos.wholeHost());
    assertThat(feed.next("host", "S2").path("condition").asText()).isEqualTo("initialising");
    tell(framework.mesos.launched().get(0), TaskState.TASK_RUNNING, true);
    assertThat(feed.next("host", "S2").path("condition").asText()).isEqualTo("ready");
    metric("springtide_hosts{condition=\"ready\",pool=\"idc\"}", 2);

    metric("springtide_host_warnings{kind=\"disk\"}", 0);
    framework.mesos.message("S1", warden.getExecutor().getExecutorId().getValue(), report(100));
    assertThat(feed.next("host").at("/warnings/0").asText())
        .isEqualTo("100 of 10000 MiB of its disk are left");
    metric("springtide_host_warnings{kind=\"disk\"}", 1);
    metric("springtide_host_warnings{kind=\"clock\"}", 0);
    framework.mesos.message("S1", warden.getExecutor().getExecutorId().getValue(), report(9_000));
    assertThat(feed.next("host").path("warnings").isMissingNode()).isTrue();
    metric("springtide_host_warnings{kind=\"disk\"}", 0);

    tell(warden, TaskState.TASK_LOST, false);
    assertThat(feed.next("host").path("condition").asText()).isEqualTo("lost");
    metric("springtide_hosts{condition=\"lost\",pool=\"idc\"}", 1);
    String id = framework.get("/v1/hosts").body().at("/items/0/id").asText();
    assertThat(framework.delete("/v1/hosts/" + id).status()).isEqualTo(204);
    assertThat(feed.next("host").path("removed").asBoolean()).isTrue();
    metric("springtide_hosts{condition=\"lost\",pool=\"idc\"}", 0);
  }

  private List<TaskInfo> running() {
    framework.put(
        "/v1/jobs/feed.api",
        """
        {"instances": %d, "resources": {"cpus": 0.1, "memoryMiB": 32}, "runtime": "process",
         "reclaimable": true, "container": {"command": ["sleep", "9"]},
         "health": {"command": ["true"]}}
        """
            .formatted(INSTANCES));
    List<TaskInfo> tasks = new ArrayList<>();
    while (tasks.size() < INSTANCES) {
      tasks.addAll(framework.mesos.offerUntilLaunched("S1", warden));
    }
    tasks.forEach(task -> tell(task, TaskState.TASK_RUNNING, true));
    return tasks;
  }

  private void tell(TaskInfo task, TaskState state, boolean healthy) {
    framework.mesos.healthy(task, state, "uuid of " + state, healthy);
    framework.mesos.next(Call.Type.ACKNOWLEDGE);
  }

  private static String report(long diskFreeMiB) {
    return new String(
        new WardenReport(
                1,
                "h1",
                List.of(),
                List.of(),
                List.of(),
                new WardenReport.Machine(4, 4096, 10_000, diskFreeMiB, System.currentTimeMillis()),
                "")
            .toBytes(),
        java.nio.charset.StandardCharsets.UTF_8);
  }

  private void metric(String name, double value) {
    Prometheus.await(framework, name, value);
  }
}
