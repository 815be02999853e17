package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.executor.contract.TaskDocument;
import io.springtide.server.mesos.FakeMesos;
import java.util.List;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.HealthCheck;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A job goes in over HTTP, and tasks come out to Mesos. */
class LaunchStoryTest {
  private final Framework.Durable durable = new Framework.Durable();
  private Framework framework;

  @BeforeEach
  void start() {
    framework = Framework.start(durable);
    framework.idcAndFeed();
  }

  @AfterEach
  void stop() {
    framework.close();
    assertThat(framework.died()).isEmpty();
  }

  @Test
  void weSubscribeAsMesosWantsIt() {
    Call call = framework.mesos.connect();
    FrameworkInfo info = call.getSubscribe().getFrameworkInfo();
    assertThat(call.hasFrameworkId()).as("the first time").isFalse();
    assertThat(info.getRolesList()).containsExactly("springtide");
    assertThat(info.getHostname()).as("shown in the Mesos UI").isNotEmpty();
    assertThat(info.getWebuiUrl()).contains("//" + info.getHostname());
    assertThat(info.getCheckpoint()).isTrue();
    assertThat(info.getFailoverTimeout()).isEqualTo(7 * 24 * 3600);
    assertThat(info.getCapabilitiesList().stream().map(FrameworkInfo.Capability::getType))
        .contains(
            FrameworkInfo.Capability.Type.PARTITION_AWARE,
            FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT,
            FrameworkInfo.Capability.Type.MULTI_ROLE);
  }

  @Test
  void aJobBecomesATaskBesideItsHostsWarden() {
    TaskInfo warden = readyHost("S1", FakeMesos.wholeHost());
    framework.put(
        "/v1/jobs/feed.api",
        """
        {"resources": {"cpus": 1, "memoryMiB": 256}, "reclaimable": true,
         "container": {"image": "feed/api:1", "network": "bridge", "env": {"MODE": "x"},
                       "ports": [{"name": "http", "container": 8080}],
                       "mounts": []},
         "health": {"http": {"port": "http", "path": "/ping"}},
         "discovery": [{"consul": {"service": "feed-api", "port": "http"}}],
         "stop": {"drain": "2s", "grace": "7s"}}
        """);
    framework.mesos.offer(
        "S1", FakeMesos.wholeHost(), warden.getExecutor().getExecutorId().getValue());
    TaskInfo task = framework.mesos.launched().get(0);

    assertThat(task.getExecutor()).as("one executor a host").isEqualTo(warden.getExecutor());
    assertThat(task.getName()).isEqualTo("feed.api#0");
    ContainerInfo.DockerInfo docker = task.getContainer().getDocker();
    assertThat(docker.getImage()).isEqualTo("feed/api:1");
    int hostPort = docker.getPortMappings(0).getHostPort();
    assertThat(docker.getPortMappings(0).getContainerPort()).isEqualTo(8080);
    assertThat(hostPort).isBetween(31000, 31099);
    assertThat(task.getHealthCheck().getType()).isEqualTo(HealthCheck.Type.HTTP);
    assertThat(task.getHealthCheck().getHttp().getPort()).isEqualTo(hostPort);
    assertThat(task.getKillPolicy().getGracePeriod().getNanoseconds()).isEqualTo(7_000_000_000L);
    assertThat(task.getDiscovery().getPorts().getPorts(0).getNumber()).isEqualTo(hostPort);
    TaskDocument document = TaskDocument.fromBytes(task.getData().toByteArray());
    assertThat(document.env()).containsEntry("MODE", "x");
    assertThat(document.drainMillis()).isEqualTo(2000);
    assertThat(document.consul()).isEqualTo("127.0.0.1:8500");
    assertThat(amount(task.getResourcesList(), "cpus")).isEqualTo(1.0);
    assertThat(amount(task.getResourcesList(), "mem")).isEqualTo(256.0);

    framework.mesos.update(task, TaskState.TASK_RUNNING, "sixteen bytes ..");
    Call ack = framework.mesos.next(Call.Type.ACKNOWLEDGE);
    assertThat(ack.getAcknowledge().getUuid().toStringUtf8()).isEqualTo("sixteen bytes ..");
    // An answer comes after all that was decided before it is shown.
    framework.put("/v1/pools/idc", "{\"kind\": \"owned\", \"selector\": {\"place\": \"idc\"}}");
    Framework.Answer instance = framework.get("/v1/instances/feed.api%230");
    assertThat(instance.text("state")).isEqualTo("RUNNING");
    assertThat(instance.body().at("/ports/http").asInt()).isEqualTo(hostPort);
    assertThat(framework.get("/v1/jobs/feed.api").body().at("/status/ready").asInt())
        .as("it runs, but its health check has not passed yet")
        .isZero();
  }

