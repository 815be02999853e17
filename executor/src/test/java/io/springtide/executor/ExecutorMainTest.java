package io.springtide.executor;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.springtide.executor.contract.TaskDocument;
import io.springtide.executor.contract.TaskDocument.ConsulService;
import io.springtide.executor.contract.TaskDocument.Discovery;
import io.springtide.executor.contract.TaskDocument.Port;
import io.springtide.executor.contract.TaskDocument.Runtime;
import io.springtide.executor.runtime.DockerForTests;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.HealthCheck;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The executor as a process of its own. */
class ExecutorMainTest {
  @TempDir Path sandbox;
  private final String framework = "framework-" + UUID.randomUUID();
  private FakeAgent agent;
  private Process executor;

  @BeforeEach
  void begin() throws IOException {
    agent = new FakeAgent();
    executor = agent.start(sandbox.resolve("rün"), framework);
  }

  @AfterEach
  void end() {
    executor.destroyForcibly();
    agent.close();
  }

  @Test
  void fromTheWardenToTheShutdown() throws Exception {
    launchWarden("");
    int port = freePort();
    launchServer("t1", port, "");
    agent.await("t1", TaskStatus::getHealthy);
    assertThat(answers(port)).isTrue();
    agent.kill("t1");
    agent.await("t1", status -> status.getState() == TaskState.TASK_KILLING);
    agent.await("t1", status -> status.getState() == TaskState.TASK_KILLED);
    assertThat(answers(port)).isFalse();

    launchServer("t2", port, "");
    agent.await("t2", TaskStatus::getHealthy);
    agent.shutdown();
    agent.await("t2", status -> status.getState() == TaskState.TASK_KILLED);
    agent.await("warden.1", status -> status.getState() == TaskState.TASK_KILLED);
    assertThat(executor.waitFor(Patience.seconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(executor.exitValue()).isZero();
    assertThat(answers(port)).isFalse();
  }

  @Test
  void killedItLeavesNoProcessBehind() throws Exception {
    launchWarden("");
    int port = freePort();
    launchServer("t1", port, "");
    agent.await("t1", TaskStatus::getHealthy);
    executor.destroyForcibly();
    awaitSilence(port);
  }

  /** Promise 5 at its hardest: the executor and all that it runs die without a word. */
  @Test
  void killedTogetherConsulNoticesWithinASecondOrTwo() throws Exception {
    try (var consul = ConsulServer.start(sandbox.resolve("consul.log"))) {
      launchWarden(consul.address());
      int port = freePort();
      launchServer("t1", port, consul.address());
      agent.await("t1", TaskStatus::getHealthy);
      awaitPassing(consul, 1, Duration.ofSeconds(5));
      executor.destroyForcibly();
      awaitSilence(port);
      awaitPassing(consul, 0, Duration.ofSeconds(2));
    }
  }

  @Test
  void consulNeverNamesAnEndpointThatIsBeingStopped() throws Exception {
    try (var consul = ConsulServer.start(sandbox.resolve("consul.log"))) {
      launchWarden(consul.address());
      int port = freePort();
      launchServer("t1", port, consul.address());
      awaitPassing(consul, 1, Duration.ofSeconds(30));
      agent.kill("t1");
      agent.await("t1", status -> status.getState() == TaskState.TASK_KILLING);
      int looks = 0;
      while (answers(port)) {
        looks++;
      }
      // It no longer answers; by now, and not just from now on, Consul does not name it.
      assertThat(consul.passing("feed-api")).isZero();
      assertThat(looks).isPositive();
      agent.await("t1", status -> status.getState() == TaskState.TASK_KILLED);
      assertThat(consul.get("/v1/agent/services").size()).isZero();
    }
  }

  @Test
  void asksToEndDetachesAndProcessesGoWithIt() throws Exception {
    launchWarden("");
    int port = freePort();
    launchServer("t1", port, "");
    agent.await("t1", TaskStatus::getHealthy);
    executor.destroy();
    assertThat(executor.waitFor(Patience.seconds(), TimeUnit.SECONDS)).isTrue();
    awaitSilence(port);
    assertThat(sandbox.resolve("rün/stderr")).content().contains("detaching");
  }

  /** The promise of DESIGN's hand-over: an executor's end is no container's end. */
  @Test
  void asksToEndDetachesAndContainersRunOn() throws Exception {
    Needs.docker();
    try (var consul = ConsulServer.start(sandbox.resolve("consul.log"));
        var engine = DockerForTests.connect()) {
      int port = containerServes(consul, engine);
      executor.destroy();
      assertThat(executor.waitFor(Patience.seconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(answers(port)).isTrue();
      assertThat(consul.passing("feed-api")).isEqualTo(1);

      // The next executor of this framework on this host finds and removes both.
      executor = agent.start(sandbox.resolve("run-2"), framework);
      agent.launch(task("warden.2", TaskDocument.warden("host:5051", consul.address())).build());
      agent.await("warden.2", status -> status.getState() == TaskState.TASK_RUNNING);
      awaitSilence(port);
      awaitPassing(consul, 0, Duration.ofSeconds(5));
      assertThat(engine.containersOf(framework)).isZero();
    }
  }

  @Test
  void aContainerFromStartToEnd() throws Exception {
    Needs.docker();
    try (var consul = ConsulServer.start(sandbox.resolve("consul.log"));
        var engine = DockerForTests.connect()) {
      int port = containerServes(consul, engine);
      agent.kill("t1");
      agent.await("t1", status -> status.getState() == TaskState.TASK_KILLED);
      assertThat(consul.passing("feed-api")).isZero();
      assertThat(answers(port)).isFalse();
      assertThat(engine.containersOf(framework)).isZero();
      assertThat(sandbox.resolve("rün/tasks/t1/stdout")).content().contains("at your service");
    }
  }

  @Test
  void aContainerIsAskedFromWithin() throws Exception {
    Needs.docker();
    try (var engine = DockerForTests.connect()) {
      launchWarden("");
      var asked = HealthCheck.newBuilder().setType(HealthCheck.Type.COMMAND);
      asked.getCommandBuilder().setValue("grep -q httpd /proc/*/cmdline");
      launchContainer("t1", engine.busybox(), freePort(), "", asked);
      agent.await("t1", TaskStatus::getHealthy);
      agent.kill("t1");
      agent.await("t1", status -> status.getState() == TaskState.TASK_KILLED);
    }
  }

  /** {@link FakeAgent} starts the executor under POSIX, as most service managers would. */
  @Test
  void everyCharacterArrivesWhateverTheAgentsLocale() throws Exception {
    launchWarden("");
    Path tools = Files.createDirectories(sandbox.resolve("wérkzeuge-工具"));
    Path program = tools.resolve("größe");
    Files.writeString(
        program, "#!/bin/sh\necho \"$1|$NAME\"\npwd\nprintf '\\377\\000ende' >&2\ntouch \"$1\"\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    var document =
        TaskDocument.instance("feed.api", "feed.api#0", 1, Runtime.PROCESS)
            .command(List.of("größe", "日本-🌊"))
            .env(Map.of("NAME", "Jürgen – 潮", "PATH", tools + ":/usr/bin:/bin"))
            .build();
    agent.launch(task("t1", document).build());
    agent.await("t1", status -> status.getState() == TaskState.TASK_FINISHED);
    Path directory = sandbox.resolve("rün/tasks/t1");
    assertThat(directory.resolve("stdout"))
        .content(StandardCharsets.UTF_8)
        .isEqualTo("日本-🌊|Jürgen – 潮\n" + directory + "\n");
    assertThat(directory.resolve("stderr")).hasBinaryContent("\377\0ende".getBytes(ISO_8859_1));
    assertThat(directory.resolve("日本-🌊")).exists();
  }

  /** Warden and container run, and Consul names the port that is returned. */
  private int containerServes(ConsulServer consul, DockerForTests engine) throws Exception {
    launchWarden(consul.address());
    int port = freePort();
    launchContainer("t1", engine.busybox(), port, consul.address());
    agent.await("t1", TaskStatus::getHealthy);
    awaitPassing(consul, 1, Duration.ofSeconds(5));
    return port;
  }

  private void launchContainer(String id, String image, int port, String consul) {
    var asked = HealthCheck.newBuilder().setType(HealthCheck.Type.HTTP);
    asked.getHttpBuilder().setPort(port).setPath("/bin/").addStatuses(404);
    launchContainer(id, image, port, consul, asked);
  }

  private void launchContainer(
      String id, String image, int port, String consul, HealthCheck.Builder asked) {
    var document =
        TaskDocument.instance("feed.api", "feed.api#0", 1, Runtime.DOCKER)
            .command(
                List.of(
                    "/bin/sh",
                    "-c",
                    "echo at your service; trap 'exit 0' TERM; httpd -f -p 8080 & wait"))
            .ports(List.of(new Port("http", 8080, port)))
            .discovery(List.of(Discovery.of(new ConsulService("feed-api", "http", List.of()))))
            .drainMillis(200)
            .consul(consul)
            .build();
    var task = task(id, document);
    task.getContainerBuilder()
        .setType(ContainerInfo.Type.DOCKER)
        .getDockerBuilder()
        .setImage(image)
        .setNetwork(ContainerInfo.DockerInfo.Network.BRIDGE);
    task.setHealthCheck(
        asked
            .setIntervalSeconds(0.2)
            .setTimeoutSeconds(1)
            .setGracePeriodSeconds(20)
            .setConsecutiveFailures(3));
    agent.launch(task.build());
  }

  private void launchWarden(String consul) throws InterruptedException {
    agent.launch(task("warden.1", TaskDocument.warden("host:5051", consul)).build());
    agent.await("warden.1", status -> status.getState() == TaskState.TASK_RUNNING);
  }

  private void launchServer(String id, int port, String consul) {
    var document =
        TaskDocument.instance("feed.api", "feed.api#0", 1, Runtime.PROCESS)
            .command(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx16m",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Listener.class.getName(),
                    Integer.toString(port)))
            .ports(List.of(new Port("http", 0, port)))
            .discovery(List.of(Discovery.of(new ConsulService("feed-api", "http", List.of("v1")))))
            .drainMillis(200)
            .consul(consul)
            .build();
    var task = task(id, document);
    task.getHealthCheckBuilder()
        .setType(HealthCheck.Type.TCP)
        .setIntervalSeconds(0.2)
        .setTimeoutSeconds(1)
        .setDelaySeconds(0)
        .setGracePeriodSeconds(20)
        .setConsecutiveFailures(3)
        .getTcpBuilder()
        .setPort(port);
    agent.launch(task.build());
  }

  private static TaskInfo.Builder task(String id, TaskDocument document) {
    return TaskInfo.newBuilder()
        .setName(document.instance())
        .setTaskId(TaskID.newBuilder().setValue(id))
        .setAgentId(AgentID.newBuilder().setValue("agent-1"))
        .setData(ByteString.copyFrom(document.toBytes()));
  }

  /** A server: it takes connections. */
  static final class Listener {
    private Listener() {}

    public static void main(String[] args) throws IOException {
      try (var server =
          new ServerSocket(Integer.parseInt(args[0]), 50, InetAddress.getLoopbackAddress())) {
        while (true) {
          server.accept().close();
        }
      }
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static boolean answers(int port) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (SocketException refusedOrReset) {
      return false;
    }
  }

  private static void awaitSilence(int port) throws Exception {
    long deadline = System.nanoTime() + Patience.limit().toNanos();
    while (answers(port)) {
      assertThat(System.nanoTime()).as("it still answers").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private static void awaitPassing(ConsulServer consul, int count, Duration within)
      throws Exception {
    long deadline = System.nanoTime() + within.toNanos();
    while (consul.passing("feed-api") != count) {
      assertThat(System.nanoTime())
          .as("consul does not say %s within %s", count, within)
          .isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }
}
