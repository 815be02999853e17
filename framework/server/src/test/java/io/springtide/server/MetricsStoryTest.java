package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.server.mesos.FakeMesos;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What Prometheus reads of a cluster; of what is not well, see HealthStoryTest. */
class MetricsStoryTest {
  private final Framework framework = Framework.start(new Framework.Durable());

  @AfterEach
  void stop() {
    framework.close();
    assertThat(framework.died()).isEmpty();
  }

  @Test
  void whoLeadsAndWhetherTheMasterHasIt() {
    framework.idcAndFeed();
    metric("springtide_leading", 1);
    metric("springtide_mesos_subscribed", 0);
    metric("springtide_state_version", 2);
    metric("springtide_jobs", 0);
    framework.mesos.subscribe();
    metric("springtide_mesos_subscribed", 1);
    framework.put(
        "/v1/jobs/feed.api",
        "{\"resources\": {\"cpus\": 1, \"memoryMiB\": 64}, \"container\": {\"image\": \"a\"}}");
    metric("springtide_jobs", 1);
    metric("springtide_instances{state=\"PENDING\"}", 1);
    metric("springtide_instances{state=\"RUNNING\"}", 0);
  }

  @Test
  void whatACloudDoesNotDo() {
    framework.idcAndFeed();
    framework.mesos.subscribe();
    framework.put(
        "/v1/pools/cloud",
        """
        {"kind": "on-demand", "hosts": {"max": 1}, "pricePerHour": 1,
         "template": {"driver": "local", "resources": {"cpus": 4, "memoryMiB": 4096}}}
        """);
    framework.put("/v1/groups/feed", "{\"quotas\": {\"cloud\": {\"limit\": {\"cpus\": 8}}}}");
    framework.put(
        "/v1/jobs/feed.api",
        "{\"resources\": {\"cpus\": 1, \"memoryMiB\": 64}, \"container\": {\"image\": \"a\"}}");
    metric("springtide_cloud_troubles{doing=\"order\",kind=\"no-driver\",pool=\"cloud\"}", 1);
  }

  @Test
  void whatLostExecutorsMayHaveLeft() {
    framework.idcAndFeed();
    framework.mesos.subscribe();
    framework.mesos.offer("S1", FakeMesos.wholeHost());
    TaskInfo warden = framework.mesos.launched().get(0);
    framework.mesos.update(warden, TaskState.TASK_RUNNING, "u1");
    framework.mesos.next(Call.Type.ACKNOWLEDGE);
    framework.put(
        "/v1/jobs/feed.api",
        "{\"resources\": {\"cpus\": 1, \"memoryMiB\": 64}, \"reclaimable\": true,"
            + " \"container\": {\"image\": \"a\"}}");
    TaskInfo task = framework.mesos.offerUntilLaunched("S1", warden).get(0);
    framework.mesos.update(task, TaskState.TASK_RUNNING, "u2");
    framework.mesos.executorTerminated(task, "u3");
    metric("springtide_instances{state=\"DETACHED\"}", 1);
    metric("springtide_remains", 0);
    framework.delete("/v1/jobs/feed.api");
    metric("springtide_remains", 1);
    metric("springtide_jobs", 0);
  }

  private void metric(String name, double value) {
    Prometheus.await(framework, name, value);
  }
}