  @Test
  void reservedRoomIsTakenAsItIsOffered() {
    String ours = "reservations { type: STATIC role: \"springtide\" }";
    List<String> host =
        List.of(
            FakeMesos.scalar("cpus", 1, ""),
            FakeMesos.scalar("cpus", 2, ours),
            FakeMesos.scalar("mem", 4096, ours),
            FakeMesos.scalar("disk", 10000, ours),
            FakeMesos.ports(31000, 31099));
    TaskInfo warden = readyHost("S1", host);
    for (Resource resource : warden.getExecutor().getResourcesList()) {
      assertThat(resource.getReservationsList()).as("%s", resource).hasSize(1);
      assertThat(resource.getAllocationInfo().getRole()).isEqualTo("springtide");
    }
    job(2.4);
    framework.mesos.offer("S1", host, warden.getExecutor().getExecutorId().getValue());
    List<Resource> taken = framework.mesos.launched().get(0).getResourcesList();
    List<Resource> cpus = taken.stream().filter(r -> r.getName().equals("cpus")).toList();
    assertThat(cpus).as("what is reserved first, then what is not").hasSize(2);
    assertThat(cpus.get(0).getReservationsCount()).isEqualTo(1);
    assertThat(cpus.get(0).getScalar().getValue()).isEqualTo(2.0);
    assertThat(cpus.get(1).getReservationsCount()).isZero();
    assertThat(cpus.get(1).getScalar().getValue()).isEqualTo(0.4);
  }

  @Test
  void afterARestartOnAnotherPortALiveExecutorIsDescribedAsBefore() {
    TaskInfo warden = readyHost("S1", FakeMesos.wholeHost());
    ExecutorInfo before = warden.getExecutor();
    int portBefore = framework.port();
    framework.close();

    framework = Framework.start(durable);
    assertThat(framework.port()).isNotEqualTo(portBefore);
    Call subscribe = framework.mesos.connect();
    assertThat(subscribe.getFrameworkId().getValue()).isEqualTo("F1");
    assertThat(subscribe.getSubscribe().getFrameworkInfo().getId().getValue()).isEqualTo("F1");
    framework.mesos.subscribed("F1");
    job(1);
    // Explicit reconciliation asks after the warden; it still runs.
    framework.mesos.next(Call.Type.RECONCILE, c -> c.getReconcile().getTasksCount() > 0);
    framework.mesos.update(warden, TaskState.TASK_RUNNING, "");
    framework.mesos.offer("S1", FakeMesos.wholeHost(), before.getExecutorId().getValue());
    TaskInfo task = framework.mesos.launched().get(0);
    assertThat(task.getExecutor()).isEqualTo(before);

    // A new host fetches from where we listen now, under another id.
    framework.mesos.offer("S2", FakeMesos.wholeHost());
    ExecutorInfo fresh = framework.mesos.launched().get(0).getExecutor();
    assertThat(fresh.getCommand().getUris(0).getValue()).contains(":" + framework.port() + "/");
    assertThat(fresh.getExecutorId()).isNotEqualTo(before.getExecutorId());
  }

  @Test
  void aHostThatIsLostAndEmptyIsForgottenOverHttp() {
    TaskInfo warden = readyHost("S1", FakeMesos.wholeHost());
    String host = "/v1/hosts/" + framework.get("/v1/hosts").body().at("/items/0/id").asText();
    assertThat(framework.delete(host).status()).as("its agent is there").isEqualTo(409);
    assertThat(framework.delete(host + "?gone=maybe").text("field")).isEqualTo("gone");
    assertThat(framework.delete(host + "?force=true").status()).isEqualTo(400);
    assertThat(framework.delete("/v1/hosts/nowhere").status()).isEqualTo(404);
    framework.mesos.update(warden, TaskState.TASK_UNREACHABLE, "");
    framework.put("/v1/pools/idc", "{\"kind\": \"owned\", \"selector\": {\"place\": \"idc\"}}");
    assertThat(framework.get(host).text("condition")).isEqualTo("lost");
    assertThat(framework.delete(host).status()).isEqualTo(204);
    assertThat(framework.get(host).status()).isEqualTo(404);
    assertThat(framework.get("/v1/hosts").body().path("items")).isEmpty();
  }

  @Test
  void theAnswerOfAJobsChangeSaysWhatItReplaces() {
    TaskInfo warden = readyHost("S1", FakeMesos.wholeHost());
    assertThat(job(1).body().at("/effects/stops").isEmpty()).as("it is new").isTrue();
    framework.mesos.offer(
        "S1", FakeMesos.wholeHost(), warden.getExecutor().getExecutorId().getValue());
    TaskInfo task = framework.mesos.launched().get(0);
    framework.mesos.update(task, TaskState.TASK_RUNNING, "sixteen bytes ..");
    framework.mesos.next(Call.Type.ACKNOWLEDGE);
    assertThat(job(1).body().at("/effects/stops").isArray()).isTrue();
    assertThat(job(1).body().at("/effects/stops").isEmpty()).as("nothing changes").isTrue();
    assertThat(job(2).body().at("/effects/stops/0").asText()).isEqualTo("feed.worker#0");
    Framework.Answer scaled = framework.put("/v1/jobs/feed.worker/instances", "{\"instances\": 0}");
    assertThat(scaled.body().at("/effects/stops").isEmpty())
        .as("it is being replaced already")
        .isTrue();
  }

  @Test
  void anExecutorsJarIsFetchedOnceAndNotUnpacked() {
    ExecutorInfo executor = readyHost("S1", FakeMesos.wholeHost()).getExecutor();
    var uri = executor.getCommand().getUris(0);
    assertThat(uri.getValue())
        .isEqualTo("http://127.0.0.1:" + framework.port() + "/artifacts/cafe/executor.jar");
    assertThat(uri.getExtract()).isFalse();
    assertThat(uri.getCache()).isTrue();
    assertThat(executor.getCommand().getShell()).isFalse();
    assertThat(executor.getCommand().getArgumentsList())
        // The agent runs no other jar than the one with this hash.
        .startsWith("/bin/sh", "-c")
        .containsSubsequence("cafe", "java", "-jar", "executor.jar");
  }

  private Framework.Answer job(double cpus) {
    return framework.put(
        "/v1/jobs/feed.worker",
        "{\"resources\": {\"cpus\": %s, \"memoryMiB\": 64}, \"runtime\": \"process\","
                .formatted(cpus)
            + " \"reclaimable\": true, \"container\": {\"command\": [\"sleep\", \"9\"]}}");
  }

  /** Subscribes, offers a host, and lets its warden run. */
  private TaskInfo readyHost(String agent, List<String> resources) {
    framework.mesos.connect();
    framework.mesos.subscribed("F1");
    framework.mesos.offer(agent, resources);
    TaskInfo warden = framework.mesos.launched().get(0);
    assertThat(warden.getName()).startsWith("warden of ");
    framework.mesos.update(warden, TaskState.TASK_RUNNING, "warden's uuid ..");
    framework.mesos.next(Call.Type.ACKNOWLEDGE);
    return warden;
  }

  private static double amount(List<Resource> resources, String name) {
    return resources.stream()
        .filter(resource -> resource.getName().equals(name))
        .mapToDouble(resource -> resource.getScalar().getValue())
        .sum();
  }
}
